import { spawn } from 'node:child_process';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { versionOf } from '../program-version.ts';
import { printable } from './failure.ts';

export interface ProgramVersion {
  readonly major: number;
  /** As it says itself, e.g. `15.20`. */
  readonly text: string;
}

/** @throws DUMP_TOOL when it does not run. */
export async function programVersion(program: string, install: string, signal: AbortSignal): Promise<ProgramVersion> {
  let said: string;
  try {
    said = await versionOf(program, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new RollbackError(
      'DUMP_TOOL',
      tr`${program} does not run on this runner: ${printable((error as Error).message, 200)}.`,
      install,
      { cause: error },
    );
  }
  const [, text, major] = /\(PostgreSQL\) ((\d+)[.\w]*)/.exec(said) ?? [];
  if (text !== undefined) return { major: Number(major), text };
  throw new RollbackError(
    'DUMP_TOOL',
    tr`${program} does not say which version it is: ${printable(said, 80)}`,
    install,
  );
}

export interface Ended {
  /** Null: it was ended by a signal. */
  readonly code: number | null;
  /** The last that it wrote to stderr. */
  readonly said: string;
}

/** The open file that a program was given, to be opened anew: it then has a position of its own. */
export const HELD_FILE = '/proc/self/fd/3';

const SAID_CHARACTERS = 64 * 1024;

/**
 * Runs it to its end, with nothing to read. With an abort its whole process group is killed, at once.
 * @throws DUMP_TOOL when it cannot be started. The reason of the abort.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  {
    environment,
    signal,
    descriptor,
  }: {
    readonly environment: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    /** The program finds it as `HELD_FILE`. */
    readonly descriptor?: number;
  },
): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', descriptor ?? 'ignore'],
    detached: true,
  });
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  signal.addEventListener('abort', kill, { once: true });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new RollbackError(
            'DUMP_TOOL',
            tr`${program} cannot be started (${error.code ?? tr`unknown error`}).`,
            tr`Install the PostgreSQL client programs on the runner.`,
            { cause: error },
          ),
        ),
      );
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    return { code, said };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
