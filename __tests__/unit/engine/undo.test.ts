import { describe, expect, it } from '@jest/globals';
import { API, badRelease, imageOf, rollback, stepOf, WEB } from './harness.ts';

/** The last rollback's record is what `mode: undo` goes by. */
describe('mode undo', () => {
  it('brings back what ran before the rollback, and a rollback after it goes where the first one went', async () => {
    const cluster = await badRelease();
    await rollback(cluster, { runId: 'first' });
    expect(imageOf(cluster, WEB)).toBe('web:v1');
    const undone = await rollback(cluster, { runId: 'undo', mode: 'undo' });
    expect([undone.outcome, undone.failures]).toEqual(['succeeded', []]);
    expect([imageOf(cluster, WEB), imageOf(cluster, API)]).toEqual(['web:v2', 'api:v2']);
    const again = await rollback(cluster, { runId: 'again' });
    expect([again.outcome, again.failures]).toEqual(['succeeded', []]);
    expect([imageOf(cluster, WEB), imageOf(cluster, API)]).toEqual(['web:v1', 'api:v1']);
  });

  it('done twice is as done once: nobody is sent further back', async () => {
    const cluster = await badRelease();
    await rollback(cluster, { runId: 'first' });
    await rollback(cluster, { runId: 'undo', mode: 'undo' });
    const second = await rollback(cluster, { runId: 'undo-2', mode: 'undo' });
    expect([second.outcome, second.failures]).toEqual(['no-op', []]);
    expect(imageOf(cluster, WEB)).toBe('web:v2');
  });

  it('refuses where nothing was rolled back, and a run that is not the last', async () => {
    const cluster = await badRelease();
    const nothing = await rollback(cluster, { mode: 'undo' });
    expect([nothing.outcome, nothing.failures.map(({ code }) => code)]).toEqual(['refused', ['UNDO_IMPOSSIBLE']]);
    await rollback(cluster, { runId: 'first' });
    const other = await rollback(cluster, { mode: 'undo', undoRun: 'another' });
    expect(other.failures[0]?.message).toContain('records no run another');
    expect(other.failures[0]?.hint).toContain('run: first');
    expect(imageOf(cluster, WEB)).toBe('web:v1');
  });

  it('does not overwrite what was deployed since', async () => {
    const cluster = await badRelease();
    await rollback(cluster, { runId: 'first' });
    cluster.deploy(WEB, {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:v3' }] },
    });
    await cluster.settle();
    const refused = await rollback(cluster, { mode: 'undo' });
    expect([refused.outcome, refused.failures.map(({ code }) => code)]).toEqual(['refused', ['UNDO_IMPOSSIBLE']]);
    expect(refused.failures[0]?.message).toContain('deployed since');
    expect(imageOf(cluster, WEB)).toBe('web:v3');
  });

  it('ends the quarantine of what it brings back, and puts none on the good release', async () => {
    const cluster = await badRelease();
    await rollback(cluster, { runId: 'first' });
    const undone = await rollback(cluster, { runId: 'undo', mode: 'undo' });
    expect(undone.candidates.map(({ quarantined }) => quarantined)).toEqual([false, true, false, true]);
    const after = await rollback(cluster, { mode: 'plan' });
    expect(after.candidates.filter(({ quarantined }) => quarantined)).toEqual([]);
    expect(stepOf(undone, 'restore-database')?.outcome.status).toBe('skipped');
  });
});
