import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until the wait is given up. */
  readonly timeoutMs: number;
  /** Milliseconds between two looks; 50 unless told. */
  readonly everyMs?: number;
  /** Added to the error when time is up, e.g. the last lines of a log. */
  readonly explain?: () => string | Promise<string>;
}

/**
 * Looks until `probe` returns something other than `undefined`, `false` or `null`, and returns that.
 * A probe that throws counts as "not yet"; its last error is part of the timeout's message.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  { timeoutMs, everyMs = 50, explain }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await probe();
      if (seen !== undefined && seen !== false && seen !== null) return seen;
      last = undefined;
    } catch (error) {
      if (error instanceof NeverError) throw error;
      last = error;
    }
    if (performance.now() >= deadline) {
      const reason = last === undefined ? '' : `; last error: ${(last as Error).message}`;
      const more = explain ? `\n${await explain()}` : '';
      throw new Error(`${what}: not seen within ${timeoutMs} ms${reason}${more}`, { cause: last });
    }
    await delay(everyMs);
  }
}

/** Thrown by a probe when waiting any longer is pointless. */
export class NeverError extends Error {
  override readonly name: string = 'NeverError';
}
