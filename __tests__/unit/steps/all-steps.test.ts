import { describe, expect, it } from '@jest/globals';
import { badRelease, imageOf, rollback, stepOf, WEB } from '../engine/harness.ts';

describe('all steps together', () => {
  it('leave the world as it is while they plan', async () => {
    const cluster = await badRelease();
    const before = JSON.stringify(cluster.store.all('Deployment'));
    for (const tier of ['rapid', 'complete', 'secure', 'emergency'] as const)
      await rollback(cluster, { mode: 'plan', tier });
    expect(cluster.writes).toEqual([]);
    expect(JSON.stringify(cluster.store.all('Deployment'))).toBe(before);
  });

  it('done twice are as done once', async () => {
    const cluster = await badRelease();
    await rollback(cluster);
    const once = cluster.store.all('Deployment').map((one) => [one.metadata.name, one.metadata.generation]);
    await rollback(cluster);
    await rollback(cluster, { tier: 'emergency' });
    expect(cluster.store.all('Deployment').map((one) => [one.metadata.name, one.metadata.generation])).toEqual(once);
  });

  it('do not believe a cluster that says yes and does nothing', async () => {
    const cluster = await badRelease();
    const live = cluster.store.get('Deployment', 'web');
    Object.assign(cluster.writer, { setTemplate: async () => live });
    const report = await rollback(cluster);
    expect(report.outcome).toBe('failed');
    expect(report.rolledBack).toBe(false);
    expect(stepOf(report, 'undo-workloads')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'REVISION_MISMATCH' },
    });
    expect(imageOf(cluster, WEB)).toBe('web:v2');
  });
});
