import { readFileSync } from 'node:fs';

const EVERY_MS = 20;
/** USER_HZ, which Linux shows to programs whatever the kernel ticks at. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** Largest resident memory, MB. */
  readonly megabytes: number;
  /** User and system time, seconds. Unlike the clock it hardly depends on what else the machine does. */
  readonly cpuSeconds: number;
}

/**
 * What a process uses, looked at while it runs: the kernel keeps both as running totals, so only the last moments can be missed.
 * Linux only: zeros elsewhere.
 */
export class UsageMeter {
  readonly #timer: NodeJS.Timeout;
  readonly #pid: number;
  #kilobytes = 0;
  #ticks = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): Usage {
    this.#look();
    clearInterval(this.#timer);
    return { megabytes: this.#kilobytes / 1024, cpuSeconds: this.#ticks / TICKS_PER_SECOND };
  }

  #look(): void {
    try {
      const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
      this.#kilobytes = Math.max(this.#kilobytes, Number(kilobytes));
      // The name of the program may hold anything, so fields are counted from its closing bracket: utime and stime are 14 and 15.
      const fields = readFileSync(`/proc/${this.#pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      this.#ticks = Math.max(this.#ticks, Number(fields[11]) + Number(fields[12]));
    } catch {
      // It has ended, or this is not Linux.
    }
  }
}
