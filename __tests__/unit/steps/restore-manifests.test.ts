import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import { RollbackError, RollbackErrors } from '../../../src/core/errors.ts';
import type { Manifest, RestoreManifestsChange } from '../../../src/core/manifest.ts';
import { restoreManifests } from '../../../src/steps/restore-manifests.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepContextOptions, type StepScene, stepContext } from '../../fakes/step-context.ts';
import { DEFAULTS, template, WEB } from '../engine/harness.ts';

let cluster: FakeCluster;
const open: StepScene[] = [];

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 2 });
});
afterEach(() => {
  for (const scene of open.splice(0)) scene.close();
  cluster.pause();
});

const configMap = (data: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'app-config', ...more },
  data,
});
const manifests = (...objects: object[]) => ({
  read: async () => objects.map((object, index) => ({ from: `backup/${index}.yml`, object }) as Manifest),
});

async function scene(
  objects: object[],
  options: Partial<Omit<StepContextOptions, 'config'>> & { config?: Partial<Config> } = {},
) {
  const { config, ...more } = options;
  const full: Config = {
    ...DEFAULTS,
    workloads: [WEB],
    tier: 'secure',
    manifests: { path: 'backup', allowClusterScoped: [] },
    ...config,
  };
  const one = await stepContext({ cluster, manifests: manifests(...objects), ...more, config: full });
  open.push(one);
  return one;
}

async function planned(one: StepScene): Promise<RestoreManifestsChange> {
  const plan = await restoreManifests.plan(one.ctx);
  if (plan.kind !== 'change') throw new Error(`planned ${JSON.stringify(plan)}`);
  return plan.change as RestoreManifestsChange;
}

async function carryOut(one: StepScene): Promise<RestoreManifestsChange> {
  const change = await planned(one);
  await restoreManifests.apply(one.ctx, change);
  return change;
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  const first = error instanceof RollbackErrors ? error.errors[0] : error;
  if (first instanceof RollbackError) return first;
  throw new Error(`not refused: ${String(error)}`);
}

const dataOf = (name = 'app-config') => cluster.store.get('ConfigMap', name)?.data;
const keysOf = (one: StepScene) => one.notes.map(({ key }) => key);

