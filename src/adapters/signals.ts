import { RollbackError } from '../core/errors.ts';

/** Aborted when the runner cancels the job: SIGINT, 7.5 s later SIGTERM, 2.5 s later the end. */
export function cancelOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const hint = 'Run again: it goes on from what the cluster shows';
      controller.abort(new RollbackError('CANCELLED', `the run was cancelled (${name})`, hint));
    });
  }
  return controller.signal;
}
