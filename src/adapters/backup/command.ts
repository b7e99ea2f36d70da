import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { startShell } from '../shell.ts';

/**
 * The output of a command of the project. Its whole process group ends with an abort.
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
  const shell = startShell(command, options);
  const { child } = shell;
  const end = (): void => shell.kill();
  options.signal.addEventListener('abort', end, { once: true });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2048);
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const { code, signal, error } = await shell.closed;
    options.signal.throwIfAborted();
    if (code === 0) return;
    const how = error
      ? tr`backup-command cannot be started (${String(error.code)})`
      : tr`backup-command ended with ${String(code ?? signal)}`;
    const last = said.trim().split('\n').slice(-5).join(' | ');
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      last ? tr`${how}: ${last}` : how,
      tr`Run the command by hand where the runner runs; it must write the dump to its output and end with 0.`,
      { cause: error },
    );
  } finally {
    options.signal.removeEventListener('abort', end);
    if (child.exitCode === null && child.signalCode === null) end();
    await shell.closed;
  }
}