describe('restore-manifests', () => {
  it('applies what differs, shows the difference first, and proves it', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, data: { LEVEL: 'debug' } });
    const one = await scene([
      configMap({ LEVEL: 'info' }, { uid: 'x', resourceVersion: '7', creationTimestamp: 'then' }),
    ]);
    const change = await carryOut(one);
    expect(change.summary).toEqual(['configmap/app-config: apply as kubectl (LEVEL)']);
    expect(change.diffs?.[0]?.diff).toContain('-  LEVEL: debug\n+  LEVEL: info');
    expect(dataOf()).toEqual({ LEVEL: 'info' });
    expect(await restoreManifests.verify(one.ctx, change)).toMatchObject({
      status: 'passed',
      evidence: [{ subject: 'configmap/app-config', observed: 'as in backup/0.yml' }],
    });
    expect(one.record().manifests).toMatchObject([{ kind: 'ConfigMap', name: 'app-config', keys: ['LEVEL'] }]);
  });

  it('does nothing where nothing differs', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, data: { LEVEL: 'info' } });
    const plan = await restoreManifests.plan((await scene([configMap({ LEVEL: 'info' })])).ctx);
    expect(plan).toMatchObject({ kind: 'no-op', reason: { key: 'skipped.manifests-applied' } });
  });

  it('is skipped without manifests', async () => {
    const one = await stepContext({ cluster, config: { ...DEFAULTS, workloads: [WEB], tier: 'secure' } });
    open.push(one);
    expect(await restoreManifests.plan(one.ctx)).toMatchObject({ kind: 'skipped' });
  });

  it('leaves the pod template, the autoscaler’s replicas, named Secret keys and flags to others', async () => {
    cluster.add('HorizontalPodAutoscaler', {
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
    });
    cluster.add('Secret', { metadata: { name: 'app-secrets' }, data: { CODE: 'bmV3', OTHER: 'b2xk' } });
    cluster.add('ConfigMap', { metadata: { name: 'flags' }, data: { fast: 'true', text: 'a' } });
    const one = await scene(
      [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web', labels: { tier: 'front' } },
          spec: { replicas: 1, template: { spec: { containers: [{ name: 'main', image: 'web:v0' }] } } },
        },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'app-secrets' }, stringData: { CODE: 'x', OTHER: 'y' } },
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'flags' }, data: { fast: 'maybe', text: 'b' } },
      ],
      {
        config: {
          secrets: [{ name: 'app-secrets', keys: { CODE: 'CODE' } }],
          featureFlags: { configMap: 'flags', disable: ['fast'] },
        },
      },
    );
    const change = await carryOut(one);
    const web = cluster.store.get('Deployment', 'web');
    expect(web?.spec.template.spec.containers[0]?.image).toBe('web:v1');
    expect(web?.spec.replicas).toBe(2);
    expect(web?.metadata.labels).toEqual({ tier: 'front' });
    expect(cluster.store.get('Secret', 'app-secrets')?.data).toEqual({ CODE: 'bmV3', OTHER: 'eQ==' });
    expect(dataOf('flags')).toEqual({ fast: 'true', text: 'b' });
    expect(JSON.stringify(change)).not.toMatch(/b2xk|eQ==|bmV3/);
  });

  it('refuses other namespaces, cluster-scoped and unknown kinds by name, all at once', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader' } };
    const one = await scene([
      configMap({}, { namespace: 'other' }),
      role,
      { apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 'a' } },
    ]);
    const errors = await restoreManifests.plan(one.ctx).catch((error) => error as RollbackErrors);
    const messages = (errors as RollbackErrors).errors.map(({ message }) => message).join('\n');
    expect(messages).toMatch(/namespace "other".*\n.*concerns the whole cluster\n.*no kind Thing/);
    const allowed = await scene([role], {
      config: { manifests: { path: 'b', allowClusterScoped: ['ClusterRole/reader'] } },
    });
    expect(await planned(allowed)).toMatchObject({ objects: [{ way: 'create', resource: 'clusterroles' }] });
  });

  it('refuses fields of controllers by name, and takes those of deploy tools', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, data: { LEVEL: 'debug' } });
    cluster.owners.set('configmap/app-config .data.LEVEL', 'some-operator');
    const error = await refusal(restoreManifests.plan((await scene([configMap({ LEVEL: 'info' })])).ctx));
    expect(error.code).toBe('FIELD_OWNED');
    expect(error.message).toContain('some-operator (.data.LEVEL)');
    cluster.owners.set('configmap/app-config .data.LEVEL', 'kubectl-edit');
    expect((await planned(await scene([configMap({ LEVEL: 'info' })]))).objects[0]?.takenFrom).toEqual([
      'kubectl-edit',
    ]);
  });

  it('refuses an object that a controller makes, and leaves out what an export holds of one', async () => {
    const ownerReferences = [{ kind: 'Operator', name: 'shop', uid: 'u', controller: true }];
    cluster.add('ConfigMap', { metadata: { name: 'app-config', ownerReferences }, data: { LEVEL: 'debug' } });
    const error = await refusal(restoreManifests.plan((await scene([configMap({ LEVEL: 'info' })])).ctx));
    expect(error).toMatchObject({ code: 'FIELD_OWNED' });
    expect(error.message).toContain('Operator shop');
    const one = await scene([configMap({ LEVEL: 'info' }, { ownerReferences })]);
    expect(await restoreManifests.plan(one.ctx)).toMatchObject({ kind: 'no-op' });
    expect(keysOf(one)).toContain('note.manifest-of-controller');
  });

  it('names what cannot be changed, and what to do', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, immutable: true, data: { LEVEL: 'debug' } });
    const error = await refusal(restoreManifests.plan((await scene([configMap({ LEVEL: 'info' })])).ctx));
    expect(error.code).toBe('MANIFEST_INVALID');
    expect(error.hint).toContain('immutable');
  });

  it('lists what carries the same labels and is not in the backup, and leaves it', async () => {
    const labels = { app: 'shop' };
    cluster.add('ConfigMap', { metadata: { name: 'extra', labels }, data: {} });
    const one = await scene([configMap({ LEVEL: 'info' }, { labels })]);
    await carryOut(one);
    expect(one.notes).toContainEqual({ key: 'note.manifests-lack', values: { objects: 'configmap/extra' } });
    expect(dataOf('extra')).toEqual({});
  });

  it('refuses what was changed since the plan', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, data: { LEVEL: 'debug' } });
    const one = await scene([configMap({ LEVEL: 'info' })]);
    const change = await planned(one);
    cluster.store.update('ConfigMap', 'app-config', (draft) => {
      draft.data = { LEVEL: 'trace' };
    });
    expect(await refusal(restoreManifests.apply(one.ctx, change))).toMatchObject({ code: 'PLAN_STALE' });
    expect(dataOf()).toEqual({ LEVEL: 'trace' });
  });

  it('is taken back by revert and by an undo, unless somebody changed it since', async () => {
    cluster.add('ConfigMap', { metadata: { name: 'app-config' }, data: { LEVEL: 'debug', NEW: 'x' } });
    const objects = [configMap({ LEVEL: 'info' }), configMap({ A: 'b' }, { name: 'created' })];
    const one = await scene(objects);
    const change = await carryOut(one);
    expect(dataOf('created')).toEqual({ A: 'b' });
    await restoreManifests.revert?.(one.ctx, change);
    expect(dataOf()).toEqual({ LEVEL: 'debug', NEW: 'x' });
    expect(dataOf('created')).toBeUndefined();
    expect(one.record().manifests).toEqual([]);

    const again = await scene(objects, { run: 'run-2' });
    await carryOut(again);
    const undo = { config: { mode: 'undo' as const }, run: 'run-3', situation: { undoes: again.record() } };
    cluster.store.update('ConfigMap', 'app-config', (draft) => {
      draft.data = { LEVEL: 'trace' };
    });
    expect(await refusal(restoreManifests.plan((await scene(objects, undo)).ctx))).toMatchObject({
      code: 'UNDO_IMPOSSIBLE',
    });
    cluster.store.update('ConfigMap', 'app-config', (draft) => {
      draft.data = { LEVEL: 'info', NEW: 'x' };
    });
    const undoing = await scene(objects, undo);
    expect((await carryOut(undoing)).objects.map(({ way }) => way)).toEqual(['put-back', 'remove']);
    expect(dataOf()).toEqual({ LEVEL: 'debug', NEW: 'x' });
    expect(dataOf('created')).toBeUndefined();
  });
});
