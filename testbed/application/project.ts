import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { migrationFiles } from './migrations.ts';

const program = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

export interface ProjectOptions {
  /** Of `.github/rollback.yml`. */
  readonly config: string;
  readonly release?: string;
  /** What `npm run test:critical:services` asks. */
  readonly services?: readonly string[];
  /** Files of `k8s/production/backup/`, by name. */
  readonly manifests?: Readonly<Record<string, object>>;
}

/** The application's repository as far as the action uses it: package.json with the npm scripts, migrations, manifests, the config file. */
export async function writeProject(
  folder: string,
  { config, release = 'v2', services = [], manifests = {} }: ProjectOptions,
): Promise<void> {
  const run = (name: string, ...args: readonly string[]) =>
    [process.execPath, program(name), ...args].map((part) => JSON.stringify(part)).join(' ');
  const files = {
    'package.json': `${JSON.stringify(
      {
        name: '224solutions',
        private: true,
        scripts: {
          'db:migrate:status': run('migrate', 'status'),
          'db:migrate:rollback': run('migrate', 'rollback'),
          'test:db:connection': run('checks', 'connection'),
          'test:critical:services': run('checks', 'services', ...services),
        },
      },
      null,
      2,
    )}\n`,
    '.github/rollback.yml': config,
    ...Object.fromEntries(
      Object.entries(migrationFiles(release)).map(([name, sql]) => [`database/migrations/${name}`, sql]),
    ),
    ...Object.fromEntries(
      Object.entries(manifests).map(([name, object]) => [`k8s/production/backup/${name}`, stringify(object)]),
    ),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
