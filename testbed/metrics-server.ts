import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { waitFor } from './condition.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

const GROUP_VERSION = 'metrics.k8s.io/v1beta1';
const SERVICES = '/api/v1/namespaces/kube-system/services';
const REGISTRATIONS = '/apis/apiregistration.k8s.io/v1/apiservices';
const REGISTRATION = 'v1beta1.metrics.k8s.io';

/**
 * A real metrics-server on a cluster of the testbed, registered as in any cluster: `kubectl top pods` works. One at a time for a cluster.
 * It knows a pod after two looks, 10 s apart at the least; what it sees is told by testbed/kubelet/usage.ts.
 */
export async function startMetricsServer(cluster: Cluster): Promise<OwnServer> {
  const server = await startOwnServer({
    tool: 'metrics-server',
    ports: 1,
    async arguments(folder, [port]) {
      const serving = await cluster.issue({
        commonName: 'metrics-server',
        hosts: ['metrics-server.kube-system.svc', '127.0.0.1'],
      });
      const file = async (name: string, text: string) => {
        await writeFile(join(folder, name), text, { mode: 0o600 });
        return join(folder, name);
      };
      const kubeconfig = await file('kubeconfig', cluster.kubeconfig);
      return [
        `--kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        `--tls-cert-file=${await file('serving.crt', serving.cert)}`,
        `--tls-private-key-file=${await file('serving.key', serving.key)}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        `--kubelet-certificate-authority=${cluster.caPath}`,
        `--kubelet-client-certificate=${join(cluster.folder, 'kubelet-client.crt')}`,
        `--kubelet-client-key=${join(cluster.folder, 'kubelet-client.key')}`,
        '--kubelet-preferred-address-types=InternalIP',
        '--kubelet-use-node-status-port',
        '--kubelet-request-timeout=5s',
        '--metric-resolution=10s',
      ];
    },
    // Nothing can be asked of it before it is registered.
    ready: async ([port]) =>
      (await cluster.kubectl(['get', '--raw', '/readyz', `--server=https://127.0.0.1:${port}`])).code === 0,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      try {
        // Left behind, a registration without a server would keep every namespace from being deleted.
        await cluster.api.call('DELETE', `${REGISTRATIONS}/${REGISTRATION}`, undefined, { allow: [404] });
        await cluster.api.call('DELETE', `${SERVICES}/metrics-server`, undefined, { allow: [404] });
      } finally {
        await server.stop();
      }
    })();
    return stopped;
  };
  try {
    await register(cluster, server.ports[0] ?? 0);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...server, stop, [Symbol.asyncDispose]: stop };
}

async function register(cluster: Cluster, port: number): Promise<void> {
  await cluster.api.call('POST', SERVICES, {
    metadata: { name: 'metrics-server' },
    spec: { type: 'ExternalName', externalName: '127.0.0.1' },
  });
  await cluster.api.call('POST', REGISTRATIONS, {
    metadata: { name: REGISTRATION },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: 'metrics-server', namespace: 'kube-system', port },
      caBundle: Buffer.from(cluster.ca).toString('base64'),
    },
  });
  await waitFor(
    'the metrics API answers',
    async () => (await cluster.api.send('GET', `/apis/${GROUP_VERSION}`)).status === 200,
    {
      timeoutMs: 30_000,
      explain: async () => (await cluster.kubectl(['get', 'apiservice', REGISTRATION, '-o', 'yaml'])).stdout,
    },
  );
}
