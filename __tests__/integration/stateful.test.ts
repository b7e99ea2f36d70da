import { describe, expect, it } from '@jest/globals';
import type { WorkloadRef } from '../../src/core/kubernetes.ts';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import { withFate } from '../../testbed/fates/index.ts';
import type { FateName } from '../../testbed/fates/scripts.ts';
import { untilCrashed } from './fates-run.ts';
import { type Manifest, Scene } from './scene.ts';

const DB: WorkloadRef = { kind: 'StatefulSet', name: '0db' };

const PROBE = { httpGet: { path: '/health', port: 8080 } };

interface Shape {
  readonly fate?: FateName;
  readonly spec?: object;
}

/** Three pods; what differs between releases is the image, and the fate where it is given. */
function db(scene: Scene, tag: string, { fate, spec = {} }: Shape = {}): Manifest {
  return scene.workload('StatefulSet', DB.name, `shop/db:${tag}`, (manifest) => {
    Object.assign(manifest.spec, { replicas: 3 }, spec);
    manifest.spec.template.spec.containers[0].readinessProbe = PROBE;
    if (fate) manifest.spec.template = withFate(manifest.spec.template, fate);
  });
}

async function pods(scene: Scene): Promise<Manifest[]> {
  const { body } = await scene.cluster.api.call('GET', `/api/v1/namespaces/${scene.namespace}/pods`);
  return body.items;
}

async function images(scene: Scene): Promise<string[]> {
  return (await pods(scene)).map((pod) => pod.spec.containers[0].image);
}

/** Names of the pods that the action deleted since the mark. */
async function deletedSince(scene: Scene, since: number): Promise<(string | undefined)[]> {
  const changes = await scene.changesSince(since);
  return changes
    .filter(({ verb, objectRef }) => verb.startsWith('delete') && objectRef?.resource === 'pods')
    .map(({ objectRef }) => objectRef?.name);
}

/** Until the last pod is broken, and no pod before it. */
async function untilBroken(scene: Scene): Promise<void> {
  await untilCrashed(scene, 'shop/db:2');
  await scene.until('StatefulSet', DB.name, 'waits for a broken pod', ({ status }) => status?.readyReplicas === 2);
}

