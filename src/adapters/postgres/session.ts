import type { Address } from './address.ts';
import { tlsOptions } from './address.ts';
import { copyFrom, copyTo, newClient, type PgClient, type PgNotice } from './client.ts';
import { ConnectionLost } from './failure.ts';

const CONNECT_MS = 8000;
/** Catalogue queries are done in milliseconds; this is for a network that swallows answers. */
const ANSWER_MS = 30_000;
const CLOSE_MS = 1000;

/** What the server says of a command that it has done. */
export interface Tag {
  readonly command: string;
  readonly rowCount: number | null;
}

export interface SessionOptions {
  /** Shown in pg_stat_activity. */
  readonly name?: string;
  /** Whether unqualified names mean the catalogue only: nothing that somebody put into `public` is then called by accident. */
  readonly catalogOnly?: boolean;
}

/**
 * One connection. A lost connection rejects every pending promise at once: no wait of ours depends on the library noticing.
 * Throws what the library throws; callers translate by `failureOf`.
 */
export class Session {
  readonly #client: PgClient;
  readonly #lost = Promise.withResolvers<never>();
  readonly notices: PgNotice[] = [];
  #open = true;
  #pid = 0;

  private constructor(client: PgClient) {
    this.#client = client;
    this.#lost.promise.catch(() => {});
    const lose = (error?: Error) => {
      this.#open = false;
      this.#lost.reject(error ?? new ConnectionLost('the connection was lost'));
    };
    client.on('error', lose);
    client.on('end', () => lose());
    client.on('notice', (notice) => {
      if (this.notices.length < 200) this.notices.push(notice);
    });
  }

  static async open(
    address: Address,
    database: string,
    { name = 'tiered-rollback', catalogOnly = true }: SessionOptions = {},
  ): Promise<Session> {
    const session = await Session.#connect(address, database, name);
    try {
      await session.script(
        `SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET default_transaction_read_only = off; SET client_min_messages = warning; SET idle_in_transaction_session_timeout = 0${catalogOnly ? '; SET search_path = pg_catalog' : ''}`,
      );
      const [row] = await session.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
      session.#pid = row?.pid ?? 0;
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  static async #connect(address: Address, database: string, name: string): Promise<Session> {
    const ssl = tlsOptions(address);
    try {
      return await connectOnce(address, database, name, ssl);
    } catch (error) {
      // As libpq: `prefer` falls back when the server offers no TLS.
      const noTls = error instanceof Error && /does not support SSL/.test(error.message);
      if (address.tlsMode !== 'prefer' || ssl === false || !noTls) throw error;
      return connectOnce(address, database, name, false);
    }
  }

  /** For `connectOnce`: the constructor stays private to everybody else. */
  static of(client: PgClient): Session {
    return new Session(client);
  }

  /** The server's process of this session, as the server itself says. */
  get pid(): number {
    return this.#pid;
  }

  /** A pooler answers with a process of its own, and may put every transaction on another connection. */
  get isPooled(): boolean {
    return (this.#client as unknown as { processID: number }).processID !== this.#pid;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** One statement by the extended protocol: the server refuses a second one in the same text. */
  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    values: readonly unknown[] = [],
    limitMs = ANSWER_MS,
  ): Promise<Row[]> {
    return (await this.execute(sql, values, limitMs)).rows as Row[];
  }

  /** As `query`, with the command's tag. `limitMs: 0`: as long as it takes. */
  execute(
    sql: string,
    values: readonly unknown[] = [],
    limitMs = ANSWER_MS,
  ): Promise<Tag & { readonly rows: unknown[] }> {
    const config = { text: sql, values: [...values], queryMode: 'extended' };
    return this.#answered(this.#client.query(config as never) as never, limitMs);
  }

  /** One simple-query message: several statements are one implicit transaction. */
  async script(sql: string, limitMs = ANSWER_MS): Promise<readonly Tag[]> {
    const answer = this.#client.query(sql) as unknown as Promise<Tag | readonly Tag[]>;
    const result = await this.#answered(answer, limitMs);
    return Array.isArray(result) ? result : [result as Tag];
  }

  /** Begins a COPY ... FROM stdin. */
  copyIn(sql: string): CopyIn {
    const stream = this.#client.query(copyFrom(sql));
    const failed = new Promise<never>((_resolve, reject) => stream.once('error', reject));
    const broken = Promise.race([failed, this.#lost.promise]);
    broken.catch(() => {});
    return {
      async write(bytes) {
        if (stream.write(bytes)) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        stream.once('drain', resolve);
        await Promise.race([promise, broken]);
      },
      async end() {
        const { promise, resolve } = Promise.withResolvers<void>();
        stream.end(resolve);
        await Promise.race([promise, broken]);
        return stream.rowCount;
      },
    };
  }

  /** The bytes of a COPY ... TO stdout, as they come. Who stops before the end closes the connection. */
  async *copyOut(sql: string): AsyncGenerator<Buffer> {
    const stream = this.#client.query(copyTo(sql));
    // An error after the last row has no reader any more.
    stream.on('error', () => {});
    this.#lost.promise.catch((error) => stream.destroy(error));
    let ended = false;
    try {
      yield* stream as AsyncIterable<Buffer>;
      ended = true;
    } finally {
      if (!ended) this.destroy();
    }
  }

  async #answered<T>(answer: Promise<T>, limitMs: number): Promise<T> {
    // Whichever loses the race must not become an unhandled rejection.
    answer.catch(() => {});
    if (limitMs === 0) return Promise.race([answer, this.#lost.promise]);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new ConnectionLost(`no answer within ${Math.round(limitMs / 1000)} s`));
      this.destroy();
    }, limitMs);
    try {
      return await Promise.race([answer, late.promise, this.#lost.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** In order; by force when the server does not follow. */
  async close(): Promise<void> {
    if (!this.#open) return this.destroy();
    const timer = setTimeout(() => this.destroy(), CLOSE_MS);
    await this.#client.end().catch(() => {});
    clearTimeout(timer);
  }

  /** At once: every pending promise rejects. The server may still be at work: `terminate` it by its pid. */
  destroy(): void {
    this.#open = false;
    this.#lost.reject(new ConnectionLost('the connection was closed'));
    (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface CopyIn {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves with the rows that the server counted, once it has them all. */
  end(): Promise<number>;
}

async function connectOnce(
  address: Address,
  database: string,
  name: string,
  ssl: ReturnType<typeof tlsOptions>,
): Promise<Session> {
  const client = newClient({
    host: address.host,
    port: address.port,
    user: address.user,
    // A function: an empty text would make the library look into files and the environment.
    password: () => address.password,
    database,
    ssl,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  const session = Session.of(client);
  // The library's own limit ends when the server sends its first byte; ours covers the whole handshake.
  const timer = setTimeout(() => session.destroy(), CONNECT_MS + 500);
  try {
    await client.connect();
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
