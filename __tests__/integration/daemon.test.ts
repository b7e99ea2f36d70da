import { describe, expect, it } from '@jest/globals';
import { refText, type WorkloadKind, type WorkloadRef } from '../../src/core/kubernetes.ts';
import { withFate } from '../../testbed/fates/index.ts';
import { untilCrashed } from './fates-run.ts';
import { type Manifest, Scene } from './scene.ts';

const AGENT: WorkloadRef = { kind: 'DaemonSet', name: '1agent' };
const ALL: readonly WorkloadRef[] = [
  { kind: 'Deployment', name: '224web' },
  { kind: 'StatefulSet', name: '0db' },
  AGENT,
];

const PROBE = { httpGet: { path: '/health', port: 8080 } };

function release({ kind, name }: WorkloadRef, scene: Scene, tag: string, isBroken = false): Manifest {
  return scene.workload(kind, name, `shop/${name}:${tag}`, (manifest) => {
    manifest.spec.template.spec.containers[0].readinessProbe = PROBE;
    if (isBroken) manifest.spec.template = withFate(manifest.spec.template, 'crash');
  });
}

async function images(scene: Scene): Promise<string[]> {
  const { body } = await scene.cluster.api.call('GET', `/api/v1/namespaces/${scene.namespace}/pods`);
  const staying = body.items.filter(({ metadata }: Manifest) => metadata.deletionTimestamp === undefined);
  return staying.map((pod: Manifest) => pod.spec.containers[0].image);
}

/** Until the controllers have made a pod of this release and it has crashed. */
async function untilBroken(scene: Scene, { name }: WorkloadRef, tag: string): Promise<void> {
  await untilCrashed(scene, `shop/${name}:${tag}`);
}

describe('a DaemonSet', () => {
  it.concurrent('goes back on every node', async () => {
    const scene = await Scene.create('daemon');
    await scene.deploy(release(AGENT, scene, '1'));
    await scene.deploy(release(AGENT, scene, '2'));
    const report = await scene.rollback([AGENT]);
    expect(report.outcome).toBe('succeeded');
    const nodes = (await scene.cluster.api.call('GET', '/api/v1/nodes')).body.items.length;
    expect(await images(scene)).toEqual(Array(nodes).fill('shop/1agent:1'));
  });

  it.concurrent('goes back from a release that does not start, and deletes no pod itself', async () => {
    const scene = await Scene.create('daemon-broken');
    await scene.deploy(release(AGENT, scene, '1'));
    await scene.apply(release(AGENT, scene, '2', true));
    await untilBroken(scene, AGENT, '2');
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([AGENT]);
    expect(report.outcome).toBe('succeeded');
    expect(new Set(await images(scene))).toEqual(new Set(['shop/1agent:1']));
    expect((await scene.changesSince(since)).filter(({ verb }) => verb.startsWith('delete'))).toEqual([]);
  });

  it.concurrent('whose target is broken is called by its cause, at once', async () => {
    const scene = await Scene.create('daemon-target');
    await scene.apply(release(AGENT, scene, '1', true));
    await untilBroken(scene, AGENT, '1');
    await scene.deploy(release(AGENT, scene, '2'));
    const report = await scene.rollback([AGENT], { timeoutMs: 100_000 });
    expect(report.outcome).toBe('failed');
    const undo = report.steps.find(({ step }) => step === 'undo-workloads')?.outcome;
    expect(undo).toMatchObject({ status: 'failed', failure: { code: 'ROLLOUT_FAILED' } });
    expect(report.findings.after.map(({ cause }) => cause)).toEqual(['crash-loop']);
  });

  it.concurrent('with OnDelete is told to need a person, at once and with the command', async () => {
    const scene = await Scene.create('daemon-on-delete');
    const onDelete = (tag: string) => {
      const manifest = release(AGENT, scene, tag);
      manifest.spec.updateStrategy = { type: 'OnDelete' };
      return manifest;
    };
    await scene.apply(onDelete('1'));
    await scene.until('DaemonSet', AGENT.name, 'runs', ({ status }) => (status?.numberAvailable ?? 0) > 0);
    await scene.apply(onDelete('2'));
    await scene.until('DaemonSet', AGENT.name, 'has seen the bad release', ({ status, metadata }) => {
      return status?.observedGeneration === metadata.generation && (status?.updatedNumberScheduled ?? 0) === 0;
    });
    await scene.kubectl('delete', 'pods', '--all');
    await scene.until('DaemonSet', AGENT.name, 'runs the bad release', ({ status }) => {
      return (status?.numberAvailable ?? 0) > 0 && status?.updatedNumberScheduled === status?.desiredNumberScheduled;
    });
    const report = await scene.rollback([AGENT], { timeoutMs: 100_000 });
    expect(report.outcome).toBe('failed');
    const undo = report.steps.find(({ step }) => step === 'undo-workloads')?.outcome;
    expect(undo).toMatchObject({ status: 'failed', failure: { code: 'ROLLOUT_FAILED' } });
    expect(report.next[0]).toMatch(/kubectl.* delete pod/);
  });
});

describe('a group of all three kinds, with names that begin with a digit', () => {
  it.concurrent('goes back in one run', async () => {
    const scene = await Scene.create('mixed');
    await scene.deploy(...ALL.map((ref) => release(ref, scene, '1')));
    await scene.apply(...ALL.map((ref) => release(ref, scene, '2', true)));
    for (const ref of ALL) await untilBroken(scene, ref, '2');
    const report = await scene.rollback(ALL);
    expect(report.outcome).toBe('succeeded');
    expect(report.workloads.map(({ ref, now }) => [refText(ref), now?.images[0], now?.ready === now?.desired])).toEqual(
      ALL.map((ref) => [refText(ref), `shop/${ref.name}:1`, true]),
    );
    expect(new Set(await images(scene))).toEqual(new Set(ALL.map((ref) => `shop/${ref.name}:1`)));
    const named = new Set(report.findings.before.map(({ workload }) => workload?.kind));
    expect(named).toEqual(new Set<WorkloadKind>(['Deployment', 'StatefulSet', 'DaemonSet']));
    expect((await scene.rollback(ALL)).outcome).toBe('no-op');
  });
});
