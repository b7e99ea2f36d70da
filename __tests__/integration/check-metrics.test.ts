import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/adapters/clock.ts';
import { createPrometheus } from '../../src/adapters/prometheus.ts';
import type { MetricCheck } from '../../src/core/config.ts';
import type { Report } from '../../src/core/report.ts';
import type { MetricsReader } from '../../src/ports/metrics.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { type OwnCluster, startCluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startMetricsServer } from '../../testbed/metrics-server.ts';
import type { OwnServer } from '../../testbed/own-server.ts';
import { type Prometheus, startPrometheus } from '../../testbed/prometheus.ts';
import { type Receiver, startReceiver } from '../../testbed/receiver.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

const WEB = [deployment('web')];
/** Longer than any query of these tests looks back. */
const LATER_MS = 10 * 60_000;

let cluster: OwnCluster;
let metricsServer: OwnServer;
let application: Receiver;
let prometheus: Prometheus;
let real: ReturnType<typeof createPrometheus>;

beforeAll(async () => {
  [cluster, application] = await Promise.all([startCluster(), startReceiver()]);
  // metrics-server is not ready before there is a pod that it can tell of.
  const first = await Scene.on(cluster, 'first');
  await first.deploy(first.deployment('web', 'web:v1'));
  [metricsServer, prometheus] = await Promise.all([
    startMetricsServer(cluster),
    startPrometheus({ targets: { shop: [`127.0.0.1:${application.port}`] } }),
  ]);
  real = createPrometheus({ url: prometheus.url, clock: systemClock });
}, 180_000);
beforeEach(() => exported('errors 0'));
afterAll(async () => {
  await real?.close();
  await Promise.all([metricsServer?.stop(), prometheus?.stop(), application?.stop()]);
  await cluster?.stop();
});

/** What the application tells of itself from now on; Prometheus has seen it. */
async function exported(line: string): Promise<void> {
  const [, name = '', value = ''] = /^(\w+)(?:\{.*\})? (\S+)$/s.exec(line) ?? [];
  application.always({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: `${line}\n` });
  await waitFor(
    `Prometheus has ${line}`,
    async () => {
      const { samples } = await real.query(`${name}{job="shop"}`, { signal: AbortSignal.timeout(10_000) });
      return samples.length === 1 && String(samples[0]?.value) === value;
    },
    { timeoutMs: 60_000 },
  );
}

/** v2 runs, v1 is what to go back to. */
async function deployed(name: string): Promise<Scene> {
  const scene = await Scene.on(cluster, name);
  const template = (manifest: { spec: { template: { metadata: object } } }) =>
    Object.assign(manifest.spec.template.metadata, { annotations: { 'testbed/cpu': '30', 'testbed/memory': '100' } });
  await scene.deploy(scene.deployment('web', 'web:v1', template));
  await scene.deploy(scene.deployment('web', 'web:v2', template));
  return scene;
}

const errors = (bounds: Partial<MetricCheck>): MetricCheck => ({
  name: 'errors',
  query: 'errors{job="shop"}',
  ...bounds,
});

async function rollback(
  scene: Scene,
  metrics: readonly MetricCheck[],
  { reader = real, ...more }: RollbackOptions & { readonly reader?: MetricsReader } = {},
): Promise<Report> {
  return scene.rollback(WEB, {
    timeoutMs: 150_000,
    metrics,
    parts: (parts) => ({ ...parts, metrics: reader }),
    ...more,
  });
}

/** The case in which all is right. Runs after it change nothing, and meet pods that the monitoring knows. */
let right: Promise<{ readonly scene: Scene; readonly report: Report }> | undefined;
function rolledBack(): NonNullable<typeof right> {
  right ??= deployed('metrics').then(async (scene) => {
    const up = { name: 'up', query: 'min(up)', min: 1 };
    return { scene, report: await rollback(scene, [errors({ max: 0 }), up]) };
  });
  return right;
}

