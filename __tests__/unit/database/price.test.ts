import { describe, expect, it } from '@jest/globals';
import { priceLines, priceOf, rowsGivenUp } from '../../../src/core/database/price.ts';

const none = { inserted: 0, updated: 0, deleted: 0 };
const now = (table: string, rowsNow: number, newer?: number) => ({
  table,
  rowsNow,
  changes: none,
  ...(newer === undefined ? {} : { newer }),
});

describe('the price of a restore', () => {
  it('counts what a table has more now than after, by whichever spelling of its name', () => {
    const price = priceOf([now('public.users', 1050), now('"224"."Log"', 10)], {
      'public."users"': 1000,
      '"224"."Log"': 12,
    });
    expect(price.map(({ rowsAfter }) => rowsAfter)).toEqual([1000, 12]);
    expect(rowsGivenUp(price)).toBe(50);
  });

  it('counts a table whole that the backup does not have, and nothing for one that only the backup has', () => {
    const price = priceOf([now('public.new', 7)], { 'public.old': 9 });
    expect(price).toEqual([
      { ...now('public.new', 7), rowsAfter: 0 },
      { table: 'public.old', rowsNow: 0, rowsAfter: 9, changes: none },
    ]);
    expect(rowsGivenUp(price)).toBe(7);
  });

  it('believes rows that are newer by their time, where rows were deleted as well', () => {
    expect(rowsGivenUp(priceOf([now('public.orders', 90, 40)], { 'public.orders': 100 }))).toBe(40);
  });

  it('is exact where rows were compared: a changed row is given up, too', () => {
    const price = priceOf([now('public.users', 100)], { 'public.users': 100 }, { 'public.users': 90 });
    expect(rowsGivenUp(price)).toBe(90);
    expect(rowsGivenUp(priceOf([now('public.users', 100)], { 'public.users': 1 }, {}))).toBe(0);
  });

  it('is told by its costly tables, the worst first, and bounded', () => {
    const tables = Array.from({ length: 15 }, (_, index) => now(`public.t${index}`, index));
    const lines = priceLines(priceOf(tables, {}), 3);
    expect(lines).toEqual([
      'public.t14 (14 now, 0 after, 14 given up)',
      'public.t13 (13 now, 0 after, 13 given up)',
      'public.t12 (12 now, 0 after, 12 given up)',
      'and 11 more tables',
    ]);
  });
});
