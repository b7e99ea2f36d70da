import { readFileSync } from 'node:fs';

const EVERY_MS = 25;

/**
 * Largest resident memory of a process that was seen while it ran, in MB. The kernel keeps the high-water mark, so only what is
 * allocated in the last moments can be missed. Linux only: 0 elsewhere.
 */
export class PeakMemory {
  readonly #timer: NodeJS.Timeout;
  readonly #pid: number;
  #kilobytes = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#kilobytes / 1024;
  }

  #look(): void {
    try {
      const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
      this.#kilobytes = Math.max(this.#kilobytes, Number(kilobytes));
    } catch {
      // It has ended, or this is not Linux.
    }
  }
}
