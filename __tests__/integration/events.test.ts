import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Report } from '../../src/core/report.ts';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { withFate } from '../../testbed/fates/index.ts';
import { deployment, type Manifest, type RollbackOptions, Scene } from './scene.ts';

const WEB = [deployment('web')];
const outcomeOf = (report: Report, id = 'check-events') => report.steps.find(({ step }) => step === id)?.outcome;
const rowsOf = (outcome: Outcome | undefined) => (outcome && 'evidence' in outcome ? outcome.evidence : []);

async function twoReleases(name: string, change: (manifest: Manifest) => void = () => {}): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1', change));
  await scene.deploy(scene.deployment('web', 'shop/web:2'));
  return scene;
}

const IN_A_MOMENT = () => new Date(Date.now() + 2000).toISOString();
const wholeSecond = (time: string) => time.replace(/\.\d+Z$/, 'Z');

/** Rolls back; once the target's pods are ready, and before anything is verified, the cluster tells of them. */
async function rollbackWith(
  scene: Scene,
  tell: (pods: readonly Manifest[]) => Promise<void>,
  options: RollbackOptions = {},
): Promise<Report> {
  let told: Promise<void> | undefined;
  const wrap = (writer: ClusterWriter): ClusterWriter =>
    new Proxy(writer, {
      get: (target, name) =>
        name === 'setTemplate'
          ? async (change: Parameters<ClusterWriter['setTemplate']>[0]) => {
              const written = await target.setTemplate(change);
              told = readyPods(scene, 'shop/web:1').then(tell);
              await told.catch(() => {});
              return written;
            }
          : Reflect.get(target, name).bind(target),
    });
  const report = await scene.rollback(WEB, { ...options, wrap, stableForMs: 500 });
  await told;
  return report;
}

async function readyPods(scene: Scene, image: string): Promise<readonly Manifest[]> {
  return waitFor(
    `the pods of ${image}`,
    async () => {
      const { body } = await scene.cluster.api.call('GET', `/api/v1/namespaces/${scene.namespace}/pods`);
      const pods = body.items.filter(
        ({ spec, status }: Manifest) =>
          spec.containers[0].image === image &&
          status.conditions?.some(({ type, status: is }: Manifest) => type === 'Ready' && is === 'True'),
      );
      return pods.length === 2 && pods;
    },
    { timeoutMs: 60_000 },
  );
}

/** As a kubelet writes it: core/v1, whole seconds, a count. */
async function coreEvent(scene: Scene, pod: Manifest, reason: string, message: string, more: Manifest = {}) {
  const { name, namespace, uid } = pod.metadata;
  const at = wholeSecond(IN_A_MOMENT());
  await scene.cluster.api.call('POST', `/api/v1/namespaces/${namespace}/events`, {
    metadata: { generateName: `${name}-`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    type: 'Warning',
    reason,
    message,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'kubelet' },
    ...more,
  });
}

/** As a scheduler or a newer controller writes it: events.k8s.io/v1, microseconds, a series. */
async function newEvent(scene: Scene, pod: Manifest, reason: string, note: string) {
  const { name, namespace, uid } = pod.metadata;
  const at = IN_A_MOMENT().replace('Z', '000Z');
  await scene.cluster.api.call('POST', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
    metadata: { generateName: `${name}-`, namespace },
    regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    type: 'Warning',
    reason,
    note,
    action: 'Looking',
    eventTime: at.replace(/^\d{4}/, '2020'),
    series: { count: 4, lastObservedTime: at },
    reportingController: 'test.example/watcher',
    reportingInstance: 'watcher-1',
  });
}

