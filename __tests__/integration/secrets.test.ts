import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SecretObject } from '../../src/core/kubernetes.ts';
import type { Report } from '../../src/core/report.ts';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

const WEB = deployment('web');
const API = deployment('api');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const BAD = 'bad-code-0815';
const GOOD = 'good-code-4711';

const OPTIONS: RollbackOptions = {
  tier: 'complete',
  secrets: [{ name: 'app-secrets', keys: { PDG_ACCESS_CODE: 'PDG_VARIABLE' } }],
  values: { PDG_VARIABLE: GOOD },
};

function secret(scene: Scene, data: Readonly<Record<string, string>>, more: object = {}) {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)]));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'app-secrets', namespace: scene.namespace },
    type: 'Opaque',
    data: encoded,
    ...more,
  };
}

/** `web` and `api` on their good release, both reading the Secret; then a bad release of `web` alone. */
async function deployed(name: string, more: object = {}): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.apply(secret(scene, { PDG_ACCESS_CODE: BAD, OTHER: 'stays' }, more));
  const reading = (manifest: { spec: { template: { spec: { containers: object[] } } } }) => {
    Object.assign(manifest.spec.template.spec.containers[0] ?? {}, {
      envFrom: [{ secretRef: { name: 'app-secrets' } }],
    });
  };
  await scene.deploy(scene.deployment('web', 'shop/web:1', reading), scene.deployment('api', 'shop/api:1', reading));
  await scene.deploy(scene.deployment('web', 'shop/web:2', reading));
  return scene;
}

async function read(scene: Scene, name = 'app-secrets'): Promise<SecretObject | undefined> {
  const { status, body } = await scene.cluster.api.send('GET', `/api/v1/namespaces/${scene.namespace}/secrets/${name}`);
  return status === 200 ? (body as unknown as SecretObject) : undefined;
}

async function codes(scene: Scene): Promise<Record<string, string>> {
  const { data = {} } = (await read(scene)) ?? {};
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

const stepOf = (report: Report) => report.steps.find(({ step }) => step === 'restore-secrets');
const restartOf = async (scene: Scene, name: string) =>
  (await scene.get('Deployment', name)).spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];

describe('tier complete with Secrets', () => {
  let scene: Scene;
  let first: Report;
  let since: number;

  beforeAll(async () => {
    scene = await deployed('secrets');
    since = await scene.cluster.auditMark();
    first = await scene.rollback([WEB, API], OPTIONS);
  });

  it('sets the key, leaves the other one, and proves it', async () => {
    expect(first.failures).toEqual([]);
    expect(first.outcome).toBe('succeeded');
    expect(await codes(scene)).toEqual({ PDG_ACCESS_CODE: GOOD, OTHER: 'stays' });
    expect(stepOf(first)?.outcome).toMatchObject({
      status: 'passed',
      evidence: [
        {
          subject: 'secret/app-secrets PDG_ACCESS_CODE',
          observed: expect.stringMatching(/^fingerprint [0-9a-f]{12}$/),
        },
      ],
    });
  });

  it('restarts the reader that it did not roll back, once, and rolls the other one once', async () => {
    expect(await scene.image('web')).toBe('shop/web:1');
    expect(await restartOf(scene, 'api')).toBeDefined();
    expect(await restartOf(scene, 'web')).toBeUndefined();
    const changes = await scene.changesSince(since);
    const templates = changes.filter(
      ({ objectRef, requestObject }) =>
        objectRef?.resource === 'deployments' && JSON.stringify(requestObject ?? '').includes('/spec/template'),
    );
    expect(templates.map(({ objectRef }) => objectRef?.name).sort()).toEqual(['api', 'web']);
  });

  it('keeps what the key held, in a Secret and nowhere else', async () => {
    const kept = await read(scene, 'tiered-rollback-kept-0');
    const manifest = JSON.parse(Buffer.from(kept?.data?.['app-secrets'] ?? '', 'base64').toString());
    expect(manifest.data).toEqual({ PDG_ACCESS_CODE: base64(BAD) });
    const { stdout } = await scene.kubectl('get', 'configmaps,leases,events', '-o', 'json');
    const said = `${stdout}${JSON.stringify(first)}`;
    for (const value of [GOOD, BAD]) for (const form of [value, base64(value)]) expect(said).not.toContain(form);
  });

  it('changes nothing the second time', async () => {
    const mark = await scene.cluster.auditMark();
    const second = await scene.rollback([WEB, API], OPTIONS);
    expect(second.outcome).toBe('no-op');
    expect(await scene.changesSince(mark)).toEqual([]);
  });

  it('keeps the bad release under quarantine, although the Secret that it read is another one now', async () => {
    const { stdout } = await scene.kubectl('get', 'configmap', 'tiered-rollback-ledger', '-o', 'json');
    const { quarantine } = JSON.parse(JSON.parse(stdout).data['ledger.json']) as { quarantine: { name: string }[] };
    expect(quarantine.map(({ name }) => name)).toEqual(['web']);
    // Asked for again in another way, it is still nowhere to go to.
    const third = await scene.rollback([WEB, API], { tier: 'rapid' });
    expect(third.outcome).toBe('no-op');
    expect(await scene.image('web')).toBe('shop/web:1');
  });

  it('leaves the Secret to whoever deploys it next', async () => {
    await scene.apply(secret(scene, { PDG_ACCESS_CODE: 'next', OTHER: 'stays' }));
    expect(await codes(scene)).toEqual({ PDG_ACCESS_CODE: 'next', OTHER: 'stays' });
  });
});

