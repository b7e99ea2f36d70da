import { failuresOf, RollbackError, RollbackErrors } from './errors.ts';

/** Waits for all, then throws everything that went wrong together: one failure must not cut the others off half-way. */
export async function settle<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const [first, ...rest] = results
    .filter((result) => result.status === 'rejected')
    .flatMap((result) => failuresOf(result.reason))
    .map(({ code, message, hint }) => new RollbackError(code, message, hint));
  if (first) throw new RollbackErrors([first, ...rest]);
  return results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
}
