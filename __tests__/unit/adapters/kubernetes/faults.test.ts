import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Cluster,
  type ConnectOptions,
  connectCluster,
  readKubeconfig,
} from '../../../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../../../src/core/errors.ts';
import type { PodTemplate } from '../../../../src/core/kubernetes.ts';
import { templateHash } from '../../../../src/core/workload.ts';
import { Authority } from '../../../../testbed/certificates.ts';
import { VirtualClock } from '../../../fakes/cluster-clock.ts';
import { type Answer, FaultyServer, type Seen, status } from '../../../fakes/cluster-http.ts';

const GOOD: PodTemplate = { spec: { containers: [{ name: 'app', image: 'app:1' }] } };
const BAD: PodTemplate = { spec: { containers: [{ name: 'app', image: 'app:2' }] } };
const OTHER: PodTemplate = { spec: { containers: [{ name: 'app', image: 'app:3' }] } };

/** One Deployment that JSON patches change, with the guards they hold. */
class Workload {
  template = BAD;
  uid = 'uid-1';
  version = 1;

  object(): object {
    const managed = {
      manager: 'somebody',
      operation: 'Update',
      time: '2026-11-20T09:00:00Z',
      fieldsV1: { 'f:spec': { 'f:template': {} } },
    };
    return {
      metadata: {
        name: 'web',
        uid: this.uid,
        resourceVersion: String(this.version),
        creationTimestamp: '',
        managedFields: [managed],
      },
      spec: { template: this.template, selector: {} },
    };
  }

  serve({ method, body }: Seen): Answer {
    if (method === 'GET') return { json: this.object() };
    for (const step of JSON.parse(body) as { op: string; path: string; value: unknown }[]) {
      if (step.op === 'test' && step.path === '/spec/template') {
        if (JSON.stringify(step.value) !== JSON.stringify(this.template)) {
          return {
            status: 422,
            json: status(422, 'Invalid', 'the server rejected our request due to an error in our request'),
          };
        }
      }
      if (step.op === 'replace' && step.path === '/spec/template') this.template = step.value as PodTemplate;
    }
    this.version++;
    return { json: this.object() };
  }
}

const change = {
  ref: { kind: 'Deployment', name: 'web' } as const,
  uid: 'uid-1',
  from: templateHash(BAD),
  template: GOOD,
};

let server: FaultyServer;
let clock: VirtualClock;
let workload: Workload;
const open: Cluster[] = [];

beforeEach(async () => {
  server = await FaultyServer.start();
  clock = new VirtualClock();
  workload = new Workload();
  server.handler = (seen) => workload.serve(seen);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((cluster) => cluster.close()));
  await server.close();
});

async function connect(options: Partial<ConnectOptions> = {}, kubeconfig = server.kubeconfig()): Promise<Cluster> {
  const access = await readKubeconfig({
    text: kubeconfig,
    workspace: tmpdir(),
    temp: tmpdir(),
    allowInsecure: ['http', 'tokenFile'],
    allowExecPlugins: [],
  });
  const cluster = await connectCluster(access, 'prod', { userAgent: 'test', clock, ...options });
  open.push(cluster);
  return cluster;
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  return promise.then(
    (value) => Promise.reject(new Error(`it was not refused: ${JSON.stringify(value)}`)),
    (error) => error as RollbackError,
  );
}

/** Faults first, one per request that matches; then the workload answers. */
function faults(matches: (seen: Seen) => boolean, ...planned: ((seen: Seen) => Answer)[]): void {
  server.handler = (seen) => (matches(seen) ? planned.shift()?.(seen) : undefined) ?? workload.serve(seen);
}
const patches = ({ method }: Seen) => method === 'PATCH';
const gets = ({ method }: Seen) => method === 'GET';
const busy = () => ({ status: 429, headers: { 'retry-after': '7' }, json: status(429, 'TooManyRequests', 'busy') });
const broken = (code: number) => () => ({ status: code, json: status(code, 'InternalError', 'etcd is away') });

