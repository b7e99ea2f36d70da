import { afterEach, describe, expect, it } from '@jest/globals';
import type { Config, MetricCheck } from '../../../src/core/config.ts';
import { RollbackError } from '../../../src/core/errors.ts';
import type { RollbackRecord } from '../../../src/core/ledger.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { PodMetrics } from '../../../src/core/pod-usage.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { ReadContext } from '../../../src/ports/context.ts';
import type { MetricSample, MetricsReader } from '../../../src/ports/metrics.ts';
import { checkMetrics } from '../../../src/steps/check-metrics.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepScene, stepContext } from '../../fakes/step-context.ts';
import { badRelease, DEFAULTS, rollback, stepOf, template, WEB } from '../engine/harness.ts';

const scenes: StepScene[] = [];
afterEach(() => {
  for (const scene of scenes.splice(0)) scene.close();
});

/** Time that passes as soon as somebody waits for it. */
function quickClock(): Clock & { passed(): number } {
  const start = Date.now();
  let now = start;
  return {
    now: () => now,
    passed: () => now - start,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

interface World {
  readonly cluster: FakeCluster;
  readonly ctx: ReadContext;
  readonly clock: ReturnType<typeof quickClock>;
  readonly notes: StepScene['notes'];
}

async function world(config: Partial<Config> = {}, more: Partial<ReadContext> = {}): Promise<World> {
  const cluster = new FakeCluster();
  cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 2 });
  await cluster.settle();
  cluster.podMetrics = () => metricsOf(cluster);
  const scene = await stepContext({ config: { ...DEFAULTS, workloads: [WEB], ...config }, cluster });
  scenes.push(scene);
  const clock = quickClock();
  const deadline = clock.now() + 10 * 60_000;
  return { cluster, clock, notes: scene.notes, ctx: { ...scene.ctx, clock, deadline, ...more } };
}

const measured = (name: string, timestamp = new Date(Date.now() + 60_000).toISOString()): PodMetrics => ({
  metadata: { name },
  timestamp,
  containers: [{ name: 'main', usage: { cpu: '30m', memory: '100Mi' } }],
});
const metricsOf = (cluster: FakeCluster) => cluster.store.all('Pod').map(({ metadata }) => measured(metadata.name));

const verify = ({ ctx }: World): Promise<Outcome> => checkMetrics.verify(ctx, undefined);

/** Prometheus, that answers one thing after the other, and the last one again and again; `before` is about the past. */
function prometheus(
  answers: readonly (number | 'nothing' | Error | readonly MetricSample[])[],
  before: readonly MetricSample[] = [],
): MetricsReader & { readonly asked: string[] } {
  const asked: string[] = [];
  let next = 0;
  return {
    asked,
    query: async (expression, { at, signal }) => {
      signal.throwIfAborted();
      asked.push(at === undefined ? expression : `${expression} @ ${new Date(at).toISOString()}`);
      if (at !== undefined) return { samples: before, warnings: [] };
      const answer = answers[Math.min(next++, answers.length - 1)] ?? 'nothing';
      if (answer instanceof Error) throw answer;
      const samples =
        answer === 'nothing' ? [] : typeof answer === 'number' ? [{ labels: {}, value: answer, at: 0 }] : answer;
      return { samples, warnings: [] };
    },
  };
}
const errors = (bounds: Partial<MetricCheck>, query = 'errors'): MetricCheck => ({ name: 'errors', query, ...bounds });

