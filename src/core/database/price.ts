import { tr } from '../tr.ts';
import type { TablePrice } from './database.ts';
import { tableName } from './table-name.ts';

/** What is known of the live tables: rows now, changes by the server's statistics, rows newer than the backup. */
export type TableNow = Omit<TablePrice, 'rowsAfter' | 'givenUp'>;

/**
 * The price of going to another database, table by table: every table that either has, by the live one's spelling.
 * @param after rows of the other database, by its own spelling
 * @param missing rows of the live one that the other does not have as they are, where they were compared
 */
export function priceOf(
  now: readonly TableNow[],
  after: Readonly<Record<string, number>>,
  missing?: Readonly<Record<string, number>>,
): TablePrice[] {
  const rowsAfter = new Map(Object.entries(after).map(([name, rows]) => [tableName(name), rows]));
  const givenUp = missing && new Map(Object.entries(missing).map(([name, rows]) => [tableName(name), rows]));
  const live = new Set(now.map(({ table }) => tableName(table)));
  const none = { inserted: 0, updated: 0, deleted: 0 };
  const restored = Object.entries(after).filter(([name]) => !live.has(tableName(name)));
  return [
    ...now.map((one) => ({ ...one, rowsAfter: rowsAfter.get(tableName(one.table)) ?? 0 })),
    ...restored.map(([table, rows]) => ({ table, rowsNow: 0, rowsAfter: rows, changes: none })),
  ].map((one) => (givenUp ? { ...one, givenUp: givenUp.get(tableName(one.table)) ?? 0 } : one));
}

/** Rows given up of one table: exact where they were compared, else what counts and times prove at the least. */
export function givenUpOf({ givenUp, newer, rowsNow, rowsAfter }: TablePrice): number {
  return givenUp ?? Math.max(newer ?? 0, rowsNow - rowsAfter, 0);
}

export function rowsGivenUp(tables: readonly TablePrice[]): number {
  return tables.reduce((sum, table) => sum + givenUpOf(table), 0);
}

/**
 * `public.users (1050 now, 1000 after, 50 given up)`, biggest first: the tables of a price that cost anything. Without a colon after the name:
 * runners mask secrets line by line, and `users:` is a line of every kubeconfig.
 */
export function priceLines(tables: readonly TablePrice[], most = 10): string[] {
  const costly = tables.filter((table) => givenUpOf(table) > 0).sort((a, b) => givenUpOf(b) - givenUpOf(a));
  const lines = costly
    .slice(0, most)
    .map((one) => tr`${one.table} (${one.rowsNow} now, ${one.rowsAfter} after, ${givenUpOf(one)} given up)`);
  return costly.length > most ? [...lines, tr`and ${costly.length - most} more tables`] : lines;
}
