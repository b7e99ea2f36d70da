/** A database as the server's catalogue has it: what a plain dump does not carry and a swap must not lose. */
export interface DatabaseState {
  readonly name: string;
  /** The only identity: names move in a swap. */
  readonly oid: number;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** `libc`, `icu` or `builtin`, and its locale where it has one. */
  readonly localeProvider: string;
  readonly locale?: string;
  readonly tablespace: string;
  readonly connectionLimit: number;
  readonly allowsConnections: boolean;
  readonly acl: readonly string[];
  readonly comment?: string;
  /** ALTER DATABASE/ROLE IN DATABASE SET, by role (`''` for all): each as `name=value`. */
  readonly settings: readonly { readonly role: string; readonly config: readonly string[] }[];
  readonly sizeBytes: number;
}

/** The server that holds it. */
export interface ServerState {
  /** 150018 for 15.18. */
  readonly versionNumber: number;
  readonly version: string;
  readonly isSuperuser: boolean;
  readonly user: string;
  readonly inRecovery: boolean;
  readonly systemIdentifier?: string;
}

/** What holds a database so that it cannot be renamed, by name. */
export interface Blocker {
  readonly kind:
    | 'superuser-session'
    | 'background-worker'
    | 'prepared-transaction'
    | 'replication-slot'
    | 'walsender'
    | 'subscription'
    | 'not-owner'
    | 'no-createdb'
    | 'role-settings'
    | 'pooler'
    | 'connected-to-it';
  readonly what: string;
  /** What to do about it; where a command helps, the command. */
  readonly hint: string;
  /** True: a swap cannot work while it is there. False: it is ended by the swap, or only worth a line. */
  readonly fatal: boolean;
}

/** Rows of one table, now and in the backup: the price of a restore. */
export interface TablePrice {
  /** `schema.table`. */
  readonly table: string;
  readonly rowsNow: number;
  readonly rowsAfter: number;
  /** Rows inserted, updated and deleted since the statistics began, as far as they can be told apart from before the backup. */
  readonly changes: { readonly inserted: number; readonly updated: number; readonly deleted: number };
  /** Rows newer than the backup by the configured timestamp column. */
  readonly newer?: number;
  /** Rows that the other database does not have as they are, compared row by row; absent where nobody compared. */
  readonly givenUp?: number;
}
