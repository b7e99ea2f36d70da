import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RollbackError } from '../../../src/core/errors.ts';
import type { WorkloadRef } from '../../../src/core/kubernetes.ts';
import { fence, leftFenced, unfence } from '../../../src/steps/fence/fence.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepContextOptions, type StepScene, stepContext } from '../../fakes/step-context.ts';
import { API, DEFAULTS, template, WEB } from '../engine/harness.ts';

const QUEUE: WorkloadRef = { kind: 'StatefulSet', name: 'queue' };
const AGENT: WorkloadRef = { kind: 'DaemonSet', name: 'agent' };

let cluster: FakeCluster;
const open: StepScene[] = [];

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 3 });
  cluster.deploy(API, template('api', 'api:v1'), { replicas: 0 });
  cluster.deploy(QUEUE, template('queue', 'queue:v1'), { replicas: 1 });
  cluster.deploy(AGENT, template('agent', 'agent:v1'));
  cluster.add('CronJob', { metadata: { name: 'nightly' }, spec: { schedule: '0 0 * * *' } });
  cluster.add('CronJob', { metadata: { name: 'asleep' }, spec: { schedule: '0 0 * * *', suspend: true } });
  cluster.settle();
});
afterEach(() => {
  for (const scene of open.splice(0)) scene.close();
  cluster.pause();
});

async function scene(options: Partial<StepContextOptions> = {}): Promise<StepScene> {
  const config = { ...DEFAULTS, workloads: [WEB, API, QUEUE, AGENT] };
  const one = await stepContext({ cluster, config, ...options });
  open.push(one);
  return one;
}

const replicasOf = (ref: WorkloadRef) => cluster.store.get(ref.kind, ref.name)?.spec.replicas;
const annotationsOf = (ref: WorkloadRef) => cluster.store.get(ref.kind, ref.name)?.metadata.annotations ?? {};
const isSuspended = (name: string) => cluster.store.get('CronJob', name)?.spec.suspend === true;
const notes = (one: StepScene) => Object.fromEntries(one.notes.map(({ key, values }) => [key, values]));

describe('fence', () => {
  it('stops all that can be stopped, records what it had, and waits until no pod is left', async () => {
    const one = await scene();
    const fenced = await fence(one.ctx);
    expect(fenced).toEqual({
      workloads: [
        { ref: WEB, replicas: 3 },
        { ref: QUEUE, replicas: 1 },
      ],
      cronJobs: ['nightly'],
    });
    expect([WEB, API, QUEUE].map(replicasOf)).toEqual([0, 0, 0]);
    expect(annotationsOf(WEB)).toMatchObject({ 'tiered-rollback/fenced-replicas': '3' });
    expect(annotationsOf(API)).not.toHaveProperty(['tiered-rollback/fenced-replicas']);
    expect(isSuspended('nightly')).toBe(true);
    const left = cluster.store.all('Pod').filter(({ metadata }) => /^(web|queue)/.test(metadata.name));
    expect(left).toEqual([]);
    expect(notes(one)).toMatchObject({
      'note.fenced': { what: 'deployment/web, statefulset/queue, cronjob/nightly' },
      'note.daemonset-not-fenced': { workload: 'daemonset/agent' },
    });
  });

  it('names jobs that run on', async () => {
    const ownerReferences = [{ kind: 'Job', name: 'import-1', uid: 'job', controller: true }];
    const pod = (name: string, phase: string) =>
      cluster.add('Pod', { metadata: { name, ownerReferences }, spec: { containers: [] }, status: { phase } });
    pod('import-1-a', 'Running');
    pod('import-1-b', 'Succeeded');
    const one = await scene();
    await fence(one.ctx);
    expect(notes(one)['note.jobs-run-on']).toEqual({ jobs: 'job/import-1' });
  });

  it('gives up at the deadline, naming what is left', async () => {
    cluster.pause();
    const one = await scene({ deadlineMs: 100 });
    const error = await fence(one.ctx).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RollbackError);
    expect(error.code).toBe('DEADLINE_PASSED');
    expect(error.message).toContain('pod/web-');
    expect(error.hint).toContain('kubectl -n production describe pod web-');
  });

  it('records the number that an autoscaler set at the same moment', async () => {
    const stale = new RollbackError('PLAN_STALE', 'replicas', 'look');
    let isFirst = true;
    cluster.fail(({ method, name }) => {
      if (method !== 'scale' || name !== 'web' || !isFirst) return false;
      isFirst = false;
      cluster.store.update('Deployment', 'web', (draft) => {
        draft.spec.replicas = 5;
      });
      return true;
    }, stale);
    const { workloads } = await fence((await scene()).ctx);
    expect(workloads).toContainEqual({ ref: WEB, replicas: 5 });
    expect(annotationsOf(WEB)).toMatchObject({ 'tiered-rollback/fenced-replicas': '5' });
  });

  it('goes on where a killed run stopped: what a workload had is not forgotten', async () => {
    await fence((await scene()).ctx);
    const again = await fence((await scene({ run: 'run-2' })).ctx);
    expect(again.workloads).toContainEqual({ ref: WEB, replicas: 3 });
    expect(again.cronJobs).toEqual(['nightly']);
  });
});

