import { describe, expect, it } from '@jest/globals';
import { databaseName } from '../../../../src/adapters/postgres/names.ts';
import { tableName } from '../../../../src/core/database/table-name.ts';

describe('the name of a database', () => {
  it.each([
    ['224solutions', '"224solutions"'],
    ['a"b', '"a""b"'],
    ['é'.repeat(31), `"${'é'.repeat(31)}"`],
  ])('%s', (name, quoted) => {
    expect(databaseName(name)).toBe(quoted);
  });

  it.each(['', 'x'.repeat(64), 'é'.repeat(32), 'a\0b'])('%j is refused', (name) => {
    expect(() => databaseName(name)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});

describe('the name of a table', () => {
  it.each([
    ['public.users', '"public"."users"'],
    ['"public"."users"', '"public"."users"'],
    ['Public.Users', '"public"."users"'],
    ['public."Users"', '"public"."Users"'],
    ['"a.b"."c""d; -- "', '"a.b"."c""d; -- "'],
    ['users', '"users"'],
  ])('%s', (spelled, name) => {
    expect(tableName(spelled)).toBe(name);
  });
});
