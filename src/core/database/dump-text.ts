import type { DumpHeader } from './dump.ts';

/** What the comments of pg_dump say. Only comments at the top level of the text count. */
export const DUMP_BEGIN = '-- PostgreSQL database dump';
export const DUMP_END = '-- PostgreSQL database dump complete';
export const CLUSTER_BEGIN = '-- PostgreSQL database cluster dump';

/** Greedy from the right: a name may hold anything, the type never does. */
const HEADER =
  /^-- (?:Data for |Statistics for )?Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: (.*?)(?:; Tablespace: .*)?$/;

export function headerOf(comment: string): DumpHeader | undefined {
  const [, name, type, schema, owner] = HEADER.exec(comment) ?? [];
  if (name === undefined || type === undefined || schema === undefined || owner === undefined) return undefined;
  return { name, type, schema, owner };
}

/** `SET transaction_timeout = 0;` came with pg_dump 17, statistics with 18; both lines are known word for word and carry no content. */
const NEWER: readonly { readonly pattern: RegExp; readonly major: number }[] = [
  { pattern: /^SET transaction_timeout = 0$/, major: 17 },
  { pattern: /^SELECT \* FROM pg_catalog\.pg_restore_(?:relation|attribute)_stats\(/, major: 18 },
];

/** The server major that a known line of a newer pg_dump needs. */
export function neededMajor(sql: string): number | undefined {
  return NEWER.find(({ pattern }) => pattern.test(sql))?.major;
}

/** What `--clean` makes of a view that a key must not be dropped under: one without a query (createDummyViewAsClause in pg_dump.c). */
const DUMMY_VIEW = /^CREATE OR REPLACE VIEW [^\n]* AS\nSELECT\n(?: {4}NULL::[^\n]*(?:\n|$))+$/;

/** A statement of `pg_dump --clean`. */
export function isCleaning(sql: string): boolean {
  return (
    /^DROP\s/.test(sql) ||
    /^ALTER TABLE [^;']* DROP (?:CONSTRAINT|DEFAULT|IDENTITY)\b/.test(sql) ||
    DUMMY_VIEW.test(sql)
  );
}
