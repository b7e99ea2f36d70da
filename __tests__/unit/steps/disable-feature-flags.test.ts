import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import type { DisableFlagsChange } from '../../../src/core/feature-flags.ts';
import { disableFeatureFlags } from '../../../src/steps/disable-feature-flags.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepContextOptions, type StepScene, stepContext } from '../../fakes/step-context.ts';
import { DEFAULTS, template, WEB } from '../engine/harness.ts';

let cluster: FakeCluster;
const open: StepScene[] = [];

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 1 });
});
afterEach(() => {
  for (const scene of open.splice(0)) scene.close();
  cluster.pause();
});

async function scene(options: Partial<Omit<StepContextOptions, 'config'>> & { config?: Partial<Config> } = {}) {
  const { config, ...more } = options;
  const featureFlags = { configMap: 'flags', disable: ['fast', 'new-ui'] };
  const full: Config = { ...DEFAULTS, workloads: [WEB], tier: 'secure', featureFlags, ...config };
  const one = await stepContext({ cluster, ...more, config: full });
  open.push(one);
  return one;
}

async function carryOut(one: StepScene): Promise<DisableFlagsChange> {
  const plan = await disableFeatureFlags.plan(one.ctx);
  if (plan.kind !== 'change') throw new Error(`planned ${JSON.stringify(plan)}`);
  await disableFeatureFlags.apply(one.ctx, plan.change);
  return plan.change as DisableFlagsChange;
}

const flags = (data: object, more: object = {}) =>
  cluster.add('ConfigMap', { metadata: { name: 'flags' }, data, ...more });
const dataOf = () => cluster.store.get('ConfigMap', 'flags')?.data;

describe('disable-feature-flags', () => {
  it('sets the named flags, records what they were, and adds one that is not there', async () => {
    flags({ fast: 'true', other: 'true' });
    const one = await scene();
    const change = await carryOut(one);
    expect(dataOf()).toEqual({ fast: 'false', 'new-ui': 'false', other: 'true' });
    expect(one.record().flags).toMatchObject({ configMap: 'flags', before: { fast: 'true', 'new-ui': null } });
    expect(one.notes).toContainEqual({ key: 'note.flag-added', values: { configMap: 'flags', flag: 'new-ui' } });
    expect(await disableFeatureFlags.verify(one.ctx, change)).toMatchObject({ status: 'passed' });
    expect(await disableFeatureFlags.plan(one.ctx)).toMatchObject({ kind: 'no-op' });
  });

  it('handles an immutable ConfigMap, and keeps all of it first', async () => {
    const before = flags({ fast: 'true', 'new-ui': 'false', other: 'x' }, { immutable: true });
    const one = await scene();
    const change = await carryOut(one);
    expect(change.way).toBe('recreate');
    const now = cluster.store.get('ConfigMap', 'flags');
    expect(now?.metadata.uid).not.toBe(before.metadata.uid);
    expect(now).toMatchObject({ immutable: true, data: { fast: 'false', other: 'x' } });
    // Killed between deleting and creating: the next run creates it from the copy.
    cluster.store.remove('ConfigMap', 'flags');
    const again = await scene({ run: 'run-2', situation: { incident: one.record() } });
    expect((await carryOut(again)).way).toBe('put-back');
    expect(dataOf()).toEqual({ fast: 'false', 'new-ui': 'false', other: 'x' });
    expect(again.record().flags?.before).toEqual({ fast: 'true', 'new-ui': 'false' });
  });

  it('refuses a missing ConfigMap, and one that was changed since the plan', async () => {
    await expect(disableFeatureFlags.plan((await scene()).ctx)).rejects.toMatchObject({ code: 'FLAGS_INVALID' });
    flags({ fast: 'true', 'new-ui': 'true' });
    const one = await scene();
    const plan = await disableFeatureFlags.plan(one.ctx);
    if (plan.kind !== 'change') throw new Error('no change');
    cluster.store.update('ConfigMap', 'flags', (draft) => {
      draft.data = { fast: 'half', 'new-ui': 'true' };
    });
    await expect(disableFeatureFlags.apply(one.ctx, plan.change)).rejects.toMatchObject({ code: 'PLAN_STALE' });
  });

  it('is taken back by revert and by an undo, unless somebody changed it since', async () => {
    flags({ fast: 'true' });
    const one = await scene();
    const change = await carryOut(one);
    await disableFeatureFlags.revert?.(one.ctx, change);
    expect(dataOf()).toEqual({ fast: 'true' });
    const again = await scene({ run: 'run-2' });
    await carryOut(again);
    const undo = { config: { mode: 'undo' as const }, run: 'run-3', situation: { undoes: again.record() } };
    const undoing = await scene(undo);
    await carryOut(undoing);
    expect(dataOf()).toEqual({ fast: 'true' });
    cluster.store.update('ConfigMap', 'flags', (draft) => {
      draft.data = { fast: 'half' };
    });
    await expect(disableFeatureFlags.plan((await scene(undo)).ctx)).rejects.toMatchObject({ code: 'UNDO_IMPOSSIBLE' });
  });

  it('has nothing to put back where the same undo deletes the ConfigMap that the rollback had created', async () => {
    flags({ other: 'x' });
    const one = await scene();
    await carryOut(one);
    const undoing = await scene({ config: { mode: 'undo' }, run: 'run-2', situation: { undoes: one.record() } });
    const plan = await disableFeatureFlags.plan(undoing.ctx);
    if (plan.kind !== 'change') throw new Error(`planned ${JSON.stringify(plan)}`);
    cluster.store.remove('ConfigMap', 'flags');
    await disableFeatureFlags.apply(undoing.ctx, plan.change);
    expect((await disableFeatureFlags.verify(undoing.ctx, plan.change)).status).toBe('skipped');
  });

  it('sets the flags of a ConfigMap that a killed run deleted and the manifests just created again', async () => {
    flags({ fast: 'true', other: 'x' }, { immutable: true });
    const killed = await scene();
    const first = await disableFeatureFlags.plan(killed.ctx);
    if (first.kind !== 'change') throw new Error(`planned ${JSON.stringify(first)}`);
    const { setConfigMapKeys } = cluster.writer;
    cluster.writer.setConfigMapKeys = async () => {
      throw new Error('killed');
    };
    await expect(disableFeatureFlags.apply(killed.ctx, first.change)).rejects.toThrow('killed');
    cluster.store.remove('ConfigMap', 'flags');
    cluster.writer.setConfigMapKeys = setConfigMapKeys;
    const next = await scene({ run: 'run-2', situation: { incident: killed.record() } });
    const plan = await disableFeatureFlags.plan(next.ctx);
    if (plan.kind !== 'change') throw new Error(`planned ${JSON.stringify(plan)}`);
    expect(plan.change).toMatchObject({ way: 'put-back' });
    flags({ other: 'x' }, { immutable: true });
    await disableFeatureFlags.apply(next.ctx, plan.change);
    expect(dataOf()).toEqual({ fast: 'false', 'new-ui': 'false', other: 'x' });
    expect(next.record().flags).toMatchObject({ before: { fast: 'true' }, run: 'run-1' });
  });
});
