import type { Blocker, DatabaseState, ServerState, TablePrice } from '../core/database/database.ts';
import type { DumpItem } from '../core/database/dump.ts';
import type { RollbackError } from '../core/errors.ts';
import type { ArchiveFile } from './backup.ts';

/** Where it is, for people; no password. */
export interface DatabasePlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** Reads of one PostgreSQL server. All methods throw RollbackError only (DATABASE_*), without values of rows and without passwords. */
export interface DatabaseReader {
  server(): Promise<ServerState>;
  /** Undefined when there is no database of that name. */
  describe(database: string): Promise<DatabaseState | undefined>;
  /** Names of databases whose name begins with this. */
  databasesLike(prefix: string): Promise<readonly DatabaseState[]>;
  roles(): Promise<ReadonlySet<string>>;
  extensions(): Promise<ReadonlySet<string>>;
  /** What would keep `database` from being renamed. */
  blockers(database: string): Promise<readonly Blocker[]>;
  /** Exact row counts of every ordinary table, by `schema.table`. */
  rowCounts(database: string, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /** Changes since statistics began, and rows newer than `since` by the timestamp column where one is configured. */
  changes(
    database: string,
    options: { readonly since?: Date; readonly timestampColumn?: string },
  ): Promise<readonly Omit<TablePrice, 'rowsAfter'>[]>;
  /** One value of one row, in a read-only transaction with a statement timeout; null when there is no row. */
  queryValue(database: string, sql: string, options: { readonly timeoutMs: number }): Promise<string | null>;
  /**
   * Rows of `from` that `to` does not have as they are: compared by the columns that both have, row by row, sorted by the server, so that our
   * memory stays flat. By `schema.table`; a table that `to` lacks counts whole. Tables of extensions are left out.
   * @param options.exportTo folder: each such row is written to `SCHEMA.TABLE.csv` (CSV with a header line, mode 0600).
   */
  rowsMissing(
    from: string,
    to: string,
    options: { readonly signal: AbortSignal; readonly exportTo?: string },
  ): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly files: readonly string[] }>;
  /** Constraints that are not valid, sequences below the maximum of their column, indexes that are not valid: one line each. */
  integrity(database: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** A dump by `pg_dump`, to a place that outlives the runner. Changes nothing in the database. */
export interface SafetyDump {
  /**
   * Dumps `database` in the custom format (`pg_dump -Fc`) into the folder, under a name that tells database and time, and reads it whole once.
   * A file that was begun and did not get whole is removed. The password goes by the environment, never as an argument.
   * @throws DUMP_TOOL (no pg_dump, or older than the server), BACKUP_UNREADABLE (the folder), DATABASE_*, CANCELLED
   */
  dump(
    database: string,
    folder: string,
    options: { readonly run: string; readonly signal: AbortSignal },
  ): Promise<{ readonly path: string; readonly bytes: number; readonly sha256: string }>;
  /** Whether `dump` could work: program, version, folder. @throws as `dump` */
  check(folder: string, signal: AbortSignal): Promise<void>;
}

/** Writes. Each decides by OID what is there, so that repeating it after a lost answer or a kill is safe. */
export interface DatabaseWriter {
  /** Creates an empty database like `like` (encoding, locale, owner, tablespace) from template0; nobody but its owner gets in. One that an earlier run left under the same marker is made anew. @throws DATABASE_EXISTS */
  createSide(name: string, like: DatabaseState, marker: string): Promise<DatabaseState>;
  /** Loads a plain dump in one stream. On any error or abort everything is closed within 2 s, nothing keeps running on the server, and a side database that this writer created is dropped. */
  load(
    side: string,
    items: AsyncIterable<DumpItem>,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress?: (rows: number) => void;
      /** Stop (DATABASE_FULL) when the server holds more WAL than this. Needs pg_monitor. */
      readonly walLimitBytes?: number;
      /** SET ROLE before the first statement. */
      readonly role?: string;
    },
  ): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly notices: readonly string[] }>;
  /**
   * Loads an archive by pg_restore in several sessions at once, which is about 1.6 times as fast as one. The child connects to the side
   * database only. Rows are not counted: compare `rowCounts` with the manifest. On any error or abort as `load`: the child and its
   * sessions are ended, and a side database that this writer created is dropped.
   * @returns undefined where this pg_restore says what this server does not know (17 and newer to a server before 17): nothing was
   * done, and the archive's `items` are to be loaded with `load`.
   * @throws LOAD_FAILED with the object: also for what pg_restore itself cannot do side by side (a trigger that is disabled on a partition), so make
   * the side database anew and `load` the items before giving up. DUMP_TOOL, BACKUP_CHANGED, DATABASE_*, CANCELLED
   */
  loadArchive(
    side: string,
    archive: ArchiveFile,
    options: {
      readonly signal: AbortSignal;
      /** Sessions at a time; 2 unless told. One for a tar archive, which is read from front to back. */
      readonly jobs?: number;
      readonly walLimitBytes?: number;
      readonly role?: string;
    },
  ): Promise<{ readonly notices: readonly string[] } | undefined>;
  analyze(side: string, signal: AbortSignal): Promise<void>;
  /** Copies what belongs to the database and not to its content: ACL, settings, connection limit; then compares. The comment (our marker) stays: the swap exchanges the comments. */
  copyState(from: DatabaseState, to: DatabaseState): Promise<void>;
  /**
   * live -> kept, side -> live, in one simple-query message, while a second connection ends the sessions on live.
   * Decides by OID whether it happened, never by the answer. `swapped: false` leaves live as it was.
   */
  swap(
    names: {
      readonly live: string;
      readonly liveOid: number;
      readonly side: string;
      readonly sideOid: number;
      readonly kept: string;
    },
    options: {
      readonly signal: AbortSignal;
      readonly withinMs: number;
      /** How long to look for a server that was lost in the middle; then SWAP_UNKNOWN. 30 s unless told. */
      readonly decideMs?: number;
    },
  ): Promise<{
    readonly swapped: boolean;
    readonly reason?: string;
    /** The reason as an error, to be thrown or shown. */
    readonly failure?: RollbackError;
    readonly durationMs: number;
  }>;
  /** Closes or opens a database to connections (never drops one). */
  setOpen(name: string, oid: number, open: boolean): Promise<void>;
  /** Drops a database that this incident created and that is neither live nor kept; the OID must match. */
  dropSide(name: string, oid: number): Promise<void>;
}
