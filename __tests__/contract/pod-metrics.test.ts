import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { ClusterReader } from '../../src/ports/cluster.ts';
import { type OwnCluster, startCluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startMetricsServer } from '../../testbed/metrics-server.ts';

let cluster: OwnCluster;
let namespace: string;
const closing: (() => Promise<void>)[] = [];
const signal = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  cluster = await startCluster({ audit: false });
  namespace = await cluster.namespace('usage');
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace, annotations: { 'testbed/cpu': '30', 'testbed/memory': '100' } },
    spec: {
      containers: [
        { name: 'web', image: 'web:v1' },
        { name: 'side', image: 'side:v1' },
      ],
    },
  });
}, 120_000);
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await cluster?.stop();
});

async function reader(kubeconfig: string): Promise<ClusterReader> {
  const options = { workspace: '/nowhere', temp: '/nowhere', allowInsecure: [], allowExecPlugins: [] };
  const access = await readKubeconfig({ text: kubeconfig, ...options });
  const connection = await connectCluster(access, namespace, { userAgent: 'contract' });
  closing.push(() => connection.close());
  return connection.reader;
}

describe('the metrics API', () => {
  it('is not there, says what each container uses, may not be read, and is gone', async () => {
    const admin = await reader(cluster.kubeconfig);
    const nobody = await reader(await cluster.kubeconfigFor({ name: 'nobody', namespace }));
    expect(await admin.podMetrics(signal())).toBeUndefined();
    expect(await nobody.podMetrics(signal())).toBeUndefined();

    await using server = await startMetricsServer(cluster);
    const pods = await waitFor(
      'metrics',
      async () => {
        const found = await admin.podMetrics(signal());
        return found && found.length > 0 ? found : undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    expect(pods).toMatchObject([
      {
        metadata: { name: 'web', namespace },
        timestamp: expect.stringMatching(/^20\d\d-.*Z$/),
        containers: expect.arrayContaining([
          {
            name: 'web',
            usage: { cpu: expect.stringMatching(/^\d+[num]$/), memory: expect.stringMatching(/^(100Mi|102400Ki)$/) },
          },
          {
            name: 'side',
            usage: { cpu: expect.stringMatching(/^\d+[num]$/), memory: expect.stringMatching(/^(100Mi|102400Ki)$/) },
          },
        ]),
      },
    ]);
    await expect(nobody.podMetrics(signal())).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      hint: expect.stringContaining('{apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["list"]}'),
    });
    await expect(admin.podMetrics(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });

    await server.process.kill();
    await expect(admin.podMetrics(signal())).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringContaining('503'),
    });
  }, 150_000);
});
