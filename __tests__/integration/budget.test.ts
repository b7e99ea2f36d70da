import { describe, expect, it } from '@jest/globals';
import type { Parts } from '../../src/engine/state.ts';
import { DatabaseScene } from './database-scene.ts';

const WITHOUT_SECRETS = { secrets: [] };

const liveOid = async (scene: DatabaseScene) => (await scene.oids())[scene.database.name];

/** The time of the tier is over while the backup is loaded. */
function lateLoad({ clock, database, ...real }: Parts): Parts {
  let aheadMs = 0;
  if (!database) throw new Error('the scene has a database');
  const writer = new Proxy(database.writer, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        if (name === 'load') aheadMs = 16 * 60_000;
        return method.apply(target, args);
      };
    },
  });
  return { ...real, database: { ...database, writer }, clock: { ...clock, now: () => clock.now() + aheadMs } };
}

describe('at the end of the budget', () => {
  it('`stop`: a load that runs is not cut, nothing irreversible begins, and the next run goes on from there', async () => {
    await using scene = await DatabaseScene.broken('late');
    const live = await liveOid(scene);
    const report = await scene.rollback({
      ...WITHOUT_SECRETS,
      atBudgetEnd: 'stop',
      timeoutMs: 40 * 60_000,
      parts: lateLoad,
    });
    expect(report.outcome).not.toBe('succeeded');
    expect(report.steps.find(({ step }) => step === 'restore-database')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'DEADLINE_PASSED', hint: expect.stringContaining('at-budget-end') },
    });
    expect(await liveOid(scene)).toBe(live);
    const again = await scene.rollback({ ...WITHOUT_SECRETS });
    expect([again.outcome, again.failures]).toEqual(['succeeded', []]);
    expect(await liveOid(scene)).not.toBe(live);
  });

  it('`continue`: a longer timeout is used', async () => {
    await using scene = await DatabaseScene.broken('late-on');
    const report = await scene.rollback({
      ...WITHOUT_SECRETS,
      atBudgetEnd: 'continue',
      timeoutMs: 40 * 60_000,
      parts: lateLoad,
    });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(report.notes.map(({ key }) => key)).toContain('note.budget-passed');
  });
});