describe('a server that is busy (429)', () => {
  it('is asked again after the time it named, and the change is made once', async () => {
    faults(patches, busy);
    const { writer } = await connect();
    const done = await writer.setTemplate(change);
    expect(done.spec.template).toEqual(GOOD);
    expect(clock.slept.some((ms) => ms >= 7_000 && ms < 8_000)).toBe(true);
    expect(workload.version).toBe(2);
  });

  it('is given up at the deadline', async () => {
    server.handler = busy;
    const { reader } = await connect();
    const started = clock.now();
    const error = await refusal(reader.get('Deployment', 'web'));
    expect(error.code).toBe('CLUSTER_ERROR');
    expect(error.message).toContain('429');
    expect(clock.now() - started).toBeLessThanOrEqual(30_000);
  });
});

describe('a server that fails (500, 502, 503, 504)', () => {
  it.each([500, 502, 503, 504])('is read again after %i', async (code) => {
    faults(gets, broken(code), broken(code));
    const { reader } = await connect();
    expect((await reader.get('Deployment', 'web'))?.metadata.uid).toBe('uid-1');
    expect(server.count('GET')).toBe(3);
  });

  it('is looked at before a change is sent again', async () => {
    faults(patches, broken(503));
    const { writer } = await connect();
    await writer.setTemplate(change);
    expect(server.seen.map((seen) => seen.method)).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
    expect(workload.version).toBe(2);
  });

  it('has made the change all the same: it is not sent twice', async () => {
    faults(patches, (seen) => {
      workload.serve(seen);
      return broken(500)();
    });
    const { writer } = await connect();
    expect((await writer.setTemplate(change)).spec.template).toEqual(GOOD);
    expect(server.count('PATCH')).toBe(1);
  });
});

describe('an answer that is lost', () => {
  it.each(['reset', 'silence'] as const)('after the change was made (%s): it is not made twice', async (how) => {
    faults(patches, (seen) => {
      workload.serve(seen);
      return how;
    });
    const { writer } = await connect({ attemptMs: 200 });
    expect((await writer.setTemplate(change)).spec.template).toEqual(GOOD);
    expect(server.count('PATCH')).toBe(1);
  });

  it('before the change was made: it is made', async () => {
    faults(patches, () => 'reset');
    const { writer } = await connect();
    await writer.setTemplate(change);
    expect(workload.version).toBe(2);
  });

  it('for ever: neither success nor failure is claimed', async () => {
    server.handler = (seen) => (seen.method === 'PATCH' ? 'reset' : workload.serve(seen));
    const { writer } = await connect();
    const error = await refusal(writer.setTemplate(change));
    expect(error.code).toBe('CLUSTER_UNREACHABLE');
    expect(error.message).toContain('It is unknown whether');
  });

  it('of a create: what is there tells whether it was ours', async () => {
    const lease = { metadata: { name: 'tiered-rollback' }, spec: { holderIdentity: 'run-1' } };
    for (const [holder, expected] of [
      ['run-1', 'run-1'],
      ['run-2', undefined],
    ] as const) {
      server.handler = ({ method }) =>
        method === 'POST'
          ? 'reset'
          : {
              json: {
                metadata: { name: 'tiered-rollback', namespace: 'prod', uid: 'u', resourceVersion: '1' },
                spec: { holderIdentity: holder },
              },
            };
      const { writer } = await connect();
      expect((await writer.create('Lease', lease))?.spec?.holderIdentity).toBe(expected);
    }
  });

  it('of a delete: a pod that is gone is gone', async () => {
    server.handler = ({ method }) =>
      method === 'DELETE' ? 'reset' : { status: 404, json: status(404, 'NotFound', '') };
    const { writer } = await connect();
    await writer.deletePod('web-1', 'uid');
    expect(server.count('DELETE')).toBe(1);
    expect(JSON.parse(server.seen[0]?.body ?? '').preconditions).toEqual({ uid: 'uid' });
  });
});

