/** The only place that imports the PostgreSQL client: heavy, so loaded once, and never its native variant. */
import pg from 'pg';
import { from, to } from 'pg-copy-streams';

export type PgClient = pg.Client;
export type PgNotice = {
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
};

/** What the server says in an error. `detail` and `where` hold values of rows and are never shown. */
export interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
}

export const newClient = (config: pg.ClientConfig): PgClient => new pg.Client(config);

/** A writable stream of COPY data; `highWaterMark` bounds what waits in memory. */
export const copyFrom = (sql: string) => from(sql, { highWaterMark: 1024 * 1024 });

/** A readable stream of COPY data. */
export const copyTo = (sql: string) => to(sql);

export const isServerError = (error: unknown): error is ServerError =>
  error instanceof pg.DatabaseError && typeof error.code === 'string';

/** For names that come from the server or were checked by it; see `identifier` for the rule. */
export const quoteIdentifier = (name: string): string => pg.escapeIdentifier(name);
export const quoteLiteral = (text: string): string => pg.escapeLiteral(text);
