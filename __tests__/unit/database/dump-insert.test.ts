import { describe, expect, it } from '@jest/globals';
import { plainInsert } from '../../../src/core/database/dump-insert.ts';
import { isCleaning } from '../../../src/core/database/dump-text.ts';
import { tokensOf } from '../../../src/core/database/dump-tokens.ts';
import { unsafeIn } from '../../../src/core/database/dump-unsafe.ts';

describe('an INSERT as pg_dump writes it', () => {
  it.each([
    [`INSERT INTO public.t VALUES (1, 'it''s; a (note', NULL, true, -1.5, 1e+20, 1e-07)`, 'public.t', 1],
    [
      `INSERT INTO "odd ""name; x"."(b)" ("a,b", c) VALUES\n\t('x', DEFAULT),\n\t('y\\', NULL)`,
      '"odd ""name; x"."(b)"',
      2,
    ],
    [`INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1), (2), (3) ON CONFLICT DO NOTHING`, 't', 3],
    [`INSERT INTO public.t VALUES ('')`, 'public.t', 1],
    [`INSERT INTO public.t VALUES ('--', '/*', '$$')`, 'public.t', 1],
  ])('%s', (sql, table, rows) => {
    expect(plainInsert(sql)).toEqual({ table, rows });
    expect(unsafeIn(tokensOf(sql))).toEqual([]);
  });

  // Each of these goes the long way, token by token, and is named there where it computes something.
  it.each([
    `INSERT INTO public.t VALUES (pg_read_file('x'))`,
    `INSERT INTO public.t VALUES ((SELECT 1))`,
    `INSERT INTO public.t SELECT 1`,
    `INSERT INTO public.t DEFAULT VALUES`,
    `INSERT INTO public.t VALUES (E'a\\'b')`,
    `INSERT INTO public.t VALUES (B'1')`,
    `INSERT INTO public.t VALUES (1) -- x`,
    `INSERT INTO public.t VALUES (1) /* x */`,
    `INSERT INTO public.t VALUES (1 --\n)`,
    `INSERT INTO public.t VALUES ($$a$$)`,
    `INSERT INTO public.t VALUES (1::text)`,
    `INSERT INTO public.t VALUES (1) RETURNING id`,
    `INSERT INTO public.t VALUES (1) ON CONFLICT (id) DO UPDATE SET id = f()`,
    `INSERT INTO public.t VALUES ("col")`,
    `INSERT INTO public.t VALUES (1 * 2)`,
    `INSERT INTO public.t VALUES ('a' || 'b')`,
    `INSERT INTO public.t VALUES (current_user)`,
    `INSERT INTO public.t VALUES ('open`,
    `INSERT INTO public.t VALUES (1))`,
    `insert into public.t values (1)`,
  ])('and no other: %s', (sql) => {
    expect(plainInsert(sql)).toBeUndefined();
  });
});

describe('what pg_dump -c does to a view that a key must not be dropped under', () => {
  it.each([
    ['CREATE OR REPLACE VIEW public.v AS\nSELECT\n    NULL::bigint AS id,\n    NULL::text AS "n;"', true],
    ['CREATE OR REPLACE VIEW public.v AS\nSELECT\n    NULL::bigint AS id', true],
    ['CREATE OR REPLACE VIEW public.v AS\n SELECT c.id\n   FROM c', false],
    ['CREATE OR REPLACE VIEW public.v AS\nSELECT\n    NULL::bigint AS id\n   FROM c', false],
    ['CREATE VIEW public.v AS\nSELECT\n    NULL::bigint AS id', false],
  ])('%s', (sql, cleans) => expect(isCleaning(sql)).toBe(cleans));
});