describe('an answer that is cut off', () => {
  const list = JSON.stringify({ metadata: { resourceVersion: '5' }, items: [workloadItem()] });

  it('in the middle is asked for again', async () => {
    faults(
      gets,
      () => ({ cut: list }),
      () => ({ text: list }),
    );
    const { reader } = await connect();
    expect(await reader.list('Deployment')).toHaveLength(1);
  });

  it.each([list.slice(0, -10), '', '{}', '{"metadata":{}}', 'null'])(
    'and passed off as whole is an error, never an empty list: %j',
    async (text) => {
      server.handler = () => ({ text });
      const { reader } = await connect();
      const error = await refusal(reader.list('Deployment'));
      expect(error.code).toBe('CLUSTER_ERROR');
    },
  );

  it('at a page that has expired is begun anew', async () => {
    const page = (more: object) => ({ json: { metadata: { resourceVersion: '5', ...more }, items: [workloadItem()] } });
    faults(
      gets,
      () => page({ continue: 'token' }),
      () => ({ status: 410, json: status(410, 'Expired', 'continue token is too old') }),
      () => page({}),
    );
    const { reader } = await connect();
    expect(await reader.list('Deployment')).toHaveLength(1);
    expect(server.seen.map((seen) => seen.query.get('limit'))).toEqual(['500', '500', null]);
  });
});

function workloadItem(): object {
  return { metadata: { name: 'web', uid: 'u', resourceVersion: '3' } };
}

describe('a server that cannot be reached', () => {
  it.each(['refused', 'silent', 'not resolved'])('%s: is named within 30 s', async (how) => {
    server.handler = () => 'silence';
    let config = server.kubeconfig();
    if (how === 'refused') await server.close();
    if (how === 'not resolved') config = config.replace('127.0.0.1', 'nowhere.invalid');
    const { reader } = await connect({ attemptMs: 100 }, config);
    const started = clock.now();
    const error = await refusal(reader.identity());
    expect(error.code).toBe('CLUSTER_UNREACHABLE');
    expect(error.hint).toContain('curl');
    expect(clock.now() - started).toBeLessThanOrEqual(30_000);
    if (how === 'refused') server = await FaultyServer.start();
  });

  it('stops asking when the run is cancelled', async () => {
    server.handler = () => 'silence';
    const controller = new AbortController();
    const { reader } = await connect({ signal: controller.signal });
    const waiting = refusal(reader.identity());
    controller.abort();
    expect((await waiting).code).toBe('CANCELLED');
  });
});

