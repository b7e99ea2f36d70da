import { tr } from '../../core/tr.ts';
import { quoteIdentifier } from './client.ts';
import type { Session } from './session.ts';

/** One line each: constraints and indexes that are not valid, sequences whose next value is taken already. */
export async function findDamage(session: Session): Promise<string[]> {
  await session.script(
    'SET row_security = off; SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  );
  const found = [
    ...(await invalidConstraints(session)),
    ...(await invalidIndexes(session)),
    ...(await lateSequences(session)),
  ];
  await session.script('COMMIT');
  return found;
}

async function invalidConstraints(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string; place: string }>(
    `SELECT quote_ident(conname) AS name, coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text) AS place
     FROM pg_constraint WHERE NOT convalidated ORDER BY 2, 1`,
  );
  return rows.map(({ name, place }) => tr`constraint ${name} of ${place} is not valid`);
}

async function invalidIndexes(session: Session): Promise<string[]> {
  // A partitioned index is invalid until each partition has its part.
  const rows = await session.query<{ name: string; place: string }>(
    `SELECT indexrelid::regclass::text AS name, indrelid::regclass::text AS place FROM pg_index WHERE NOT (indisvalid AND indisready AND indislive) ORDER BY 2, 1`,
  );
  return rows.map(({ name, place }) => tr`index ${name} of ${place} is not valid`);
}

/** Sequences that belong to a column: of serial (`a`) and of identity (`i`). */
async function lateSequences(session: Session): Promise<string[]> {
  const owned = await session.query<{
    sequence: string;
    schema: string;
    table: string;
    column: string;
    ascending: boolean;
  }>(
    `SELECT s.oid::regclass::text AS sequence, n.nspname::text AS schema, t.relname::text AS "table", a.attname::text AS "column", q.seqincrement > 0 AS ascending
     FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid
     JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
     JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
     WHERE s.relkind = 'S' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { sequence, schema, table, column, ascending } of owned) {
    const [end, taken, farthest] = ascending ? ['max', '>=', tr`highest`] : ['min', '<=', tr`lowest`];
    const of = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    const [row] = await session.query<{ late: boolean }>(
      `SELECT coalesce((SELECT ${end}(${quoteIdentifier(column)}) FROM ${of}) ${taken}
              (SELECT CASE WHEN is_called THEN last_value + (SELECT seqincrement FROM pg_sequence WHERE seqrelid = $1::regclass) ELSE last_value END::numeric FROM ${sequence}), false) AS late`,
      [sequence],
      0,
    );
    if (row?.late)
      found.push(
        tr`sequence ${sequence} will give values that column ${quoteIdentifier(column)} of ${schema}.${table} already has (it is behind the ${farthest} one)`,
      );
  }
  return found;
}