describe('a run with Secrets that is killed', () => {
  /** Ends the run like a kill does: nothing more reaches the cluster. */
  function killedAt(method: keyof ClusterWriter, name: string): (writer: ClusterWriter) => ClusterWriter {
    return (writer) => {
      let isDead = false;
      return new Proxy(writer, {
        get: (target, property: keyof ClusterWriter) => {
          const original = target[property];
          return (...given: readonly unknown[]) => {
            isDead ||= property === method && JSON.stringify(given[0]).includes(`"${name}"`);
            if (isDead) return Promise.reject(new Error('killed'));
            return (original as (...all: readonly unknown[]) => unknown).apply(target, [...given]);
          };
        },
      });
    };
  }

  it('between keeping and writing: the next one sets the key and still knows what it held', async () => {
    const scene = await deployed('secrets-killed');
    const killed = await scene.rollback([WEB, API], { ...OPTIONS, wrap: killedAt('setSecretKeys', 'app-secrets') });
    expect(killed.outcome).toBe('failed');
    expect(await codes(scene)).toMatchObject({ PDG_ACCESS_CODE: BAD });
    const next = await scene.rollback([WEB, API], OPTIONS);
    expect(next.failures).toEqual([]);
    expect(await codes(scene)).toMatchObject({ PDG_ACCESS_CODE: GOOD });
    const undone = await scene.rollback([WEB, API], { ...OPTIONS, mode: 'undo', values: {} });
    expect(undone.failures).toEqual([]);
    expect(await codes(scene)).toEqual({ PDG_ACCESS_CODE: BAD, OTHER: 'stays' });
    expect(await scene.image('web')).toBe('shop/web:2');
  });

  it('after writing, before its readers were restarted: the next one restarts them', async () => {
    const scene = await deployed('secrets-readers');
    await scene.rollback([WEB, API], { ...OPTIONS, wrap: killedAt('restart', 'api') });
    expect(await codes(scene)).toMatchObject({ PDG_ACCESS_CODE: GOOD });
    expect(await restartOf(scene, 'api')).toBeUndefined();
    const next = await scene.rollback([WEB, API], OPTIONS);
    expect(next.failures).toEqual([]);
    expect(await restartOf(scene, 'api')).toBeDefined();
    const mark = await scene.cluster.auditMark();
    expect((await scene.rollback([WEB, API], OPTIONS)).outcome).toBe('no-op');
    expect(await scene.changesSince(mark)).toEqual([]);
  });
});

describe('an immutable Secret', () => {
  it('is created again with all it had', async () => {
    const scene = await deployed('secrets-immutable', { immutable: true });
    const before = await read(scene);
    const report = await scene.rollback([WEB, API], OPTIONS);
    expect(report.failures).toEqual([]);
    const after = await read(scene);
    expect(await codes(scene)).toEqual({ PDG_ACCESS_CODE: GOOD, OTHER: 'stays' });
    expect(after?.immutable).toBe(true);
    expect(after?.metadata.annotations).toEqual(before?.metadata.annotations);
  });

  it('is put back by the very command that a failed run prints', async () => {
    const scene = await deployed('secrets-lost', { immutable: true });
    const before = await read(scene);
    const report = await scene.rollback([WEB, API], {
      ...OPTIONS,
      wrap: (writer) => ({
        ...bound(writer),
        setSecretKeys: async (read) => {
          await writer.remove('Secret', read.metadata.name);
          const { RollbackError } = await import('../../src/core/errors.ts');
          throw new RollbackError('ADMISSION_DENIED', 'denied by a webhook', 'see it');
        },
      }),
    });
    expect(report.outcome).toBe('failed');
    const hint =
      JSON.stringify(report).match(/kubectl -n \S+ get secret tiered-rollback-kept-0[^;]*create -f -/)?.[0] ?? '';
    const path = /jsonpath=(\{[^}]*\})/.exec(hint.replaceAll('\\\\', '\\'))?.[1] ?? '';
    const { stdout } = await scene.kubectl('get', 'secret', 'tiered-rollback-kept-0', '-o', `jsonpath=${path}`);
    const manifest = Buffer.from(stdout, 'base64').toString();
    await scene.cluster.kubectl(['-n', scene.namespace, 'create', '-f', '-'], { input: manifest, check: true });
    const after = await read(scene);
    expect(after?.data).toEqual(before?.data);
    expect(after?.immutable).toBe(true);
  });
});

function bound(writer: ClusterWriter): ClusterWriter {
  return new Proxy(writer, {
    get: (target, property: keyof ClusterWriter) => (target[property] as unknown as () => unknown).bind(target),
    ownKeys: () => Object.getOwnPropertyNames(Object.getPrototypeOf(writer)),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}
