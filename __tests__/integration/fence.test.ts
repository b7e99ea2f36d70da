import { beforeEach, describe, expect, it } from '@jest/globals';
import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { CronJobObject, WorkloadRef } from '../../src/core/kubernetes.ts';
import { fence, leftFenced, unfence } from '../../src/steps/fence/fence.ts';
import { stepContext } from '../fakes/step-context.ts';
import { DEFAULTS } from '../unit/engine/harness.ts';
import { deployment, Scene } from './scene.ts';

const WEB = deployment('web');
const ASLEEP = deployment('asleep');
const QUEUE: WorkloadRef = { kind: 'StatefulSet', name: 'queue' };

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.create('fence');
  const asleep = scene.deployment('asleep', 'shop/asleep:1', (manifest) => {
    manifest.spec.replicas = 0;
  });
  await scene.deploy(
    scene.deployment('web', 'shop/web:1'),
    scene.workload('StatefulSet', 'queue', 'shop/queue:1'),
    asleep,
  );
  await scene.apply(cronJob('nightly'), cronJob('paused', true));
});

function cronJob(name: string, suspend = false): object {
  const containers = [{ name: 'job', image: 'shop/job:1' }];
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: scene.namespace },
    spec: {
      schedule: '0 0 1 1 *',
      suspend,
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers } } } },
    },
  };
}

async function inContext<T>(work: (context: Awaited<ReturnType<typeof stepContext>>) => Promise<T>): Promise<T> {
  const access = await readKubeconfig({
    text: scene.cluster.kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const cluster = await connectCluster(access, scene.namespace, { userAgent: 'tiered-rollback' });
  const config = { ...DEFAULTS, namespace: scene.namespace, workloads: [WEB, QUEUE, ASLEEP] };
  const context = await stepContext({ cluster, config });
  try {
    return await work(context);
  } finally {
    context.close();
    await cluster.close();
  }
}

const replicasOf = async ({ kind, name }: WorkloadRef) => (await scene.get(kind, name)).spec.replicas;

async function isSuspended(name: string): Promise<boolean> {
  const { stdout } = await scene.kubectl('get', 'cronjob', name, '-o', 'json');
  return (JSON.parse(stdout) as CronJobObject).spec.suspend === true;
}

async function podsOf(name: string): Promise<number> {
  const { stdout } = await scene.kubectl('get', 'pods', '-l', `app=${name}`, '-o', 'name');
  return stdout.split('\n').filter(Boolean).length;
}

describe('the fence', () => {
  it('stops all writers, and brings them back as they were', async () => {
    await inContext(async ({ ctx }) => {
      const fenced = await fence(ctx);
      expect(fenced.workloads).toEqual([
        { ref: WEB, replicas: 2 },
        { ref: QUEUE, replicas: 2 },
      ]);
      expect(await Promise.all(['web', 'queue'].map(podsOf))).toEqual([0, 0]);
      expect(await isSuspended('nightly')).toBe(true);
      await unfence(ctx);
    });
    expect(await Promise.all([WEB, QUEUE, ASLEEP].map(replicasOf))).toEqual([2, 2, 0]);
    expect([await isSuspended('nightly'), await isSuspended('paused')]).toEqual([false, true]);
    await scene.rolledOut(WEB);
    // Whoever deploys next meets nothing of us.
    await scene.deploy(scene.deployment('web', 'shop/web:2'));
    expect(await replicasOf(WEB)).toBe(2);
  });

  it('of a run that was killed is found and taken down by another, and again is no write', async () => {
    await inContext(({ ctx }) => fence(ctx));
    await inContext(async ({ ctx, notes }) => {
      const left = await leftFenced(ctx.cluster);
      expect(left.workloads.map(({ ref, replicas }) => ({ ref, replicas }))).toEqual([
        { ref: WEB, replicas: 2 },
        { ref: QUEUE, replicas: 2 },
      ]);
      expect(left.cronJobs.map(({ name }) => name)).toEqual(['nightly']);
      expect(await unfence(ctx)).toEqual(['deployment/web', 'statefulset/queue', 'cronjob/nightly']);
      expect(notes.map(({ key }) => key)).toContain('note.unfenced');
      const mark = await scene.cluster.auditMark();
      expect(await unfence(ctx)).toEqual([]);
      expect(await scene.changesSince(mark)).toEqual([]);
    });
    expect(await Promise.all([WEB, QUEUE, ASLEEP].map(replicasOf))).toEqual([2, 2, 0]);
  });

  it('is not undone by an autoscaler', async () => {
    await scene.apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: scene.namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    });
    await inContext(async ({ ctx }) => {
      await fence(ctx);
      await scene.cluster.kubectl(
        ['-n', scene.namespace, 'wait', 'hpa/web', '--for=condition=ScalingActive=false', '--timeout=60s'],
        { check: true },
      );
      expect(await replicasOf(WEB)).toBe(0);
      await unfence(ctx);
    });
    expect(await replicasOf(WEB)).toBe(2);
  });
});
