import type { DumpItem, DumpStatement } from '../../core/database/dump.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { isServerError } from './client.ts';
import { printable, saidBy } from './failure.ts';
import { cancelled, endSession, type Server } from './server.ts';
import type { CopyIn, Session } from './session.ts';

/** Small statements go in one message; both bounds keep the memory flat. */
const BATCH_BYTES = 256 * 1024;
const BATCH_STATEMENTS = 500;
const NOTICES = 50;
const WAL_EVERY_MS = 500;

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (rows: number) => void;
  /** Stop when the server's WAL holds more bytes than this: a full WAL volume takes the whole server down. Needs pg_monitor. */
  readonly walLimitBytes?: number;
  /** SET ROLE before the first statement: a dump then can do what this role can, and what it creates belongs to it. */
  readonly role?: string;
}

export interface Loaded {
  readonly rows: Readonly<Record<string, number>>;
  readonly notices: readonly string[];
}

/**
 * Loads a plain dump in one stream. However it ends, nothing of it keeps running on the server: a second connection ends the first
 * one's process. @throws LOAD_FAILED with the line of the dump, DATABASE_*, CANCELLED
 */
export async function load(
  server: Server,
  side: string,
  items: AsyncIterable<DumpItem>,
  options: LoadOptions,
): Promise<Loaded> {
  const purpose = { doing: tr`load`, database: side };
  const { versionNumber } = await server.state();
  const catalogue = await server.maintenance([side]);
  let session: Session | undefined;
  let control: Session | undefined;
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => {});
  const onAbort = () => stop.reject(cancelled(purpose));
  options.signal.addEventListener('abort', onAbort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const iterator = items[Symbol.asyncIterator]();
  try {
    if (options.signal.aborted) throw cancelled(purpose);
    // Opened first: when the load must be stopped, no free connection may be left.
    control = await server.open(catalogue ?? server.address.database, { name: 'tiered-rollback control' });
    session = await server.open(side, { name: 'tiered-rollback load', catalogOnly: false });
    const { pid } = session;
    if (options.walLimitBytes !== undefined) timer = watchWal(control, options.walLimitBytes, stop.reject);
    const loader = new Loader(session, versionNumber, server, side, options);
    const work = run(loader, session, iterator, options);
    work.catch(() => {});
    try {
      return await Promise.race([work, stop.promise]);
    } catch (error) {
      session.destroy();
      // Not waited for: its source may hang. What the server still does is ended by the other connection.
      await endSession(control, pid).catch(() => server.terminate(pid).catch(() => {}));
      throw error;
    }
  } catch (error) {
    if (error instanceof SourceFailed && !options.signal.aborted) throw error.cause;
    throw server.failure(error, purpose, options.signal);
  } finally {
    clearInterval(timer);
    options.signal.removeEventListener('abort', onAbort);
    // A source that hangs must not hang us: it is told, not waited for.
    void Promise.resolve(iterator.return?.()).catch(() => {});
    await Promise.all([session?.close(), control?.close()]);
  }
}

async function run(
  loader: Loader,
  session: Session,
  iterator: AsyncIterator<DumpItem>,
  options: LoadOptions,
): Promise<Loaded> {
  await session.script('SET statement_timeout = 0; SET lock_timeout = 0; SET synchronous_commit = off');
  if (options.role !== undefined)
    await session.query(`SELECT pg_catalog.set_config('role', $1, false)`, [options.role]);
  for (;;) {
    const { value, done } = await iterator.next().catch((cause) => {
      throw new SourceFailed(cause);
    });
    if (done) break;
    await loader.take(value);
  }
  return loader.finish();
}

/** What the reader of the dump threw: its error, not the server's. */
class SourceFailed extends Error {
  constructor(cause: unknown) {
    super('the source failed', { cause });
  }
}

/** Knows nothing of files and of framing: it is given items, and sends them. */
class Loader {
  readonly #session: Session;
  readonly #version: number;
  readonly #server: Server;
  readonly #side: string;
  readonly #options: LoadOptions;
  readonly #rows: Record<string, number> = Object.create(null);
  readonly #notices = new Map<string, number>();
  #copy: { into: CopyIn; statement: DumpStatement } | undefined;
  #batch: DumpStatement[] = [];
  #batchBytes = 0;
  #total = 0;

