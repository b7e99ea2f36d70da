import { spawn } from 'node:child_process';
import { RollbackError } from '../../core/errors.ts';

/**
 * The output of a command of the project, run by bash with `-euo pipefail`, so that a failing part of a pipe is a failure. Values come
 * in its environment, never in its text. Its whole process group ends with an abort.
 * @throws BACKUP_UNREADABLE with the last lines that it wrote to stderr.
 */
export async function* commandOutput(
  command: string,
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<Buffer> {
  options.signal.throwIfAborted();
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  options.signal.addEventListener('abort', end, { once: true });
  const ended = new Promise<{ code: number | null; signal: string | null; error?: unknown }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2048);
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const { code, signal, error } = await ended;
    options.signal.throwIfAborted();
    if (code === 0) return;
    const how = error ? `cannot be started (${(error as NodeJS.ErrnoException).code})` : `ended with ${code ?? signal}`;
    const last = said.trim().split('\n').slice(-5).join(' | ');
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      `backup-command ${how}${last ? `: ${last}` : ''}`,
      'Run the command by hand where the runner runs; it must write the dump to its output and end with 0.',
      { cause: error },
    );
  } finally {
    options.signal.removeEventListener('abort', end);
    if (child.exitCode === null && child.signalCode === null) end();
    await ended;
  }
}