const outcomeOf = (report: Report) => report.steps.find(({ step }) => step === 'check-metrics')?.outcome;
const monitoring = (report: Report) => report.validation.find(({ id }) => id === 'monitoring-works')?.outcome.status;

describe('with metrics-server and Prometheus', () => {
  it('waits for the new pods, and shows each as kubectl top does', async () => {
    const { scene, report } = await rolledBack();
    const outcome = outcomeOf(report);
    expect(outcome).toMatchObject({ status: 'passed' });
    expect(report.outcome).toBe('succeeded');
    const evidence = outcome?.status === 'passed' ? outcome.evidence : [];
    const pods = evidence.filter(({ subject }) => subject.startsWith('pod/'));
    const { stdout } = await scene.kubectl('top', 'pods', '--no-headers');
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => `pod/${line.split(/\s+/)[0]}`);
    expect(pods).toHaveLength(2);
    for (const { subject, observed } of pods) {
      expect(names).toContain(subject);
      expect(observed).toMatch(/^CPU (29|30|31)m, memory 100Mi$/);
    }
    expect(evidence.filter(({ subject }) => !/pod/.test(subject))).toEqual([
      {
        subject: 'errors{__name__="errors", instance="127.0.0.1:PORT", job="shop"}'.replace(
          'PORT',
          String(application.port),
        ),
        observed: '0',
        expected: '≤ 0',
      },
      { subject: 'up', observed: '1', expected: '≥ 1' },
    ]);
  }, 200_000);

  it('is given the time to heal', async () => {
    const scene = await deployed('metrics-heal');
    await exported('errors 9');
    let asked = 0;
    const reader: MetricsReader = {
      query: async (expression, options) => {
        if (++asked === 3) await exported('errors 0');
        return real.query(expression, options);
      },
    };
    const report = await rollback(scene, [errors({ max: 0 })], { reader, skipSteps: ['check-pods'] });
    expect(outcomeOf(report)).toMatchObject({ status: 'passed' });
    expect(asked).toBeGreaterThan(2);
  }, 200_000);

  it('compares with what was before the bad release, and is red where it stays worse', async () => {
    await exported('errors 2');
    const before = Date.now();
    await waitFor(
      'a sample that is older than what is deployed now',
      async () =>
        (await real.query(`timestamp(errors{job="shop"}) > ${before / 1000}`, { signal: AbortSignal.timeout(5000) }))
          .samples.length > 0 && Date.now() - before > 1500,
      { timeoutMs: 30_000 },
    );
    const scene = await deployed('metrics-baseline');
    const better = await rollback(scene, [errors({ maxRatio: 2 })]);
    expect(outcomeOf(better)).toMatchObject({ status: 'passed' });

    await exported('errors 5');
    const worse = await rollback(scene, [errors({ maxRatio: 2 })], { clockAheadMs: LATER_MS });
    expect(worse.outcome).toBe('no-op');
    expect(outcomeOf(worse)).toMatchObject({
      status: 'failed',
      failure: { code: 'METRICS_WRONG', message: expect.stringMatching(/: 5, 2 at .*Z; expected: ≤ 2 × before/) },
    });
    expect(monitoring(worse)).toBe('failed');
    const strict = await rollback(scene, [errors({ maxRatio: 2 })], {
      clockAheadMs: LATER_MS,
      requiredChecks: ['check-metrics'],
    });
    expect(strict.outcome).toBe('failed');
  }, 300_000);

  it('shows labels as text and nothing else', async () => {
    const { scene } = await rolledBack();
    const label = '</td><script>alert(1)</script> @everyone **x** `y` | ::error::z \u202e';
    await exported(`errors{path=${JSON.stringify(label)}} 9`);
    const report = await rollback(scene, [errors({ max: 0 })], { clockAheadMs: LATER_MS });
    expect(outcomeOf(report)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('script') },
    });
    const page = renderSummary(report);
    expect(page).toContain('alert(1)');
    for (const raw of ['<script', '</td><', '@everyone', '**x**', '\u202e']) expect(page).not.toContain(raw);
    expect(page.split('\n').some((line) => line.startsWith('::error'))).toBe(false);
  }, 300_000);

  it('is unknown where it may not read the metrics API, with the rule', async () => {
    const { scene } = await rolledBack();
    const { namespace } = scene;
    const rule = (group: string, resources: string[], verbs: string[]) => ({ apiGroups: [group], resources, verbs });
    const grant = (rules: readonly object[]) =>
      cluster.apply([
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'least', namespace }, rules },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'least', namespace },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'least' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'least' }],
        },
      ]);
    const least = [
      rule('apps', ['deployments'], ['get', 'list', 'watch', 'patch']),
      rule('apps', ['replicasets'], ['get', 'list', 'watch']),
      rule('', ['pods'], ['get', 'list', 'watch']),
      // The ledger, by which this run knows that the work is done.
      rule('', ['configmaps'], ['get', 'create', 'update']),
    ];
    await grant(least);
    const kubeconfig = await cluster.kubeconfigFor({ name: 'least', namespace });
    const report = await rollback(scene, [], { kubeconfig });
    expect(report.outcome).toBe('no-op');
    expect(outcomeOf(report)).toMatchObject({
      status: 'unknown',
      failure: { code: 'CLUSTER_FORBIDDEN', hint: expect.stringContaining('apiGroups: ["metrics.k8s.io"]') },
    });
    expect(report.preflight.flatMap(({ note }) => note?.key ?? [])).toContain('degraded.metrics');
    await grant([...least, rule('metrics.k8s.io', ['pods'], ['list'])]);
    const granted = await rollback(scene, [], { kubeconfig });
    expect(granted.preflight.flatMap(({ note }) => note?.key ?? [])).not.toContain('degraded.metrics');
    expect(outcomeOf(granted)).toMatchObject({ status: 'passed' });
  }, 300_000);
});

