import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Cluster, connectCluster, readKubeconfig } from '../../../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../../../src/core/errors.ts';
import type { SecretObject } from '../../../../src/core/kubernetes.ts';
import { VirtualClock } from '../../../fakes/cluster-clock.ts';
import { type Answer, FaultyServer, type Seen, status } from '../../../fakes/cluster-http.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const OLD = 'old-value-hush';
const NEW = 'new-value-hush';

/** One Secret that is patched, deleted and created as a server does it. */
class Store {
  secret: Record<string, unknown> | undefined;
  uids = 0;

  constructor(immutable = false) {
    this.put({ metadata: { name: 'app' }, type: 'Opaque', immutable, data: { CODE: base64(OLD), OTHER: base64('x') } });
  }

  put(object: object): void {
    const { metadata, ...content } = object as { metadata: object };
    const uid = `uid-${++this.uids}`;
    this.secret = { ...content, metadata: { ...metadata, uid, resourceVersion: uid, creationTimestamp: '' } };
  }

  get object(): SecretObject {
    return this.secret as unknown as SecretObject;
  }

  get code(): string | undefined {
    return (this.secret?.['data'] as Record<string, string> | undefined)?.['CODE'];
  }

  serve({ method, body }: Seen): Answer {
    const gone = { status: 404, json: status(404, 'NotFound', 'not found') };
    switch (method) {
      case 'GET':
        return this.secret ? { json: this.secret } : gone;
      case 'DELETE':
        if (!this.secret) return gone;
        this.secret = undefined;
        return { json: status(200, '', '') };
      case 'POST':
        if (this.secret) return { status: 409, json: status(409, 'AlreadyExists', 'exists') };
        this.put(JSON.parse(body) as object);
        return { status: 201, json: this.secret };
      default:
        return this.patch(JSON.parse(body) as { op: string; path: string; value: string }[]);
    }
  }

  patch(steps: readonly { op: string; path: string; value: string }[]): Answer {
    const failed = {
      status: 422,
      json: status(422, 'Invalid', 'the server rejected our request due to an error in our request'),
    };
    for (const { op, path, value } of steps) {
      if (path !== '/data/CODE') continue;
      if (op === 'test' && value !== this.code) return failed;
      if (op === 'add') this.secret = { ...this.secret, data: { ...(this.secret?.['data'] as object), CODE: value } };
    }
    return { json: this.secret };
  }
}

let server: FaultyServer;
let store: Store;
let cluster: Cluster;

beforeEach(async () => {
  server = await FaultyServer.start();
  const access = await readKubeconfig({
    text: server.kubeconfig(),
    workspace: tmpdir(),
    temp: tmpdir(),
    allowInsecure: ['http'],
    allowExecPlugins: [],
  });
  cluster = await connectCluster(access, 'prod', { userAgent: 'test', clock: new VirtualClock() });
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

/** The first request of the method reaches the server or not, and its answer is lost. */
function losing(method: string, how: 'before' | 'after'): void {
  let isLost = false;
  server.handler = (seen) => {
    if (isLost || seen.method !== method) return store.serve(seen);
    isLost = true;
    if (how === 'after') store.serve(seen);
    return 'reset';
  };
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => error as RollbackError,
  );
}

describe('a lost answer', () => {
  it.each(['before', 'after'] as const)(
    'to the patch of a Secret (lost %s it was done): it is set once',
    async (how) => {
      store = new Store();
      const { object } = store;
      losing('PATCH', how);
      const done = await cluster.writer.setSecretKeys(object, { CODE: NEW });
      expect(done.data?.['CODE']).toBe(base64(NEW));
      expect(server.count('PATCH')).toBe(how === 'before' ? 2 : 1);
      expect(server.count('GET')).toBe(1);
    },
  );

  it.each([
    ['DELETE', 'before'],
    ['DELETE', 'after'],
    ['POST', 'before'],
    ['POST', 'after'],
  ] as const)(
    'to the %s of an immutable Secret (lost %s it was done): it is there once, with its new value',
    async (method, how) => {
      store = new Store(true);
      const { object } = store;
      losing(method, how);
      const done = await cluster.writer.setSecretKeys(object, { CODE: NEW });
      expect(done.data).toEqual({ CODE: base64(NEW), OTHER: base64('x') });
      expect(store.uids).toBe(2);
      expect(server.count(method)).toBe(how === 'before' ? 2 : 1);
    },
  );

  it('to the creation of a Secret: what is there tells whether it was ours', async () => {
    store = new Store();
    store.secret = undefined;
    losing('POST', 'after');
    const made = await cluster.writer.createSecret({ metadata: { name: 'app' }, data: { CODE: base64(NEW) } });
    expect(made?.data).toEqual({ CODE: base64(NEW) });
    expect(server.count('POST')).toBe(1);
  });
});

it('hides every value that a webhook repeats in its refusal', async () => {
  store = new Store();
  const said = `admission webhook "nosy" denied the request: CODE ${OLD} -> ${NEW} (${base64(NEW)})`;
  server.handler = (seen) =>
    seen.method === 'PATCH' ? { status: 403, json: status(403, 'Forbidden', said) } : store.serve(seen);
  const error = await refusal(cluster.writer.setSecretKeys(store.object, { CODE: NEW }));
  expect(error.code).toBe('ADMISSION_DENIED');
  for (const value of [OLD, NEW, base64(NEW)]) expect(JSON.stringify(error.toFailure())).not.toContain(value);
});

it('does not delete an immutable Secret that is another one by now', async () => {
  store = new Store(true);
  const { object } = store;
  server.handler = (seen) =>
    seen.method === 'DELETE' ? { status: 409, json: status(409, 'Conflict', 'the UID differs') } : store.serve(seen);
  expect((await refusal(cluster.writer.setSecretKeys(object, { CODE: NEW }))).code).toBe('PLAN_STALE');
  expect(JSON.parse(server.seen.at(-1)?.body ?? '').preconditions).toEqual({ uid: 'uid-1', resourceVersion: 'uid-1' });
  expect(server.count('POST')).toBe(0);
});
