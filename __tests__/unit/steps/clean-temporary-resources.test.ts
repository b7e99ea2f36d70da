import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config, TemporaryResource } from '../../../src/core/config.ts';
import { cleanTemporaryResources } from '../../../src/steps/clean-temporary-resources.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepScene, stepContext } from '../../fakes/step-context.ts';
import { DEFAULTS, template, WEB } from '../engine/harness.ts';

let cluster: FakeCluster;
const open: StepScene[] = [];
const CLAIM: TemporaryResource = { kind: 'PersistentVolumeClaim', name: 'temp' };

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.pause();
});
afterEach(() => {
  for (const scene of open.splice(0)) scene.close();
});

async function scene(
  temporaryResources: readonly TemporaryResource[],
  config: Partial<Config> = {},
  deadlineMs = 60_000,
) {
  const full: Config = { ...DEFAULTS, workloads: [WEB], tier: 'secure', temporaryResources, ...config };
  const one = await stepContext({ cluster, config: full, deadlineMs });
  open.push(one);
  return one;
}
const plan = async (...args: Parameters<typeof scene>) => cleanTemporaryResources.plan((await scene(...args)).ctx);
const claim = (more: object = {}) =>
  cluster.add('PersistentVolumeClaim', {
    metadata: { name: 'temp' },
    spec: { volumeName: 'pv-1' },
    status: { capacity: { storage: '5Gi' } },
    ...more,
  });
const using = (name: string, ownerReferences: object[] = []) =>
  cluster.add('Pod', {
    metadata: { name, ownerReferences } as never,
    spec: { containers: [], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'temp' } }] },
    status: { phase: 'Running' },
  });

describe('clean-temporary-resources', () => {
  beforeEach(() => {
    cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 1 });
  });

  it('states what is lost, deletes it, and proves it', async () => {
    claim();
    const one = await scene([CLAIM]);
    const planned = await cleanTemporaryResources.plan(one.ctx);
    if (planned.kind !== 'change') throw new Error('no change');
    expect(planned.change.summary).toEqual([
      'persistentvolumeclaim/temp: delete; its data (5Gi) on volume pv-1 is lost, unless the volume is one that is retained',
    ]);
    await cleanTemporaryResources.apply(one.ctx, planned.change);
    expect(one.notes).toContainEqual({ key: 'note.data-lost', values: { claim: 'temp', size: '5Gi' } });
    expect(await cleanTemporaryResources.verify(one.ctx, planned.change)).toMatchObject({ status: 'passed' });
    expect(await plan([CLAIM])).toMatchObject({ kind: 'no-op' });
  });

  it('refuses a claim that is used, unless by the named job', async () => {
    claim();
    const job = cluster.store.create('Job' as never, { metadata: { name: 'import' } }) as unknown as {
      metadata: { uid: string };
    };
    using('import-x', [{ kind: 'Job', name: 'import', uid: job.metadata.uid, controller: true }]);
    await expect(plan([CLAIM])).rejects.toMatchObject({ errors: [{ code: 'LEFTOVER_IN_USE' }] });
    expect(await plan([{ kind: 'Job', name: 'import' }, CLAIM])).toMatchObject({ kind: 'change' });
    using('other');
    await expect(plan([{ kind: 'Job', name: 'import' }, CLAIM])).rejects.toThrow(/used by pod\/other/);
  });

  it('refuses a claim of the group’s templates, although no pod runs', async () => {
    claim();
    const base = template('web', 'web:v2');
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'temp' } }];
    cluster.deploy(WEB, { ...base, spec: { ...base.spec, volumes } }, { replicas: 0 });
    await expect(plan([CLAIM])).rejects.toThrow(/part of deployment\/web/);
  });

  it('deletes only the object that was planned for', async () => {
    claim();
    const one = await scene([CLAIM], {}, 100);
    const planned = await cleanTemporaryResources.plan(one.ctx);
    if (planned.kind !== 'change') throw new Error('no change');
    cluster.store.remove('PersistentVolumeClaim', 'temp');
    claim();
    await cleanTemporaryResources.apply(one.ctx, planned.change);
    expect(cluster.store.get('PersistentVolumeClaim', 'temp')).toBeDefined();
    expect(await cleanTemporaryResources.verify(one.ctx, planned.change)).toMatchObject({
      status: 'failed',
      failure: { code: 'LEFTOVER_STAYS', hint: expect.stringContaining('created again') },
    });
  });

  it('names what holds a deletion, and does nothing in an undo', async () => {
    claim({ metadata: { name: 'temp', finalizers: ['kubernetes.io/pvc-protection'] } });
    const one = await scene([CLAIM], {}, 100);
    const undoing = { ...one.ctx, config: { ...one.ctx.config, mode: 'undo' as const } };
    expect(await cleanTemporaryResources.plan(undoing)).toMatchObject({ kind: 'no-op' });
    const planned = await cleanTemporaryResources.plan(one.ctx);
    if (planned.kind !== 'change') throw new Error('no change');
    await cleanTemporaryResources.apply(one.ctx, planned.change);
    expect(await cleanTemporaryResources.verify(one.ctx, planned.change)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('held by kubernetes.io/pvc-protection') },
    });
  });
});