describe('when one of them is gone', () => {
  it('is unknown without Prometheus, and the rest stands', async () => {
    const { scene } = await rolledBack();
    await using dead = await startReceiver();
    const reader = createPrometheus({ url: dead.url, clock: systemClock, budgetMs: 500 });
    await dead.stop();
    const report = await rollback(scene, [errors({ max: 0 })], { reader });
    await reader.close();
    expect(report.outcome).toBe('no-op');
    expect(outcomeOf(report)).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_UNAVAILABLE', hint: expect.stringContaining('curl') },
    });
    expect(monitoring(report)).toBe('unknown');
    expect(report.validation.filter(({ outcome }) => outcome.status === 'failed')).toEqual([]);
  }, 200_000);

  // The last: nothing starts it again.
  it('fails where metrics-server is registered and dead, and is unknown where there is none', async () => {
    const { scene } = await rolledBack();
    await metricsServer.process.kill();
    const dead = await rollback(scene, [errors({ max: 0 })]);
    expect(dead.outcome).toBe('no-op');
    expect(outcomeOf(dead)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'METRICS_UNAVAILABLE',
        message: expect.stringContaining('registered and does not answer: 503'),
        hint: expect.stringContaining('kubectl describe apiservice v1beta1.metrics.k8s.io'),
      },
    });
    expect(monitoring(dead)).toBe('failed');
    await metricsServer.stop();
    await waitFor(
      'the API is gone',
      async () => (await cluster.api.send('GET', '/apis/metrics.k8s.io/v1beta1')).status === 404,
      {
        timeoutMs: 30_000,
      },
    );
    const none = await rollback(scene, [errors({ max: 0 })]);
    expect(outcomeOf(none)).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_UNAVAILABLE', message: expect.stringContaining('no metrics API') },
    });
  }, 200_000);
});
