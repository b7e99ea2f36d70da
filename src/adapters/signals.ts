import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

/** Aborted when the runner cancels the job: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end. */
export function cancelOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const hint = tr`Run again: it goes on from what the cluster shows`;
      controller.abort(new RollbackError('CANCELLED', tr`the run was cancelled (${name})`, hint));
    });
  }
  return controller.signal;
}

/**
 * Aborted some time after the given signal: giving the lock back and reading what is true at the end still needs the cluster then.
 * @param ms from the one to the other, below the 7.5 s that a cancelled job has.
 */
export function abortedLater(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const begin = () => setTimeout(() => controller.abort(signal.reason), ms).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return controller.signal;
}
