import type { ChildProcess } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';
import type { ChildTask } from './complete-child.ts';
import { DatabaseScene, GROUP } from './database-scene.ts';
import { killAt, startChild } from './killed.ts';

/** The lock of a dead run has expired by then. */
const LEASE_MS = 31_000;
const ROUNDS = 5;
/** Many processes, one after the other. */
const TIMEOUT_MS = 300_000;

function start(scene: DatabaseScene, clockAheadMs: number, stopAt?: string): ChildProcess {
  const task: ChildTask = {
    namespace: scene.scene.namespace,
    workloads: GROUP,
    options: { ...scene.options({ health: [] }), clockAheadMs },
    ...(stopAt === undefined ? {} : { stopAt }),
  };
  return startChild(task);
}

/** The two legal states, and nothing else, once the server is done with what the dead run had sent. */
async function stateOf(scene: DatabaseScene, liveOid: number): Promise<'unchanged' | 'swapped' | 'neither'> {
  const { name } = scene.database;
  await waitFor(
    'the server to be done with the dead run',
    async () =>
      (
        await scene.server.query(
          'postgres',
          `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tiered-rollback%' AND query LIKE '%RENAME%${name}%' AND state = 'active'`,
        )
      ).length === 0,
    { timeoutMs: 20_000 },
  );
  const oids = await scene.oids();
  const kept = Object.entries(oids).find(([one]) => one.startsWith(`${name}_kept_`));
  if (oids[name] === liveOid) return kept === undefined ? 'unchanged' : 'neither';
  return oids[name] !== undefined && kept?.[1] === liveOid ? 'swapped' : 'neither';
}

/** The next run, from any machine, finishes by itself: all is right, the one before is kept and closed, and nothing else is left. */
async function expectFinished(scene: DatabaseScene, liveOid: number, clockAheadMs: number): Promise<void> {
  const report = await scene.rollback({ clockAheadMs });
  expect(report.failures).toEqual([]);
  expect(['succeeded', 'no-op']).toContain(report.outcome);
  expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0, log: 500, emailColumn: 'email' });
  expect(await scene.images()).toEqual(['v1', 'v1']);
  expect((await scene.secret())['PDG_ACCESS_CODE']).toBe('demo-pdg');
  const { [scene.database.name]: live, ...others } = await scene.oids();
  expect(live).not.toBe(liveOid);
  expect(Object.values(others)).toEqual([liveOid]);
  const [kept] = await scene.server.query(
    'postgres',
    `SELECT datallowconn AS open FROM pg_database WHERE oid = ${liveOid}`,
  );
  expect(kept).toEqual({ open: false });

  const mark = await scene.mark();
  const again = await scene.rollback({ clockAheadMs: clockAheadMs + LEASE_MS });
  expect([again.outcome, await scene.changesSince(mark)]).toEqual(['no-op', { cluster: [], server: [] }]);
}

describe('D41: a run of the complete tier that is killed', () => {
  it.each([
    [['before:createSide', 'after:createSide', 'loading']],
    [['after:load', 'after:analyze', 'after:copyState']],
  ])(
    'at each of %j, five times, leaves the live database alone; the next run finishes',
    async (points) => {
      await Promise.all(
        points.map(async (point) => {
          await using scene = await DatabaseScene.broken('crash');
          const liveOid = (await scene.oids())[scene.database.name] as number;
          for (let round = 0; round < ROUNDS; round++) {
            await killAt(start(scene, round * LEASE_MS, point), point);
            expect(await stateOf(scene, liveOid)).toBe('unchanged');
            expect(await scene.contents()).toMatchObject({ users: 900, broken: 900 });
          }
          await expectFinished(scene, liveOid, ROUNDS * LEASE_MS);
        }),
      );
    },
    TIMEOUT_MS,
  );

  it.each([
    ['before:swap', [0, 0, 0, 0, 0], ['unchanged']],
    // Somewhere between the first connection of the swap and its end.
    ['before:swap', [5, 15, 30, 50, 80], ['unchanged', 'swapped']],
    ['after:swap', [0, 0, 0, 0, 0], ['swapped']],
    ['before:setOpen', [0, 0, 0, 0, 0], ['swapped']],
    ['after:setOpen', [0, 0, 0, 0, 0], ['swapped']],
  ] as const)(
    'at %s and %j ms later leaves one of two states; the next run finishes',
    async (point, delays, legal) => {
      // Killed while it swaps: it must not wait there.
      const stops = delays.every((ms) => ms === 0);
      await Promise.all(
        delays.map(async (afterMs) => {
          await using scene = await DatabaseScene.broken('swap');
          const liveOid = (await scene.oids())[scene.database.name] as number;
          await killAt(start(scene, 0, stops ? point : undefined), point, afterMs);
          expect(legal).toContain(await stateOf(scene, liveOid));
          await expectFinished(scene, liveOid, LEASE_MS);
        }),
      );
    },
    TIMEOUT_MS,
  );
});
