import type { ServerState } from '../../core/database/database.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Address } from './address.ts';
import { failureOf, type Purpose } from './failure.ts';
import { Session, type SessionOptions } from './session.ts';

/** Where a named host and port are reached from here, and why a connection made there failed: TCP tells no more than that it was reset. */
export interface Reached {
  readonly host: string;
  readonly port: number;
  failure?(): RollbackError | undefined;
}

type Forward = (host: string, port: number) => Promise<Reached>;

/** Opens sessions, runs something in one, closes it, and translates what goes wrong. */
export class Server {
  readonly address: Address;
  readonly #forward: Forward | undefined;
  #reached: Reached | undefined;
  #maintenance: string | undefined;
  #state: ServerState | undefined;

  constructor(address: Address, forward?: Forward) {
    this.address = address;
    this.#forward = forward;
  }

  /** The address itself, or the near end of a port-forward. */
  async reached(): Promise<{ readonly host: string; readonly port: number }> {
    this.#reached = await this.#forward?.(this.address.host, this.address.port);
    return this.#reached ?? this.address;
  }

  /** Opens a session where the server is reached from here. */
  async open(database: string, options?: SessionOptions): Promise<Session> {
    const { host, port } = await this.reached();
    return Session.open({ ...this.address, host, port }, database, options);
  }

  async within<T>(
    database: string,
    purpose: Omit<Purpose, 'database'> & { database?: string },
    use: (session: Session) => Promise<T>,
    options: SessionOptions & { signal?: AbortSignal } = {},
  ): Promise<T> {
    const named = { database, ...purpose };
    let session: Session | undefined;
    try {
      options.signal?.throwIfAborted();
      session = await this.open(database, options);
      const { pid } = session;
      const stop = () => {
        session?.destroy();
        // The server notices a closed socket only when it writes.
        void this.terminate(pid).catch(() => {});
      };
      options.signal?.addEventListener('abort', stop, { once: true });
      try {
        return await use(session);
      } finally {
        options.signal?.removeEventListener('abort', stop);
      }
    } catch (error) {
      throw this.failure(error, named, options.signal);
    } finally {
      await session?.close();
    }
  }

  failure(error: unknown, purpose: Purpose, signal?: AbortSignal) {
    if (signal?.aborted) return cancelled(purpose);
    const failure = failureOf(error, purpose, this.address);
    return failure.code === 'DATABASE_UNREACHABLE' ? (this.#reached?.failure?.() ?? failure) : failure;
  }

  /** A database that we may connect to and that is none of these: a database cannot be renamed by a session that is in it. */
  async maintenance(except: readonly string[] = []): Promise<string | undefined> {
    if (this.#maintenance !== undefined && !except.includes(this.#maintenance)) return this.#maintenance;
    const tried = [...new Set(['postgres', 'template1', this.address.database])];
    let last: unknown;
    for (const database of tried) {
      let session: Session;
      try {
        session = await this.open(database);
      } catch (error) {
        last = error;
        // Only what another database could cure: no such database, or no right to enter it.
        if (/^(3D000|42501|28000|55000)$/.test((error as { code?: string }).code ?? '')) continue;
        throw error;
      }
      try {
        if (!except.includes(database) && database !== this.address.database) {
          this.#maintenance = database;
          return database;
        }
        // Inside the live database now: it tells where else we could go.
        const [other] = await session.query<{ name: string }>(
          `SELECT datname::text AS name FROM pg_database
           WHERE datallowconn AND NOT datname::text = ANY($1) AND has_database_privilege(oid, 'CONNECT')
           ORDER BY oid LIMIT 1`,
          [[...except, this.address.database]],
        );
        return other?.name;
      } finally {
        await session.close();
      }
    }
    throw last;
  }

  /** A session that is not in the live database, where there is one. */
  async inCatalogue<T>(purpose: Purpose, use: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let database: string;
    try {
      database = (await this.maintenance()) ?? this.address.database;
    } catch (error) {
      throw this.failure(error, { ...purpose, doing: tr`connect to`, database: this.address.database }, signal);
    }
    return this.within(database, purpose, use, signal ? { signal } : {});
  }

  async state(): Promise<ServerState> {
    this.#state ??= await this.inCatalogue(
      { doing: tr`read the server of`, database: this.address.database },
      readServer,
    );
    return this.#state;
  }

  /** Ends one of our own sessions, and waits until it is gone. */
  async terminate(pid: number, withinMs = 2000): Promise<boolean> {
    return this.inCatalogue({ doing: tr`end our session on`, database: this.address.database }, (session) =>
      endSession(session, pid, withinMs),
    );
  }
}

/** Ends all of our own sessions of this name, and waits until they are gone; true when they are. */
export async function endNamed(session: Session, name: string, withinMs = 2000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [row] = await session.query<{ there: boolean }>(
      `SELECT count(pg_terminate_backend(pid)) > 0 AS there FROM pg_stat_activity WHERE usename = current_user AND application_name = $1 AND pid <> pg_backend_pid()`,
      [name],
    );
    if (!row?.there) return true;
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Ends one of our own sessions by another; true when it is gone. */
export async function endSession(session: Session, pid: number, withinMs = 2000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [row] = await session.query<{ there: boolean }>(
      `SELECT count(pg_terminate_backend(pid)) > 0 AS there FROM pg_stat_activity WHERE pid = $1 AND usename = current_user AND application_name LIKE 'tiered-rollback%'`,
      [pid],
    );
    if (!row?.there) return true;
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function readServer(session: Session): Promise<ServerState> {
  const [row] = await session.query<ServerState & { versionNumber: number }>(
    `SELECT current_setting('server_version_num')::int AS "versionNumber", current_setting('server_version') AS version,
            rolsuper AS "isSuperuser", current_user::text AS "user", pg_is_in_recovery() AS "inRecovery"
     FROM pg_roles WHERE rolname = current_user`,
  );
  const identifier = await session
    .query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
    .then(([found]) => found?.id)
    .catch((error) => {
      // Some providers keep it to themselves.
      if (session.isOpen) return undefined;
      throw error;
    });
  return { ...(row as ServerState), ...(identifier === undefined ? {} : { systemIdentifier: identifier }) };
}

export const cancelled = (purpose: Purpose) =>
  new RollbackError(
    'CANCELLED',
    tr`Cancelled (to ${purpose.doing} "${purpose.database}").`,
    tr`Run again: a run goes on where the last one stopped.`,
  );
