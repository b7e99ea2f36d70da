import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Adapter, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
let adapter: Adapter;
/** `exec` of the testbed runs on this machine: a folder of this machine is one of the pod. */
let folder: string;
const opened: Adapter[] = [];

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('pod-file');
  folder = join(cluster.connection.folder, `pod-file-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  adapter = await connect(cluster.kubeconfig);
  await Promise.all([
    pod('backup', [{ name: 'only', image: 'postgres:18' }]),
    pod('several', [
      { name: 'app', image: 'postgres:18' },
      { name: 'sidecar', image: 'envoy:1' },
    ]),
    pod(
      'told',
      [
        { name: 'app', image: 'postgres:18' },
        { name: 'sidecar', image: 'envoy:1' },
      ],
      { 'kubectl.kubernetes.io/default-container': 'app' },
    ),
  ]);
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await rm(folder, { recursive: true, force: true });
});

async function connect(kubeconfig: string): Promise<Adapter> {
  const access = await readKubeconfig({
    text: kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const one = await connectCluster(access, namespace, { userAgent: 'pod-file' });
  opened.push(one);
  return one;
}

async function pod(name: string, containers: object[], annotations: Record<string, string> = {}): Promise<void> {
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations },
    spec: { containers },
  });
  await waitFor(
    `pod ${name}`,
    async () => {
      const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
      return body.status.phase === 'Running';
    },
    { timeoutMs: 30_000 },
  );
}

async function read(path: string, name = 'backup', by = adapter): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of by.podFile(name, path)) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function failure(path: string, name?: string, by?: Adapter): Promise<RollbackError> {
  return read(path, name, by).then(
    () => {
      throw new Error('it was expected to fail');
    },
    (error) => error,
  );
}

const expected = (content: Buffer) => ({
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
});

describe('a file of a pod', () => {
  it('of several megabytes is read whole', async () => {
    const content = randomBytes(12_345_678);
    await writeFile(join(folder, 'dump.gz'), content);
    await symlink(join(folder, 'dump.gz'), join(folder, 'latest'));
    expect(await read(join(folder, 'dump.gz'))).toEqual(expected(content));
    expect(await read(join(folder, 'latest'), 'told')).toEqual(expected(content));
  });

  it('that is empty is empty', async () => {
    await writeFile(join(folder, 'empty'), '');
    expect((await read(join(folder, 'empty'))).bytes).toBe(0);
  });

  it.each(['with space', `quo'te"s`, '-leading', 'new\nline', '$(reboot)', 'ünïcode', '*', 'a;b&c', '100%41'])(
    'is found under the name %j',
    async (name) => {
      const content = Buffer.from(`content of ${name}`);
      await writeFile(join(folder, name), content);
      expect(await read(join(folder, name))).toEqual(expected(content));
    },
  );

  it('is read only as fast as it is taken', async () => {
    await writeFile(join(folder, 'large'), randomBytes(64_000_000));
    let bytes = 0;
    const before = process.memoryUsage.rss();
    for await (const chunk of adapter.podFile('backup', join(folder, 'large'))) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
      bytes += chunk.length;
    }
    expect(bytes).toBe(64_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(60e6);
  });

  it('that nobody reads to its end costs no more than what was read', async () => {
    for await (const chunk of adapter.podFile('backup', join(folder, 'large'))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe('what is wrong is named', () => {
  it('no such file', async () => {
    const error = await failure(join(folder, 'none.sql'));
    expect(error).toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    expect(error.message).toContain(`pod:backup:${folder}/none.sql does not exist (container "only")`);
    expect(error.hint).toContain(`kubectl -n ${namespace} exec backup -c only -- ls -l -- ${folder}`);
  });

  it('a directory', async () => {
    expect(await failure(folder)).toMatchObject({
      code: 'BACKUP_UNREADABLE',
      message: expect.stringContaining('it is no file'),
    });
  });

  it('no such pod, and a pod of several containers', async () => {
    expect(await failure('/dump', 'absent')).toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    const error = await failure('/dump', 'several');
    expect(error).toMatchObject({ code: 'BACKUP_UNREADABLE' });
    expect(error.message).toContain('2 containers (app, sidecar)');
    expect(error.hint).toContain('kubectl.kubernetes.io/default-container');
  });

  it('a path that is none', async () => {
    expect(await failure('relative')).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await failure('/with\0null')).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('a run that is cancelled while it reads', async () => {
    const cancel = new AbortController();
    const reading = (async () => {
      for await (const _ of adapter.podFile('backup', join(folder, 'large'), cancel.signal)) cancel.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('a stream that is cut while it is read: never a short file', async () => {
    const own = await connect(cluster.kubeconfig);
    const reading = (async () => {
      for await (const _ of own.podFile('backup', join(folder, 'large'))) await own.close();
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'BACKUP_UNREADABLE',
      message: expect.stringMatching(/the stream ended after \d+ of 64000000 bytes/),
    });
  });

  it('the permission', async () => {
    await cluster.apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'looker', namespace },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'looker', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'looker' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'looker' }],
      },
    ]);
    const by = await connect(await cluster.kubeconfigFor({ name: 'looker', namespace }));
    const error = await failure(join(folder, 'large'), 'backup', by);
    expect(error).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
    expect(error.hint).toContain('resources: ["pods/exec"], verbs: ["get", "create"]');
  });
});
