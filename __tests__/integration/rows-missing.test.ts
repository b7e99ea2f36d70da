import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, type Database } from '../../src/adapters/postgres/index.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { CORPUS } from './load-corpus.ts';
import { never, thrownBy } from './load-scene.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await sharedPostgres();
  folder = await mkdtemp(join(tmpdir(), 'rows-missing-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly database: Database;
}

/** Two databases with the same beginning, each changed by its owner. */
async function pair(begin: string, { from = '', to = '' }: { from?: string; to?: string } = {}): Promise<Pair> {
  const names = [
    await server.createDatabase({ sql: `${begin};${from}` }),
    await server.createDatabase({ sql: `${begin};${to}` }),
  ] as const;
  return { from: names[0], to: names[1], database: connectDatabase({ url: server.url(names[0]) }) };
}

const missing = async ({ from, to, database }: Pair, exportTo?: string) =>
  database.rowsMissing(from, to, { signal: never, ...(exportTo === undefined ? {} : { exportTo }) });

const ours = async ({ from, to }: Pair) =>
  (await server.query('postgres', 'SELECT pid FROM pg_stat_activity WHERE datname = ANY($1)', [[from, to]])).length;

const users =
  'CREATE TABLE users (id int PRIMARY KEY, name text, note text); INSERT INTO users SELECT i, md5(i::text), NULL FROM generate_series(1, 3000) i';

describe('rows that the other database does not have', () => {
  it('are none where all is the same, of every kind of object and text', async () => {
    const { rows, files } = await missing(await pair(CORPUS));
    expect(Object.values(rows)).toEqual(Object.values(rows).map(() => 0));
    expect(Object.keys(rows)).toEqual(
      expect.arrayContaining(['app.users', 'app.orders_2025', 'app.child', '"we ird; -- Name"."select ""x"" \\. $$"']),
    );
    expect(files).toEqual([]);
  });

  it.each([
    ['added', users, 'INSERT INTO users SELECT i FROM generate_series(5001, 6000) i', 1000],
    ['changed', users, `UPDATE users SET name = name || '!' WHERE id % 10 = 0`, 300],
    ['that are NULL here and empty there', users, `UPDATE users SET note = '' WHERE id <= 7`, 7],
    ['deleted here', users, 'DELETE FROM users WHERE id > 10', 0],
    [
      'one more time than there',
      'CREATE TABLE log (t text); INSERT INTO log SELECT $$x$$ FROM generate_series(1, 5)',
      `INSERT INTO log VALUES ('x'), ('x'), ('y'), ('y')`,
      4,
    ],
    [
      'as often as there, in another order',
      'CREATE TABLE log (i int, t text)',
      `INSERT INTO log VALUES (1, 'a'), (2, 'b'), (1, 'a')`,
      3,
    ],
    [
      'of other jsonb',
      `CREATE TABLE j (v jsonb, p json); INSERT INTO j VALUES ('{"a":1, "b":[1,2]}', '{"a":  1}')`,
      `UPDATE j SET v = '{"b": [1, 2], "a": 1}'`,
      0,
    ],
    [
      'of other json, byte by byte',
      `CREATE TABLE j (v jsonb, p json); INSERT INTO j VALUES ('1', '{"a":  1}')`,
      `UPDATE j SET p = '{"a": 1}'`,
      1,
    ],
    ['of other bytes', `CREATE TABLE b (v bytea); INSERT INTO b VALUES ('\\x00ff')`, `UPDATE b SET v = '\\x00fe'`, 1],
    [
      'of other arrays',
      `CREATE TABLE a (v text[]); INSERT INTO a VALUES ('{a,NULL}')`,
      `UPDATE a SET v = '{a,"NULL"}'`,
      1,
    ],
    [
      'of almost the same number',
      'CREATE TABLE f (v float8); INSERT INTO f VALUES (0.1)',
      'UPDATE f SET v = 0.10000000000000002',
      1,
    ],
  ])('%s', async (_name, begin, from, count) => {
    const { rows } = await missing(await pair(begin, { from }));
    expect(Object.values(rows)).toEqual([count]);
  });

  it('do not depend on what a database has set for its texts', async () => {
    const two = await pair(`CREATE TABLE t (a timestamptz, b interval, c bytea, d float8, e money);
      INSERT INTO t VALUES ('2026-01-01 00:00+00', '1 day 02:03', '\\x0001', 1.0/3, 12.5)`);
    await server.query(
      'postgres',
      `ALTER DATABASE "${two.to}" SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE "${two.to}" SET bytea_output = 'escape'; ALTER DATABASE "${two.to}" SET DateStyle = 'German';
       ALTER DATABASE "${two.to}" SET extra_float_digits = 0; ALTER DATABASE "${two.to}" SET IntervalStyle = 'iso_8601'`,
    );
    expect((await missing(two)).rows).toEqual({ 'public.t': 0 });
  });

  it('are compared by the columns that both have', async () => {
    const two = await pair(
      'CREATE TABLE t (a int, b int, g int GENERATED ALWAYS AS (a + 1) STORED); INSERT INTO t SELECT i, i FROM generate_series(1, 100) i',
      // What a migration does; a generated column follows from the others.
      {
        from: 'ALTER TABLE t ADD c text DEFAULT $$new$$, DROP COLUMN g, ADD g int GENERATED ALWAYS AS (a * 2) STORED; UPDATE t SET b = 0 WHERE a <= 3; ALTER TABLE t ALTER b TYPE bigint',
      },
    );
    expect((await missing(two, join(folder, 'columns'))).rows).toEqual({ 'public.t': 3 });
    const text = await readFile(join(folder, 'columns', 'public.t.csv'), 'utf8');
    expect(text.split('\n').sort()).toEqual(['', '1,0,new', '2,0,new', '3,0,new', 'a,b,c']);
  });

  it('of a table that is not there, or has become something else, are all of it', async () => {
    const two = await pair(
      'CREATE TABLE "only here" (i int); INSERT INTO "only here" VALUES (1), (1), (2); CREATE TABLE v AS SELECT 1 AS i; CREATE TABLE e (); CREATE TABLE other AS SELECT 1 AS i',
      {
        to: 'DROP TABLE "only here"; DROP TABLE v; CREATE VIEW v AS SELECT 1 AS i; ALTER TABLE other RENAME i TO j',
        from: 'INSERT INTO e DEFAULT VALUES',
      },
    );
    expect((await missing(two, join(folder, 'whole'))).rows).toEqual({
      'public."only here"': 3,
      'public.v': 1,
      'public.e': 1,
      'public.other': 1,
    });
    expect(await readFile(join(folder, 'whole', 'public.only_here.csv'), 'utf8')).toMatch(
      /^i\n(1\n1\n2\n|1\n2\n1\n|2\n1\n1\n)$/,
    );
  });

  it('of partitions, and of a table that was partitioned meanwhile', async () => {
    const parts = (n: number) =>
      `CREATE TABLE t (i int, s text) PARTITION BY RANGE (i); CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (${n}); CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (${n}) TO (1000); INSERT INTO t SELECT i, 'x' FROM generate_series(0, 99) i`;
    const two = await pair(parts(50), { from: `UPDATE t SET s = 'y' WHERE i IN (10, 60, 61)` });
    expect((await missing(two)).rows).toEqual({ 'public.t_1': 1, 'public.t_2': 2 });

    const plain = `CREATE TABLE t (i int, s text); INSERT INTO t SELECT i, 'x' FROM generate_series(0, 99) i`;
    const was = await server.createDatabase({ sql: `${plain}; UPDATE t SET s = 'z' WHERE i = 5` });
    const { rows } = await two.database.rowsMissing(was, two.to, { signal: never });
    expect(rows).toEqual({ 'public.t': 1 });
  });

  it('are exported as CSV that loads again, under names that stay in the folder', async () => {
    const begin = `CREATE SCHEMA "../../evil"; CREATE TABLE "../../evil"."/etc/pass""wd" ("a,b" text, "c""d" jsonb, n text);
      CREATE TABLE "../../evil"."/etc/pass_wd" (i int)`;
    const two = await pair(begin, {
      from: `INSERT INTO "../../evil"."/etc/pass""wd" VALUES (E'line\\nbreak, "quoted"', '{"k": "v\\n"}', NULL), ('', '[]', ''), (E'\\\\.', NULL, E'\\r\\n'), ('é 🙂', NULL, repeat('long', 100000));
        INSERT INTO "../../evil"."/etc/pass_wd" VALUES (1)`,
    });
    const exportTo = join(folder, 'deep', 'export');
    const { rows, files } = await missing(two, exportTo);
    expect(Object.values(rows)).toEqual([4, 1]);
    expect(files.map((file) => file.slice(exportTo.length + 1))).toEqual([
      '_._.._evil._etc_pass_wd.csv',
      '_._.._evil._etc_pass_wd-2.csv',
    ]);
    expect((await readdir(exportTo)).sort()).toEqual(files.map((file) => file.slice(exportTo.length + 1)).sort());
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    // Loaded into the other one, nothing is missing any more.
    const text = await readFile(files[0] as string, 'utf8');
    const { code, stderr } = await server.psql(
      two.to,
      `\\copy "../../evil"."/etc/pass""wd" FROM '${files[0]}' WITH (FORMAT csv, HEADER)\n`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect((await missing(two)).rows).toEqual({
      [Object.keys(rows)[0] as string]: 0,
      [Object.keys(rows)[1] as string]: 1,
    });
    // A second export leaves the first as it is.
    const again = await missing(two, exportTo);
    expect(again.files).toEqual([join(exportTo, '_._.._evil._etc_pass_wd-3.csv')]);
    expect(await readFile(files[0] as string, 'utf8')).toBe(text);
  });

  it('cannot be exported where there is no room for a folder', async () => {
    const two = await pair(users, { from: 'INSERT INTO users VALUES (0)' });
    await writeFile(join(folder, 'a-file'), '');
    expect(await thrownBy(missing(two, join(folder, 'a-file', 'x')))).toMatchObject({ code: 'BACKUP_UNREADABLE' });
    expect(await ours(two)).toBe(0);
  });

  it('are not guessed where some may not be seen', async () => {
    const two = await pair(
      'CREATE TABLE t (i int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO app; INSERT INTO t VALUES (1)',
    );
    const database = connectDatabase({ url: server.url(two.from, 'app') });
    expect(await thrownBy(database.rowsMissing(two.from, two.to, { signal: never }))).toMatchObject({
      code: 'DATABASE_PERMISSION',
    });
    expect(await ours(two)).toBe(0);
  });

  it('call nothing that somebody put into the database', async () => {
    const two = await pair(
      `CREATE TYPE pair AS (a int, b int); CREATE TABLE t (p pair); INSERT INTO t VALUES (ROW(1, 2));
       CREATE FUNCTION boom(pair) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$; CREATE CAST (pair AS text) WITH FUNCTION boom(pair) AS IMPLICIT;
       CREATE FUNCTION sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$`,
      { from: 'UPDATE t SET p.a = 3' },
    );
    await server.query('postgres', `ALTER DATABASE "${two.from}" SET search_path = public, pg_catalog`);
    expect((await missing(two)).rows).toEqual({ 'public.t': 1 });
  });

  it.each(['sorting', 'waiting for a lock'])('end with a cancel: %s', async (how) => {
    const two = await pair(users, {
      from: 'INSERT INTO users SELECT i, repeat(i::text, 100) FROM generate_series(10000, 200000) i',
    });
    const locker = how === 'sorting' ? undefined : await server.client(two.to);
    await locker?.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const abort = new AbortController();
    const failed = thrownBy(
      two.database.rowsMissing(two.from, two.to, { signal: abort.signal, exportTo: join(folder, 'cancelled') }),
    );
    await waitFor(
      'it is at work',
      async () =>
        (
          await server.query(
            'postgres',
            `SELECT FROM pg_stat_activity WHERE datname = ANY($1) AND application_name = 'tiered-rollback compare' AND state = 'active' AND query ~ 'count|COPY'`,
            [[two.from, two.to]],
          )
        ).length > 0,
      { timeoutMs: 20_000, everyMs: 5 },
    );
    abort.abort();
    expect((await failed).code).toBe('CANCELLED');
    await locker?.end();
    await waitFor('nothing is left', async () => (await ours(two)) === 0, { timeoutMs: 5000 });
    expect(await readdir(join(folder, 'cancelled')).catch(() => [])).toEqual([]);
  });
});
