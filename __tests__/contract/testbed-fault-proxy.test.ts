import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ApiClient } from '../../testbed/api-client.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from '../../testbed/fault-proxy.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let proxy: FaultProxy;
let namespace: string;
let client: ApiClient;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('proxy');
  proxy = await startFaultProxy(cluster);
  const { user } = parse(proxy.kubeconfig).users[0];
  const decode = (text: string) => Buffer.from(text, 'base64').toString();
  client = new ApiClient({
    server: proxy.server,
    ca: cluster.ca,
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
});
beforeEach(() => proxy.clear());
afterAll(async () => {
  client?.close();
  await proxy?.stop();
});

const configMaps = () => `/api/v1/namespaces/${namespace}/configmaps`;
const create = (name: string) => client.send('POST', configMaps(), { metadata: { name } });
const exists = async (name: string) => (await cluster.api.send('GET', `${configMaps()}/${name}`)).status === 200;
const posts = ({ method }: ProxiedRequest) => method === 'POST';

describe('the fault proxy', () => {
  it('keeps who the client is', async () => {
    const kubeconfig = await proxy.kubeconfigFor({ name: 'somebody', groups: ['first', 'second'] });
    const { stdout } = await cluster.kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig, check: true });
    expect(JSON.parse(stdout).status.userInfo).toMatchObject({
      username: 'somebody',
      groups: expect.arrayContaining(['first', 'second']),
    });
    expect(proxy.requests.at(-1)).toMatchObject({ user: 'somebody' });
  });

  it('passes a service account’s token on', async () => {
    const kubeconfig = parse(await cluster.serviceAccountKubeconfig(namespace, 'default'));
    kubeconfig.clusters[0].cluster.server = proxy.server;
    const options = { kubeconfig: JSON.stringify(kubeconfig), check: true };
    const { stdout } = await cluster.kubectl(['auth', 'whoami', '-o', 'json'], options);
    expect(JSON.parse(stdout).status.userInfo.username).toBe(`system:serviceaccount:${namespace}:default`);
  });

  it('asks for patience, as often as told', async () => {
    proxy.inject({ kind: 'status', code: 429, retryAfterSeconds: 1 }, posts, 1);
    expect(await create('patience')).toMatchObject({ status: 429, body: { details: { retryAfterSeconds: 1 } } });
    expect(await exists('patience')).toBe(false);
    expect((await create('patience')).status).toBe(201);
  });

  it('drops the answer to what was applied', async () => {
    proxy.inject({ kind: 'drop-answer' }, posts, 1);
    await expect(create('applied')).rejects.toThrow();
    expect(await exists('applied')).toBe(true);
  });

  it('says 500 to what was applied', async () => {
    proxy.inject({ kind: 'status', code: 500, after: true }, posts, 1);
    expect((await create('applied-500')).status).toBe(500);
    expect(await exists('applied-500')).toBe(true);
  });

  it('breaks the connection before anything is applied', async () => {
    proxy.inject({ kind: 'reset' }, posts, 1);
    await expect(create('reset')).rejects.toThrow();
    expect(await exists('reset')).toBe(false);
  });

  it('cuts an answer in its middle', async () => {
    proxy.inject({ kind: 'cut', bytes: 20 });
    await expect(client.send('GET', configMaps())).rejects.toThrow();
  });

  it('keeps a watch silent', async () => {
    proxy.inject({ kind: 'silence', bytes: 0 }, ({ watch }) => watch, 1);
    const stop = new AbortController();
    const seenBy = (api: ApiClient) => {
      const names = new Set<string>();
      void (async () => {
        for await (const { object } of api.watch<{ metadata: { name: string } }>(configMaps(), stop.signal)) {
          names.add(object.metadata.name);
        }
      })();
      return names;
    };
    const [deaf, hearing] = [seenBy(client), seenBy(cluster.api)];
    await waitFor('both lists', () => deaf.size > 0 && hearing.size > 0, { timeoutMs: 10_000 });
    await waitFor('the watch', () => proxy.requests.at(-1)?.watch, { timeoutMs: 10_000 });
    expect((await create('unheard')).status).toBe(201);
    await waitFor('the other watch', () => hearing.has('unheard'), { timeoutMs: 10_000 });
    expect(deaf).not.toContain('unheard');
    stop.abort();
  });

  it('ends a watch as expired, after which a client lists again', async () => {
    const expired = proxy.inject({ kind: 'expired-watch' }, ({ watch }) => watch, 1);
    const stop = new AbortController();
    let lists = 0;
    for await (const { object } of client.watch<{ metadata: { name: string } }>(configMaps(), stop.signal)) {
      if (object.metadata.name === 'kube-root-ca.crt' && ++lists === 2) break;
    }
    stop.abort();
    expect(expired.struck).toHaveLength(1);
  });
});
