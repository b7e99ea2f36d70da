import { createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import { templateHash } from '../../src/core/workload.ts';
import { Authority } from '../../testbed/certificates.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
const open: Connection[] = [];

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('access');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

async function connect(kubeconfig: string, more: { context?: string; in?: string } = {}): Promise<Connection> {
  const access = await readKubeconfig({
    text: kubeconfig,
    context: more.context,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const connection = await connectCluster(access, more.in ?? namespace, { userAgent: 'test', budgetMs: 3_000 });
  open.push(connection);
  return connection;
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  const error = await promise.then(
    (value) => Promise.reject(new Error(`it was not refused: ${JSON.stringify(value)}`)),
    (thrown) => thrown as RollbackError,
  );
  expect(error.hint).toContain('kubectl');
  return error;
}

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[];
  users: { user: Record<string, string> }[];
}

function changed(kubeconfig: string, change: (config: Kubeconfig) => void): string {
  const config = parse(kubeconfig) as Kubeconfig;
  change(config);
  return stringify(config);
}

describe('a kubeconfig that does not lead to a working cluster is named by its fault', () => {
  it('a context that is not in it', async () => {
    await expect(connect(cluster.kubeconfig, { context: 'staging' })).rejects.toMatchObject({
      errors: [{ code: 'CONTEXT_NOT_FOUND', message: expect.stringContaining('It has: testbed.') }],
    });
  });

  it('an authority that did not sign the server', async () => {
    const other = await Authority.create('another');
    const config = changed(cluster.kubeconfig, ({ clusters }) => {
      Object.assign(clusters[0]?.cluster ?? {}, {
        'certificate-authority-data': Buffer.from(other.certificate).toString('base64'),
      });
    });
    const { reader } = await connect(config);
    expect((await refusal(reader.identity())).code).toBe('CLUSTER_CERTIFICATE');
  });

  it('no authority at all', async () => {
    const config = changed(cluster.kubeconfig, ({ clusters }) => {
      delete clusters[0]?.cluster['certificate-authority-data'];
    });
    const { reader } = await connect(config);
    expect((await refusal(reader.identity())).code).toBe('CLUSTER_CERTIFICATE');
  });

  it('a token that the server does not know', async () => {
    const config = changed(cluster.kubeconfig, ({ users }) => {
      for (const entry of users) entry.user = { token: 'nobody-knows-this-token' };
    });
    const { reader } = await connect(config);
    const error = await refusal(reader.get('Deployment', 'web'));
    expect(error.code).toBe('CLUSTER_UNAUTHORIZED');
    expect(JSON.stringify(error.toFailure())).not.toContain('nobody-knows');
  });

  it('no credentials', async () => {
    const config = changed(cluster.kubeconfig, ({ users }) => {
      for (const entry of users) entry.user = {};
    });
    const { reader } = await connect(config);
    expect((await refusal(reader.get('Deployment', 'web'))).code).toBe('CLUSTER_UNAUTHORIZED');
  });

  it('a certificate that expires while we run', async () => {
    const user = { name: 'brief', groups: ['system:masters'], expiresInSeconds: 3, namespace };
    const { reader } = await connect(await cluster.kubeconfigFor(user));
    await reader.get('Deployment', 'web');
    const error = await waitFor(
      'the refusal',
      () =>
        reader.get('Deployment', 'web').then(
          () => undefined,
          (thrown: RollbackError) => thrown,
        ),
      {
        timeoutMs: 30_000,
        everyMs: 200,
      },
    );
    expect(error.code).toBe('CLUSTER_UNAUTHORIZED');
  });

  it('a port where nothing listens', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const config = changed(cluster.kubeconfig, ({ clusters }) => {
      Object.assign(clusters[0]?.cluster ?? {}, { server: `https://127.0.0.1:${port}` });
    });
    const { reader } = await connect(config);
    const error = await reader.identity().catch((thrown: RollbackError) => thrown);
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });
});

describe('a user with few permissions', () => {
  const WEB = { kind: 'Deployment', name: 'web' } as const;

  async function user(name: string, rules: readonly object[]): Promise<Connection> {
    await cluster.apply([
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace }, rules },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
      },
    ]);
    const connection = await connect(await cluster.kubeconfigFor({ name }));
    // RBAC takes a moment to be seen by the authoriser.
    await waitFor(
      'the role',
      async () =>
        (await connection.reader.access([{ verb: 'list', group: 'apps', resource: 'deployments' }]))[0] === 'allowed',
      {
        timeoutMs: 10_000,
      },
    );
    return connection;
  }

  const READ = [
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  ];

  beforeAll(async () => {
    for (const tag of ['1', '2']) {
      const labels = { app: 'web' };
      await cluster.apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'app', image: `registry.test/app:${tag}` }] },
          },
        },
      });
    }
  });

  it('can roll back with get and patch alone, the view without events', async () => {
    const { reader, writer } = await user('deployer', [
      ...READ,
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] },
    ]);
    const view = await reader.view(['Deployment', 'ReplicaSet', 'Pod', 'Event'], AbortSignal.timeout(60_000));
    expect(view.missing).toEqual(['Event']);
    const before = view.get('Deployment', 'web');
    if (!before) throw new Error('web is not there');
    const container = { ...before.spec.template.spec.containers[0], name: 'app', image: 'registry.test/app:1' };
    const template = { ...before.spec.template, spec: { ...before.spec.template.spec, containers: [container] } };
    const change = { ref: WEB, uid: before.metadata.uid, from: templateHash(before.spec.template), template };
    await reader.dryRunTemplate(change);
    const { version } = view;
    expect((await writer.setTemplate(change)).spec.template).toEqual(template);
    await view.changed(version, 10_000, AbortSignal.timeout(10_000));
    expect((await reader.identity()).uid).toBeUndefined();
    view.close();
  });

  it('is told what is missing, and how to add it', async () => {
    const { reader, writer } = await user('reader', READ);
    const object = await reader.get('Deployment', 'web');
    if (!object) throw new Error('web is not there');
    const { uid } = object.metadata;
    const template = {
      ...object.spec.template,
      metadata: { ...object.spec.template.metadata, annotations: { a: '1' } },
    };
    const change = { ref: WEB, uid, from: templateHash(object.spec.template), template };
    for (const attempt of [
      () => writer.setTemplate(change),
      () => reader.dryRunTemplate(change),
      () => writer.setPaused(WEB, uid, true),
    ]) {
      const error = await refusal(attempt());
      expect(error.code).toBe('CLUSTER_FORBIDDEN');
      expect(error.message).toBe(
        `User "reader" may not patch deployments.apps in namespace "${namespace}" (needed for deployment/web).`,
      );
      expect(error.hint).toContain('{apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]}');
    }
    const asked = [
      { verb: 'get', group: 'apps', resource: 'deployments' },
      { verb: 'patch', group: 'apps', resource: 'deployments' },
      { verb: 'get', group: '', resource: 'pods/log' },
      { verb: 'create', group: 'coordination.k8s.io', resource: 'leases' },
    ] as const;
    expect(await reader.access(asked)).toEqual(['allowed', 'denied', 'denied', 'denied']);
    expect((await refusal(reader.logs('web-1', 'app', { tailLines: 1 }))).message).toContain('may not get pods/log');
    expect((await refusal(reader.list('Secret'))).message).toContain('may not list secrets');
    expect((await refusal(writer.create('Lease', { metadata: { name: 'tiered-rollback' } }))).message).toContain(
      'may not create leases.coordination.k8s.io',
    );
    expect((await refusal(writer.deletePod('web-1', 'uid'))).message).toContain('may not delete pods');
  });

  it('sees nothing of another namespace', async () => {
    const other = await cluster.namespace('elsewhere');
    const { reader } = await connect(await cluster.kubeconfigFor({ name: 'reader' }), { in: other });
    const error = await refusal(reader.view(['Deployment'], AbortSignal.timeout(10_000)));
    expect(error.code).toBe('CLUSTER_FORBIDDEN');
    expect(error.message).toContain(other);
  });
});
