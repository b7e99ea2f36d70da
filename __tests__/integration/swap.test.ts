import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { describe as describeDatabase, never } from './load-scene.ts';
import { prepareSwap, stateOf, Writers, whichIs, writesIn } from './swap-scene.ts';

let server: Postgres;
beforeAll(async () => {
  server = await sharedPostgres();
});

const asOwner = (live: string) => connectDatabase({ url: server.url(live, 'owner') });
const options = { signal: never, withinMs: 20_000 };

describe('a swap', () => {
  it('D32: by an owner with CREATEDB gives the live name to the restored database, and to its comment', async () => {
    const scene = await prepareSwap(server, asOwner);
    const { database, names } = scene;
    expect(await database.swap(names, options)).toMatchObject({ swapped: true });
    expect([
      await stateOf(server, scene),
      await whichIs(server, names.live),
      await whichIs(server, names.kept),
    ]).toEqual(['swapped', 'restored', 'old']);
    expect([
      (await describeDatabase(database, names.live)).comment,
      (await describeDatabase(database, names.kept)).comment,
    ]).toEqual(['about live', 'marker']);
  });

  it('is done once: a second one finds it done', async () => {
    const scene = await prepareSwap(server, asOwner);
    await scene.database.swap(scene.names, options);
    expect(await scene.database.swap(scene.names, options)).toMatchObject({ swapped: true });
    expect(await whichIs(server, scene.names.live)).toBe('restored');
  });

  it('back by OID is the undo, also of a kept database that was closed', async () => {
    const { database, names } = await prepareSwap(server, asOwner);
    await database.swap(names, options);
    await database.setOpen(names.kept, names.liveOid, false);
    expect((await describeDatabase(database, names.kept)).allowsConnections).toBe(false);
    const back = {
      live: names.live,
      liveOid: names.sideOid,
      side: names.kept,
      sideOid: names.liveOid,
      kept: `${names.live}_undone`,
    };
    expect(await database.swap(back, options)).toMatchObject({ swapped: true });
    expect([await whichIs(server, names.live), await whichIs(server, back.kept)]).toEqual(['old', 'restored']);
    expect([
      (await describeDatabase(database, names.live)).comment,
      (await describeDatabase(database, back.kept)).comment,
    ]).toEqual(['about live', 'marker']);
  });

  it.each([1, 2, 3])('loses no write of 8 clients that reconnect, and has none twice (%d)', async () => {
    const { database, names } = await prepareSwap(server, asOwner);
    const writers = new Writers(server, names.live);
    try {
      while (writers.acknowledged.size < 200) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await database.swap(names, options)).toMatchObject({ swapped: true });
      const sofar = writers.acknowledged.size;
      while (writers.acknowledged.size < sofar + 200) await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      await writers.stop();
    }
    const [live, kept] = [await writesIn(server, names.live), await writesIn(server, names.kept)];
    const all = [...live, ...kept];
    expect(live.length).toBeGreaterThan(0);
    expect(kept.length).toBeGreaterThan(0);
    expect(new Set(all).size).toBe(all.length);
    const there = new Set(all);
    expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([]);
    expect(all.filter((id) => !writers.acknowledged.has(id) && !writers.uncertain.has(id))).toEqual([]);
  });

  it('refuses when a name is another database by now, and touches nothing', async () => {
    const scene = await prepareSwap(server, asOwner);
    const { database, names } = scene;
    await expect(database.swap({ ...names, liveOid: names.liveOid + 1_000_000 }, options)).rejects.toMatchObject({
      code: 'OBJECT_REPLACED',
    });
    await expect(database.swap({ ...names, sideOid: names.sideOid + 1_000_000 }, options)).rejects.toMatchObject({
      code: 'OBJECT_REPLACED',
    });
    await expect(database.swap({ ...names, kept: 'postgres' }, options)).rejects.toMatchObject({
      code: 'DATABASE_EXISTS',
    });
    await expect(database.swap({ ...names, kept: 'x'.repeat(64) }, options)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    expect(await stateOf(server, scene)).toBe('unchanged');
  });

  it('that is cancelled before it began does nothing', async () => {
    const scene = await prepareSwap(server, asOwner);
    await expect(
      scene.database.swap(scene.names, { signal: AbortSignal.abort(), withinMs: 5000 }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await stateOf(server, scene)).toBe('unchanged');
  });

  it('D40: without CREATEDB is refused with what to grant', async () => {
    const scene = await prepareSwap(server, asOwner);
    const role = `plain_${scene.names.liveOid}`;
    await server.query('postgres', `CREATE ROLE ${role} LOGIN PASSWORD 'x' IN ROLE owner`);
    const database = connectDatabase({ url: server.url(scene.names.live), user: role, password: 'x' });
    const { swapped, failure } = await database.swap(scene.names, options);
    expect([swapped, failure?.code, failure?.hint.includes(`ALTER ROLE "${role}" CREATEDB`)]).toEqual([
      false,
      'DATABASE_PERMISSION',
      true,
    ]);
    expect(await stateOf(server, scene)).toBe('unchanged');
    expect((await database.blockers(scene.names.live)).map(({ kind, hint }) => [kind, hint])).toEqual([
      ['no-createdb', `ALTER ROLE "${role}" CREATEDB;`],
    ]);
    await server.query('postgres', `DROP ROLE ${role}`);
  });
});
