import { describe, expect, it } from '@jest/globals';
import { findingSubject } from '../../src/core/finding.ts';
import { refText } from '../../src/core/kubernetes.ts';
import type { Report } from '../../src/core/report.ts';
import { withFate } from '../../testbed/fates/index.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

const FRONT = deployment('224solutions-frontend');
const BACK = deployment('224solutions-backend');

/** The earlier release of the backend crashes when it comes back; that of the frontend is good. */
async function halfBroken(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  const front = (tag: string) => scene.deployment(FRONT.name, `shop/f:${tag}`);
  const back = (tag: string, isBroken: boolean) =>
    scene.deployment(BACK.name, `shop/b:${tag}`, (manifest) => {
      if (isBroken) manifest.spec.template = withFate(manifest.spec.template, 'crash', { 'testbed/speed': '2' });
    });
  await scene.apply(front('1'), back('1', true));
  await scene.until('Deployment', BACK.name, 'has its first pods', ({ status }) => status?.updatedReplicas === 2);
  await scene.rolledOut(FRONT);
  await scene.deploy(front('2'), back('2', false));
  return scene;
}

async function rollBack(scene: Scene, options: RollbackOptions = {}): Promise<Report> {
  return scene.rollback([FRONT, BACK], { timeoutMs: 100_000, ...options });
}

const nowOf = (report: Report) => report.workloads.map(({ ref, now }) => [refText(ref), now?.images[0]]);

describe('one of two workloads fails in its target', () => {
  it.concurrent('on-failure: keep leaves both there, and the report says which one serves what', async () => {
    const scene = await halfBroken('keep');
    const report = await rollBack(scene);
    expect(report.outcome).toBe('partial');
    expect(report.rolledBack).toBe(false);
    expect(report.healthy).toBe(false);
    expect(report.steps.find(({ step }) => step === 'undo-workloads')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'ROLLOUT_FAILED', message: expect.stringContaining(refText(BACK)) },
    });
    expect(nowOf(report)).toEqual([
      [refText(FRONT), 'shop/f:1'],
      [refText(BACK), 'shop/b:1'],
    ]);
    const [front, back] = report.workloads;
    expect(front?.now?.ready).toBe(front?.now?.desired);
    expect(back?.now?.ready).toBeLessThan(back?.now?.desired ?? 0);
    expect(report.findings.after.map((finding) => [findingSubject(finding), finding.cause])).toEqual([
      [refText(BACK), 'crash-loop'],
    ]);
    expect([await scene.image(FRONT.name), await scene.image(BACK.name)]).toEqual(['shop/f:1', 'shop/b:1']);
  });

  it.concurrent('at once, and the other one gets a moment to arrive', async () => {
    const scene = await Scene.create('settle');
    const front = (tag: string) =>
      scene.deployment(FRONT.name, `shop/f:${tag}`, (manifest) => {
        manifest.spec.template.metadata.annotations = { 'testbed/ready-after': tag === '1' ? '500ms' : '0s' };
      });
    const back = (tag: string, isBroken: boolean) =>
      scene.deployment(BACK.name, isBroken ? 'shop/Backend:1' : `shop/b:${tag}`, (manifest) => {
        if (isBroken) manifest.spec.template = withFate(manifest.spec.template, 'invalid-image-name');
      });
    await scene.apply(front('1'), back('1', true));
    await scene.until('Deployment', BACK.name, 'has its first pods', ({ status }) => status?.updatedReplicas === 2);
    await scene.rolledOut(FRONT);
    await scene.deploy(front('2'), back('2', false));
    const report = await rollBack(scene);
    expect(report.outcome).toBe('partial');
    const [arrived, failed] = report.workloads;
    expect(arrived?.now?.ready).toBe(2);
    expect(failed?.now?.hash).toBe(failed?.target?.hash);
    expect(report.findings.after.map((finding) => [finding.cause, findingSubject(finding)])).toEqual([
      ['invalid-image-name', refText(BACK)],
    ]);
  });

  it.concurrent('on-failure: revert puts the group back where it was, and says so', async () => {
    const scene = await halfBroken('revert');
    const before = await Promise.all([FRONT, BACK].map(({ name }) => scene.get('Deployment', name)));
    const report = await rollBack(scene, { onFailure: 'revert' });
    expect(report.outcome).toBe('failed');
    expect(report.rolledBack).toBe(false);
    const reverted = report.notes.filter(({ key }) => key === 'note.reverted');
    expect(reverted.map(({ values }) => values?.['workload'])).toEqual([refText(FRONT), refText(BACK)]);
    expect(report.findings.after.map(({ cause }) => cause)).toEqual(['crash-loop']);
    expect(nowOf(report)).toEqual([
      [refText(FRONT), 'shop/f:2'],
      [refText(BACK), 'shop/b:2'],
    ]);
    for (const { now } of report.workloads) expect(now?.ready).toBe(now?.desired);
    const after = await Promise.all([FRONT, BACK].map(({ name }) => scene.get('Deployment', name)));
    expect(after.map(({ spec }) => spec.template)).toEqual(before.map(({ spec }) => spec.template));
    expect(after.map(({ status }) => status?.availableReplicas)).toEqual([2, 2]);
  });

  it.concurrent('on-failure: revert pauses again what was paused half-way', async () => {
    const scene = await halfBroken('revert-paused');
    const bad = scene.deployment(BACK.name, 'shop/b:3', (manifest) => {
      manifest.spec.template.metadata.annotations = { 'testbed/ready-after': '600s' };
    });
    await scene.apply(bad);
    await scene.until('Deployment', BACK.name, 'is half-way', ({ status }) => status?.updatedReplicas === 1);
    await scene.kubectl('rollout', 'pause', `deployment/${BACK.name}`);
    const to = { kind: 'explicit', lines: [{ ref: BACK, to: { image: 'shop/b:1' } }] } as const;
    const report = await scene.rollback([BACK], { timeoutMs: 100_000, onFailure: 'revert', to });
    expect(report.outcome).toBe('failed');
    const { spec } = await scene.get('Deployment', BACK.name);
    expect(spec.template.spec.containers[0]?.image).toBe('shop/b:3');
    expect(spec.paused).toBe(true);
  });
});