describe('credentials that are refused (401)', () => {
  const unauthorized = { status: 401, json: status(401, 'Unauthorized', 'Unauthorized') };

  it('are named, without the token, and not tried again', async () => {
    server.handler = () => unauthorized;
    const { writer } = await connect();
    const error = await refusal(writer.setTemplate(change));
    expect(error.code).toBe('CLUSTER_UNAUTHORIZED');
    expect(error.hint).toContain('kubectl --context test auth whoami');
    expect(JSON.stringify(error.toFailure())).not.toContain('a-valid-token');
    expect(server.seen).toHaveLength(1);
  });

  it('are read again once where they come from a file that is rotated', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'token-'));
    try {
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, 'first-token\n');
      const secrets: string[] = [];
      const { reader } = await connect(
        { onSecret: (secret) => secrets.push(secret) },
        server.kubeconfig({ tokenFile }),
      );
      let valid = 'Bearer first-token';
      server.handler = (seen) => (seen.headers.authorization === valid ? workload.serve(seen) : unauthorized);
      await reader.get('Deployment', 'web');
      await writeFile(tokenFile, 'second-token\n');
      valid = 'Bearer second-token';
      await Promise.all([reader.get('Deployment', 'web'), reader.get('Deployment', 'web')]);
      expect(secrets).toEqual(['first-token', 'second-token']);
      valid = 'none';
      expect((await refusal(reader.get('Deployment', 'web'))).code).toBe('CLUSTER_UNAUTHORIZED');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a permission that is missing (403)', () => {
  it('is named with the rule to add', async () => {
    const message =
      'deployments.apps "web" is forbidden: User "system:serviceaccount:ci:deploy" cannot patch resource "deployments" in API group "apps" in the namespace "prod"';
    server.handler = (seen) =>
      patches(seen) ? { status: 403, json: status(403, 'Forbidden', message) } : workload.serve(seen);
    const { writer } = await connect();
    const error = await refusal(writer.setTemplate(change));
    expect(error.code).toBe('CLUSTER_FORBIDDEN');
    expect(error.message).toBe(
      'User "system:serviceaccount:ci:deploy" may not patch deployments.apps in namespace "prod" (needed for deployment/web).',
    );
    expect(error.hint).toContain('{apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]}');
    expect(error.hint).toContain(
      'kubectl auth can-i patch deployments.apps -n prod --as=system:serviceaccount:ci:deploy',
    );
    expect(server.count('PATCH')).toBe(1);
  });

  it('for nobody in particular means that the credentials did not arrive', async () => {
    const message =
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "prod"';
    server.handler = () => ({ status: 403, json: status(403, 'Forbidden', message) });
    const { reader } = await connect();
    expect((await refusal(reader.list('Pod'))).code).toBe('CLUSTER_UNAUTHORIZED');
  });

  it('leaves the identity without a UID, and a view without events', async () => {
    const forbidden = { status: 403, json: status(403, 'Forbidden', 'no') };
    const empty = { json: { metadata: { resourceVersion: '1' }, items: [] } };
    server.handler = ({ path, query }) => {
      if (path === '/version') return { json: { gitVersion: 'v1.30.0' } };
      if (path.endsWith('/events') || path.endsWith('/kube-system')) return forbidden;
      return query.has('watch') ? 'silence' : empty;
    };
    const { reader } = await connect({ clock: new VirtualClock({ manual: true }) });
    expect(await reader.identity()).toEqual({ server: server.url, context: 'test', version: 'v1.30.0' });
    const view = await reader.view(['Pod', 'Event'], new AbortController().signal);
    expect(view.missing).toEqual(['Event']);
    expect(view.all('Event')).toEqual([]);
    view.close();
    server.handler = () => forbidden;
    expect((await refusal(reader.view(['Pod'], new AbortController().signal))).code).toBe('CLUSTER_FORBIDDEN');
  });
});

describe('a conflict', () => {
  const conflict = () => ({ status: 409, json: status(409, 'Conflict', 'the object has been modified') });

  it('is read and tried again while the template is the one planned from', async () => {
    faults(patches, conflict, conflict, conflict);
    const { writer } = await connect();
    await writer.setTemplate(change);
    expect(server.count('PATCH')).toBe(4);
    expect(workload.version).toBe(2);
  });

  it('without end is given up', async () => {
    server.handler = (seen) => (patches(seen) ? conflict() : workload.serve(seen));
    const { writer } = await connect();
    expect((await refusal(writer.setTemplate(change))).code).toBe('CLUSTER_ERROR');
    expect(server.count('PATCH')).toBeLessThan(10);
  });

  it('with somebody who deployed in the same moment stops, and names them', async () => {
    faults(patches, (seen) => {
      workload.template = OTHER;
      return workload.serve(seen);
    });
    const { writer } = await connect();
    const error = await refusal(writer.setTemplate(change));
    expect(error.code).toBe('PLAN_STALE');
    expect(error.message).toContain('"somebody" at 2026-11-20T09:00:00Z');
    expect(workload.template).toEqual(OTHER);
  });

  it('with somebody who deleted and created it again stops', async () => {
    faults(patches, () => {
      workload.uid = 'uid-2';
      return conflict();
    });
    const { writer } = await connect();
    expect((await refusal(writer.setTemplate(change))).code).toBe('OBJECT_REPLACED');
  });
});