describe('the metrics API', () => {
  it('answers for each pod, as kubectl top shows it', async () => {
    const outcome = await verify(await world());
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [
        { subject: 'kubectl top pods', observed: 'metrics of 2/2 pods', expected: 'metrics of 2/2 pods' },
        { subject: expect.stringMatching(/^pod\/web-/), observed: 'CPU 30m, memory 100Mi' },
        { observed: 'CPU 30m, memory 100Mi' },
      ],
    });
  });

  it('waits for pods that have just begun', async () => {
    const scene = await world();
    let looks = 0;
    scene.cluster.podMetrics = () => (++looks > 20 ? metricsOf(scene.cluster) : metricsOf(scene.cluster).slice(1));
    expect((await verify(scene)).status).toBe('passed');
  });

  it('fails for a pod that never has any', async () => {
    const scene = await world();
    scene.cluster.podMetrics = () => metricsOf(scene.cluster).slice(1);
    expect(await verify(scene)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'METRICS_UNAVAILABLE',
        message: expect.stringContaining('has nothing about 1 of 2 pods: pod/web-'),
        hint: expect.stringContaining('kubectl -n production top pods'),
      },
    });
  });

  it('takes no metrics of a pod of the same name before', async () => {
    const scene = await world();
    scene.cluster.podMetrics = () =>
      scene.cluster.store.all('Pod').map(({ metadata }) => measured(metadata.name, '2020-01-01T00:00:00Z'));
    expect(await verify(scene)).toMatchObject({
      status: 'failed',
      evidence: [
        { observed: 'metrics of 0/2 pods' },
        { observed: expect.stringContaining('from before it began') },
        {},
      ],
    });
  });

  it('is unknown where pods are young and the time is over', async () => {
    const scene = await world({}, { deadline: 0 });
    scene.cluster.podMetrics = () => [];
    expect(await verify(scene)).toMatchObject({
      status: 'unknown',
      failure: { message: expect.stringContaining('have no metrics yet'), hint: expect.stringContaining('Look again') },
    });
  });

  it('is unknown at once where the cluster has none', async () => {
    const scene = await world();
    scene.cluster.podMetrics = () => undefined;
    expect(await verify(scene)).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_UNAVAILABLE', message: expect.stringContaining('no metrics API') },
    });
    expect(scene.cluster.calls.filter(({ method }) => method === 'podMetrics')).toHaveLength(1);
  });

  it('is unknown where it may not be read, with the rule', async () => {
    const scene = await world();
    scene.cluster.fail({ method: 'podMetrics' }, new RollbackError('CLUSTER_FORBIDDEN', 'no', 'Add to a Role'));
    expect(await verify(scene)).toMatchObject({
      status: 'unknown',
      failure: { code: 'CLUSTER_FORBIDDEN', hint: 'Add to a Role' },
    });
  });

  it('fails where it is registered and gone, and recovers where it comes back', async () => {
    const gone = () => {
      throw new RollbackError('METRICS_UNAVAILABLE', 'The metrics API is registered and does not answer', 'describe');
    };
    const scene = await world();
    scene.cluster.podMetrics = gone;
    expect(await verify(scene)).toMatchObject({ status: 'failed', failure: { code: 'METRICS_UNAVAILABLE' } });
    let looks = 0;
    scene.cluster.podMetrics = () => (++looks > 5 ? metricsOf(scene.cluster) : gone());
    expect((await verify(scene)).status).toBe('passed');
  });

  it('is looked at once after a failed rollout', async () => {
    const failed: Outcome = {
      status: 'failed',
      failure: { code: 'ROLLOUT_FAILED', message: '', hint: '', causes: [] },
      evidence: [],
    };
    const scene = await world({}, { outcomeOf: () => failed });
    scene.cluster.podMetrics = () => [];
    await verify(scene);
    expect(scene.cluster.calls.filter(({ method }) => method === 'podMetrics')).toHaveLength(1);
  });

  it('holds no emergency up: the waiting ends with the other checks', async () => {
    const passed: Outcome = { status: 'passed', evidence: [{ subject: '', observed: '', expected: '' }] };
    const done = new Set<string>();
    const scene = await world({ tier: 'emergency' }, { outcomeOf: (id) => (done.has(id) ? passed : undefined) });
    let looks = 0;
    scene.cluster.podMetrics = () => {
      if (++looks === 3) for (const id of ['check-pods', 'check-health']) done.add(id);
      return [];
    };
    expect((await verify(scene)).status).toBe('unknown');
    expect(looks).toBeLessThan(10);
  });
});

