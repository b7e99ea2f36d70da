import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { NeverError, waitFor } from './condition.ts';
import type { Guard } from './guard.ts';

/** A server that ended before it was ready; `portTaken` says that other ports may help. */
export class ServerExited extends NeverError {
  override readonly name = 'ServerExited';
  readonly portTaken: boolean;

  constructor(message: string, portTaken: boolean) {
    super(message);
    this.portTaken = portTaken;
  }
}

/** One child process whose output goes to a file, which is quoted when something goes wrong. */
export class ServerProcess {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #logPath: string;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<void>;

  private constructor(name: string, child: ChildProcess, logPath: string, guard: Guard) {
    this.name = name;
    this.#child = child;
    this.#logPath = logPath;
    this.pid = child.pid ?? 0;
    this.exited = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => {
        guard.ended(this.pid);
        resolve();
      });
    });
    if (this.pid > 0) guard.process(this.pid);
  }

  static async start(
    name: string,
    command: readonly [string, ...string[]],
    {
      logPath,
      guard,
      env,
      identity,
    }: {
      logPath: string;
      guard: Guard;
      env?: NodeJS.ProcessEnv;
      /** Whom it runs as, for servers that refuse root. */
      identity?: { readonly uid: number; readonly gid: number } | undefined;
    },
  ): Promise<ServerProcess> {
    const output = await open(logPath, 'w');
    try {
      const [file, ...args] = withParentDeathSignal(command);
      const child = spawn(file, args, {
        stdio: ['ignore', output.fd, output.fd],
        // Its own group: a Ctrl-C in the terminal reaches us first, and we stop it in order.
        detached: true,
        env: env ?? cleanEnvironment(),
        ...identity,
      });
      child.unref();
      return new ServerProcess(name, child, logPath, guard);
    } finally {
      await output.close();
    }
  }

  /** Rejects when it ends; for a server that others wait for. */
  async untilEnd(): Promise<never> {
    await this.exited;
    const tail = await this.logTail();
    throw new ServerExited(
      `${this.name} ended with ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`} before it was ready. Its last lines:\n${tail}`,
      /address already in use|bind: |EADDRINUSE/i.test(tail),
    );
  }

  /** Polls `probe`; fails at once when the process has ended. */
  async ready(what: string, probe: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const ended = this.untilEnd();
    // It ends one day, long after anybody waits for this.
    ended.catch(() => {});
    // Whoever holds its port may accept connections and never answer: the end of the process must not wait for that.
    const seen = waitFor(`${this.name}: ${what}`, () => Promise.race([probe(), ended]), {
      timeoutMs,
      everyMs: 40,
      explain: async () => `The last lines of ${this.name}:\n${await this.logTail()}`,
    });
    await Promise.race([seen, ended]);
  }

  async logTail(lines = 15): Promise<string> {
    const text = await readFile(this.#logPath, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Nothing of it is kept, so there is nothing to shut down in order. */
  async kill(): Promise<void> {
    if (this.pid > 0 && this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.ref();
      this.#child.kill('SIGKILL');
    }
    await this.exited;
  }

  /** For tests of what happens while a server is away: SIGSTOP and SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}

/** Where the system offers it, the kernel itself ends the server with us, should the watchdog be killed too. */
function withParentDeathSignal(command: readonly [string, ...string[]]): [string, ...string[]] {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  return setpriv ? [setpriv, '--pdeathsig', 'KILL', '--', ...command] : [...command];
}

/** Proxies and Go settings of the user would reach loopback connections and change the servers. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR } as NodeJS.ProcessEnv;
}
