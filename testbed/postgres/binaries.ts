import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, glob } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { TestbedError } from '../errors.ts';
import { bringPostgres, broughtPostgres } from './wheel.ts';

/** What a testbed needs of one major version. Distributions split them over packages: half a set is none. */
const NEEDED = ['initdb', 'postgres', 'psql', 'pg_dump', 'pg_restore'] as const;

/**
 * The folder that holds a whole PostgreSQL. In this order: `PGBIN`, `pg_config --bindir`, the newest /usr/lib/postgresql/*\/bin,
 * the path, and at last one from the Python package index, pinned by hash, kept in the cache.
 */
export async function findPostgres(
  environment: NodeJS.ProcessEnv = process.env,
  log: (line: string) => void = (line) => console.error(line),
): Promise<string> {
  if (environment['PGBIN']) {
    if (await complete(environment['PGBIN'])) return environment['PGBIN'];
    throw new TestbedError(
      `PGBIN is ${environment['PGBIN']}, which does not hold all of ${NEEDED.join(', ')}.`,
      'Set it to the folder of a whole PostgreSQL 13 or later, or unset it.',
    );
  }
  for await (const folder of candidates(environment)) if (await complete(folder)) return folder;
  return (await broughtPostgres(environment)) ?? (await bringPostgres(environment, log));
}

async function* candidates(environment: NodeJS.ProcessEnv): AsyncGenerator<string> {
  const configured = await outputOf('pg_config', ['--bindir']);
  if (configured !== '') yield configured;
  const versions: { major: number; folder: string }[] = [];
  for await (const folder of glob('/usr/lib/postgresql/*/bin')) {
    versions.push({ major: Number.parseInt(folder.split('/').at(-2) ?? '', 10), folder });
  }
  for (const { folder } of versions.sort((a, b) => b.major - a.major)) yield folder;
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) if (folder !== '') yield folder;
  // Homebrew and the installers of other systems keep it off the path.
  for await (const folder of glob('/{opt/homebrew,usr/local}/opt/postgresql@*/bin')) yield dirname(join(folder, 'x'));
}

async function complete(folder: string): Promise<boolean> {
  const found = await Promise.all(
    NEEDED.map((name) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

function outputOf(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 5000 }, (error, stdout) => resolve(error ? '' : stdout.trim()));
  });
}