describe('events after a rollback', () => {
  it('of a healthy target are proof, whatever the bad release and its pods left', async () => {
    const scene = await Scene.create('events-healthy');
    const surge = (manifest: Manifest) => {
      manifest.spec.strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    };
    await scene.deploy(scene.deployment('web', 'shop/web:1', surge));
    await scene.apply(
      scene.deployment('web', 'shop/web:2', (manifest) => {
        surge(manifest);
        manifest.spec.template = withFate(manifest.spec.template, 'crash');
      }),
    );
    const path = `/api/v1/namespaces/${scene.namespace}/events`;
    await waitFor(
      'the bad release to be warned of',
      async () =>
        (await scene.cluster.api.call('GET', path)).body.items.some(({ reason }: Manifest) => reason === 'BackOff'),
      { timeoutMs: 60_000 },
    );
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('succeeded');
    expect(outcomeOf(report)).toEqual({
      status: 'passed',
      evidence: [{ subject: 'events', observed: '0 warnings', expected: '0 warnings since the rollback' }],
    });
    expect(report.validation.find(({ id }) => id === 'monitoring-works')?.outcome.status).not.toBe('failed');
  });

  it('that warn of a target pod are named, newest first, both APIs alike, without credentials', async () => {
    const scene = await twoReleases('events-warning');
    const report = await rollbackWith(scene, async ([one, two]) => {
      await coreEvent(scene, one, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
        count: 3,
      });
      const pull = 'Failed to pull image "x": Head "https://ada:hunter2@registry.example/v2/": denied <b> ::error::';
      await coreEvent(scene, two, 'Failed', pull, {
        lastTimestamp: wholeSecond(new Date(Date.now() + 4000).toISOString()),
      });
      await newEvent(scene, two, 'NodeUnsteady', 'the node is unsteady');
    });
    expect(report.outcome).toBe('succeeded');
    const outcome = outcomeOf(report);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: {
        code: 'WARNING_EVENTS',
        message: expect.stringMatching(/^pod\/web-\S+: Failed ×1, .* ago: Failed to pull image .* \(and 2 more\)$/),
        hint: expect.stringMatching(
          /^kubectl -n \S+ get events --field-selector involvedObject.kind=Pod,involvedObject.name=web-\S+,type=Warning --sort-by=.lastTimestamp$/,
        ),
      },
    });
    const observed = rowsOf(outcome).map((row) => row.observed);
    expect(observed[0]).toBe('3 warnings');
    expect(observed.filter((text) => text.startsWith('Unhealthy ×3, '))).toHaveLength(1);
    expect(observed.filter((text) => text.startsWith('NodeUnsteady ×4, '))).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain('hunter2');
    const hint = outcome?.status === 'failed' ? outcome.failure.hint : '';
    const { stdout } = await scene.cluster.kubectl(hint.split(' ').slice(1));
    expect(stdout).toContain('Failed to pull image');
    const item = report.validation.find(({ id }) => id === 'monitoring-works');
    expect(item?.outcome.status).toBe('failed');
  });

  it('turn the run red when they are required', async () => {
    const scene = await twoReleases('events-required');
    const tell = ([one]: readonly Manifest[]) => coreEvent(scene, one, 'FailedKillPod', 'error killing pod');
    const report = await rollbackWith(scene, tell, { requiredChecks: ['check-events'] });
    expect(report.outcome).toBe('failed');
  });

  it('that the config names, or that say nothing of healthy pods, are shown and do not count', async () => {
    const scene = await twoReleases('events-ignored');
    const report = await rollbackWith(
      scene,
      async ([one, two]) => {
        await coreEvent(scene, one, 'PolicyViolation', 'images should be signed');
        await coreEvent(scene, two, 'DNSConfigForming', 'Nameserver limits were exceeded');
        await coreEvent(scene, two, 'FailedMount', 'MountVolume.SetUp failed: failed to sync secret cache: timed out');
      },
      { events: { ignore: ['PolicyViolation'] } },
    );
    expect(outcomeOf(report)?.status).toBe('passed');
    const observed = rowsOf(outcomeOf(report)).map((row) => row.observed);
    expect(observed[0]).toBe('0 warnings, and 3 that say nothing');
    expect(observed.map((text) => text.split(':')[0]).toSorted()).toEqual([
      '0 warnings, and 3 that say nothing',
      'harmless',
      'harmless',
      'ignored',
    ]);
  });

  it('that were there before the run touched anything do not count', async () => {
    const scene = await Scene.create('events-old');
    await scene.deploy(scene.deployment('web', 'shop/web:1'));
    const [one] = await readyPods(scene, 'shop/web:1');
    const old = wholeSecond(new Date(Date.now() - 60_000).toISOString());
    await coreEvent(scene, one, 'Unhealthy', 'Liveness probe failed', { firstTimestamp: old, lastTimestamp: old });
    const report = await scene.rollback(WEB, {
      to: { kind: 'explicit', lines: [{ ref: WEB[0] as never, to: { revision: 1 } }] },
    });
    expect(report.outcome).toBe('no-op');
    expect(outcomeOf(report)).toMatchObject({ status: 'passed' });
  });

  it('of a start that took several attempts are healed once the pod is ready', async () => {
    const scene = await Scene.create('events-healed');
    const needs = (manifest: Manifest) => {
      manifest.spec.template = withFate(manifest.spec.template, 'references');
      const [container] = manifest.spec.template.spec.containers;
      container.env = [{ name: 'X', valueFrom: { secretKeyRef: { name: 'late', key: 'x' } } }];
    };
    await scene.kubectl('create', 'secret', 'generic', 'late', '--from-literal=x=y');
    await scene.deploy(scene.deployment('web', 'shop/web:1', needs));
    await scene.deploy(scene.deployment('web', 'shop/web:2'));
    const wrap = (writer: ClusterWriter): ClusterWriter =>
      new Proxy(writer, {
        get: (target, name) =>
          name === 'setTemplate'
            ? async (change: Parameters<ClusterWriter['setTemplate']>[0]) => {
                await scene.kubectl('delete', 'secret', 'late');
                return target.setTemplate(change);
              }
            : Reflect.get(target, name).bind(target),
      });
    let isNamed = false;
    const run = scene.rollback(WEB, {
      wrap,
      onLog: (line) => {
        isNamed ||= line.includes('missing-secret');
      },
    });
    try {
      await waitFor('the missing Secret to be named', () => isNamed, { timeoutMs: 50_000 });
    } finally {
      await scene.kubectl('create', 'secret', 'generic', 'late', '--from-literal=x=y');
    }
    const report = await run;
    expect(report.outcome).toBe('succeeded');
    expect(outcomeOf(report)?.status).toBe('passed');
    expect(rowsOf(outcomeOf(report)).some((row) => row.observed.startsWith('healed: Failed ×'))).toBe(true);
  });
});