  constructor(session: Session, version: number, server: Server, side: string, options: LoadOptions) {
    this.#side = side;
    this.#session = session;
    this.#version = version;
    this.#server = server;
    this.#options = options;
  }

  async take(item: DumpItem): Promise<void> {
    if (item.kind === 'rows') return this.#guard(this.#copying(), (copy) => copy.into.write(item.bytes));
    if (item.kind === 'rows-end') return this.#endRows(item.count);
    const { statement } = item;
    if (batchable(statement)) {
      this.#batch.push(statement);
      this.#batchBytes += statement.sql.length;
      if (this.#batch.length >= BATCH_STATEMENTS || this.#batchBytes >= BATCH_BYTES) await this.#flush();
      return;
    }
    await this.#flush();
    if (statement.copy) {
      this.#copy = { into: this.#session.copyIn(statement.sql), statement };
      return;
    }
    await this.#statement(statement);
  }

  async finish(): Promise<Loaded> {
    await this.#flush();
    if (this.#copy) throw failedAt(this.#copy.statement, tr`the rows do not end`);
    // Everything before was committed without waiting for the disk; one commit that waits brings it all there, as WAL is one sequence.
    await this.#session.script('RESET ROLE; SET synchronous_commit = on', 0);
    await this.#session.script('BEGIN; SELECT pg_catalog.txid_current(); COMMIT', 0);
    return { rows: { ...this.#rows }, notices: this.#said() };
  }

  async #endRows(count: number): Promise<void> {
    const copy = this.#copying();
    await this.#guard(copy, async ({ into, statement }) => {
      const stored = await into.end();
      this.#copy = undefined;
      if (stored !== count) throw failedAt(statement, tr`the server stored ${stored} rows of ${count}`);
      this.#count(copy.statement.copy?.table ?? '', stored);
    });
  }

  #copying(): { into: CopyIn; statement: DumpStatement } {
    if (!this.#copy)
      throw new RollbackError(
        'INTERNAL',
        tr`Rows came without a COPY before them.`,
        tr`Report this with the JSON report of this run.`,
      );
    return this.#copy;
  }

  async #guard(
    copy: { into: CopyIn; statement: DumpStatement },
    use: (copy: { into: CopyIn; statement: DumpStatement }) => Promise<void>,
  ): Promise<void> {
    try {
      await use(copy);
    } catch (error) {
      throw this.#failed(error, copy.statement);
    }
  }

  async #statement(statement: DumpStatement): Promise<void> {
    if (statement.needsMajor !== undefined && this.#version < statement.needsMajor * 10_000) {
      this.#note(tr`left out, as this server does not know it: ${printable(statement.sql, 80)}`);
      return;
    }
    try {
      const { command, rowCount } = await this.#session.execute(statement.sql, [], 0);
      if (command === 'INSERT') this.#count(insertedInto(statement.sql), rowCount ?? 0);
    } catch (error) {
      if (isServerError(error) && this.#tolerable(statement, error.code)) {
        this.#note(tr`passed over: ${saidBy(error)}`);
        return;
      }
      throw this.#failed(error, statement);
    }
  }

  /** One message is one transaction: on an error the whole batch is undone, and sent one by one to find the line. */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    let results: readonly { command: string; rowCount: number | null }[];
    try {
      results = await this.#session.script(batch.map(({ sql }) => sql).join(';\n'), 0);
    } catch (error) {
      if (!isServerError(error) || !this.#session.isOpen) throw this.#failed(error, batch[0] as DumpStatement);
      for (const statement of batch) await this.#statement(statement);
      return;
    }
    if (results.length !== batch.length || results.some(({ command }) => command !== 'INSERT')) {
      throw failedAt(batch[0] as DumpStatement, tr`a statement turned out to be another than it looked like`);
    }
    for (const [index, statement] of batch.entries())
      this.#count(insertedInto(statement.sql), results[index]?.rowCount ?? 0);
  }

  /** A comment on an extension that belongs to a superuser is no content; nor does `-c` find anything to drop in an empty database. */
  #tolerable(statement: DumpStatement, code: string): boolean {
    if (statement.cleans) return /^(42P01|42704|42883|3F000|42703|42P17)$/.test(code);
    if (LO_UNLINK.test(statement.sql)) return code === '42704';
    return code === '42501' && /^COMMENT ON EXTENSION\s/i.test(statement.sql);
  }

  #failed(error: unknown, statement: DumpStatement): unknown {
    if (!isServerError(error)) return error;
    // A lost session and a full disk have a name of their own; all else is about this line of the dump.
    if (/^(53100|57P0[1235]|08)/.test(error.code))
      return this.#server.failure(error, { doing: tr`load`, database: this.#side });
    return failedAt(
      statement,
      `${saidBy(error)} (SQLSTATE ${error.code})`,
      hintFor(error.code, this.#server.address.user),
    );
  }

  #count(table: string, rows: number): void {
    if (table !== '') this.#rows[table] = (this.#rows[table] ?? 0) + rows;
    this.#total += rows;
    this.#options.onProgress?.(this.#total);
  }

  #note(text: string): void {
    this.#notices.set(text, (this.#notices.get(text) ?? 0) + 1);
  }

  #said(): string[] {
    for (const { severity, code, message } of this.#session.notices) {
      if (severity === 'WARNING' && !code?.startsWith('22'))
        this.#note(tr`the server warns: ${printable(message ?? '', 200)}`);
    }
    return [...this.#notices]
      .slice(0, NOTICES)
      .map(([text, times]) => (times > 1 ? tr`${text} (${times} times)` : text));
  }
}

