import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { fate, withFate } from '../../testbed/fates/index.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import type { Pod } from '../../testbed/kubelet/pod.ts';

let cluster: Cluster;
let namespace: string;
let server: Server;
let port: number;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('access');
  server = createServer((request, response) => response.end(`served ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const template = (annotations: Record<string, string> = {}) => ({
  metadata: { labels: { app: 'web' }, annotations },
  spec: {
    containers: [{ name: 'web', image: 'registry.example/web:v1', ports: [{ name: 'http', containerPort: 8080 }] }],
  },
});

async function run(name: string, podTemplate: object): Promise<void> {
  await cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: 'web', run: name } },
      template: { ...podTemplate, metadata: { ...(podTemplate as Pod).metadata, labels: { app: 'web', run: name } } },
    },
  });
}

async function firstPod(name: string, until: (pod: Pod) => boolean): Promise<Pod> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=run%3D${name}`;
  return waitFor(
    `a pod of ${name}`,
    async () => (await cluster.api.call('GET', path)).body.items.find(until) as Pod | undefined,
    { timeoutMs: 30_000 },
  );
}

const ready = ({ status }: Pod) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

describe('through the API server', () => {
  it('a log is what the template says the pod prints', async () => {
    await run('logs', template({ 'testbed/log': 'started\nERROR: no connection' }));
    const { metadata } = await firstPod('logs', ready);
    const { stdout } = await cluster.kubectl(['-n', namespace, 'logs', metadata.name, '--timestamps'], { check: true });
    expect(stdout).toMatch(/^\d{4}-\S+Z started\n\S+Z ERROR: no connection\n$/);
    const tail = await cluster.kubectl(['-n', namespace, 'logs', metadata.name, '--tail=1'], { check: true });
    expect(tail.stdout).toBe('ERROR: no connection\n');
  });

  it('a crashed container says why, now and before', async () => {
    await run('crash', fate('v2b-panic').template(template()));
    const { metadata } = await firstPod('crash', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff'),
    );
    const now = await cluster.kubectl(['-n', namespace, 'logs', metadata.name]);
    expect(now.stdout).toContain('panic: assignment to entry in nil map');
    const before = await cluster.kubectl(['-n', namespace, 'logs', metadata.name, '--previous']);
    expect(before.stdout).toContain('starting (mode=panic)');
  });

  it('a container that never ran refuses its log in the words of a kubelet', async () => {
    await run('missing', fate('v4c-missing-configmap').template(template()));
    const { metadata } = await firstPod('missing', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError'),
    );
    const { code, stderr } = await cluster.kubectl(['-n', namespace, 'logs', metadata.name]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error from server (BadRequest): container "web" in pod "${metadata.name}" is waiting to start: CreateContainerConfigError\n`,
    );
  });

  it('a command runs in a pod', async () => {
    await run('exec', template());
    const { metadata } = await firstPod('exec', ready);
    const { stdout } = await cluster.kubectl(['-n', namespace, 'exec', metadata.name, '--', 'echo', 'hello'], {
      check: true,
    });
    expect(stdout).toBe('hello\n');
  });

  it('a Service proxy reaches the real server behind a Ready pod', async () => {
    await run('serving', template({ 'testbed/serve': `8080=127.0.0.1:${port}` }));
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: { run: 'serving' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    });
    await firstPod('serving', ready);
    const answer = await waitFor(
      'the endpoint',
      async () => {
        const response = await cluster.api.send('GET', `/api/v1/namespaces/${namespace}/services/web:80/proxy/health`);
        return response.status === 200 && response;
      },
      { timeoutMs: 10_000 },
    );
    expect(answer.body).toMatch(/served .*\/health$/);
  });

  it('a port-forward reaches it too', async () => {
    const { metadata } = await firstPod('serving', ready);
    const forward = spawn(
      cluster.connection.kubectlPath,
      [`--kubeconfig=${cluster.kubeconfigPath}`, '-n', namespace, 'port-forward', metadata.name, ':8080'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const local = await new Promise<number>((resolve) => {
        forward.stdout.on('data', (text) => {
          const found = /127\.0\.0\.1:(\d+)/.exec(String(text))?.[1];
          if (found) resolve(Number(found));
        });
      });
      const text = await (await fetch(`http://127.0.0.1:${local}/direct`)).text();
      expect(text).toContain('served /direct');
    } finally {
      forward.kill();
    }
  });
});

describe('a pod heals', () => {
  it('when what it lacks is made', async () => {
    await run('lacking', fate('v4-missing-secret').template(template({ 'testbed/speed': '50' })));
    const { metadata } = await firstPod('lacking', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError'),
    );
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web-db', namespace },
      stringData: { url: 'postgres://db' },
    });
    const healed = await firstPod('lacking', ready);
    expect(healed.metadata.name).toBe(metadata.name);
    expect(healed.status.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it('when it is told to', async () => {
    await run('sick', withFate(template(), 'crash'));
    const { metadata } = await firstPod('sick', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff'),
    );
    await cluster.kubectl(['-n', namespace, 'annotate', 'pod', metadata.name, 'testbed/heal=true'], { check: true });
    const healed = await firstPod('sick', ready);
    expect(healed.metadata.name).toBe(metadata.name);
    expect(healed.status.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
  });
});
