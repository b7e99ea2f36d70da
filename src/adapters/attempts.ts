import type { Clock } from '../ports/clock.ts';

/** What one attempt came to: done, or worth another one. */
export type Attempt<T> =
  | { readonly done: T }
  | {
      /** Thrown when there is no time for another attempt. */
      readonly failed: Error;
      /** ms that the server asks to wait before. */
      readonly afterMs?: number | undefined;
    };

export interface AttemptOptions {
  readonly clock: Clock;
  /** All attempts and the waits between them, ms. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
}

/** Tries until it is done or the next wait would go beyond the budget; the waits double from half a second, with jitter. What `once` throws ends it. */
export async function attempts<T>(
  once: (attempt: number) => Promise<Attempt<T>>,
  { clock, budgetMs, signal }: AttemptOptions,
): Promise<T> {
  const started = clock.now();
  for (let attempt = 0; ; attempt++) {
    const outcome = await once(attempt);
    if ('done' in outcome) return outcome.done;
    const backoff = Math.min(500 * 2 ** attempt, 8_000);
    const wait = Math.max(outcome.afterMs ?? 0, backoff / 2 + Math.random() * (backoff / 2));
    if (clock.now() - started + wait > budgetMs) throw outcome.failed;
    await clock.sleep(wait, signal);
  }
}
