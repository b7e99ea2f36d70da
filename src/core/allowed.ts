import { RollbackError } from './errors.ts';

/** What was read, or undefined where the credentials may not read it. */
export async function ifAllowed<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}
