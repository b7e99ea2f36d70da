import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';
import type { PodTemplate } from '../../testbed/fates/index.ts';
import { broken, GOOD, tagged, web } from './fates-cases.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

const WEB = [deployment('web')];

/** What the action waits for after the grace period, before it calls a pod stuck. */
const STUCK_AFTER_MS = 30_000;

describe('pods that do not end although their grace period is over', () => {
  it.concurrent('are ended by tier emergency, by name, and no other pod is', async () => {
    const scene = await Scene.create('stuck');
    const release = (tag: string) =>
      scene.deployment('web', `shop/web:${tag}`, (manifest) => {
        manifest.spec.template.metadata.annotations = { 'testbed/terminate-after': tag === '2' ? '1h' : '0s' };
        manifest.spec.template.spec.terminationGracePeriodSeconds = 1;
      });
    for (const tag of ['1', '2', '3']) await scene.deploy(release(tag));
    const stuck = await waitFor('two pods that have been stuck for long enough', () => stuckPods(scene), {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    const since = await scene.cluster.auditMark();

    const to = { kind: 'explicit', lines: [{ ref: deployment('web'), to: { image: 'shop/web:1' } }] } as const;
    const report = await scene.rollback([deployment('web')], { tier: 'emergency', to });

    expect(report.outcome).toBe('succeeded');
    const deletions = (await scene.changesSince(since)).filter(({ verb }) => verb === 'delete');
    expect(deletions.map(({ objectRef }) => objectRef?.name).sort()).toEqual(stuck.sort());
    expect(await stuckPods(scene)).toBeUndefined();
    expect(report.notes.filter(({ key }) => key === 'note.pod-deleted').length).toBe(2);
  });
});

/** Names of the two pods whose end is overdue; undefined while there are not two. */
async function stuckPods({ cluster, namespace }: Scene): Promise<string[] | undefined> {
  const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods`);
  const overdue = body.items.filter(({ metadata }: Manifest) => {
    return Date.now() - Date.parse(metadata.deletionTimestamp ?? '') > STUCK_AFTER_MS + 1000;
  });
  return overdue.length === 2 ? overdue.map(({ metadata }: Manifest) => metadata.name) : undefined;
}

describe('a progress deadline that the bad release has passed', () => {
  // One pod of the good release is gone already, so that the rollback has to bring one up.
  const spec = {
    progressDeadlineSeconds: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  };

  it.concurrent('is not believed once the rollback has written', async () => {
    const scene = await Scene.create('stale-deadline');
    const good = structuredClone(GOOD);
    good.metadata.annotations = { 'testbed/ready-after': '1s' };
    await scene.deploy(web(scene, good, spec));
    await scene.apply(web(scene, broken('v3-image-tag-missing'), spec));
    await scene.until('Deployment', 'web', 'has passed its deadline', ({ status }) =>
      (status?.conditions ?? []).some(({ reason }) => reason === 'ProgressDeadlineExceeded'),
    );
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('succeeded');
    expect(report.findings.after).toEqual([]);
    expect((await scene.get('Deployment', 'web')).status).toMatchObject({ availableReplicas: 2, updatedReplicas: 2 });
  });

  it.concurrent('is believed of the target, whose cause it is told with', async () => {
    const scene = await Scene.create('fresh-deadline');
    await scene.apply(web(scene, broken('v3-image-tag-missing'), spec));
    await scene.until('Deployment', 'web', 'has its first pods', ({ status }) => status?.updatedReplicas === 2);
    await scene.deploy(web(scene, tagged('v2'), spec));
    const report = await scene.rollback(WEB, { timeoutMs: 100_000 });
    expect(report.outcome).toBe('failed');
    expect(report.steps.find(({ step }) => step === 'undo-workloads')?.outcome).toMatchObject({
      status: 'failed',
      failure: {
        code: 'ROLLOUT_FAILED',
        message: expect.stringMatching(/progressing.*image-not-found/),
        hint: expect.stringMatching(/^kubectl /),
      },
    });
  });
});

describe('pods of more than one container', () => {
  const many = (tag: string): PodTemplate => {
    const template = tagged(tag);
    template.metadata.labels['app'] = 'web';
    template.spec.initContainers = [
      { name: '0-migrate', image: `shop/migrate:${tag}` },
      { name: 'proxy', image: `shop/proxy:${tag}`, restartPolicy: 'Always' },
    ];
    template.spec.containers.push({ name: '1-metrics', image: `shop/metrics:${tag}` });
    return template;
  };

  it.concurrent('go back with their init containers and sidecars', async () => {
    const scene = await Scene.create('containers');
    await scene.deploy(web(scene, many('v1')));
    await scene.deploy(web(scene, many('v2')));
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('succeeded');
    const { spec } = (await scene.get('Deployment', 'web')).spec.template;
    const images = [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image);
    expect(images.every((image) => image?.endsWith(':v1'))).toBe(true);
    expect(images.length).toBe(4);
    expect(report.workloads[0]?.now?.images).toEqual(report.workloads[0]?.target?.images);
  });
});

describe('the history of revisions', () => {
  it.concurrent('refuses where none is kept', async () => {
    const scene = await Scene.create('history-none');
    await scene.deploy(web(scene, GOOD, { revisionHistoryLimit: 0 }));
    await scene.deploy(web(scene, tagged('v2'), { revisionHistoryLimit: 0 }));
    const [mark] = await Promise.all([scene.cluster.auditMark(), onlyOneReplicaSet(scene)]);
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('refused');
    expect(report.failures.map(({ code }) => code)).toEqual(['TARGET_NOT_FOUND']);
    expect(report.failures[0]?.hint).not.toBe('');
    expect(await scene.changesSince(mark)).toEqual([]);
  });

  it.concurrent('goes back where one is kept, and says that there is no more', async () => {
    const scene = await Scene.create('history-one');
    for (const tag of ['v1', 'v2', 'v3']) await scene.deploy(web(scene, tagged(tag), { revisionHistoryLimit: 1 }));
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('succeeded');
    expect(await scene.image('web')).toBe('registry.shop.example/web:v2');
    expect(report.preflight.flatMap(({ note }) => note?.key ?? [])).toContain('note.history-limit');
  });
});

async function onlyOneReplicaSet(scene: Scene): Promise<void> {
  await scene.until('Deployment', 'web', 'is rolled out', ({ status }) => status?.replicas === 2);
  const { stdout } = await scene.kubectl('get', 'replicasets', '-o', 'name');
  if (stdout.trim().split('\n').length !== 1) await onlyOneReplicaSet(scene);
}
