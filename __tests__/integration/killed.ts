import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChildTask } from './complete-child.ts';

const CHILD = fileURLToPath(new URL('./complete-child.ts', import.meta.url));

/** A whole run in a process of its own. */
export function startChild(task: ChildTask): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Runs until the child says the point, then kills it, `afterMs` later. @throws when it ends without having said it */
export async function killAt(child: ChildProcess, point: string, afterMs = 0): Promise<void> {
  const said: string[] = [];
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        said.push(...chunk.toString().split('\n'));
        if (said.includes(point)) resolve();
      });
      void closed.then(() => reject(new Error(`never came to ${point}: ${said.join(', ')}`)));
    });
    if (afterMs > 0) await delay(afterMs);
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}
