import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrationFiles } from './migrations.ts';

const MIGRATE = fileURLToPath(new URL('./migrate.ts', import.meta.url));

/** The application's repository as far as the action uses it: package.json with the npm scripts, `database/migrations/`, the config file. */
export async function writeProject(
  folder: string,
  { config, release = 'v2' }: { config: string; release?: string },
): Promise<void> {
  const migrate = (command: string) => `${JSON.stringify(process.execPath)} ${JSON.stringify(MIGRATE)} ${command}`;
  const files = {
    'package.json': `${JSON.stringify(
      {
        name: '224solutions',
        private: true,
        scripts: { 'db:migrate:status': migrate('status'), 'db:migrate:rollback': migrate('rollback') },
      },
      null,
      2,
    )}\n`,
    '.github/rollback.yml': config,
    ...Object.fromEntries(
      Object.entries(migrationFiles(release)).map(([name, sql]) => [`database/migrations/${name}`, sql]),
    ),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
