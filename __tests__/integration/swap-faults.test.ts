import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startDatabaseProxy } from '../../testbed/postgres/proxy.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { describe as describeDatabase, never, thrownBy } from './load-scene.ts';
import { prepareSwap, stateOf, Writers, whichIs, writesIn } from './swap-scene.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await sharedPostgres();
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-swap-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const asOwner = (live: string) => connectDatabase({ url: server.url(live, 'owner') });
const options = { signal: never, withinMs: 30_000 };

describe('whoever stays on the live database', () => {
  it('D33, D35: a superuser session is named before, and after the swap failed on it', async () => {
    const scene = await prepareSwap(server, asOwner);
    const { database, names } = scene;
    const superuser = await server.client(names.live, 'postgres');
    try {
      await superuser.query(`SET application_name = E'console\\u202e'`);
      const [blocker] = await database.blockers(names.live);
      expect([blocker?.kind, blocker?.fatal, blocker?.what.includes('user "postgres", application "console')]).toEqual([
        'superuser-session',
        true,
        true,
      ]);
      const { swapped, failure } = await database.swap(names, { signal: never, withinMs: 1000 });
      expect([swapped, failure?.code]).toEqual([false, 'DATABASE_BUSY']);
      expect(failure?.message).toMatch(/Who stays: pid \d+ \(user "postgres", application "console/);
      expect(await stateOf(server, scene)).toBe('unchanged');
      // The live database takes connections again at once.
      expect(await whichIs(server, names.live)).toBe('old');
    } finally {
      await superuser.end();
    }
    expect(await database.swap(names, options)).toMatchObject({ swapped: true });
  });

  it('D34: a process that does not end keeps the live database as it is', async () => {
    const scene = await prepareSwap(server, asOwner);
    const client = await server.client(scene.names.live, 'app');
    const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0];
    await server.query('postgres', 'GRANT pg_signal_backend TO owner');
    process.kill(pid, 'SIGSTOP');
    try {
      const { swapped, failure } = await scene.database.swap(scene.names, { signal: never, withinMs: 1000 });
      expect([swapped, failure?.code, failure?.message.includes(`pid ${pid}`)]).toEqual([false, 'DATABASE_BUSY', true]);
      expect(await stateOf(server, scene)).toBe('unchanged');
    } finally {
      process.kill(pid, 'SIGCONT');
      await client.end().catch(() => {});
      await server.query('postgres', 'REVOKE pg_signal_backend FROM owner');
    }
  });

  it('D37: a prepared transaction is named, never rolled back', async () => {
    const scene = await prepareSwap(server, asOwner);
    const { database, names } = scene;
    const client = await server.client(names.live, 'owner');
    const gid = `it's "mine" ${names.liveOid}`.replaceAll("'", "''");
    await client.query(`BEGIN; INSERT INTO writes VALUES ('prepared'); PREPARE TRANSACTION '${gid}'`);
    await client.end();
    const [blocker] = await database.blockers(names.live);
    expect([blocker?.kind, blocker?.fatal, blocker?.what.includes(`it's "mine"`)]).toEqual([
      'prepared-transaction',
      true,
      true,
    ]);
    const { swapped, failure } = await database.swap(names, { signal: never, withinMs: 500 });
    expect([swapped, failure?.code]).toEqual([false, 'DATABASE_BUSY']);
    await server.query(names.live, `COMMIT PREPARED '${gid}'`);
    expect(await database.swap(names, options)).toMatchObject({ swapped: true });
  });

  it('D38: a logical slot, its consumer and a subscription are named', async () => {
    const { database, names } = await prepareSwap(server, asOwner);
    const slot = `slot_${names.liveOid}`;
    await server.query(names.live, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    await server.query(
      names.live,
      `CREATE SUBSCRIPTION sub_${names.liveOid} CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = NONE)`,
    );
    const found = await database.blockers(names.live);
    expect(found.map(({ kind, fatal }) => [kind, fatal])).toEqual([
      ['replication-slot', true],
      ['subscription', false],
    ]);
    expect(found[0]?.what).toContain(slot);
    await server.query(names.live, `SELECT pg_drop_replication_slot('${slot}')`);
    await server.query(names.live, `DROP SUBSCRIPTION sub_${names.liveOid}`);
  });
});

describe('D36: a worker of the server that comes back', () => {
  it('is more than an owner may end, and ended by a superuser for as long as the swap takes', async () => {
    const scene = await prepareSwap(server, asOwner);
    const { database, names } = scene;
    const source = await server.createDatabase({
      sql: 'CREATE TABLE writes (id text); CREATE PUBLICATION news FOR TABLE writes',
    });
    const slot = `news_${names.liveOid}`;
    await server.query(source, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    const { passwords } = server.connection;
    await server.query(
      names.live,
      `CREATE SUBSCRIPTION ${slot} CONNECTION 'host=127.0.0.1 port=${server.port} user=postgres password=${passwords.postgres} dbname=${source}'
       PUBLICATION news WITH (create_slot = false, slot_name = '${slot}', copy_data = false)`,
    );
    let at = names.live;
    try {
      const working = () =>
        server.query(
          'postgres',
          `SELECT pid FROM pg_stat_activity WHERE datid = $1 AND backend_type LIKE 'logical replication%'`,
          [names.liveOid],
        );
      await waitFor('the worker runs', async () => (await working()).length > 0, { timeoutMs: 20_000 });
      expect((await database.blockers(names.live)).map(({ kind, fatal }) => [kind, fatal])).toEqual([
        ['superuser-session', true],
        ['subscription', true],
      ]);
      const { swapped, failure } = await database.swap(names, { signal: never, withinMs: 500 });
      expect([swapped, failure?.code, await stateOf(server, scene)]).toEqual([false, 'DATABASE_BUSY', 'unchanged']);

      const superuser = connectDatabase({ url: server.url(names.live, 'postgres') });
      expect((await superuser.blockers(names.live)).map(({ kind, fatal }) => [kind, fatal])).toEqual([
        ['background-worker', false],
        ['subscription', true],
      ]);
      expect(await superuser.swap(names, options)).toMatchObject({ swapped: true });
      at = names.kept;
    } finally {
      await server.query(at, `ALTER SUBSCRIPTION ${slot} DISABLE; ALTER SUBSCRIPTION ${slot} SET (slot_name = NONE)`);
      await server.query(at, `DROP SUBSCRIPTION ${slot}`);
      await waitFor(
        'the slot is idle',
        async () =>
          (await server.query('postgres', `SELECT 1 FROM pg_replication_slots WHERE slot_name = '${slot}' AND active`))
            .length === 0,
        { timeoutMs: 20_000 },
      );
      await server.query('postgres', `SELECT pg_drop_replication_slot('${slot}')`);
    }
  });
});

describe('a swap whose client is lost', () => {
  it.each([1, 2, 3])('D43: after it was done, but before the answer came, is known to be done (%d)', async () => {
    const scene = await prepareSwap(server, asOwner);
    await using proxy = await startDatabaseProxy(server);
    proxy.onSend = (text) => (text.includes('RENAME TO') ? 'swallow' : 'pass');
    const database = connectDatabase({
      url: server.url(scene.names.live),
      forward: async () => ({ host: '127.0.0.1', port: proxy.port }),
    });
    expect(await database.swap(scene.names, options)).toMatchObject({ swapped: true });
    expect(await stateOf(server, scene)).toBe('swapped');
  });

  it('says that it is not known when the server stays away', async () => {
    const scene = await prepareSwap(server, asOwner);
    const proxy = await startDatabaseProxy(server);
    const database = connectDatabase({
      url: server.url(scene.names.live),
      forward: async () => ({ host: '127.0.0.1', port: proxy.port }),
    });
    proxy.onSend = (text) => {
      if (!text.includes('RENAME TO')) return 'pass';
      void proxy[Symbol.asyncDispose]();
      return 'swallow';
    };
    const error = await thrownBy(database.swap(scene.names, { ...options, decideMs: 500 }));
    expect([error.code, error.hint.includes(String(scene.names.sideOid))]).toEqual(['SWAP_UNKNOWN', true]);
    expect(['unchanged', 'swapped']).toContain(await stateOf(server, scene));
  });
});

describe('D41: a run that is killed', () => {
  const start = (task: unknown): ChildProcess =>
    spawn(process.execPath, [fileURLToPath(new URL('./swap-child.ts', import.meta.url)), JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const ended = (child: ChildProcess) =>
    new Promise<void>((resolve) =>
      child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve()),
    );

  it('D42: or frozen, while it swaps under writers, leaves one of two states, and the next run finishes', async () => {
    const seen: string[] = [];
    for (let round = 0; round < 8; round++) {
      const scene = await prepareSwap(server, asOwner);
      const { database, names } = scene;
      const writers = new Writers(server, names.live, 4);
      const child = start({ kind: 'swap', url: server.url(names.live), names });
      try {
        // Somewhere between its first connection and its end, which on a busy machine may both lie between two looks.
        await waitFor(
          'it is connected',
          async () =>
            child.exitCode !== null ||
            (
              await server.query(
                'postgres',
                `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tiered-rollback%' AND usename = 'owner'`,
              )
            ).length > 0,
          { timeoutMs: 60_000, everyMs: 1 },
        );
        for (let turn = 0; turn < round * 3; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
        if (round % 2 === 1) {
          // D42: a machine that froze; others must not wait for it.
          child.kill('SIGSTOP');
          await waitFor('live takes connections', () => whichIs(server, names.live), { timeoutMs: 8000 });
        }
        child.kill('SIGKILL');
        await ended(child);
        const state = await waitFor(
          'the server is done with it',
          async () => {
            const left = await server.query(
              'postgres',
              `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tiered-rollback%' AND query LIKE '%RENAME%' AND state = 'active'`,
            );
            return left.length === 0 && stateOf(server, scene);
          },
          { timeoutMs: 15_000 },
        );
        expect(['unchanged', 'swapped']).toContain(state);
        seen.push(state);
        expect(await database.swap(names, options)).toMatchObject({ swapped: true });
      } finally {
        child.kill('SIGKILL');
        await writers.stop();
      }
      const all = [...(await writesIn(server, names.live)), ...(await writesIn(server, names.kept))];
      const there = new Set(all);
      expect(there.size).toBe(all.length);
      expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([]);
    }
    expect(seen).toHaveLength(8);
  });

  it.each(['started', 'described', 'created', 'loading', 'loaded', 'analysed', 'copied'])(
    'once it said "%s", never touched live, and the next run finishes',
    async (point) => {
      const live = await server.createDatabase({
        sql: `CREATE TABLE which (name text); INSERT INTO which VALUES ('backup'); CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i; CREATE INDEX ON t (md5)`,
      });
      const database = asOwner(live);
      const dump = join(folder, `${live}.sql`);
      await writeFile(dump, await server.pgDump(live));
      await server.query(live, `UPDATE which SET name = 'bad'`);
      const { oid } = await describeDatabase(database, live);
      const task = {
        kind: 'restore',
        url: server.url(live),
        live,
        side: `${live}_rb`,
        kept: `${live}_kept`,
        marker: `incident ${live}`,
        dump,
      };
      for (let round = 0; round < 5; round++) {
        const child = start({ ...task, stopAt: point });
        for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
          if (line === point) break;
        }
        child.kill('SIGKILL');
        await ended(child);
        expect((await describeDatabase(database, live)).oid).toBe(oid);
        expect(await whichIs(server, live)).toBe('bad');
      }
      // A run waits for the lock of the one that was killed (30 s); by then the server has ended what that had begun.
      await waitFor(
        'the server is done with it',
        async () => {
          const left = await server.query(
            'postgres',
            `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tiered-rollback%' AND (datname = $1 OR strpos(query, $1) > 0)`,
            [task.side],
          );
          return left.length === 0;
        },
        { timeoutMs: 30_000 },
      );
      const child = start(task);
      child.stdout?.resume();
      await ended(child);
      expect(child.exitCode).toBe(0);
      expect([
        await whichIs(server, live),
        await whichIs(server, task.kept),
        (await describeDatabase(database, task.kept)).oid,
      ]).toEqual(['backup', 'bad', oid]);
      expect(await describeDatabase(database, live)).toMatchObject({ owner: 'owner', allowsConnections: true });
    },
  );
});
