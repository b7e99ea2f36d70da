import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheBase } from './cache.ts';
import { TestbedError } from './errors.ts';
import { withFileLock } from './lock.ts';

/**
 * The `node_modules` of a folder with a lockfile, installed once for each content of that file and outside of the tree: tools that only some
 * tests run are no dependency of the project. Their install scripts do not run.
 *
 * @param folder has package.json and package-lock.json.
 */
export async function bringPackages(
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
  log: (line: string) => void = () => {},
): Promise<string> {
  const lockfile = await readFile(join(folder, 'package-lock.json'));
  const digest = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
  const base = cacheBase(environment);
  const cache = join(base, `npm-${digest}`);
  const modules = join(cache, 'node_modules');
  return withFileLock(`${cache}.lock`, async () => {
    if (await isThere(modules)) return modules;
    log(`testbed: installing the packages of ${folder} into ${cache}; this happens once`);
    await mkdir(base, { recursive: true });
    const partial = await mkdtemp(`${cache}.partial-`);
    try {
      for (const name of ['package.json', 'package-lock.json']) await copyFile(join(folder, name), join(partial, name));
      await npmCi(partial, environment);
      await rename(partial, cache);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    return modules;
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function npmCi(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  // What npm itself set for the script that runs us would change what this npm does.
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^npm_(package|lifecycle|command)/.test(name)),
  );
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  return new Promise((resolve, reject) => {
    execFile('npm', ['ci', ...options], { cwd: folder, env, timeout: 300_000 }, (error, _stdout, stderr) => {
      if (!error) resolve();
      else
        reject(
          new TestbedError(
            `The packages of ${folder} could not be installed: ${stderr.trim().split('\n').at(-1) || error.message}`,
            'They come from the package registry that npm is set to; try `npm ci --ignore-scripts` in that folder.',
            { cause: error },
          ),
        );
    });
  });
}
