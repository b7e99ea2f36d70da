import type { Purpose } from './failure.ts';
import { cancelled, type Server } from './server.ts';
import type { Session } from './session.ts';

/**
 * Runs something in a session on each of two databases. When one of them fails, or all is cancelled, both are closed and what the server
 * still does for them is ended: a closed socket alone is noticed only when the server writes.
 * @throws DATABASE_*, CANCELLED
 */
export async function inBoth<T>(
  server: Server,
  [one, other]: readonly [string, string],
  purpose: Purpose & { readonly name: string },
  signal: AbortSignal,
  use: (one: Session, other: Session) => Promise<T>,
): Promise<T> {
  const sessions: Session[] = [];
  const destroy = () => {
    for (const session of sessions) session.destroy();
  };
  signal.addEventListener('abort', destroy, { once: true });
  let failed = true;
  try {
    for (const database of [one, other]) {
      if (signal.aborted) throw cancelled(purpose);
      sessions.push(await server.open(database, { name: purpose.name }));
    }
    if (signal.aborted) throw cancelled(purpose);
    const result = await use(sessions[0] as Session, sessions[1] as Session);
    failed = false;
    return result;
  } catch (error) {
    throw server.failure(error, purpose, signal);
  } finally {
    signal.removeEventListener('abort', destroy);
    if (failed) {
      destroy();
      await Promise.all(sessions.map(({ pid }) => server.terminate(pid).catch(() => {})));
    }
    await Promise.all(sessions.map((session) => session.close()));
  }
}
