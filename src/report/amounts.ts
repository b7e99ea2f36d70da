import type { Report } from '../core/report.ts';
import type { Catalogue } from './catalogue.ts';
import { sayDuration } from './say.ts';

const DAY_MS = 24 * 60 * 60_000;

/** `1,204` as the language groups it. */
export function sayCount({ database }: Catalogue, count: number): string {
  return database.grouped(String(count).match(/\d{1,3}(?=(?:\d{3})*$)/g) ?? []);
}

/** `411 MB`, in units of 1000. */
export function sayBytes({ database, language }: Catalogue, bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < database.units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 10 ? String(Math.round(value)) : value.toFixed(1);
  return `${language === 'fr' ? text.replace('.', ',') : text}\u00a0${database.units[unit] ?? ''}`;
}

/** An age: days where hours tell nothing any more. Milliseconds. */
export function sayAge(catalogue: Catalogue, ms: number): string {
  return ms >= 3 * DAY_MS ? catalogue.database.days(Math.floor(ms / DAY_MS)) : sayDuration(catalogue, ms);
}

/** `1,204`, `at least 1,204` or `none`, of a report that has a price. */
export function sayRowsGivenUp(catalogue: Catalogue, { database }: Report): string {
  const words = catalogue.database;
  const rows = database?.price?.rowsGivenUp ?? 0;
  const isExact = database?.price?.basis === 'exact';
  if (rows === 0) return isExact ? words.noRows : words.noRowsKnown;
  return isExact ? sayCount(catalogue, rows) : words.atLeast(sayCount(catalogue, rows));
}

/** Without the quotes that no plain name needs: `"public"."users"` is `public.users` to a person. */
export function shownTable(name: string): string {
  return name.replace(/"([a-z_][a-z0-9_]*)"/g, '$1');
}
