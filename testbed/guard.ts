import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Our side of the watchdog: whatever is named to it is gone once this process is, in any way. */
export class Guard {
  readonly #watchdog: ChildProcess;
  readonly #folders: string[] = [];

  constructor() {
    this.#watchdog = spawn(process.execPath, [fileURLToPath(new URL('./watchdog.ts', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    });
    this.#watchdog.on('error', () => {});
    this.#watchdog.stdin?.on('error', () => {});
    // It must never keep the process alive: it watches us, not we it.
    this.#watchdog.unref();
    (this.#watchdog.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }

  process(pid: number): void {
    this.#tell(`process ${pid}`);
  }

  /** Its pid may now belong to somebody else. */
  ended(pid: number): void {
    this.#tell(`done ${pid}`);
  }

  folder(path: string): void {
    this.#folders.push(path);
    this.#tell(`folder ${path}`);
  }

  /** Ends the watch. Resolves when the folders are gone; processes must have been ended before. */
  async release(): Promise<void> {
    const gone = new Promise((resolve) => this.#watchdog.once('exit', resolve));
    this.#watchdog.ref();
    if (this.#watchdog.exitCode === null && this.#watchdog.stdin?.writable) {
      this.#watchdog.stdin.end();
      await gone;
    }
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }

  #tell(line: string): void {
    if (this.#watchdog.stdin?.writable) this.#watchdog.stdin.write(`${line}\n`);
  }
}
