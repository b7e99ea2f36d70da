import { describe, expect, it } from '@jest/globals';
import { Writers } from '../../testbed/application/writers.ts';
import { waitFor } from '../../testbed/condition.ts';
import { DatabaseScene } from './database-scene.ts';

const INSERT = 'INSERT INTO log (line) VALUES ($1)';

const linesOf = async (scene: DatabaseScene, database: string) =>
  (await scene.server.query<{ line: string }>(database, 'SELECT line FROM log')).map(({ line }) => line);

describe('writes that come meanwhile', () => {
  it('are, each that was acknowledged, in exactly one of the two databases', async () => {
    await using scene = await DatabaseScene.broken('writers');
    const writers = new Writers(scene.server, scene.database.name, 8, INSERT);
    let atTheEnd = 0;
    try {
      await waitFor('the writers to write', () => writers.acknowledged.size > 100, { timeoutMs: 20_000 });
      const report = await scene.rollback();
      expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
      atTheEnd = writers.acknowledged.size;
      await waitFor('them to go on', () => writers.acknowledged.size > atTheEnd + 100, { timeoutMs: 20_000 });
      await writers.stop();

      const kept = report.database?.kept?.name ?? '';
      const live = await linesOf(scene, scene.database.name);
      const before = await scene.look(kept, () => linesOf(scene, kept));
      const ours = [...live, ...before].filter((line) => /^\d-\d+$/.test(line));
      const there = new Set(ours);
      expect(there.size).toBe(ours.length);
      expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([]);
      // What is there without an answer was at least sent.
      expect(ours.filter((id) => !writers.acknowledged.has(id) && !writers.uncertain.has(id))).toEqual([]);
      const inLive = new Set(live);
      expect([...writers.acknowledged].filter((id) => inLive.has(id)).length).toBeGreaterThan(100);
      // Those before the swap are given up, and the report says of how many rows that is so.
      expect(report.database?.price?.rowsGivenUp).toBeGreaterThan(100);
    } finally {
      await writers.stop();
    }
  });

  it('before an undo are counted, named in its price, and kept: 1,000 rows', async () => {
    await using scene = await DatabaseScene.broken('undo');
    const done = await scene.rollback();
    expect([done.outcome, done.failures]).toEqual(['succeeded', []]);
    const kept = done.database?.kept;
    // 500 orders and as many lines of the log.
    await scene.database.write(500, 'since');

    const refused = await scene.rollback({ mode: 'undo', database: { maxDataLoss: 999 } });
    expect([refused.outcome, refused.failures.map(({ code }) => code)]).toEqual(['refused', ['PRICE_TOO_HIGH']]);
    expect(refused.failures[0]?.message).toContain('1000');
    expect(refused.failures[0]?.hint).toContain('max-data-loss');

    const undone = await scene.rollback({ mode: 'undo', database: { maxDataLoss: 1000 } });
    expect(undone.failures).toEqual([]);
    expect(await scene.images()).toEqual(['v2', 'v2']);
    expect(await scene.contents()).toMatchObject({ users: 900, broken: 900, log: 550, emailColumn: 'email_address' });
    expect((await scene.oids())[scene.database.name]).toBe(kept?.oid);

    const price = undone.database?.price;
    expect(price?.rowsGivenUp).toBe(1000);
    const costs = Object.fromEntries((price?.tables ?? []).map(({ table, givenUp }) => [table, givenUp]));
    expect(costs).toMatchObject({ 'public.orders': 500, 'public.log': 500 });

    const left = undone.database?.kept?.name ?? '';
    const rows = await scene.look(left, () =>
      scene.server.query(
        left,
        `SELECT (SELECT count(*)::int FROM orders WHERE note LIKE 'since %') AS orders, (SELECT count(*)::int FROM log WHERE line LIKE 'since %') AS log`,
      ),
    );
    expect(rows).toEqual([{ orders: 500, log: 500 }]);
  });
});