describe('queries of Prometheus', () => {
  it('pass beside the pods', async () => {
    const metrics = prometheus([0.5]);
    const outcome = await verify(await world({ metrics: [errors({ max: 1 })] }, { metrics }));
    expect(outcome).toMatchObject({ status: 'passed' });
    expect(outcome.status === 'passed' && outcome.evidence.at(-1)).toEqual({
      subject: 'errors',
      observed: '0.5',
      expected: '≤ 1',
    });
    expect(metrics.asked).toEqual(['errors']);
  });

  it('are asked again until the bad release is out of their window', async () => {
    const healed = prometheus([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0]);
    const check = errors({ max: 1 }, 'rate(errors[5m])');
    expect((await verify(await world({ metrics: [check] }, { metrics: healed }))).status).toBe('passed');

    const scene = await world({ metrics: [check] }, { metrics: prometheus([9]) });
    expect(await verify(scene)).toMatchObject({
      status: 'failed',
      failure: { code: 'METRICS_WRONG', message: 'errors: 9; expected: ≤ 1' },
    });
    expect(scene.clock.passed()).toBeGreaterThanOrEqual(6 * 60_000);
  });

  it('are not red before that: the time was over too soon to tell', async () => {
    const check = errors({ max: 1 }, 'rate(errors[5m])');
    const scene = await world({ metrics: [check] }, { metrics: prometheus([9]) });
    const soon = { ...scene, ctx: { ...scene.ctx, deadline: scene.clock.now() + 30_000 } };
    expect(await verify(soon)).toMatchObject({
      status: 'unknown',
      failure: {
        code: 'METRICS_WRONG',
        message: 'errors: 9; expected: ≤ 1; up to 6 min 00 s after the rollout this may still be the bad release',
        hint: expect.stringContaining('Look again in 6 min 00 s'),
      },
    });
  });

  it('are compared with the moment before the bad release', async () => {
    const at = '2026-01-01T12:00:00.000Z';
    const incident = { badReleaseAt: at } as RollbackRecord;
    const labels = { job: 'web' };
    const go = async (value: number, before: readonly MetricSample[]) => {
      const metrics = prometheus([[{ labels, value, at: 0 }]], before);
      const scene = await world({ metrics: [errors({ maxRatio: 2 })] }, { metrics });
      const situation = { ...scene.ctx.situation, incident };
      const outcome = await verify({ ...scene, ctx: { ...scene.ctx, situation } });
      return { outcome, asked: metrics.asked };
    };
    const right = await go(2, [{ labels, value: 1, at: 0 }]);
    expect(right.outcome.status).toBe('passed');
    expect(right.asked[0]).toBe(`errors @ ${at}`);
    expect((await go(3, [{ labels, value: 1, at: 0 }])).outcome).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('3, 1 at 2026-01-01T12:00:00Z; expected: ≤ 2 × before') },
    });
    const nothing = await go(1, []);
    expect(nothing.outcome).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_UNAVAILABLE', message: expect.stringContaining('no such sample at 2026') },
    });
    expect(nothing.asked).toHaveLength(2);
  });

  it('have nothing to compare with where the bad release is not known', async () => {
    const metrics = prometheus([1]);
    expect(await verify(await world({ metrics: [errors({ maxRatio: 2 })] }, { metrics }))).toMatchObject({
      status: 'unknown',
      failure: { message: expect.stringContaining('when the bad release began is not known') },
    });
  });

  it('are unknown without a sample, an answer or a server', async () => {
    const check = errors({ max: 1 });
    const outcome = async (metrics?: MetricsReader) =>
      verify(await world({ metrics: [check] }, metrics ? { metrics } : {}));
    expect(await outcome(prometheus(['nothing']))).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_UNAVAILABLE', hint: expect.stringContaining('See whether the metric exists') },
    });
    const refused = new RollbackError('METRICS_QUERY', 'parse error', 'Type it');
    expect(await outcome(prometheus([refused]))).toMatchObject({
      status: 'unknown',
      failure: { code: 'METRICS_QUERY' },
    });
    expect(await outcome()).toMatchObject({
      status: 'unknown',
      failure: { hint: expect.stringContaining('prometheus-url') },
    });
  });

  it('fail by the worst, and name the others', async () => {
    const byName: Record<string, number> = { a: 9, b: Number.NaN, c: 0 };
    const metrics: MetricsReader = {
      query: async (name) => ({ samples: [{ labels: {}, value: byName[name] ?? 0, at: 0 }], warnings: ['partial'] }),
    };
    const checks = ['c', 'b', 'a'].map((name) => ({ name, query: name, max: 1 }));
    const outcome = await verify(await world({ metrics: checks }, { metrics }));
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { message: 'b: NaN; expected: ≤ 1', causes: ['a: 9; expected: ≤ 1'] },
    });
    expect(JSON.stringify(outcome)).toContain('Prometheus warns: partial');
  });

  it('end with the run', async () => {
    const controller = new AbortController();
    const metrics: MetricsReader = {
      query: async () => {
        controller.abort(new Error('cancelled'));
        return { samples: [], warnings: [] };
      },
    };
    const scene = await world({ metrics: [errors({ max: 1 })] }, { metrics, signal: controller.signal });
    await expect(verify(scene)).rejects.toThrow('cancelled');
  });

  it('are planned by name; a server without any is only asked whether it is there', async () => {
    const scene = await world({ metrics: [errors({ max: 1 })] }, { metrics: prometheus([0]) });
    expect(await checkMetrics.plan(scene.ctx)).toEqual({
      kind: 'check',
      summary: ['kubectl top pods', 'errors: errors'],
    });
    const metrics = prometheus([1]);
    const idle = await world({}, { metrics });
    expect(await verify(idle)).toMatchObject({ status: 'passed' });
    expect(metrics.asked).toEqual(['vector(1)']);
    expect(idle.notes.map(({ key }) => key)).toEqual(['note.prometheus-unused']);
  });
});

describe('a run whose monitoring is gone', () => {
  it('is not red for it, and says so', async () => {
    const report = await rollback(await badRelease());
    expect(report.outcome).toBe('succeeded');
    expect(stepOf(report, 'check-metrics')).toMatchObject({ required: false, outcome: { status: 'unknown' } });
    expect(report.validation.find(({ id }) => id === 'monitoring-works')?.outcome.status).toBe('unknown');
    const strict = await rollback(await badRelease(), { requiredChecks: ['check-metrics'] });
    expect(strict.outcome).not.toBe('succeeded');
  });
});
