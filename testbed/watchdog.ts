/**
 * Ends what a testbed started, when the process that started it is gone, however it went: its end of the pipe
 * closes even on SIGKILL. Reads lines `process PID`, `done PID` and `folder PATH` on the standard input.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const processes = new Set<number>();
const folders = new Set<string>();

// A Ctrl-C reaches the whole terminal group; this one must outlive its parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, value = ''] = line.split(/ (.*)/s);
  if (verb === 'process') processes.add(Number(value));
  if (verb === 'done') processes.delete(Number(value));
  if (verb === 'folder') folders.add(value);
}

for (const pid of processes) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
