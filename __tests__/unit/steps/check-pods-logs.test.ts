import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/adapters/clock.ts';
import { RollbackError } from '../../../src/core/errors.ts';
import { ERROR_LINE } from '../../../src/core/log-errors.ts';
import { run } from '../../../src/engine/run.ts';
import type { LogOptions } from '../../../src/ports/cluster.ts';
import type { FakeCluster } from '../../fakes/cluster.ts';
import { badRelease, type Options, partsOf, rollback, stepOf, template, WEB } from '../engine/harness.ts';

const ONE = { workloads: [WEB] } satisfies Options;
const errors = (count: number) => Array.from({ length: count }, (_, index) => `ERROR ${index}`);

interface Asked extends LogOptions {
  readonly image: string;
  readonly pod: string;
}

/** The logs that a pod has, by its image; every request is kept. */
function withLogs(cluster: FakeCluster, answer: (image: string) => readonly string[] | Promise<readonly string[]>) {
  const asked: Asked[] = [];
  Object.assign(cluster.reader, {
    logs: async (pod: string, _container: string, options: LogOptions) => {
      const image = cluster.store.get('Pod', pod)?.spec.containers[0]?.image ?? '';
      asked.push({ ...options, image, pod });
      return answer(image);
    },
  });
  return asked;
}

const fails = (code: 'CLUSTER_FORBIDDEN' | 'CLUSTER_ERROR') => async () => {
  throw new RollbackError(code, 'the kubelet does not answer', 'look at the node');
};

const podsOf = (report: Parameters<typeof stepOf>[0]) => stepOf(report, 'check-pods')?.outcome;
const logRow = (report: Parameters<typeof stepOf>[0]) => {
  const outcome = podsOf(report);
  const evidence = outcome && 'evidence' in outcome ? outcome.evidence : [];
  return evidence.find(({ subject }) => subject === 'logs of deployment/web');
};
const notesOf = (report: Parameters<typeof stepOf>[0]) => report.notes.map(({ key }) => key);

describe('the logs of the pods', () => {
  it('are counted before and after, bounded, and prove themselves', async () => {
    const cluster = await badRelease();
    const asked = withLogs(cluster, () => ['listening', 'ERROR one']);
    const report = await rollback(cluster, ONE);
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
    expect(logRow(report)?.observed).toMatch(/^2 error lines in [\d.]+ s$/);
    expect(new Set(asked.map(({ image }) => image))).toEqual(new Set(['web:v1', 'web:v2']));
    for (const options of asked) {
      expect(options).toMatchObject({ tailLines: 500, maxBytes: 131_072, timestamps: true, timeoutMs: 2000 });
      expect(options.sinceSeconds).toBeLessThanOrEqual(300);
      expect(options.previous).toBeUndefined();
    }
  });

  it('that have more errors than before are told, with a line that is fit to be shown, and stay green', async () => {
    const cluster = await badRelease();
    const hostile = 'ERROR <b>x</b> \u001b[31m https://ada:hunter2@db.example/ password=s3cret ::error::';
    withLogs(cluster, (image) => (image === 'web:v1' ? [...errors(20), hostile] : []));
    const report = await rollback(cluster, ONE);
    expect(report.outcome).toBe('succeeded');
    expect(notesOf(report)).toContain('note.log-errors-rose');
    const row = logRow(report);
    expect(row).toMatchObject({ expected: 'as before: 0 (no limit)' });
    expect(row?.observed).toMatch(/^42 error lines in [\d.]+ s, last: ERROR <b>x<\/b> /);
    expect(row?.observed).not.toMatch(/hunter2|s3cret|\p{Cc}/u);
    expect(report.notes.find(({ key }) => key === 'note.log-errors-rose')?.values).toMatchObject({
      workload: 'deployment/web',
      errors: 42,
      before: 0,
      command: expect.stringMatching(/^kubectl -n production logs \S+ -c main --since=\d+s$/),
    });
  });

  it('fail by the limit, and only by it', async () => {
    const cluster = await badRelease();
    withLogs(cluster, (image) => (image === 'web:v1' ? errors(3) : []));
    const below = await rollback(cluster, { ...ONE, logs: { errors: ERROR_LINE, maxIncrease: 6 } });
    expect(podsOf(below)).toMatchObject({ status: 'passed' });

    const another = await badRelease();
    withLogs(another, (image) => (image === 'web:v1' ? errors(3) : []));
    const above = await rollback(another, { ...ONE, logs: { errors: ERROR_LINE, maxIncrease: 5 } });
    expect(above.outcome).toBe('failed');
    expect(podsOf(above)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'LOG_ERRORS_ROSE',
        message: expect.stringMatching(
          /^deployment\/web: 6 error lines in .*, expected at most 5: 0 as before, and 5 by/,
        ),
        hint: expect.stringContaining('kubectl -n production logs '),
        causes: ['ERROR 2'],
      },
    });
  });

  it('are compared with what the bad release logged', async () => {
    const cluster = await badRelease();
    // So many that some are left out: their own times tell how quickly they came.
    const flood = Array.from(
      { length: 500 },
      (_, index) => `2026-01-01T00:00:00.${`${index}`.padStart(3, '0')}Z ERROR`,
    );
    withLogs(cluster, (image) => (image === 'web:v1' ? errors(50) : flood));
    const report = await rollback(cluster, { ...ONE, logs: { errors: ERROR_LINE, maxIncrease: 0 } });
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
  });

  it('are of those containers that have printed something', async () => {
    const cluster = await badRelease({ web: 'web:missing' });
    const asked = withLogs(cluster, () => []);
    await rollback(cluster, ONE);
    expect(new Set(asked.filter(({ timestamps }) => timestamps).map(({ image }) => image))).toEqual(
      new Set(['web:v1']),
    );
  });

  it('are read of some pods of each workload, however many there are', async () => {
    const cluster = await badRelease();
    cluster.deploy(WEB, template('web', 'web:v2'), { replicas: 30 });
    await cluster.settle();
    const asked = withLogs(cluster, () => []);
    await rollback(cluster, ONE);
    expect(asked.filter(({ image }) => image === 'web:v1').length).toBeLessThanOrEqual(6);
  });
});

