import { priceLines, priceOf, rowsGivenUp, type TableNow } from '../../core/database/price.ts';
import { RollbackError } from '../../core/errors.ts';
import type { DatabaseReport } from '../../core/report.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';

export type Price = NonNullable<DatabaseReport['price']>;

/** Single-stream COPY and its indexes, measured on two small cores; a forecast, nothing is decided by it but a warning. */
const BYTES_PER_MS = 40_000;
const FIXED_MS = 2000;

export const estimatedMs = (textBytes: number): number => FIXED_MS + Math.round(textBytes / BYTES_PER_MS);

/** Larger databases are compared row by row only where somebody asks for the number: it reads and sorts everything. */
const COMPARE_UP_TO_BYTES = { before: 1e9, after: 4e9 };

/** Before the swap it stands between the user and a working database, so less is compared then than afterwards. */
export function isCompared({ config }: ReadContext, sizeBytes: number, when: 'before' | 'after'): boolean {
  const { maxDataLoss, exportRows } = config.database ?? {};
  const isAskedFor = when === 'before' ? maxDataLoss !== undefined : exportRows !== undefined;
  return isAskedFor || sizeBytes <= COMPARE_UP_TO_BYTES[when];
}

/** What the live tables hold, by counts, statistics and the configured timestamp column. It counts every row, so it is asked once. */
export async function tablesNow(ctx: ReadContext, database: string, since?: string): Promise<readonly TableNow[]> {
  const { timestampColumn } = ctx.config.database ?? {};
  return reader(ctx).changes(database, {
    ...(since === undefined ? {} : { since: new Date(since) }),
    ...(timestampColumn === undefined ? {} : { timestampColumn }),
  });
}

/** What going from these tables to a database with these rows would cost. */
export function estimatePrice(now: readonly TableNow[], after: Readonly<Record<string, number>>): Price {
  const tables = priceOf(now, after);
  return { tables, rowsGivenUp: rowsGivenUp(tables), basis: 'at-least' };
}

/** The same, row by row: what `from` has and `to` does not. Keeps these rows as files where that is configured. */
export async function exactPrice(
  ctx: ReadContext,
  price: Price,
  from: string,
  to: string,
  keep: boolean,
): Promise<Price> {
  const folder = ctx.config.database?.exportRows;
  const { rows, files } = await reader(ctx).rowsMissing(from, to, {
    signal: ctx.signal,
    ...(keep && folder !== undefined ? { exportTo: folder } : {}),
  });
  const after = Object.fromEntries(price.tables.map(({ table, rowsAfter }) => [table, rowsAfter]));
  const tables = priceOf(price.tables, after, rows);
  return {
    ...price,
    tables,
    rowsGivenUp: rowsGivenUp(tables),
    basis: 'exact',
    ...(files.length > 0 ? { exported: files } : {}),
  };
}

/** @throws PRICE_TOO_HIGH with the table and the input to set */
export function refuseTooHigh(ctx: ReadContext, price: Price): void {
  const limit = ctx.config.database?.maxDataLoss;
  if (limit === undefined || price.rowsGivenUp <= limit) return;
  const rows = price.basis === 'exact' ? tr`${price.rowsGivenUp} rows` : tr`at least ${price.rowsGivenUp} rows`;
  throw new RollbackError(
    'PRICE_TOO_HIGH',
    tr`${ctx.config.mode === 'undo' ? tr`the undo` : tr`the restore`} would give up ${rows} of "${ctx.config.database?.name ?? ''}", allowed: ${limit}. ${priceLines(price.tables).join('; ')}`,
    tr`If that is meant: \`max-data-loss: ${price.rowsGivenUp}\`. The rows stay in the kept database, and \`database: { export-rows: FOLDER }\` in the config file writes them to files.`,
  );
}

function reader(ctx: ReadContext) {
  if (!ctx.database) throw new Error('no database is configured');
  return ctx.database;
}
