import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { KubeObject, WorkloadObject } from '../../src/core/kubernetes.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
let connection: Connection;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('scale');
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

async function kubectl(args: readonly string[], input?: object): Promise<void> {
  await cluster.kubectl(['-n', namespace, ...args], {
    check: true,
    ...(input ? { input: JSON.stringify(input) } : {}),
  });
}

function manifest(kind: 'Deployment' | 'StatefulSet', name: string, replicas: number): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      replicas,
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        // A node that there is not: these tests are about what is stored.
        spec: { nodeSelector: { none: 'such' }, containers: [{ name: 'app', image: 'registry.test/app:1' }] },
      },
    },
  };
}

async function read(kind: 'Deployment' | 'StatefulSet', name: string): Promise<WorkloadObject> {
  const found = await connection.reader.get(kind, name);
  if (!found) throw new Error(`${name} is not there`);
  return found;
}

/** Who owns a field of the spec. */
function owners(object: KubeObject, field: string): string[] {
  return (object.metadata.managedFields ?? [])
    .filter((entry) => entry.fieldsV1?.['f:spec']?.[`f:${field}`] !== undefined)
    .map((entry) => `${entry.manager}/${entry.operation}`);
}

const CLIENT = ['apply', '-f', '-'];
const SERVER = ['apply', '--server-side', '-f', '-'];

describe.each([
  ['client', CLIENT, ['kubectl-client-side-apply/Update']],
  ['server', SERVER, ['kubectl/Apply']],
] as const)('what kubectl applied on the %s side', (how, apply, owner) => {
  it.each(['Deployment', 'StatefulSet'] as const)(
    'a %s goes to zero and back, and the next deploy needs no force',
    async (kind) => {
      const name = `${kind.toLowerCase()}-${how}`;
      await kubectl(apply, manifest(kind, name, 3));
      const { uid } = (await read(kind, name)).metadata;
      const ref = { kind, name } as const;
      const down = await connection.writer.scale(ref, uid, {
        replicas: 0,
        from: 3,
        annotations: { 'tiered-rollback/x': '3' },
      });
      expect(down.spec.replicas).toBe(0);
      expect(owners(down, 'replicas')).toEqual(owner);
      const up = await connection.writer.scale(ref, uid, { replicas: 3, annotations: { 'tiered-rollback/x': null } });
      expect(up.spec.replicas).toBe(3);
      expect(owners(up, 'replicas')).toEqual(owner);
      expect((up.metadata.managedFields ?? []).map(({ manager }) => manager)).not.toContain('tiered-rollback');
      await kubectl(apply, manifest(kind, name, 5));
      expect((await read(kind, name)).spec.replicas).toBe(5);
    },
  );

  it('a CronJob is suspended and woken, and the next deploy needs no force', async () => {
    const name = `nightly-${how}`;
    const cron = (suspend: boolean) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name, namespace },
      spec: {
        schedule: '0 0 1 1 *',
        suspend,
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'registry.test/job:1' }] } },
          },
        },
      },
    });
    await kubectl(apply, cron(false));
    const { uid } = (await connection.reader.get('CronJob', name))?.metadata ?? { uid: '' };
    const off = await connection.writer.suspendCronJob(name, uid, {
      suspend: true,
      annotations: { 'tiered-rollback/y': 'true' },
    });
    expect(off.spec.suspend).toBe(true);
    expect(owners(off, 'suspend')).toEqual(owner);
    const on = await connection.writer.suspendCronJob(name, uid, {
      suspend: false,
      annotations: { 'tiered-rollback/y': null },
    });
    expect(on.spec.suspend).toBe(false);
    await kubectl(apply, cron(true));
    expect((await connection.reader.get('CronJob', name))?.spec.suspend).toBe(true);
  });
});

it('gives the number that an autoscaler set a moment ago back to nobody but it', async () => {
  await kubectl(CLIENT, manifest('Deployment', 'raced', 2));
  const { uid } = (await read('Deployment', 'raced')).metadata;
  const ref = { kind: 'Deployment', name: 'raced' } as const;
  await kubectl(['scale', 'deployment/raced', '--replicas=4']);
  await expect(
    connection.writer.scale(ref, uid, { replicas: 0, from: 2, annotations: { 'tiered-rollback/x': '2' } }),
  ).rejects.toMatchObject({ code: 'PLAN_STALE' });
  expect((await read('Deployment', 'raced')).spec.replicas).toBe(4);
});
