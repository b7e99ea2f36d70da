import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Application, BACKEND, FRONTEND, startApplication } from '../../testbed/application.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let application: Application;

beforeAll(async () => {
  cluster = await sharedCluster();
  application = await startApplication(cluster, { namespace: await cluster.namespace('application') });
});
afterAll(() => application?.stop());

const statuses = () =>
  Promise.all(application.healthUrls.map(async (url) => (await fetch(url, { keepalive: false })).status));

const undo = () =>
  Promise.all(
    [FRONTEND, BACKEND].map((name) =>
      cluster.kubectl(['-n', application.namespace, 'rollout', 'undo', `deployment/${name}`], { check: true }),
    ),
  );

describe('the demo application', () => {
  it('is green with a good release, and reached through the API server', async () => {
    await application.deploy({ tag: 'v1' });
    await application.settled();
    for (const address of application.healthServices) {
      const [, name, path] = /^service\/([^/]+)(\/.*)$/.exec(address) as RegExpExecArray;
      await waitFor(
        address,
        async () => {
          const url = `/api/v1/namespaces/${application.namespace}/services/${name}/proxy${path}`;
          const { status, body } = await cluster.api.send('GET', url);
          return status === 200 && body.release === 'v1';
        },
        { timeoutMs: 10_000 },
      );
    }
  });

  it('turns red with a release that fails its checks, and green again once undone', async () => {
    await application.deploy({ tag: 'v2', frontend: 'unhealthy', backend: 'unhealthy' });
    await waitFor('red', async () => (await statuses()).every((status) => status === 503), { timeoutMs: 30_000 });
    await undo();
    await application.settled();
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  it('turns red when the pods are killed for their memory after the rollout', async () => {
    await application.deploy({ tag: 'v3', backend: 'v6-oom' });
    await waitFor('red', async () => (await statuses())[1] === 503, { timeoutMs: 30_000 });
    await undo();
    await application.settled();
  });

  it('stays green while a release cannot start', async () => {
    await application.deploy({ tag: 'v4', frontend: 'v3-image-tag-missing', backend: 'v2-crash' });
    await waitFor(
      'the crash',
      async () =>
        (await cluster.kubectl(['-n', application.namespace, 'get', 'pods'])).stdout.includes('CrashLoopBackOff'),
      { timeoutMs: 30_000 },
    );
    expect(await statuses()).toEqual([200, 200, 200]);
  });
});