describe('unfence', () => {
  const context = () => ({ cluster: cluster.reader, write: { cluster: cluster.writer } });

  it('brings back what was stopped, once, and wakes nobody else', async () => {
    await fence((await scene()).ctx);
    const back = await unfence(context());
    expect(back).toEqual(['deployment/web', 'statefulset/queue', 'cronjob/nightly']);
    expect([WEB, API, QUEUE].map(replicasOf)).toEqual([3, 0, 1]);
    expect(annotationsOf(WEB)).not.toHaveProperty(['tiered-rollback/fenced-replicas']);
    expect([isSuspended('nightly'), isSuspended('asleep')]).toEqual([false, true]);
    const writes = cluster.writes.length;
    expect(await unfence(context())).toEqual([]);
    expect(cluster.writes).toHaveLength(writes);
    expect(await leftFenced(cluster.reader)).toEqual({ workloads: [], cronJobs: [] });
  });

  it('leaves the number that somebody set meanwhile', async () => {
    await fence((await scene()).ctx);
    cluster.store.update('Deployment', 'web', (draft) => {
      draft.spec.replicas = 7;
    });
    await unfence(context());
    expect(replicasOf(WEB)).toBe(7);
    expect(annotationsOf(WEB)).not.toHaveProperty(['tiered-rollback/fenced-replicas']);
  });

  it.each(['0', '-1', '3.5', '1e9', '999999', 'x', ''])('brings nothing back to %j', async (text) => {
    cluster.store.update('Deployment', 'api', (draft) => {
      draft.metadata.annotations = { 'tiered-rollback/fenced-replicas': text };
    });
    expect(await unfence(context())).toEqual([]);
    expect(replicasOf(API)).toBe(0);
  });

  it('tries everything, and then says all that went wrong', async () => {
    await fence((await scene()).ctx);
    cluster.fail({ method: 'scale', name: 'web' }, new RollbackError('CLUSTER_ERROR', 'web: away', 'wait'));
    await expect(unfence(context())).rejects.toMatchObject({ errors: [{ message: 'web: away' }] });
    expect(replicasOf(QUEUE)).toBe(1);
    expect(isSuspended('nightly')).toBe(false);
  });

  it('does without CronJobs where they may not be listed', async () => {
    await fence((await scene()).ctx);
    cluster.fail({ method: 'list', kind: 'CronJob' }, new RollbackError('CLUSTER_FORBIDDEN', 'no', 'rule'));
    expect(await unfence(context())).toEqual(['deployment/web', 'statefulset/queue']);
  });
});
