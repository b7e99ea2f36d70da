import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
const opened: Connection[] = [];

async function connect(kubeconfig: string): Promise<Connection> {
  const access = await readKubeconfig({
    text: kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const connection = await connectCluster(access, namespace, { userAgent: 'test' });
  opened.push(connection);
  return connection;
}

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('discovery');
});
afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
});

describe('EndpointSlices', () => {
  it('show the pods behind a Service as its controller sees them', async () => {
    const { reader } = await connect(cluster.kubeconfig);
    const labels = { app: 'web' };
    await cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace },
        spec: { selector: labels, ports: [{ port: 80 }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace, labels },
        spec: { containers: [{ name: 'web', image: 'registry.test/web:1' }] },
      },
    ]);
    const slice = await waitFor(
      'a ready address',
      async () =>
        (await reader.list('EndpointSlice')).find(({ endpoints }) =>
          endpoints?.some(({ conditions }) => conditions?.ready),
        ),
      { timeoutMs: 60_000 },
    );
    expect(slice).toMatchObject({
      kind: 'EndpointSlice',
      metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [{ addresses: [expect.any(String)], conditions: { ready: true } }],
    });
  });
});

describe('the DNS of the cluster', () => {
  it('is told by its addresses, and not known where it may not be read', async () => {
    const { reader } = await connect(cluster.kubeconfig);
    expect(await reader.clusterDns()).toBeUndefined();
    const slice = 'kube-dns-of-a-test';
    const endpoint = (address: string, ready: boolean) => ({ addresses: [address], conditions: { ready } });
    await cluster.apply({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: slice, namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      endpoints: [endpoint('192.0.2.1', true), endpoint('192.0.2.2', false)],
    });
    try {
      expect(await reader.clusterDns()).toEqual({ ready: 1, addresses: 2 });
      const nobody = await connect(await cluster.kubeconfigFor({ name: `nobody-${namespace}`, namespace }));
      expect(await nobody.reader.clusterDns()).toBeUndefined();
    } finally {
      await cluster.kubectl(['-n', 'kube-system', 'delete', 'endpointslice', slice], { check: true });
    }
  });
});
