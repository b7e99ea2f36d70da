import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import type { PodTemplate, WorkloadObject } from '../../src/core/kubernetes.ts';
import { templateHash } from '../../src/core/workload.ts';
import type { TemplateChange } from '../../src/ports/cluster.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { manifest } from './cluster-manifests.ts';

let cluster: Cluster;
let namespace: string;
let connection: Connection;

beforeAll(async () => {
  cluster = await sharedCluster();
  namespace = await cluster.namespace('write');
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

const container = (tag: string, more: object = {}) => ({ name: 'app', image: `registry.test/app:${tag}`, ...more });

async function kubectl(args: readonly string[], input?: object): Promise<void> {
  await cluster.kubectl(['-n', namespace, ...args], {
    check: true,
    ...(input ? { input: JSON.stringify(input) } : {}),
  });
}

async function deploy(
  name: string,
  tag: string,
  how: 'client' | 'server' = 'client',
  more: object = {},
): Promise<WorkloadObject> {
  const flags = how === 'server' ? ['--server-side'] : [];
  await kubectl(
    ['apply', ...flags, '-f', '-'],
    manifest('Deployment', namespace, name, { containers: [container(tag, more)] }),
  );
  return read(name);
}

async function read(name: string): Promise<WorkloadObject> {
  const object = await connection.reader.get('Deployment', name);
  if (!object) throw new Error(`${name} is not there`);
  return object;
}

function change(
  from: WorkloadObject,
  template: PodTemplate,
  annotations?: TemplateChange['annotations'],
): TemplateChange {
  return {
    ref: { kind: from.kind, name: from.metadata.name },
    uid: from.metadata.uid,
    from: templateHash(from.spec.template),
    template,
    ...(annotations ? { annotations } : {}),
  };
}

function managersOf(object: WorkloadObject, field: string): string[] {
  return (object.metadata.managedFields ?? [])
    .filter((entry) => !entry.subresource && JSON.stringify(entry.fieldsV1).includes(`"f:${field}"`))
    .map((entry) => `${entry.manager}/${entry.operation}`);
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => error as RollbackError,
  );
}

describe.each(['client', 'server'] as const)('setTemplate on what kubectl applied on the %s side', (how) => {
  it('resumes a paused Deployment in the same write', async () => {
    const name = `paused-${how}`;
    const good = await deploy(name, '1', how);
    await deploy(name, '2', how);
    await kubectl(['rollout', 'pause', `deployment/${name}`]);
    const paused = await read(name);
    expect(paused.spec.paused).toBe(true);
    const done = await connection.writer.setTemplate(change(paused, good.spec.template));
    expect(done.spec.paused ?? false).toBe(false);
    expect(done.spec.template).toEqual(good.spec.template);
    expect(done.metadata.generation).toBe((paused.metadata.generation ?? 0) + 1);
    expect(managersOf(done, 'paused')).toEqual([]);
    const next = await deploy(name, '3', how);
    expect(next.spec.paused ?? false).toBe(false);
  });

  it('resumes what we paused ourselves, and leaves no manager of ours on the spec', async () => {
    const name = `frozen-${how}`;
    const good = await deploy(name, '1', how);
    const bad = await deploy(name, '2', how);
    const ref = { kind: 'Deployment', name } as const;
    const frozen = await connection.writer.setPaused(ref, bad.metadata.uid, true);
    expect(frozen.spec.paused).toBe(true);
    expect((await connection.writer.setPaused(ref, bad.metadata.uid, true)).metadata.generation).toBe(
      frozen.metadata.generation,
    );
    const done = await connection.writer.setTemplate(change(frozen, good.spec.template));
    expect(done.spec.paused ?? false).toBe(false);
    expect((done.metadata.managedFields ?? []).map((entry) => entry.manager)).not.toContain('tiered-rollback');
  });

  it('goes back behind a `kubectl set image`, and the next apply needs no force', async () => {
    const name = `set-image-${how}`;
    const good = await deploy(name, '1', how);
    await kubectl(['set', 'image', `deployment/${name}`, 'app=registry.test/app:2']);
    const done = await connection.writer.setTemplate(change(await read(name), good.spec.template));
    expect(done.spec.template).toEqual(good.spec.template);
    const next = await deploy(name, '3', how);
    expect(next.spec.template.spec.containers[0]?.image).toBe('registry.test/app:3');
  });

  it('compares text that the server spells in its own way', async () => {
    const name = `spelled-${how}`;
    const command = [
      'sh',
      '-c',
      'a && b < c > d "e" \\f \u2028 \u2029 \u00e9 \ud83d\ude00 \u0001 \b \f \n \t </script>',
    ];
    const good = await deploy(name, '1', how, { command });
    const bad = await deploy(name, '2', how, { command, env: [{ name: 'A', value: '<&>' }] });
    const done = await connection.writer.setTemplate(change(bad, good.spec.template));
    expect(done.spec.template).toEqual(good.spec.template);
    expect(done.spec.template.spec.containers[0]).toMatchObject({ command });
    expect((done.metadata.managedFields ?? []).map((entry) => entry.manager)).not.toContain('tiered-rollback');
  });

  it('sets and removes annotations of the workload in the same write', async () => {
    const name = `annotated-${how}`;
    const good = await deploy(name, '1', how);
    const bad = await deploy(name, '2', how);
    const set = await connection.writer.setTemplate(
      change(bad, good.spec.template, { 'tiered-rollback/note': 'a/b~c' }),
    );
    expect(set.metadata.annotations?.['tiered-rollback/note']).toBe('a/b~c');
    const removed = await connection.writer.setTemplate(
      change(set, good.spec.template, { 'tiered-rollback/note': null, 'never-there': null }),
    );
    expect(removed.metadata.annotations?.['tiered-rollback/note']).toBeUndefined();
    expect(removed.spec).toEqual(set.spec);
    expect(removed.metadata.annotations?.['deployment.kubernetes.io/revision']).toBeDefined();
  });

  it('keeps replicas that an autoscaler changes at the same moment', async () => {
    const name = `scaled-${how}`;
    const good = await deploy(name, '1', how);
    let now = await deploy(name, '2', how);
    const templates = [good.spec.template, now.spec.template] as const;
    const scale = async (replicas: number) => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`;
      await cluster.api.call('PATCH', path, { spec: { replicas } }, { contentType: 'application/merge-patch+json' });
    };
    for (let round = 0; round < 10; round++) {
      // Zero and back: no pod need start.
      const [done] = await Promise.all([
        connection.writer.setTemplate(change(now, templates[round % 2] as PodTemplate)),
        scale(round % 2),
        scale(round % 2),
      ]);
      now = done;
      const after = await read(name);
      expect(after.spec.replicas).toBe(round % 2);
      expect(templateHash(after.spec.template)).toBe(templateHash(templates[round % 2] as PodTemplate));
    }
  });

  it('refuses a template that somebody else changed since, and names who', async () => {
    const name = `stale-${how}`;
    const good = await deploy(name, '1', how);
    const bad = await deploy(name, '2', how);
    await deploy(name, '3', how);
    const error = await refusal(connection.writer.setTemplate(change(bad, good.spec.template)));
    expect(error.code).toBe('PLAN_STALE');
    expect(error.message).toContain(how === 'client' ? '"kubectl-client-side-apply" at 20' : '"kubectl" at 20');
    expect((await refusal(connection.reader.dryRunTemplate(change(bad, good.spec.template)))).code).toBe('PLAN_STALE');
    expect((await read(name)).spec.template.spec.containers[0]?.image).toBe('registry.test/app:3');
  });

  it('does not touch another object of the same name', async () => {
    const name = `replaced-${how}`;
    const good = await deploy(name, '1', how);
    const bad = await deploy(name, '2', how);
    await kubectl(['delete', 'deployment', name, '--cascade=background', '--wait=true']);
    const other = await deploy(name, '2', how);
    const error = await refusal(connection.writer.setTemplate(change(bad, good.spec.template)));
    expect(error.code).toBe('OBJECT_REPLACED');
    expect((await read(name)).metadata.generation).toBe(other.metadata.generation);
  });

  it('restarts by an annotation that a later apply leaves alone, once per moment', async () => {
    const name = `restarted-${how}`;
    const before = await deploy(name, '1', how);
    const ref = { kind: 'Deployment', name } as const;
    const at = '2026-11-20T10:00:00Z';
    const once = await connection.writer.restart(ref, before.metadata.uid, at);
    expect(once.spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt']).toBe(at);
    const twice = await connection.writer.restart(ref, before.metadata.uid, at);
    expect(twice.metadata.generation).toBe(once.metadata.generation);
    const same = await deploy(name, '1', how);
    expect(same.spec.template).toEqual(once.spec.template);
  });
});

describe('a view that is behind', () => {
  /** Opens a view, then stops the clock of its watch: what it shows is from before. */
  async function behind(change: () => Promise<unknown>): Promise<() => void> {
    const stop = new AbortController();
    const view = await connection.reader.view(['Deployment', 'StatefulSet'], stop.signal);
    stop.abort();
    await change();
    return () => view.close();
  }

  it('does not make us undo what somebody deployed meanwhile', async () => {
    const good = await deploy('behind', '1');
    const bad = await deploy('behind', '2');
    const close = await behind(() => deploy('behind', '3'));
    const error = await refusal(connection.writer.setTemplate(change(bad, good.spec.template)));
    expect(error.code).toBe('PLAN_STALE');
    expect((await read('behind')).spec.template.spec.containers[0]?.image).toBe('registry.test/app:3');
    close();
  });

  it('does not keep us from seeing that the work is done, or must be done again', async () => {
    const good = await deploy('behind-done', '1');
    const bad = await deploy('behind-done', '2');
    const close = await behind(() => connection.writer.setTemplate(change(bad, good.spec.template)));
    const { generation } = (await read('behind-done')).metadata;
    expect((await connection.writer.setTemplate(change(bad, good.spec.template))).metadata.generation).toBe(generation);
    close();
    const close2 = await behind(() => deploy('behind-done', '2'));
    const again = await connection.writer.setTemplate(change(bad, good.spec.template));
    expect(again.spec.template).toEqual(good.spec.template);
    close2();
  });

  it('does not make us wipe annotations that came meanwhile', async () => {
    const manifestOf = (tag: string) => manifest('StatefulSet', namespace, 'bare', { containers: [container(tag)] });
    await kubectl(['create', '-f', '-'], manifestOf('1'));
    const ref = { kind: 'StatefulSet', name: 'bare' } as const;
    const object = await connection.reader.get('StatefulSet', 'bare');
    if (!object) throw new Error('bare is not there');
    expect(object.metadata.annotations).toBeUndefined();
    const close = await behind(() => kubectl(['annotate', 'statefulset', 'bare', 'theirs=1']));
    const set = await connection.writer.setTemplate(change(object, object.spec.template, { ours: '1' }));
    expect(set.metadata.annotations).toEqual({ theirs: '1', ours: '1' });
    await kubectl([
      'patch',
      'statefulset',
      'bare',
      '-p',
      '{"spec":{"template":{"metadata":{"annotations":{"theirs":"2"}}}}}',
    ]);
    const restarted = await connection.writer.restart(ref, object.metadata.uid, '2026-11-20T10:00:00Z');
    expect(restarted.spec.template.metadata?.annotations).toMatchObject({ theirs: '2' });
    close();
  });
});

describe('setTemplate on what was applied on the server side', () => {
  it('finishes what a run left that was killed between its two writes', async () => {
    const good = await deploy('killed', '1', 'server', { env: [{ name: 'GOOD', value: '1' }] });
    const bad = await deploy('killed', '2', 'server');
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/killed?fieldManager=tiered-rollback`;
    const patch = [{ op: 'replace', path: '/spec/template', value: good.spec.template }];
    await cluster.api.call('PATCH', path, patch, { contentType: 'application/json-patch+json' });
    expect(managersOf(await read('killed'), 'image')).toContain('tiered-rollback/Update');
    const done = await connection.writer.setTemplate(change(bad, good.spec.template));
    expect((done.metadata.managedFields ?? []).map((entry) => entry.manager)).not.toContain('tiered-rollback');
    const next = await deploy('killed', '3', 'server');
    expect(next.spec.template.spec.containers[0]).not.toHaveProperty('env');
  });

  it('gives each of two appliers its own fields back', async () => {
    const name = 'two';
    await deploy(name, '1', 'server');
    const partial = (value: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: { template: { metadata: { annotations: { 'mesh/inject': value } } } },
    });
    const applyPart = (value: string) =>
      kubectl(['apply', '--server-side', '--field-manager=mesh', '-f', '-'], partial(value));
    await applyPart('v1');
    const good = await read(name);
    await deploy(name, '2', 'server');
    await applyPart('v2');
    const done = await connection.writer.setTemplate(change(await read(name), good.spec.template));
    expect(done.spec.template).toEqual(good.spec.template);
    expect(managersOf(done, 'mesh/inject')).toEqual(['mesh/Apply']);
    expect(managersOf(done, 'image')).toEqual(['kubectl/Apply']);
    await applyPart('v3');
    const next = await deploy(name, '3', 'server');
    expect(next.spec.template.metadata?.annotations?.['mesh/inject']).toBe('v3');
  });
});
