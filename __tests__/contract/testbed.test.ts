import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { startCluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { freePorts } from '../../testbed/ports.ts';

const deployment = (namespace: string, name: string, image = 'registry.example/web:v1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, image }] },
    },
  },
});

describe('the shared cluster', () => {
  it('runs a Deployment whose pods carry the digest that ran', async () => {
    const cluster = await sharedCluster();
    const namespace = await cluster.namespace('testbed');
    await cluster.apply(deployment(namespace, 'web'));
    await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=30s'], { check: true });
    const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods`);
    expect(body.items).toHaveLength(2);
    for (const pod of body.items) {
      const [status] = pod.status.containerStatuses;
      expect(status).toMatchObject({ ready: true, started: true, restartCount: 0 });
      expect(status.imageID).toMatch(/^registry\.example\/web@sha256:[0-9a-f]{64}$/);
    }
  });

  it('lets RBAC decide about a user', async () => {
    const cluster = await sharedCluster();
    const namespace = await cluster.namespace('testbed');
    const kubeconfig = await cluster.kubeconfigFor({ name: 'reader', groups: ['readers'] });
    const get = () => cluster.kubectl(['-n', namespace, 'get', 'pods'], { kubeconfig });
    expect((await get()).stderr).toContain('User "reader" cannot list resource "pods"');
    await cluster.kubectl(['-n', namespace, 'create', 'role', 'reader', '--verb=get,list,watch', '--resource=pods'], {
      check: true,
    });
    await cluster.kubectl(['-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', '--group=readers'], {
      check: true,
    });
    await waitFor('the role to be known', async () => (await get()).code === 0, { timeoutMs: 10_000 });
  });

  it('refuses a user whose certificate has expired', async () => {
    const cluster = await sharedCluster();
    const kubeconfig = await cluster.kubeconfigFor({ name: 'short', groups: ['system:masters'], expiresInSeconds: -1 });
    const { code, stderr } = await cluster.kubectl(['get', 'nodes'], { kubeconfig });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Unauthorized|logged in|certificate/i);
  });

  it('tells who changed what, and nothing of Secret values', async () => {
    const cluster = await sharedCluster();
    const namespace = await cluster.namespace('testbed');
    const since = await cluster.auditMark();
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'app', namespace },
      stringData: { key: 'do-not-log-this' },
    });
    await cluster.apply(deployment(namespace, 'web'));
    const events = await cluster.audit({ namespace, user: 'testbed:admin', mutating: true, since });
    expect(events.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`)).toEqual([
      'create secrets',
      'create deployments',
    ]);
    expect(JSON.stringify(events)).not.toContain(Buffer.from('do-not-log-this').toString('base64'));
    expect(events[1]?.requestObject.spec.replicas).toBe(2);
  });
});

describe('a cluster of one’s own', () => {
  it('takes other ports when one is taken meanwhile', async () => {
    const holder = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const taken = (holder.address() as AddressInfo).port;
    let calls = 0;
    const ports = async (count: number) => {
      const free = await freePorts(count);
      // The third is the API server's.
      return calls++ === 0 ? free.with(2, taken) : free;
    };
    const lines: string[] = [];
    const cluster = await startCluster({ ports, log: (line) => lines.push(line) });
    try {
      expect(calls).toBe(2);
      expect(lines.join('\n')).toContain('a port was taken');
      expect(existsSync(cluster.folder)).toBe(true);
    } finally {
      await cluster.stop();
      holder.close();
    }
    expect(existsSync(cluster.folder)).toBe(false);
    expect(Object.values(cluster.servers).some(({ pid }) => alive(pid))).toBe(false);
  });

  it('leaves no process and no folder behind when its starter is killed', async () => {
    const starter = spawn(
      process.execPath,
      ['--input-type=module', '-e', script(), fileURLToPath(new URL('../../testbed/cluster.ts', import.meta.url))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const line = await new Promise<string>((resolve) => {
        createInterface({ input: starter.stdout }).once('line', resolve);
        starter.once('exit', () => resolve('{}'));
      });
      const { folder, pids } = JSON.parse(line) as { folder: string; pids: number[] };
      expect(existsSync(folder)).toBe(true);
      starter.kill('SIGKILL');
      await waitFor('the folder to go', () => !existsSync(folder), { timeoutMs: 10_000 });
      await waitFor('the servers to go', () => pids.every((pid) => !alive(pid)), { timeoutMs: 10_000 });
    } finally {
      starter.kill('SIGKILL');
    }
  });
});

function script(): string {
  return `
    const { startCluster } = await import(process.argv[1]);
    const cluster = await startCluster({ build: false });
    console.log(JSON.stringify({ folder: cluster.folder, pids: Object.values(cluster.servers).map(({ pid }) => pid) }));
    setInterval(() => {}, 1000);
  `;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
