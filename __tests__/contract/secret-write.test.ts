import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import type { SecretObject } from '../../src/core/kubernetes.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';

let cluster: Cluster;
let namespace: string;
let connection: Connection;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('secrets');
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

const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (secret: SecretObject) =>
  Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );

interface Manifest {
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

const encoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)]));

async function kubectl(args: readonly string[], input?: object): Promise<void> {
  await cluster.kubectl(['-n', namespace, ...args], {
    check: true,
    ...(input ? { input: JSON.stringify(input) } : {}),
  });
}

function object(name: string, manifest: Manifest): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { app: name } },
    type: 'Opaque',
    ...manifest,
  };
}

async function read(name: string): Promise<SecretObject> {
  const found = await connection.reader.get('Secret', name);
  if (!found) throw new Error(`${name} is not there`);
  return found;
}

/** Who owns each key of `data`. */
function owners(secret: SecretObject): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const entry of secret.metadata.managedFields ?? []) {
    for (const field of Object.keys(entry.fieldsV1?.['f:data'] ?? {}).filter((key) => key !== '.')) {
      const key = field.slice(2);
      result[key] = [...(result[key] ?? []), `${entry.manager}/${entry.operation}`];
    }
  }
  return result;
}

const managers = (secret: SecretObject) => (secret.metadata.managedFields ?? []).map(({ manager }) => manager);

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => error as RollbackError,
  );
}

const CLIENT = ['apply', '-f', '-'];
const SERVER = ['apply', '--server-side', '-f', '-'];

/** How a Secret is deployed: before, and again after the rollback. Never with force. */
const WAYS = [
  { name: 'kubectl apply (data)', first: CLIENT, next: CLIENT, field: 'data' },
  { name: 'kubectl apply (stringData)', first: CLIENT, next: CLIENT, field: 'stringData' },
  { name: 'kubectl apply --server-side', first: SERVER, next: SERVER, field: 'data' },
  { name: 'kubectl apply --server-side (stringData)', first: SERVER, next: SERVER, field: 'stringData' },
  { name: 'kubectl apply, then --server-side', first: CLIENT, next: SERVER, field: 'data' },
  { name: 'kubectl create, then apply', first: ['create', '-f', '-'], next: CLIENT, field: 'data' },
  {
    name: 'another manager, server-side',
    first: [...SERVER, '--field-manager=helm'],
    next: [...SERVER, '--field-manager=helm'],
    field: 'data',
  },
] as const;

const content = (field: 'data' | 'stringData', data: Readonly<Record<string, string>>): Manifest =>
  field === 'data' ? { data: encoded(data) } : { stringData: data };

describe.each(WAYS)('a Secret deployed by $name', ({ first, next, field }) => {
  const id = (what: string) =>
    `${what}-${WAYS.findIndex((way) => way.first === first && way.next === next && way.field === field)}`;

  it('keeps its other keys and its owners, and the next deploy wins without force', async () => {
    const name = id('next');
    await kubectl(first, object(name, content(field, { CODE: 'bad', OTHER: 'other' })));
    const before = await read(name);
    const done = await connection.writer.setSecretKeys(before, { CODE: 'good' });
    expect(plain(done)).toEqual({ CODE: 'good', OTHER: 'other' });
    expect(managers(done)).not.toContain('tiered-rollback');
    // Of what `kubectl apply` owned, the key that it did not write is nobody's.
    const { CODE, ...others } = owners(before);
    expect(owners(done)).toEqual(first === CLIENT ? others : { ...others, CODE });
    await kubectl(next, object(name, content(field, { CODE: 'fixed', OTHER: 'other' })));
    expect(plain(await read(name))).toEqual({ CODE: 'fixed', OTHER: 'other' });
  });

  it('gets its bad value again from the old manifest: whoever deploys decides', async () => {
    const name = id('old');
    await kubectl(first, object(name, content(field, { CODE: 'bad' })));
    await connection.writer.setSecretKeys(await read(name), { CODE: 'good' });
    await kubectl(next, object(name, content(field, { CODE: 'bad' })));
    expect(plain(await read(name))).toEqual({ CODE: 'bad' });
  });

  it('has a new key that is nobody’s: no deploy that does not name it takes it away, one that does gets it', async () => {
    const name = id('new');
    await kubectl(first, object(name, content(field, { CODE: 'x' })));
    const done = await connection.writer.setSecretKeys(await read(name), { NEW: 'ours' });
    expect(owners(done)['NEW']).toBeUndefined();
    await kubectl(next, object(name, content(field, { CODE: 'y' })));
    expect(plain(await read(name))).toEqual({ CODE: 'y', NEW: 'ours' });
    await kubectl(next, object(name, content(field, { CODE: 'y', NEW: 'theirs' })));
    expect(plain(await read(name))).toEqual({ CODE: 'y', NEW: 'theirs' });
  });

  it('is created again where it is immutable, with its owners', async () => {
    const name = id('fixed');
    await kubectl(first, object(name, { ...content(field, { CODE: 'bad', OTHER: 'other' }), immutable: true }));
    const before = await read(name);
    const done = await connection.writer.setSecretKeys(before, { CODE: 'good' });
    expect(plain(done)).toEqual({ CODE: 'good', OTHER: 'other' });
    expect(done.immutable).toBe(true);
    expect(done.metadata.labels).toEqual(before.metadata.labels);
    expect(done.metadata.annotations).toEqual(before.metadata.annotations);
    expect(managers(done)).not.toContain('tiered-rollback');
    expect(owners(done)).toEqual(owners(before));
    // An immutable Secret can only be deployed as it is.
    await kubectl(next, object(name, { ...content(field, { CODE: 'good', OTHER: 'other' }), immutable: true }));
  });
});

