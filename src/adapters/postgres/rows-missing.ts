import { tr } from '../../core/tr.ts';
import { quoteIdentifier } from './client.ts';
import { CsvFile } from './csv-file.ts';
import {
  fingerprint,
  HashReader,
  type Record as HashRecord,
  hashedRows,
  hashedRowsSql,
  hashesSql,
  hashLines,
  type Source,
} from './row-hashes.ts';
import type { Server } from './server.ts';
import type { Session } from './session.ts';
import { ordinaryTables, type Table } from './tables.ts';
import { inBoth } from './two-sessions.ts';

export interface RowsMissing {
  readonly rows: Readonly<Record<string, number>>;
  readonly files: readonly string[];
}

interface Options {
  readonly signal: AbortSignal;
  readonly exportTo?: string;
}

/** The same texts on both sides, whatever the databases have set for themselves. */
const TEXTS = `SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET xmloption = 'content'`;

/**
 * Rows of `from` that `to` does not have as they are. The server makes a hash of each row and sorts them; here two sorted streams are
 * merged, so that memory is flat. The same row twice in `from` and once in `to` is one row missing. Tables of which count and sums of
 * hashes agree are not sorted. Both sides are read in one snapshot each.
 * @throws DATABASE_*, BACKUP_UNREADABLE (the folder), CANCELLED
 */
export async function rowsMissing(server: Server, from: string, to: string, options: Options): Promise<RowsMissing> {
  const purpose = {
    doing: tr`compare the rows of`,
    database: from,
    name: 'tiered-rollback compare',
    grant: tr`GRANT pg_read_all_data TO ${quoteIdentifier(server.address.user)}; (or SELECT on each table)`,
  };
  return inBoth(server, [from, to], purpose, options.signal, async (one, other) => {
    for (const session of [one, other])
      await session.script(
        // A sort in memory where it fits; else the server takes its disk.
        `SET row_security = off; SET statement_timeout = 0; SET work_mem = '64MB'; ${TEXTS}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
      );
    const tables = await ordinaryTables(one);
    const here = await relations(one);
    const there = await relations(other);
    const rows: Record<string, number> = Object.create(null);
    const files: string[] = [];
    for (const table of tables) {
      const mine = here.get(key(table));
      if (!mine) continue;
      const comparison = comparisonOf(table, mine, there.get(key(table)));
      const found = await compare(one, other, comparison, options.exportTo);
      rows[table.name] = found.missing;
      if (found.file !== undefined) files.push(found.file);
    }
    for (const session of [one, other]) await session.script('COMMIT');
    return { rows: { ...rows }, files };
  });
}

interface Relation {
  /** `r`: ordinary; `p`: its rows lie in its partitions. */
  readonly kind: 'r' | 'p';
  /** Without generated ones: they follow from the others, and cannot be loaded. */
  readonly columns: readonly string[];
  readonly isWithoutColumns: boolean;
}

const key = ({ schema, table }: Pick<Table, 'schema' | 'table'>) => JSON.stringify([schema, table]);

async function relations(session: Session): Promise<Map<string, Relation>> {
  const rows = await session.query<{ schema: string; table: string; kind: 'r' | 'p'; columns: string[]; all: number }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS table, c.relkind::text AS kind, count(a.attname)::int AS all,
            coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''), '{}') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' GROUP BY c.oid, n.nspname, c.relname, c.relkind`,
  );
  return new Map(
    rows.map((row) => [
      key(row),
      { kind: row.kind, columns: row.columns, isWithoutColumns: row.all === 0 } satisfies Relation,
    ]),
  );
}

interface Comparison {
  readonly table: Table;
  readonly mine: Source;
  /** Undefined: nothing there could be the same row. */
  readonly theirs?: Source;
  readonly exported: readonly string[];
}

function comparisonOf(table: Table, mine: Relation, theirs: Relation | undefined): Comparison {
  const shared = mine.columns.filter((column) => theirs?.columns.includes(column));
  const full = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.table)}`;
  const source: Source = { from: `ONLY ${full}`, columns: shared };
  const comparable = theirs !== undefined && (shared.length > 0 || (mine.isWithoutColumns && theirs.isWithoutColumns));
  return {
    table,
    mine: source,
    ...(comparable ? { theirs: theirs.kind === 'p' ? { ...source, from: full } : source } : {}),
    exported: mine.columns,
  };
}

async function compare(
  one: Session,
  other: Session,
  { table, mine, theirs, exported }: Comparison,
  exportTo: string | undefined,
): Promise<{ missing: number; file?: string }> {
  const [left, right] = await Promise.all([fingerprint(one, mine), theirs && fingerprint(other, theirs)]);
  if (left.rows === 0 || left.sum === right?.sum) return { missing: 0 };
  const file =
    exportTo === undefined || exported.length === 0 ? undefined : await CsvFile.create(exportTo, table, exported);
  try {
    const reader = new HashReader(
      file ? hashedRows(one.copyOut(hashedRowsSql(mine, exported))) : hashLines(one.copyOut(hashesSql(mine))),
    );
    const against = new HashReader(theirs ? hashLines(other.copyOut(hashesSql(theirs))) : nothing());
    const missing = await merge(reader, against, async ({ row }) => {
      if (row) await file?.write(row);
    });
    if (missing === 0) {
      // Rows that `to` has more often, or more of.
      await file?.discard();
      return { missing };
    }
    await file?.finish();
    return { missing, ...(file ? { file: file.path } : {}) };
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

async function* nothing(): AsyncGenerator<HashRecord[]> {}

/** Both in ascending order. Each row there stands for one row here, so that duplicates count. */
async function merge(
  here: HashReader,
  there: HashReader,
  missing: (record: HashRecord) => Promise<void>,
): Promise<number> {
  let count = 0;
  let isThere = await there.more();
  while (here.head !== undefined || (await here.more())) {
    const record = here.head as HashRecord;
    // What lies before it there, no row here wants.
    while (isThere && (there.head as HashRecord).hash < record.hash) {
      there.take();
      isThere = there.head !== undefined || (await there.more());
    }
    here.take();
    if (isThere && (there.head as HashRecord).hash === record.hash) {
      there.take();
      isThere = there.head !== undefined || (await there.more());
    } else {
      count++;
      if (record.row) await missing(record);
    }
  }
  // To the end: the connection is used again.
  while (isThere) {
    there.take();
    isThere = there.head !== undefined || (await there.more());
  }
  return count;
}
