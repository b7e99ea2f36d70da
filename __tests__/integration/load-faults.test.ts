import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, type Database } from '../../src/adapters/postgres/index.ts';
import type { DumpItem } from '../../src/core/database/dump.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startDatabaseProxy } from '../../testbed/postgres/proxy.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { type OwnPostgres, type Postgres, startPostgres } from '../../testbed/postgres.ts';
import { describe as describeDatabase, itemsOf, never, prepare, type Scene, thrownBy } from './load-scene.ts';

const SQL = `CREATE TABLE t (id integer PRIMARY KEY, body text); INSERT INTO t SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 4000) i;
  CREATE INDEX ON t (body); CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;`;

/** A load that takes as long as the test wants: the server sleeps in what stands for an index, a key or a view. */
async function* sleeping(sql = 'CREATE TABLE public.s AS SELECT 1 AS one FROM pg_sleep(60)'): AsyncGenerator<DumpItem> {
  yield { kind: 'statement', statement: { sql: 'CREATE TABLE public.t (i integer)', line: 1, offset: 0 } };
  yield { kind: 'statement', statement: { sql, line: 2, offset: 40 } };
}

/** Rows without end. */
async function* endless(): AsyncGenerator<DumpItem> {
  yield { kind: 'statement', statement: { sql: 'CREATE TABLE public.t (i integer, b text)', line: 1, offset: 0 } };
  yield {
    kind: 'statement',
    statement: { sql: 'COPY public.t (i, b) FROM stdin', line: 2, offset: 40, copy: { table: 'public.t' } },
  };
  const bytes = Buffer.from(`1\t${'x'.repeat(1000)}\n`.repeat(60));
  for (;;) {
    yield { kind: 'rows', bytes };
    // The source is a stream: it gives way to others.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const loading = (server: Postgres, side: string) =>
  waitFor(
    'the load is at work',
    async () =>
      (
        await server.query(
          'postgres',
          `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND application_name = 'tiered-rollback load' AND query ~ 'pg_sleep|COPY'`,
          [side],
        )
      )[0]?.pid as number | undefined,
    { timeoutMs: 20_000, everyMs: 20 },
  );

const ours = async (server: Postgres, side: string) =>
  (await server.query('postgres', `SELECT pid FROM pg_stat_activity WHERE datname = $1`, [side])).length;

/** What must hold after every fault: live is the same, nothing of ours runs, and half a load is not there to be taken for a whole one. */
async function expectUnharmed(server: Postgres, { live, side, database }: Scene): Promise<void> {
  expect((await describeDatabase(database, live.name)).oid).toBe(live.oid);
  await waitFor('no session of ours is left', async () => (await ours(server, side.name)) === 0, { timeoutMs: 5000 });
}

describe('a load that is cut', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await sharedPostgres();
  });

  const through = (scene: Scene, proxy: { port: number }): Database =>
    connectDatabase({
      url: server.url(scene.live.name),
      forward: async () => ({ host: '127.0.0.1', port: proxy.port }),
    });

  it.each([0.02, 0.3, 0.5, 0.8, 0.97])(
    'D1: when all connections break after %d of its bytes, it fails at once',
    async (part) => {
      const scene = await prepare(server, { sql: SQL });
      const dump = await server.pgDump(scene.live.name);
      await using proxy = await startDatabaseProxy(server);
      const database = through(scene, proxy);
      // How much is sent before the load itself begins.
      await database.server();
      proxy.cutAfter = proxy.sent + 1500 + Math.round(dump.length * part);
      const error = await thrownBy(database.load(scene.side.name, itemsOf(dump, 4096), { signal: never }));
      expect(error.code).toBe('DATABASE_UNREACHABLE');
      await expectUnharmed(server, scene);
      // The next run, by the same marker, begins anew with an empty one.
      const again = await scene.database.createSide(scene.side.name, scene.live, scene.side.comment as string);
      await scene.database.load(again.name, itemsOf(dump), { signal: never });
      expect(await scene.database.rowCounts(again.name, never)).toEqual({ 'public.t': 4000 });
    },
  );

  it.each([
    ['D2: of its rows', endless],
    ['D3: of an index or a view', sleeping],
  ])('%s, by the server, fails at once', async (_name, items) => {
    const scene = await prepare(server);
    const failed = thrownBy(scene.database.load(scene.side.name, items(), { signal: never }));
    const pid = await loading(server, scene.side.name);
    await server.query('postgres', 'SELECT pg_terminate_backend($1)', [pid]);
    expect((await failed).code).toBe('DATABASE_UNREACHABLE');
    await expectUnharmed(server, scene);
    expect(await scene.database.describe(scene.side.name)).toBeUndefined();
  });

  it.each([
    ['rows', endless],
    ['an index or a view', sleeping],
  ])('by the user, while it is at %s, is over on the server too', async (_name, items) => {
    const scene = await prepare(server);
    const abort = new AbortController();
    const failed = thrownBy(scene.database.load(scene.side.name, items(), { signal: abort.signal }));
    await loading(server, scene.side.name);
    const at = performance.now();
    abort.abort();
    expect((await failed).code).toBe('CANCELLED');
    // A cancelled job has 7.5 s in all.
    expect(performance.now() - at).toBeLessThan(7500);
    await expectUnharmed(server, scene);
    expect(await scene.database.describe(scene.side.name)).toBeUndefined();
  });

  it('by a source that hangs, does not hang when it is cancelled', async () => {
    const scene = await prepare(server);
    const abort = new AbortController();
    async function* hanging(): AsyncGenerator<DumpItem> {
      yield { kind: 'statement', statement: { sql: 'CREATE TABLE public.t (i integer)', line: 1, offset: 0 } };
      await new Promise(() => {});
    }
    const failed = thrownBy(scene.database.load(scene.side.name, hanging(), { signal: abort.signal }));
    await waitFor('the load has begun', async () => (await ours(server, scene.side.name)) > 0, { timeoutMs: 10_000 });
    abort.abort();
    expect((await failed).code).toBe('CANCELLED');
    await expectUnharmed(server, scene);
  });

  it('by a source that fails, gives that error', async () => {
    const scene = await prepare(server);
    async function* broken(): AsyncGenerator<DumpItem> {
      yield* [];
      throw new Error('the file went away');
    }
    expect((await thrownBy(scene.database.load(scene.side.name, broken(), { signal: never }))).message).toContain(
      'the file went away',
    );
    await expectUnharmed(server, scene);
  });

  it('D8: by a limit of the server, names it', async () => {
    const scene = await prepare(server);
    await server.query('postgres', `ALTER DATABASE "${scene.side.name}" SET temp_file_limit = '100kB'`);
    async function* sorting(): AsyncGenerator<DumpItem> {
      yield {
        kind: 'statement',
        statement: {
          sql: `CREATE TABLE public.t AS SELECT i FROM generate_series(1, 3000000) i ORDER BY i % 1000`,
          line: 9,
          offset: 0,
        },
      };
    }
    const error = await thrownBy(scene.database.load(scene.side.name, sorting(), { signal: never }));
    expect([error.code, error.message.includes('line 9'), error.hint.includes('temp_file_limit')]).toEqual([
      'LOAD_FAILED',
      true,
      true,
    ]);
    await expectUnharmed(server, scene);
  });
});

