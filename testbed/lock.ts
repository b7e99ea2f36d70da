import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `use` while no other process on this machine holds the same lock file. A lock whose owner is dead is taken over.
 * `waiting` is called once when another live process is found to hold it, with its pid.
 */
export async function withFileLock<T>(
  path: string,
  use: () => Promise<T>,
  waiting: (pid: number) => void = () => {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await take(path))) {
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (Number.isInteger(owner) && !alive(owner)) {
      // Two waiters may both see the dead owner; only the one whose content still matches removes it.
      const still = await readFile(path, 'utf8').catch(() => '');
      if (Number.parseInt(still, 10) === owner) await rm(path, { force: true });
      continue;
    }
    if (!told && Number.isInteger(owner)) {
      waiting(owner);
      told = true;
    }
    await delay(300);
  }
  try {
    return await use();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is alive and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
