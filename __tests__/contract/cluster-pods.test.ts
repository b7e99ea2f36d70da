import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
let connection: Connection;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('pods');
  const access = await readKubeconfig({
    text: cluster.kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  connection = await connectCluster(access, namespace, { userAgent: 'test' });
});
afterAll(async () => {
  await connection?.close();
});

const options = { timeoutMs: 5_000, signal: AbortSignal.timeout(110_000) };

describe('logs', () => {
  it('are the last lines, and never follow', async () => {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'talker', namespace, annotations: { 'testbed/log': 'one\ntwo\nthree' } },
      spec: { containers: [{ name: 'app', image: 'registry.test/app:1' }] },
    });
    const lines = await waitFor(
      'lines',
      async () => {
        const seen = await connection.reader.logs('talker', 'app', { tailLines: 2 });
        return seen.length > 0 && seen;
      },
      { timeoutMs: 30_000 },
    );
    expect(lines).toEqual(['two', 'three']);
    expect(await connection.reader.logs('talker', 'no-such-container', { tailLines: 2 })).toEqual([]);
    const bounded = { tailLines: 3, timeoutMs: 30_000 };
    const stamped = await connection.reader.logs('talker', 'app', { ...bounded, timestamps: true });
    expect(stamped.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z /, '> '))).toEqual([
      '> one',
      '> two',
      '> three',
    ]);
    expect(await connection.reader.logs('talker', 'app', { ...bounded, maxBytes: 6 })).toEqual(['one', 'tw']);
  });
});

describe('a service behind the API server', () => {
  it('that has no endpoint answers 503, one that is not there 404', async () => {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'empty', namespace },
      spec: { ports: [{ port: 80 }] },
    });
    expect((await connection.reader.serviceGet('empty', '80', '/health', options)).status).toBe(503);
    expect((await connection.reader.serviceGet('nowhere', '80', '/health', options)).status).toBe(404);
  });

  it('answers with its own status and text, redirects included', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: 'http://169.254.169.254/' });
      else response.writeHead(request.url === '/health?deep=1&x=a%20b' ? 200 : 418);
      response.end(`${request.method} ${request.url}${'x'.repeat(request.url === '/large' ? 200_000 : 0)}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await cluster.apply([
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'web', namespace },
          spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], selector: { app: 'web' } },
        },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'web',
            namespace,
            labels: { app: 'web' },
            annotations: { 'testbed/serve': `8080=127.0.0.1:${port}` },
          },
          spec: { containers: [{ name: 'app', image: 'registry.test/app:1' }] },
        },
      ]);
      const answer = await waitFor(
        'the service',
        async () => {
          const seen = await connection.reader.serviceGet('web', 'http', '/health?deep=1&x=a%20b', options);
          return seen.status === 503 ? undefined : seen;
        },
        { timeoutMs: 20_000 },
      );
      expect(answer).toMatchObject({ status: 200, body: 'GET /health?deep=1&x=a%20b' });
      expect((await connection.reader.serviceGet('web', '80', '/other', options)).status).toBe(418);
      expect((await connection.reader.serviceGet('web', '80', '/moved', options)).status).toBe(302);
      expect((await connection.reader.serviceGet('web', '80', '/large', options)).body).toHaveLength(65_536);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
