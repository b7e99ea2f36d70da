import type { Clock } from '../../src/ports/clock.ts';

/**
 * Time that passes only when somebody sleeps: retries take no time, deadlines still end. With `manual`, only when the test says so.
 */
export class VirtualClock implements Clock {
  /** Every sleep asked for, ms. */
  readonly slept: number[] = [];
  readonly #manual: boolean;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  #now = Date.parse('2026-11-20T10:00:00Z');

  constructor(options: { readonly manual?: boolean } = {}) {
    this.#manual = options.manual ?? false;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    if (!this.#manual) {
      this.#now += ms;
      // A real wait lets everything else go on; so does this one.
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: () => resolve() };
      this.#sleepers.add(sleeper);
      const done = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
