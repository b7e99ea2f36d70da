import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** How long processes that were asked to end may take before they are made to. */
const GRACE_MS = 3000;
const LOOK_MS = 25;

export interface ShellEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was never started. */
  readonly error?: NodeJS.ErrnoException;
}

export interface Shell {
  readonly child: ChildProcess;
  /** The shell itself is gone; a process that it left behind may still write. Never rejects. */
  readonly exited: Promise<ShellEnd>;
  /** Nobody can write any more, too. Never rejects. */
  readonly closed: Promise<ShellEnd>;
  /** Ends every process of its group at once. */
  kill(): void;
  /** Asks every process of its group to end, and kills what is left after three seconds. Resolves when that is done. Never rejects. */
  end(): Promise<void>;
}

/**
 * A command of the project, run by bash with `-euo pipefail`, so that a failing part of a pipe is a failure, as the leader of a process group of
 * its own. Values come in its environment, never in its text.
 */
export function startShell(
  command: string,
  options: {
    /** The whole of it. */
    readonly environment: Readonly<Record<string, string>>;
    readonly folder: string;
  },
): Shell {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  /** @returns whether there was anybody to signal. */
  const signalGroup = (signal: 'SIGTERM' | 'SIGKILL' | 0): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const failed = new Promise<ShellEnd>((resolve) =>
    child.once('error', (error) => resolve({ code: null, signal: null, error })),
  );
  const event = (name: 'exit' | 'close') =>
    Promise.race([
      failed,
      new Promise<ShellEnd>((resolve) => child.once(name, (code, signal) => resolve({ code, signal }))),
    ]);
  return {
    child,
    exited: event('exit'),
    closed: event('close'),
    kill: () => {
      signalGroup('SIGKILL');
    },
    async end() {
      signalGroup('SIGTERM');
      const until = performance.now() + GRACE_MS;
      while (signalGroup(0) && performance.now() < until) await delay(LOOK_MS);
      signalGroup('SIGKILL');
    },
  };
}
