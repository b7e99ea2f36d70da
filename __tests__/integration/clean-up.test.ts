import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TemporaryResource } from '../../src/core/config.ts';
import { cleanTemporaryResources } from '../../src/steps/clean-temporary-resources.ts';
import { waitFor } from '../../testbed/condition.ts';
import { deployment } from './scene.ts';
import { SecureScene } from './secure-scene.ts';

const WEB = deployment('web');
let secure: SecureScene;

beforeAll(async () => {
  secure = await SecureScene.create('clean-up');
  await secure.scene.deploy(secure.scene.deployment('web', 'shop/web:1'));
});
afterAll(async () => {
  await secure?.close();
});

const template = (claim?: string) => ({
  restartPolicy: 'Never',
  containers: [
    {
      name: 'main',
      image: 'registry.test/job:1',
      ...(claim === undefined ? {} : { volumeMounts: [{ name: 'd', mountPath: '/d' }] }),
    },
  ],
  ...(claim === undefined ? {} : { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: claim } }] }),
});
const job = (name: string, claim?: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: template(claim) } },
});
const pod = (name: string, claim?: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more },
  spec: template(claim),
});
const claim = (name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
});
const create = (object: object) => secure.kubectl(['create', '-f', '-'], object);

async function clean(temporaryResources: readonly TemporaryResource[], deadlineMs = 60_000) {
  const one = await secure.context({ workloads: [WEB], temporaryResources }, { deadlineMs });
  const results = await secure.carryOut(one, [cleanTemporaryResources]);
  return { one, ...(results['clean-temporary-resources'] as (typeof results)[string]) };
}

describe('clean-temporary-resources on a real API server', () => {
  it('deletes exactly the named ones, what they own with them, and proves it', async () => {
    await create(job('import'));
    await create(job('import-2'));
    await create(pod('probe'));
    await create(claim('temp-storage'));
    await waitFor(
      'the pod of the job',
      async () => (await secure.kubectl(['get', 'pods', '-l', 'job-name=import', '-o', 'name'])).trim() !== '',
      { timeoutMs: 30_000 },
    );
    const { outcome, planned, one } = await clean([
      { kind: 'Job', name: 'import' },
      { kind: 'Pod', name: 'probe' },
      { kind: 'PersistentVolumeClaim', name: 'temp-storage' },
      { kind: 'Pod', name: 'never-there' },
    ]);
    expect(planned).toMatchObject({
      change: {
        summary: [
          'job/import: delete, its pods first',
          'pod/probe: delete',
          'persistentvolumeclaim/temp-storage: delete; no volume is bound to it',
        ],
      },
    });
    expect(outcome).toMatchObject({ status: 'passed' });
    expect(one.notes.map(({ key }) => key)).toContain('note.data-lost');
    expect((await secure.kubectl(['get', 'pods', '-l', 'job-name=import', '-o', 'name'])).trim()).toBe('');
    expect(await secure.kubectl(['get', 'jobs', '-o', 'name'])).toContain('import-2');
    expect((await clean([{ kind: 'Job', name: 'import' }])).planned).toMatchObject({ kind: 'no-op' });
  });

  it('refuses a claim that a pod uses, and a pod that is made again', async () => {
    await create(claim('used'));
    await create(pod('user', 'used'));
    await expect(clean([{ kind: 'PersistentVolumeClaim', name: 'used' }])).rejects.toThrow(/is used by pod\/user/);
    const name = (await secure.kubectl(['get', 'pods', '-l', 'app=web', '-o', 'name'])).trim().split('\n')[0] ?? '';
    await expect(clean([{ kind: 'Pod', name: name.replace('pod/', '') }])).rejects.toThrow(/made by ReplicaSet/);
  });

  it('reports a finalizer that stays, and never forces it', async () => {
    await create(pod('stuck', undefined, { finalizers: ['shop.test/hold'] }));
    const { outcome } = await clean([{ kind: 'Pod', name: 'stuck' }], 4000);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'LEFTOVER_STAYS', message: expect.stringContaining('shop.test/hold') },
    });
    expect(await secure.kubectl(['get', 'pod', 'stuck', '-o', 'name'])).toContain('stuck');
    await secure.kubectl([
      'patch',
      'pod',
      'stuck',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/metadata/finalizers"}]',
    ]);
  });
});