describe('logs that cannot be read', () => {
  const limited = { ...ONE, logs: { errors: ERROR_LINE, maxIncrease: 0 } };

  it('are no failure of the pods, and what is missing is told', async () => {
    const cluster = await badRelease();
    withLogs(cluster, fails('CLUSTER_ERROR'));
    const report = await rollback(cluster, ONE);
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
    expect(report.notes).toContainEqual({
      key: 'note.logs-not-read',
      values: { read: 0, of: 2, why: 'the kubelet does not answer' },
    });
    expect(podsOf(await rollback(await broken('CLUSTER_ERROR'), limited))).toMatchObject({
      status: 'unknown',
      failure: { code: 'CLUSTER_ERROR', message: expect.stringContaining('only 0 of 2 containers') },
    });
  });

  it('for want of a permission are asked for once, and the rule is there to paste', async () => {
    const cluster = await badRelease();
    const asked = withLogs(cluster, fails('CLUSTER_FORBIDDEN'));
    const report = await rollback(cluster, ONE);
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
    expect(notesOf(report)).not.toContain('note.logs-not-read');
    expect(asked.length).toBeLessThanOrEqual(6);
    expect(podsOf(await rollback(await broken('CLUSTER_FORBIDDEN'), limited))).toMatchObject({
      status: 'unknown',
      failure: { code: 'CLUSTER_FORBIDDEN', hint: expect.stringContaining('resources: [pods/log]') },
    });
  });

  it('do not hold the run up when a kubelet hangs', async () => {
    const cluster = await badRelease();
    withLogs(cluster, () => new Promise<never>(() => {}));
    const parts = partsOf(cluster, { ...ONE, timeoutMs: 60_000 });
    const sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 5000 ? 1 : ms, signal);
    const report = await run({ ...parts, clock: { ...systemClock, sleep } });
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
    expect(report.notes).toContainEqual({ key: 'note.logs-not-read', values: { read: 0, of: 2 } });
  });

  it('because the pattern takes too long are not judged', async () => {
    const slow = (maxIncrease?: number) => ({
      ...ONE,
      logs: { errors: '(a+)+$', ...(maxIncrease === undefined ? {} : { maxIncrease }) },
    });
    const talking = async () => {
      const cluster = await badRelease();
      withLogs(cluster, () => [`${'a'.repeat(100)}b`]);
      return cluster;
    };
    const report = await rollback(await talking(), { ...slow(), timeoutMs: 60_000 });
    expect(podsOf(report)).toMatchObject({ status: 'passed' });
    expect(notesOf(report)).toContain('note.log-pattern-slow');
    expect(podsOf(await rollback(await talking(), { ...slow(0), timeoutMs: 60_000 }))).toMatchObject({
      status: 'unknown',
      failure: { code: 'INPUT_INVALID' },
    });
  });

  it('are not asked for by a dry run', async () => {
    const cluster = await badRelease();
    const asked = withLogs(cluster, () => []);
    await rollback(cluster, { ...ONE, mode: 'plan' });
    expect(asked).toEqual([]);
  });
});

async function broken(code: Parameters<typeof fails>[0]): Promise<FakeCluster> {
  const cluster = await badRelease();
  withLogs(cluster, fails(code));
  return cluster;
}
