import type { TablePrice } from '../../core/database/database.ts';
import { quoteIdentifier } from './client.ts';
import type { Session } from './session.ts';

/** How many tables one query counts: few round trips, and a query that the server still plans in no time. */
const AT_ONCE = 50;

export interface Table {
  /** `schema.table`, quoted where the server's rules want it, as pg_dump spells it. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly oid: number;
}

/** Ordinary tables (partitions too), without the system's and without those that belong to an extension and are not its configuration. */
export function ordinaryTables(session: Session): Promise<Table[]> {
  return session.query<{ name: string; schema: string; table: string; oid: number }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname::text AS schema, c.relname::text AS table, c.oid::bigint::float8 AS oid
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
       AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                         AND NOT c.oid = ANY(coalesce(e.extconfig, '{}')))
     ORDER BY 1`,
  );
}

/**
 * Exact counts in one snapshot. Row security is off: a table whose rows we may not all see is an error, not a smaller number.
 */
export async function countRows(session: Session): Promise<Record<string, number>> {
  await session.script(
    'SET row_security = off; SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  );
  const tables = await ordinaryTables(session);
  const counts: Record<string, number> = Object.create(null);
  for (let from = 0; from < tables.length; from += AT_ONCE) {
    const part = tables.slice(from, from + AT_ONCE);
    const sql = part
      .map((table, index) => `SELECT ${index} AS n, count(*)::float8 AS rows FROM ONLY ${full(table)}`)
      .join(' UNION ALL ');
    for (const { n, rows } of await session.query<{ n: number; rows: number }>(sql, [], 0))
      counts[(part[n] as Table).name] = rows;
  }
  await session.script('COMMIT');
  return { ...counts };
}

/** What a restore would give up: changes since the statistics began, and rows newer than `since` where a table has that column. */
export async function tableChanges(
  session: Session,
  { since, timestampColumn }: { readonly since?: Date; readonly timestampColumn?: string },
): Promise<Omit<TablePrice, 'rowsAfter'>[]> {
  const counts = await countRows(session);
  const rows = await session.query<{ name: string; inserted: number; updated: number; deleted: number }>(
    `SELECT format('%I.%I', schemaname, relname) AS name, n_tup_ins::float8 AS inserted, n_tup_upd::float8 AS updated, n_tup_del::float8 AS deleted FROM pg_stat_all_tables`,
  );
  const statistics = new Map(rows.map((row) => [row.name, row]));
  const newer = since && timestampColumn ? await newerRows(session, since, timestampColumn) : new Map<string, number>();
  return Object.entries(counts).map(([table, rowsNow]) => {
    const { inserted = 0, updated = 0, deleted = 0 } = statistics.get(table) ?? {};
    const found = newer.get(table);
    return {
      table,
      rowsNow,
      changes: { inserted, updated, deleted },
      ...(found === undefined ? {} : { newer: found }),
    };
  });
}

async function newerRows(session: Session, since: Date, column: string): Promise<Map<string, number>> {
  const dated = new Set(
    (
      await session.query<{ oid: number }>(
        `SELECT attrelid::bigint::float8 AS oid FROM pg_attribute WHERE attname = $1 AND NOT attisdropped AND attnum > 0 AND atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)`,
        [column],
      )
    ).map(({ oid }) => oid),
  );
  const found = new Map<string, number>();
  for (const table of (await ordinaryTables(session)).filter(({ oid }) => dated.has(oid))) {
    const [row] = await session.query<{ rows: number }>(
      `SELECT count(*)::float8 AS rows FROM ONLY ${full(table)} WHERE ${quoteIdentifier(column)} > $1::timestamptz`,
      [since.toISOString()],
      0,
    );
    found.set(table.name, row?.rows ?? 0);
  }
  return found;
}

const full = ({ schema, table }: Table) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
