import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, stateDifferences } from '../../src/adapters/postgres/index.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { describe as describeDatabase, prepare, thrownBy } from './load-scene.ts';

let server: Postgres;
beforeAll(async () => {
  server = await sharedPostgres();
});

describe('a side database', () => {
  it.each([
    ['UTF8 and C', `ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`],
    ['LATIN1', `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`],
    ['an ICU locale', `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' TEMPLATE template0`],
  ])('D28: is made like the live one: %s', async (_name, options) => {
    const live = await server.createDatabase({ options });
    const database = connectDatabase({ url: server.url(live) });
    const state = await describeDatabase(database, live);
    const side = await database.createSide(`${live}_rb`, state, 'm');
    expect({ ...side, acl: state.acl }).toEqual({
      ...state,
      name: side.name,
      oid: side.oid,
      comment: 'm',
      sizeBytes: side.sizeBytes,
    });
  });

  it('lets nobody in but its owner', async () => {
    const { side } = await prepare(server);
    await expect(server.client(side.name, 'app')).rejects.toMatchObject({ code: '42501' });
    const owner = await server.client(side.name, 'owner');
    await owner.end();
  });

  it('D31: of the same marker is made anew; of another, or of none and not empty, it is refused and left', async () => {
    const { live, side, database } = await prepare(server);
    await server.query(side.name, 'CREATE TABLE half (i integer)');
    const again = await database.createSide(side.name, live, side.comment as string);
    expect(again.oid).not.toBe(side.oid);
    expect(await database.rowCounts(side.name, new AbortController().signal)).toEqual({});

    const error = await thrownBy(database.createSide(side.name, live, 'another incident'));
    expect(error.code).toBe('DATABASE_EXISTS');
    expect((await describeDatabase(database, side.name)).oid).toBe(again.oid);

    const theirs = await server.createDatabase({ sql: 'CREATE TABLE theirs (i integer)' });
    expect((await thrownBy(database.createSide(theirs, live, 'm'))).code).toBe('DATABASE_EXISTS');
    expect(await server.query(theirs, 'SELECT * FROM theirs')).toEqual([]);

    // A run that was killed between CREATE DATABASE and its comment leaves an empty one without.
    const empty = await server.createDatabase();
    expect((await database.createSide(empty, live, 'm')).comment).toBe('m');
  });

  it('is dropped by its OID only', async () => {
    const { side, database } = await prepare(server);
    expect((await thrownBy(database.dropSide(side.name, side.oid + 1))).code).toBe('OBJECT_REPLACED');
    await database.dropSide(side.name, side.oid);
    expect(await database.describe(side.name)).toBeUndefined();
    await database.dropSide(side.name, side.oid);
  });

  it.each(['224beside', 'CamelCase', 'select', 'with space', `quote"and'more`, 'ünï-cödé', 'x'.repeat(63)])(
    'D32: may be called %s',
    async (name) => {
      const live = await server.createDatabase();
      const database = connectDatabase({ url: server.url(live) });
      const side = await database.createSide(`${name.slice(0, 63)}`, await describeDatabase(database, live), 'm');
      expect(side.name).toBe(name);
      expect((await database.databasesLike(name.slice(0, 8))).map((one) => one.name)).toContain(name);
      await database.dropSide(side.name, side.oid);
    },
  );

  it('D32: is refused a name that the server would cut', async () => {
    const { live, database } = await prepare(server);
    expect((await thrownBy(database.createSide('é'.repeat(32), live, 'm'))).code).toBe('INPUT_INVALID');
  });

  it('D40: without CREATEDB is refused with what to grant', async () => {
    const live = await server.createDatabase();
    const database = connectDatabase({ url: server.url(live, 'app') });
    const error = await thrownBy(database.createSide(`${live}_rb`, await describeDatabase(database, live), 'm'));
    expect([error.code, error.hint]).toEqual([
      'DATABASE_PERMISSION',
      'As a superuser: ALTER ROLE "app" CREATEDB; GRANT "owner" TO "app";',
    ]);
    expect((await database.blockers(live)).map(({ kind }) => kind)).toEqual(['not-owner', 'no-createdb']);
  });
});

describe('what is in no dump', () => {
  it('D44, D45: rights, limits and settings reach the side database byte by byte', async () => {
    const { live: before, side } = await prepare(server);
    const name = `"${before.name}"`;
    await server.query(
      'postgres',
      `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO app WITH GRANT OPTION; GRANT CREATE ON DATABASE ${name} TO app;
       ALTER DATABASE ${name} CONNECTION LIMIT 17;
       ALTER DATABASE ${name} SET search_path = app, "Weird, One", 'x''y', public;
       ALTER DATABASE ${name} SET "my.setting" = 'a, b '' "c"';
       ALTER DATABASE ${name} SET statement_timeout = '90s';
       ALTER DATABASE ${name} SET default_text_search_config = 'pg_catalog.french';
       ALTER DATABASE ${name} SET timezone = 'Africa/Conakry';
       ALTER ROLE app IN DATABASE ${name} SET search_path = '';
       ALTER ROLE app IN DATABASE ${name} SET work_mem = '8MB';
       ALTER ROLE app IN DATABASE ${name} SET role = 'app'`,
    );
    await server.query(
      'postgres',
      `ALTER DATABASE "${side.name}" SET work_mem = '1MB'; GRANT CREATE ON DATABASE "${side.name}" TO PUBLIC`,
    );
    const database = connectDatabase({ url: server.url(before.name, 'postgres') });
    const live = await describeDatabase(database, before.name);
    await database.copyState(live, side);
    await database.copyState(live, side);
    const after = await describeDatabase(database, side.name);
    expect(stateDifferences(live, after)).toEqual([]);
    const rows = await server.query(
      'postgres',
      `SELECT setdatabase::int AS oid, setrole, setconfig FROM pg_db_role_setting WHERE setdatabase = ANY($1::oid[]) ORDER BY setrole`,
      [[live.oid, side.oid]],
    );
    const of = (oid: number) =>
      rows.filter((row) => row.oid === oid).map(({ setrole, setconfig }) => [setrole, setconfig]);
    expect(of(side.oid)).toEqual(of(live.oid));
    expect(of(live.oid)[0]?.[1]).toContain(`search_path=app, "Weird, One", "x'y", public`);
    // The marker stays until the swap.
    expect(after.comment).toBe(side.comment);
    const app = await server.client(side.name, 'app');
    await app.end();
  });

  it('D40: settings of another role are named before, when they cannot be carried over', async () => {
    const { live, side, database } = await prepare(server);
    await server.query('postgres', `ALTER ROLE app IN DATABASE "${live.name}" SET work_mem = '8MB'`);
    expect((await database.blockers(live.name)).map(({ kind, fatal }) => [kind, fatal])).toEqual([
      ['role-settings', true],
    ]);
    const error = await thrownBy(database.copyState(live, side));
    expect([
      error.code,
      error.hint.includes(`ALTER ROLE "app" IN DATABASE "${side.name}" SET "work_mem" TO '8MB'`),
    ]).toEqual(['DATABASE_PERMISSION', true]);
    // All or nothing.
    expect((await describeDatabase(database, side.name)).acl).toEqual(side.acl);
  });
});