/** A writer whose process ends before it deletes a pod. */
function withoutDeletions(writer: ClusterWriter): ClusterWriter {
  return new Proxy(writer, {
    get(target, name) {
      if (name === 'deletePod') return () => Promise.reject(new Error('killed'));
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('a StatefulSet', () => {
  it.concurrent('goes back without a pod being deleted by hand', async () => {
    const scene = await Scene.create('stateful');
    await scene.deploy(db(scene, '1'));
    await scene.deploy(db(scene, '2'));
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB]);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
    expect(await deletedSince(scene, since)).toEqual([]);
  });

  it.concurrent('that waits for a broken pod gets exactly that pod deleted', async () => {
    const scene = await Scene.create('stateful-stuck');
    await scene.deploy(db(scene, '1'));
    await scene.apply(db(scene, '2', { fate: 'crash' }));
    await untilBroken(scene);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB]);
    expect(report.outcome).toBe('succeeded');
    expect(await deletedSince(scene, since)).toEqual(['0db-2']);
    expect(report.notes).toContainEqual(
      expect.objectContaining({ key: 'note.pod-deleted', values: expect.objectContaining({ pod: '0db-2' }) }),
    );
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
    expect(new Set(report.findings.before.map(({ cause }) => cause))).toEqual(new Set(['crash-loop']));
  });

  it.concurrent('is freed by the next run when the first one died before it could', async () => {
    const scene = await Scene.create('stateful-killed');
    await scene.deploy(db(scene, '1'));
    await scene.apply(db(scene, '2', { fate: 'crash' }));
    await untilBroken(scene);
    const killed = await scene.rollback([DB], { timeoutMs: 8000, wrap: withoutDeletions });
    expect(killed.outcome).toBe('failed');
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB]);
    expect(report.outcome).toBe('succeeded');
    expect(await deletedSince(scene, since)).toEqual(['0db-2']);
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
    expect((await scene.rollback([DB])).outcome).toBe('no-op');
  });

  it.concurrent('stays stuck when it is left to kubectl', async () => {
    const scene = await Scene.create('stateful-kubectl');
    await scene.deploy(db(scene, '1'));
    await scene.apply(db(scene, '2', { fate: 'crash' }));
    await untilBroken(scene);
    await scene.kubectl('rollout', 'undo', 'statefulset/0db');
    const { code } = await scene.kubectl('rollout', 'status', 'statefulset/0db', '--timeout=8s');
    expect(code).not.toBe(0);
    expect(await images(scene)).toContain('shop/db:2');
  });

  it.concurrent('all of whose pods became ready and broke later goes back as a whole', async () => {
    const scene = await Scene.create('stateful-later');
    await scene.deploy(db(scene, '1'));
    await scene.apply(db(scene, '2', { fate: 'oom' }));
    await scene.until('StatefulSet', DB.name, 'runs the bad release', ({ status }) => status?.updatedReplicas === 3);
    // The shared control plane has no metrics API.
    const report = await scene.rollback([DB], { timeoutMs: 90_000, skipSteps: ['check-metrics'] });
    expect(report.steps.flatMap(({ outcome }) => ('failure' in outcome ? [outcome.failure.message] : []))).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
  });

  it.concurrent('with parallel pods needs no pod deleted', async () => {
    const scene = await Scene.create('stateful-parallel');
    const spec = { podManagementPolicy: 'Parallel' };
    await scene.deploy(db(scene, '1', { spec }));
    await scene.apply(db(scene, '2', { spec, fate: 'crash' }));
    await untilBroken(scene);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB]);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
    expect(await deletedSince(scene, since)).toEqual([]);
  });

  it.concurrent('with a partition goes back above it, and is left alone below', async () => {
    const scene = await Scene.create('stateful-partition');
    const spec = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
    await scene.deploy(db(scene, '1', { spec }));
    const before = await uids(scene);
    await scene.apply(db(scene, '2', { spec, fate: 'crash' }));
    await untilBroken(scene);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB]);
    expect(report.outcome).toBe('succeeded');
    expect(report.preflight.flatMap(({ note }) => note?.key ?? [])).toContain('note.partition');
    expect(await images(scene)).toEqual(Array(3).fill('shop/db:1'));
    expect(await deletedSince(scene, since)).toEqual(['0db-2']);
    const after = await uids(scene);
    expect([after[0], after[1]]).toEqual([before[0], before[1]]);
  });

  it.concurrent('with OnDelete is told to need a person, at once and with the command', async () => {
    const scene = await Scene.create('stateful-on-delete');
    const spec = { updateStrategy: { type: 'OnDelete' } };
    await scene.apply(db(scene, '1', { spec }));
    await scene.until('StatefulSet', DB.name, 'runs', ({ status }) => status?.readyReplicas === 3);
    await scene.apply(db(scene, '2', { spec }));
    await scene.until('StatefulSet', DB.name, 'has seen the bad release', ({ metadata, status }) => {
      return (
        (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
        status?.updateRevision !== status?.currentRevision
      );
    });
    await scene.kubectl('delete', 'pod', '0db-2');
    await scene.until('StatefulSet', DB.name, 'runs the bad release in one pod', ({ status }) => {
      return status?.updatedReplicas === 1 && status.readyReplicas === 3;
    });
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([DB], { timeoutMs: 100_000 });
    expect(report.preflight.flatMap(({ note }) => note?.key ?? [])).toContain('note.on-delete');
    expect(report.outcome).toBe('failed');
    const undo = report.steps.find(({ step }) => step === 'undo-workloads')?.outcome;
    expect(undo).toMatchObject({ status: 'failed', failure: { code: 'ROLLOUT_FAILED' } });
    expect(report.next[0]).toMatch(/kubectl.* delete pod/);
    expect(await deletedSince(scene, since)).toEqual([]);
    expect(await scene.image(DB.name, 'StatefulSet')).toBe('shop/db:1');
  });

  it.concurrent('whose target is broken too is called by its cause, at once', async () => {
    const scene = await Scene.create('stateful-target');
    await scene.apply(db(scene, '1', { fate: 'crash' }));
    await scene.until('StatefulSet', DB.name, 'has a pod', ({ status }) => status?.replicas === 1);
    await scene.apply(db(scene, '2'));
    await scene.until('StatefulSet', DB.name, 'has the good release', ({ status, metadata }) => {
      return status?.observedGeneration === metadata.generation;
    });
    await scene.kubectl('delete', 'pod', '0db-0');
    await scene.rolledOut(DB);
    const report = await scene.rollback([DB], { timeoutMs: 100_000 });
    expect(report.outcome).toBe('failed');
    const undo = report.steps.find(({ step }) => step === 'undo-workloads')?.outcome;
    expect(undo).toMatchObject({ status: 'failed', failure: { code: 'ROLLOUT_FAILED' } });
    expect(report.findings.after.map(({ cause, pod }) => [cause, pod])).toEqual([['crash-loop', '0db-2']]);
  });
});

async function uids(scene: Scene): Promise<string[]> {
  return (await pods(scene)).map((pod) => pod.metadata.uid);
}