describe('a load on a server of its own', () => {
  const cleanUps: (() => void)[] = [];
  afterEach(() => {
    for (const one of cleanUps.splice(0).reverse()) one();
  });

  it('D4: that crashes meanwhile, fails; the half load is made anew', async () => {
    await using server: OwnPostgres = await startPostgres();
    const scene = await prepare(server, { sql: SQL });
    const dump = await server.pgDump(scene.live.name);
    const failed = thrownBy(scene.database.load(scene.side.name, sleeping(), { signal: never }));
    await loading(server, scene.side.name);
    await server.restart('immediate');
    expect((await failed).code).toBe('DATABASE_UNREACHABLE');
    await expectUnharmed(server, scene);
    const again = await scene.database.createSide(scene.side.name, scene.live, scene.side.comment as string);
    await scene.database.load(again.name, itemsOf(dump), { signal: never });
    expect(await scene.database.rowCounts(again.name, never)).toEqual({ 'public.t': 4000 });
  });

  it('D7: whose WAL grows beyond what it may, is stopped before the volume is full', async () => {
    await using server = await startPostgres({ settings: { max_wal_size: '1GB' } });
    const scene = await prepare(server);
    const database = connectDatabase({ url: server.url(scene.live.name, 'postgres') });
    const error = await thrownBy(database.load(scene.side.name, endless(), { signal: never, walLimitBytes: 64e6 }));
    expect([error.code, error.message.includes('WAL')]).toEqual(['DATABASE_FULL', true]);
    await expectUnharmed(server, scene);
  });
});