/** How `pg_dump -c` drops a large object: there is no DROP for it. */
const LO_UNLINK = /^SELECT pg_catalog\.lo_unlink\('\d+'\)$/;

const batchable = ({ sql, cleans }: DumpStatement) =>
  !cleans && sql.startsWith('INSERT INTO ') && sql.length < BATCH_BYTES;

/** The dump's own spelling of `schema.table`. */
const insertedInto = (sql: string) =>
  /^INSERT INTO ((?:"(?:[^"]|"")+"|[^\s."(]+)(?:\.(?:"(?:[^"]|"")+"|[^\s."(]+))?)/.exec(sql)?.[1] ?? '';

function failedAt(statement: DumpStatement, why: string, hint?: string): RollbackError {
  const what = statement.header
    ? `${printable(statement.header.type, 40)} ${printable(statement.header.name, 80)}`
    : printable(statement.sql, 80);
  return new RollbackError(
    'LOAD_FAILED',
    tr`The backup could not be loaded: line ${statement.line} (${statement.copy ? tr`rows of ${printable(statement.copy.table, 80)}` : what}): ${why}.`,
    hint ??
      tr`The live database was not touched. Choose another backup (\`backup-path\`), or load this one by hand into an empty database to see more.`,
  );
}

function hintFor(code: string, user: string): string | undefined {
  if (code === '42501')
    return tr`The live database was not touched. Load as a user that may do this (now "${user}"), or make the backup with \`pg_dump --no-owner --no-privileges\`.`;
  if (code === '42704')
    return tr`The live database was not touched. Create on the server what the backup names and the server does not have (a role, a tablespace), then run again.`;
  if (code === '0A000' || code === '58P01')
    return tr`The live database was not touched. Install the extension that the backup needs on the server, then run again.`;
  if (code === '53400' || code === '53200')
    return tr`The live database was not touched. Raise the limit of the server (\`temp_file_limit\`, memory) for this user, then run again.`;
  return undefined;
}

/** A full WAL volume is a PANIC of the whole server: the load stops before that. */
export function watchWal(control: Session, limitBytes: number, stop: (error: Error) => void): NodeJS.Timeout {
  let looking = false;
  return setInterval(() => {
    if (looking) return;
    looking = true;
    control
      .query<{ bytes: number }>('SELECT coalesce(sum(size), 0)::float8 AS bytes FROM pg_ls_waldir()')
      .then(([row]) => {
        if (row && row.bytes > limitBytes) {
          stop(
            new RollbackError(
              'DATABASE_FULL',
              tr`The server's WAL holds ${Math.round(row.bytes / 1e6)} MB, more than the ${Math.round(limitBytes / 1e6)} MB that it may while a backup is loaded.`,
              tr`Give the WAL volume more room, or see what keeps WAL: SELECT slot_name, wal_status FROM pg_replication_slots; SELECT * FROM pg_stat_archiver;`,
            ),
          );
        }
      })
      // Without pg_monitor there is nothing to watch; a lost connection is noticed by the load itself.
      .catch(() => {})
      .finally(() => {
        looking = false;
      });
  }, WAL_EVERY_MS);
}
