import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { Authority } from '../../testbed/certificates.ts';
import { freePorts } from '../../testbed/ports.ts';
import { startDatabaseProxy } from '../../testbed/postgres/proxy.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { type Postgres, startPostgres } from '../../testbed/postgres.ts';

let server: Postgres;
beforeAll(async () => {
  server = await sharedPostgres();
});

const never = new AbortController().signal;

async function failure(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; hint: string; stack: string; cause?: unknown }> {
  return work.then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error) => error,
  );
}

describe('reading a server', () => {
  it('tells its version, who we are, and what is there', async () => {
    const name = await server.createDatabase();
    const database = connectDatabase({ url: server.url(name) });
    expect(await database.server()).toMatchObject({
      isSuperuser: false,
      user: 'owner',
      inRecovery: false,
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    expect((await database.roles()).has('app')).toBe(true);
    expect((await database.extensions()).has('plpgsql')).toBe(true);
    expect(await database.describe(name)).toMatchObject({
      name,
      owner: 'owner',
      encoding: 'UTF8',
      connectionLimit: -1,
      allowsConnections: true,
      settings: [],
    });
    expect((await database.describe(name))?.sizeBytes).toBeGreaterThan(1e6);
    expect(await database.describe('no such database')).toBeUndefined();
    expect(await database.blockers(name)).toEqual([]);
  });

  it('D50: knows a connection pooler when it meets one', async () => {
    const name = await server.createDatabase();
    await using proxy = await startDatabaseProxy(server);
    proxy.pooler = true;
    const database = connectDatabase({
      url: server.url(name),
      forward: async () => ({ host: '127.0.0.1', port: proxy.port }),
    });
    expect((await database.blockers(name)).map(({ kind, fatal }) => [kind, fatal])).toEqual([['pooler', true]]);
  });

  it('opens no session on the live database to describe it, and leaves none', async () => {
    const name = await server.createDatabase();
    const database = connectDatabase({ url: server.url(name) });
    await database.describe(name);
    await database.rowCounts(name, never);
    await database.blockers(name);
    const left = await server.query(
      'postgres',
      `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tiered-rollback%' AND datname = $1`,
      [name],
    );
    expect(left).toEqual([]);
  });

  it('counts rows exactly, each table for itself, or fails', async () => {
    const name = await server.createDatabase({
      sql: `CREATE TABLE a (i integer); INSERT INTO a SELECT generate_series(1, 1234); CREATE TABLE "B c" (i integer);
            CREATE TABLE p (i integer) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1), (1);
            CREATE TABLE parent (i integer); CREATE TABLE child () INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2);
            CREATE TABLE secret (i integer); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; INSERT INTO secret VALUES (1)`,
    });
    const database = connectDatabase({ url: server.url(name) });
    expect(await database.rowCounts(name, never)).toEqual({
      'public.a': 1234,
      'public."B c"': 0,
      'public.p1': 2,
      'public.parent': 1,
      'public.child': 1,
      'public.secret': 1,
    });
    // Row security would hide rows from another user: fewer rows than there are must never be the answer.
    await server.query(name, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO app');
    const app = connectDatabase({ url: server.url(name, 'app') });
    expect(await failure(app.rowCounts(name, never))).toMatchObject({ code: 'DATABASE_PERMISSION' });
  });

  it('D49: tells what changed, and which rows are newer than the backup', async () => {
    const name = await server.createDatabase({
      sql: `CREATE TABLE t (i integer, created_at timestamptz); CREATE TABLE u (i integer)`,
    });
    await server.query(
      name,
      `INSERT INTO t VALUES (1, '2026-01-01'), (2, '2026-03-01'), (3, '2026-03-02'); UPDATE t SET i = 9 WHERE i = 3; DELETE FROM t WHERE i = 1; SELECT pg_stat_force_next_flush()`,
    );
    const database = connectDatabase({ url: server.url(name) });
    const changes = await database.changes(name, {
      since: new Date('2026-02-01T00:00:00Z'),
      timestampColumn: 'created_at',
    });
    expect(changes).toEqual([
      { table: 'public.t', rowsNow: 2, changes: { inserted: 3, updated: 1, deleted: 1 }, newer: 2 },
      { table: 'public.u', rowsNow: 0, changes: { inserted: 0, updated: 0, deleted: 0 } },
    ]);
  });

  it('gives one value of a query that cannot write and cannot go on for ever', async () => {
    const name = await server.createDatabase({ sql: 'CREATE TABLE t (i integer)' });
    const database = connectDatabase({ url: server.url(name) });
    const value = (sql: string, timeoutMs = 5000) => database.queryValue(name, sql, { timeoutMs });
    expect(await value('SELECT count(*) > 0 FROM t')).toBe('false');
    expect(await value('SELECT i FROM t')).toBeNull();
    expect(await value(`SELECT '{"a":1}'::jsonb`)).toBe('{"a":1}');
    expect(await failure(value('INSERT INTO t VALUES (1) RETURNING i'))).toMatchObject({
      code: 'DATABASE_ERROR',
      message: expect.stringContaining('read-only'),
    });
    expect(await failure(value('SELECT 1; COMMIT'))).toMatchObject({ code: 'DATABASE_ERROR' });
    expect(await failure(value('SELECT pg_sleep(60)', 200))).toMatchObject({
      message: expect.stringContaining('57014'),
    });
    expect((await failure(value(`SELECT 'secret-value'::integer`))).message).not.toContain('secret-value');
  });

  it('D47: finds constraints and indexes that are not valid, and sequences that are behind', async () => {
    const name = await server.createDatabase({
      sql: `CREATE TABLE t (id serial PRIMARY KEY, n integer GENERATED BY DEFAULT AS IDENTITY); INSERT INTO t (id, n) VALUES (10, 20);
            CREATE TABLE good (id serial); INSERT INTO good DEFAULT VALUES; ALTER TABLE t ADD CHECK (n > 100) NOT VALID`,
    });
    await server.query(name, `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_pkey'::regclass`);
    const database = connectDatabase({ url: server.url(name) });
    expect(await database.integrity(name, never)).toEqual([
      'constraint t_n_check of public.t is not valid',
      'index public.t_pkey of public.t is not valid',
      expect.stringContaining('sequence public.t_id_seq will give values that column "id" of public.t already has'),
      expect.stringContaining('sequence public.t_n_seq will give values that column "n"'),
    ]);
  });

  it('ends on the server too when it is cancelled', async () => {
    const name = await server.createDatabase({ sql: 'CREATE TABLE t AS SELECT 1 AS i' });
    const blocker = await server.client(name, 'owner');
    await blocker.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    const abort = new AbortController();
    const database = connectDatabase({ url: server.url(name) });
    const counting = failure(database.rowCounts(name, abort.signal));
    const waiting = () =>
      server.query('postgres', `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`, [
        name,
      ]);
    while ((await waiting()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort();
    expect(await counting).toMatchObject({ code: 'CANCELLED' });
    while ((await waiting()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await blocker.end();
  });
});

describe('D51: a server that cannot be used', () => {
  const password = 'p@ss/w:rd%25';
  const leaks = (error: { message: string; hint: string; stack: string; cause?: unknown }) =>
    [password, encodeURIComponent(password)].some((form) =>
      `${error.message}${error.hint}${error.stack}${JSON.stringify(error.cause ?? '')}`.includes(form),
    );

  it.each([
    [
      'the wrong password',
      () => `postgresql://owner:${encodeURIComponent(password)}@127.0.0.1:${server.port}/postgres`,
      'DATABASE_UNAUTHORIZED',
    ],
    ['no password', () => `postgresql://owner@127.0.0.1:${server.port}/postgres`, 'DATABASE_UNAUTHORIZED'],
    [
      'an unknown user',
      () => `postgresql://nobody:${encodeURIComponent(password)}@127.0.0.1:${server.port}/postgres`,
      'DATABASE_UNAUTHORIZED',
    ],
    [
      'a name that does not resolve',
      () => `postgresql://owner:${encodeURIComponent(password)}@nowhere.invalid:5432/postgres`,
      'DATABASE_UNREACHABLE',
    ],
    [
      'TLS wanted where there is none',
      () => `postgresql://owner:${encodeURIComponent(password)}@127.0.0.1:${server.port}/postgres?sslmode=require`,
      'DATABASE_CERTIFICATE',
    ],
  ])('by %s is named without the password', async (_name, url, code) => {
    const error = await failure(connectDatabase({ url: url() }).server());
    expect(error).toMatchObject({ code });
    expect(leaks(error)).toBe(false);
  });

  it('because nobody listens, or nobody answers, is named in time', async () => {
    const [port] = await freePorts(1);
    expect(
      await failure(
        connectDatabase({ host: '127.0.0.1', port: port as number, user: 'owner', password, database: 'd' }).server(),
      ),
    ).toMatchObject({ code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('connection refused') });
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const address = silent.address() as { port: number };
      expect(
        await failure(
          connectDatabase({ host: '127.0.0.1', port: address.port, user: 'owner', password, database: 'd' }).server(),
        ),
      ).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    } finally {
      silent.close();
    }
  });

  it('because the database is not there, is named', async () => {
    const database = connectDatabase({ url: server.url('not there') });
    expect(await failure(database.rowCounts('not there', never))).toMatchObject({ code: 'DATABASE_NOT_FOUND' });
  });
});

describe('TLS', () => {
  it('is checked as far as the mode says', async () => {
    const authority = await Authority.create('database');
    const other = await Authority.create('other');
    const { cert, key } = await authority.issue({ commonName: 'postgres', hosts: ['localhost'] });
    await using own = await startPostgres({ tls: { cert, key } });
    const url = (host: string, mode: string) =>
      `postgresql://owner:${own.connection.passwords.owner}@${host}:${own.port}/postgres?sslmode=${mode}`;
    const encrypted = async (host: string, mode: string, ca?: string) =>
      connectDatabase({ url: url(host, mode), ...(ca ? { ca } : {}) }).queryValue(
        'postgres',
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
        { timeoutMs: 5000 },
      );
    expect(await encrypted('127.0.0.1', 'prefer')).toBe('true');
    expect(await encrypted('127.0.0.1', 'require')).toBe('true');
    expect(await encrypted('127.0.0.1', 'disable')).toBe('false');
    expect(await encrypted('127.0.0.1', 'verify-ca', authority.certificate)).toBe('true');
    expect(await encrypted('localhost', 'verify-full', authority.certificate)).toBe('true');
    for (const [host, mode, ca] of [
      ['localhost', 'verify-full', other.certificate],
      ['127.0.0.1', 'verify-full', authority.certificate],
      ['127.0.0.1', 'verify-ca', other.certificate],
      ['127.0.0.1', 'require', other.certificate],
      ['localhost', 'verify-full', undefined],
    ] as const) {
      expect([host, mode, (await failure(encrypted(host, mode, ca))).code]).toEqual([
        host,
        mode,
        'DATABASE_CERTIFICATE',
      ]);
    }
  });
});