describe('setSecretKeys', () => {
  it('gives each of two appliers its own keys back', async () => {
    const name = 'two';
    await kubectl(SERVER, object(name, { data: encoded({ A: '1' }) }));
    const part = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: encoded({ B: '1' }) };
    const mesh = [...SERVER, '--field-manager=mesh'];
    await kubectl(mesh, part);
    const done = await connection.writer.setSecretKeys(await read(name), { A: '2', B: '2' });
    expect(owners(done)).toEqual({ A: ['kubectl/Apply'], B: ['mesh/Apply'] });
    await kubectl(mesh, { ...part, data: encoded({ B: '3' }) });
    await kubectl(SERVER, object(name, { data: encoded({ A: '3' }) }));
    expect(plain(await read(name))).toEqual({ A: '3', B: '3' });
  });

  it('gives back what a run left that was killed between its two writes', async () => {
    const name = 'killed';
    await kubectl(SERVER, object(name, { data: encoded({ CODE: 'bad' }) }));
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=tiered-rollback`;
    const patch = [{ op: 'replace', path: '/data/CODE', value: base64('good') }];
    await cluster.api.call('PATCH', path, patch, { contentType: 'application/json-patch+json' });
    expect(owners(await read(name))).toEqual({ CODE: ['tiered-rollback/Update'] });
    const done = await connection.writer.setSecretKeys(await read(name), { CODE: 'good' });
    expect(managers(done)).not.toContain('tiered-rollback');
    await kubectl(SERVER, object(name, { data: encoded({ CODE: 'fixed' }) }));
    expect(plain(await read(name))).toEqual({ CODE: 'fixed' });
  });

  it('keeps owner references of an immutable Secret, and refuses one that finalizers hold', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace } };
    await kubectl(['create', '-f', '-'], owner);
    const { uid } = (await connection.reader.get('ConfigMap', 'owner'))?.metadata ?? { uid: '' };
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    const owned = { apiVersion: 'v1', kind: 'Secret', immutable: true, data: encoded({ A: '1' }) };
    await kubectl(['create', '-f', '-'], { ...owned, metadata: { name: 'owned', namespace, ownerReferences } });
    const done = await connection.writer.setSecretKeys(await read('owned'), { A: '2' });
    expect(done.metadata.ownerReferences).toEqual(ownerReferences);
    const finalizers = ['example.com/hold'];
    await kubectl(['create', '-f', '-'], { ...owned, metadata: { name: 'held', namespace, finalizers } });
    const error = await refusal(connection.writer.setSecretKeys(await read('held'), { A: '2' }));
    expect(error.message).toContain('example.com/hold');
    expect(plain(await read('held'))).toEqual({ A: '1' });
    await kubectl(['patch', 'secret', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  });

  it('refuses a key that no Secret can have, and never shows a value', async () => {
    await kubectl(['create', '-f', '-'], object('named', { data: encoded({ A: '1' }) }));
    const error = await refusal(connection.writer.setSecretKeys(await read('named'), { 'not a key': 'hush-hush' }));
    expect(error.code).toBe('INPUT_INVALID');
    // A type that demands keys, and a value that the server finds invalid: what it says may repeat it.
    const docker = {
      ...object('docker', {}),
      type: 'kubernetes.io/dockerconfigjson',
      data: encoded({ '.dockerconfigjson': '{}' }),
    };
    await kubectl(['create', '-f', '-'], docker);
    const invalid = await refusal(
      connection.writer.setSecretKeys(await read('docker'), { '.dockerconfigjson': 'hush-hush' }),
    );
    for (const one of [error, invalid]) expect(`${one.message} ${one.hint}`).not.toContain('hush-hush');
  });
});

describe('createSecret', () => {
  it.each([
    ['kubectl apply', CLIENT],
    ['kubectl apply --server-side', SERVER],
  ])('makes what %s takes over without force', async (_how, next) => {
    const name = `made-${next.length}`;
    const made = await connection.writer.createSecret({
      metadata: { name },
      type: 'Opaque',
      data: encoded({ CODE: 'ours' }),
    });
    expect(made?.type).toBe('Opaque');
    await kubectl(next, object(name, { data: encoded({ CODE: 'theirs' }) }));
    expect(plain(await read(name))).toEqual({ CODE: 'theirs' });
  });
});