describe('admission', () => {
  it.each([
    [403, 'admission webhook "policy.example.com" denied the request: no :latest'],
    [400, 'admission webhook "policy.example.com" denied the request: no'],
    [
      422,
      "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed",
    ],
    [500, 'Internal error occurred: failed calling webhook "policy.example.com": context deadline exceeded'],
    [422, 'Deployment.apps "web" is invalid: spec.template.spec.containers[0].image: Required value'],
  ])('that refuses (%i) is told at once, in its words', async (code, message) => {
    server.handler = (seen) =>
      patches(seen) ? { status: code, json: status(code, 'Invalid', message) } : workload.serve(seen);
    const { reader } = await connect();
    const error = await refusal(reader.dryRunTemplate(change));
    expect(error.code).toBe('ADMISSION_DENIED');
    expect(error.message).toContain(message);
    expect(server.count('PATCH')).toBe(1);
    expect(server.seen.at(-1)?.query.get('dryRun')).toBe('All');
  });

  it('that cannot be tried without doing it is no refusal', async () => {
    const message = 'admission webhook "w" does not support dry run';
    server.handler = (seen) =>
      patches(seen) ? { status: 400, json: status(400, 'BadRequest', message) } : workload.serve(seen);
    const { reader } = await connect();
    expect((await refusal(reader.dryRunTemplate(change))).code).toBe('DRY_RUN_UNSUPPORTED');
  });
});

describe('text of the server in a message', () => {
  it('has no control characters and an end', async () => {
    const message = `bad\u001b[2J\n::set-output name=x::y${'z'.repeat(5000)}`;
    server.handler = () => ({ status: 400, json: status(400, 'BadRequest', message) });
    const { reader } = await connect();
    const error = await refusal(reader.get('Pod', 'x'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
    expect(error.message.length).toBeLessThan(1000);
  });
});

describe('a certificate that is not accepted', () => {
  it.each([
    ['of another authority', { host: '127.0.0.1', trusted: false, seconds: 60 }],
    ['of another host', { host: '10.9.8.7', trusted: true, seconds: 60 }],
    ['that has expired', { host: '127.0.0.1', trusted: true, seconds: -60 }],
  ])('%s stops the run, whatever the environment says', async (_name, { host, trusted, seconds }) => {
    const [authority, other] = await Promise.all([Authority.create('one'), Authority.create('two')]);
    const pair = await authority.issue({ commonName: 'api', hosts: [host], expiresInSeconds: seconds });
    const secure = await FaultyServer.start(pair);
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    try {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      const ca = Buffer.from((trusted ? authority : other).certificate).toString('base64');
      const config = secure.kubeconfig(undefined, { 'certificate-authority-data': ca });
      const { reader } = await connect({}, config);
      const error = await refusal(reader.identity());
      expect(error.code).toBe('CLUSTER_CERTIFICATE');
      expect(secure.seen).toHaveLength(0);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      await secure.close();
    }
  });
});

describe('a path that leaves its place', () => {
  it('is not sent', async () => {
    const { reader } = await connect();
    const options = { timeoutMs: 1000, signal: new AbortController().signal };
    for (const path of ['/../../../secrets', '/a/./b', '/%2e%2e/x', '/a/%2E./b']) {
      expect((await refusal(reader.serviceGet('web', '80', path, options))).code).toBe('INPUT_INVALID');
    }
    expect((await refusal(reader.get('Pod', '..'))).code).toBe('INPUT_INVALID');
    await reader.get('Pod', 'a/../../secrets/x');
    expect(server.seen.map((seen) => seen.path)).toEqual(['/api/v1/namespaces/prod/pods/a%2F..%2F..%2Fsecrets%2Fx']);
  });
});
