import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RollbackError } from '../../src/core/errors.ts';
import type {
  ObjectKind,
  PodTemplate,
  SecretObject,
  WorkloadKind,
  WorkloadObject,
  WorkloadRef,
} from '../../src/core/kubernetes.ts';
import { revisionsOf, templateHash } from '../../src/core/workload.ts';
import type { ClusterReader, ClusterView, ClusterWriter } from '../../src/ports/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';

export interface Subject {
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  readonly namespace: string;
  /** Deploys as a user of the cluster does. */
  deploy(ref: WorkloadRef, template: PodTemplate, replicas: number): Promise<void>;
  /** A user's ConfigMap. */
  configMap(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  /** A user's Secret, from a manifest; it replaces one of the same name. */
  secret(
    manifest: {
      readonly metadata: { readonly name: string } & Pick<SecretObject['metadata'], 'labels' | 'annotations'>;
    } & Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** A user's CronJob. */
  cronJob(name: string, spec: { readonly suspend?: boolean }): Promise<void>;
  remove(ref: WorkloadRef): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT = { timeoutMs: 30_000 };
const signal = () => AbortSignal.timeout(60_000);

function template(name: string, tag: string): PodTemplate {
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'app', image: `registry.test/app:${tag}` }] },
  };
}

async function refusal(promise: Promise<unknown>): Promise<RollbackError> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => error as RollbackError,
  );
}

/** What every cluster must do, the real one and the one in memory: else tests on the latter prove nothing. */
export function clusterContract(name: string, open: () => Promise<Subject>): void {
  describe(`the cluster port: ${name}`, () => {
    let subject: Subject;
    let reader: ClusterReader;
    let writer: ClusterWriter;

    beforeAll(async () => {
      subject = await open();
      ({ reader, writer } = subject);
    });
    afterAll(async () => {
      await subject?.close();
    });

    async function read(ref: WorkloadRef): Promise<WorkloadObject> {
      const object = await reader.get(ref.kind, ref.name);
      if (!object) throw new Error(`${ref.name} is not there`);
      return object;
    }

    /** Good, then bad, both stored as revisions. */
    async function released(kind: WorkloadKind, name: string, replicas = 0) {
      const ref = { kind, name } as const;
      await subject.deploy(ref, template(name, '1'), replicas);
      const good = await stored(ref);
      await subject.deploy(ref, template(name, '2'), replicas);
      const bad = await stored(ref);
      return {
        ref,
        good,
        bad,
        change: { ref, uid: bad.metadata.uid, from: templateHash(bad.spec.template), template: good.spec.template },
      };
    }

    async function stored(ref: WorkloadRef): Promise<WorkloadObject> {
      return waitFor(
        `revision of ${ref.name}`,
        async () => {
          const object = await read(ref);
          const hash = templateHash(object.spec.template);
          const kept = await reader.list(ref.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision');
          const newest = revisionsOf(object, kept)[0];
          return newest?.hash === hash && object.status?.observedGeneration === object.metadata.generation
            ? object
            : undefined;
        },
        TIMEOUT,
      );
    }

    /** Looks at the view, and again whenever it changed: as everything that waits for a cluster does. */
    async function seen<T>(view: ClusterView, look: () => T | undefined | false): Promise<T> {
      const deadline = AbortSignal.timeout(30_000);
      for (;;) {
        const { version } = view;
        const found = look();
        if (found !== undefined && found !== false) return found;
        await view.changed(version, 10_000, deadline);
      }
    }

    it('says which cluster it is', async () => {
      const identity = await reader.identity();
      expect(identity.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(identity.server).toMatch(/^https:/);
      expect(identity.version).toMatch(/^v1\./);
    });

    it('has nothing under a name that is not there', async () => {
      expect(await reader.get('Deployment', 'nowhere')).toBeUndefined();
      expect(await reader.logs('nowhere', 'app', { tailLines: 5 })).toEqual([]);
    });

    it('fills in the kind, also in lists', async () => {
      await subject.deploy({ kind: 'Deployment', name: 'kinds' }, template('kinds', '1'), 0);
      const listed = await reader.list('Deployment', { labelSelector: 'no-such-label' });
      expect(listed).toEqual([]);
      const all = await reader.list('Deployment', { fieldSelector: 'metadata.name=kinds' });
      expect(all.map((object) => [object.kind, object.metadata.name])).toEqual([['Deployment', 'kinds']]);
      expect((await read({ kind: 'Deployment', name: 'kinds' })).kind).toBe('Deployment');
    });

    it('answers one review per rule, in order', async () => {
      const rules = (['get', 'list', 'patch'] as const).map((verb) => ({
        verb,
        group: 'apps',
        resource: 'deployments',
      }));
      expect(await reader.access([...rules, { verb: 'get', group: '', resource: 'pods/log' }])).toEqual([
        'allowed',
        'allowed',
        'allowed',
        'allowed',
      ]);
    });

    it.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)(
      'takes a %s back to a stored template',
      async (kind) => {
        const { ref, good, bad, change } = await released(kind, `back-${kind.toLowerCase()}`);
        const dry = await reader.dryRunTemplate(change);
        expect(templateHash(dry.spec.template)).toBe(templateHash(good.spec.template));
        expect(templateHash((await read(ref)).spec.template)).toBe(change.from);
        const done = await writer.setTemplate(change);
        expect(templateHash(done.spec.template)).toBe(templateHash(good.spec.template));
        expect(done.spec.replicas).toBe(bad.spec.replicas);
        expect(done.metadata.generation).toBe((bad.metadata.generation ?? 0) + 1);
        // Again, and from anywhere, is no change: the template is there.
        const again = await writer.setTemplate({ ...change, from: 'somewhere else' });
        expect(again.metadata.generation).toBe(done.metadata.generation);
        const after = await stored(ref);
        const kept = await reader.list(kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision');
        expect(revisionsOf(after, kept).map((revision) => revision.images[0])).toEqual([
          'registry.test/app:1',
          'registry.test/app:2',
        ]);
      },
    );

    it('refuses a template that was changed since', async () => {
      const { ref, change } = await released('Deployment', 'stale');
      await subject.deploy(ref, template('stale', '3'), 0);
      expect((await refusal(writer.setTemplate(change))).code).toBe('PLAN_STALE');
      expect((await refusal(reader.dryRunTemplate(change))).code).toBe('PLAN_STALE');
      expect((await read(ref)).spec.template.spec.containers[0]?.image).toBe('registry.test/app:3');
    });

    it('refuses another object of the same name, and one that is gone', async () => {
      const { ref, change } = await released('Deployment', 'replaced');
      await subject.remove(ref);
      expect((await refusal(writer.setTemplate(change))).code).toBe('WORKLOAD_NOT_FOUND');
      await subject.deploy(ref, template('replaced', '2'), 0);
      expect((await refusal(writer.setTemplate(change))).code).toBe('OBJECT_REPLACED');
      expect((await refusal(writer.setPaused(ref, change.uid, true))).code).toBe('OBJECT_REPLACED');
      expect((await refusal(writer.restart(ref, change.uid, '2026-11-20T10:00:00Z'))).code).toBe('OBJECT_REPLACED');
    });

    it('resumes what is paused in the write that sets the template', async () => {
      const { ref, bad, change } = await released('Deployment', 'paused');
      const paused = await writer.setPaused(ref, bad.metadata.uid, true);
      expect(paused.spec.paused).toBe(true);
      const done = await writer.setTemplate(change);
      expect(done.spec.paused ?? false).toBe(false);
      expect(done.metadata.generation).toBe((paused.metadata.generation ?? 0) + 1);
    });

    it('sets and removes annotations with the template', async () => {
      const { change } = await released('StatefulSet', 'noted');
      const set = await writer.setTemplate({ ...change, annotations: { 'example.com/a': '1', absent: null } });
      expect(set.metadata.annotations).toMatchObject({ 'example.com/a': '1' });
      const removed = await writer.setTemplate({ ...change, annotations: { 'example.com/a': null } });
      expect(removed.metadata.annotations ?? {}).not.toHaveProperty(['example.com/a']);
    });

    it('restarts', async () => {
      const { ref, bad } = await released('DaemonSet', 'restarted');
      const done = await writer.restart(ref, bad.metadata.uid, '2026-11-20T10:00:00Z');
      expect(done.spec.template.metadata?.annotations).toEqual({
        'kubectl.kubernetes.io/restartedAt': '2026-11-20T10:00:00Z',
      });
      expect(templateHash(done.spec.template)).toBe(templateHash(bad.spec.template));
    });

    it('shows a rollout to its end in a view', async () => {
      const { ref, change } = await released('Deployment', 'watched', 2);
      const view = await reader.view(['Deployment', 'ReplicaSet', 'Pod', 'Event'], signal());
      try {
        expect(view.missing).toEqual([]);
        expect(view.get('Deployment', 'watched')?.kind).toBe('Deployment');
        expect(() => view.all('Secret' as ObjectKind)).toThrow('not part of this view');
        const done = await writer.setTemplate(change);
        const finished = await seen(view, () => {
          const object = view.get('Deployment', ref.name);
          const { status } = object ?? {};
          const complete =
            status?.observedGeneration === done.metadata.generation &&
            status?.updatedReplicas === 2 &&
            status?.availableReplicas === 2 &&
            status?.replicas === 2;
          return complete ? object : undefined;
        });
        expect(templateHash(finished?.spec.template as PodTemplate)).toBe(templateHash(change.template));
        const pods = await seen(view, () => {
          const mine = view
            .all('Pod')
            .filter((pod) => pod.metadata.labels?.['app'] === 'watched' && !pod.metadata.deletionTimestamp);
          return mine.length === 2 && mine;
        });
        expect(pods.map((pod) => pod.kind)).toEqual(['Pod', 'Pod']);
        expect(pods.every((pod) => pod.status?.containerStatuses?.[0]?.imageID)).toBe(true);
      } finally {
        view.close();
      }
    });

    it('shows in a view what comes and goes', async () => {
      const view = await reader.view(['ConfigMap'], signal());
      try {
        await subject.configMap('settings', { a: '1' });
        expect((await seen(view, () => view.get('ConfigMap', 'settings')))?.data).toEqual({ a: '1' });
        await subject.configMap('settings', { a: '2' });
        await seen(view, () => view.get('ConfigMap', 'settings')?.data?.['a'] === '2');
        await writer.remove('ConfigMap', 'settings');
        await seen(view, () => view.get('ConfigMap', 'settings') === undefined);
      } finally {
        view.close();
      }
    });

    it('does not wait longer for a view than asked, and not at all once aborted or closed', async () => {
      const view = await reader.view(['Lease'], signal());
      await view.changed(view.version, 1, signal());
      await expect(view.changed(view.version, 60_000, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
      const controller = new AbortController();
      const waiting = view.changed(view.version, 60_000, controller.signal);
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      const closed = view.changed(view.version, 60_000, signal());
      view.close();
      expect((await refusal(closed)).code).toBe('CANCELLED');
    });

    it('deletes exactly the pod that was meant', async () => {
      const { ref } = await released('Deployment', 'pods', 1);
      const pod = await waitFor(
        'a pod',
        async () =>
          (await reader.list('Pod', { labelSelector: 'app=pods' })).find((one) => one.status?.phase === 'Running'),
        TIMEOUT,
      );
      await writer.deletePod(pod.metadata.name, '00000000-0000-4000-8000-ffffffffffff');
      expect((await reader.get('Pod', pod.metadata.name))?.metadata.uid).toBe(pod.metadata.uid);
      await writer.deletePod(pod.metadata.name, pod.metadata.uid);
      await waitFor('the pod gone', async () => !(await reader.get('Pod', pod.metadata.name)), TIMEOUT);
      await writer.deletePod(pod.metadata.name, pod.metadata.uid);
      expect((await read(ref)).spec.replicas).toBe(1);
    });

    it('creates its own objects once, and replaces and removes only what it read', async () => {
      const times = { acquireTime: '2026-11-20T10:00:00.000000Z', renewTime: '2026-11-20T10:00:01.000000Z' };
      const spec = { holderIdentity: 'run-1', leaseDurationSeconds: 30, ...times };
      const labels = { 'app.kubernetes.io/managed-by': 'tiered-rollback' };
      const made = await writer.create('Lease', { metadata: { name: 'tiered-rollback', labels }, spec });
      expect(made).toMatchObject({ kind: 'Lease', metadata: { name: 'tiered-rollback', labels }, spec });
      expect(await writer.create('Lease', { metadata: { name: 'tiered-rollback' }, spec: {} })).toBeUndefined();
      const read = made?.metadata.resourceVersion ?? '';
      const metadata = { name: 'tiered-rollback', resourceVersion: read };
      const next = await writer.replace('Lease', { metadata, spec: { ...spec, holderIdentity: 'run-2' } });
      expect(next?.spec?.holderIdentity).toBe('run-2');
      expect(next?.metadata.labels).toBeUndefined();
      expect(await writer.replace('Lease', { metadata, spec })).toBeUndefined();
      expect((await refusal(writer.remove('Lease', 'tiered-rollback', read))).code).toBe('PLAN_STALE');
      await writer.remove('Lease', 'tiered-rollback', next?.metadata.resourceVersion);
      await writer.remove('Lease', 'tiered-rollback');
      expect(await writer.replace('Lease', { metadata, spec })).toBeUndefined();
      expect(await reader.get('Lease', 'tiered-rollback')).toBeUndefined();
    });

    it('keeps data of ConfigMaps and Secrets as it is', async () => {
      const value = Buffer.from('s3cret\n').toString('base64');
      await writer.create('Secret', { metadata: { name: 'tiered-rollback-1' }, type: 'Opaque', data: { key: value } });
      expect((await reader.get('Secret', 'tiered-rollback-1'))?.data).toEqual({ key: value });
      const text = '{"a":"é\\n"}';
      const map = await writer.create('ConfigMap', { metadata: { name: 'tiered-rollback-2' }, data: { run: text } });
      expect(map?.data).toEqual({ run: text });
      const metadata = { name: 'tiered-rollback-2', resourceVersion: map?.metadata.resourceVersion ?? '' };
      const other = await writer.replace('ConfigMap', { metadata, data: { other: '1' } });
      expect(other?.data).toEqual({ other: '1' });
      expect(other?.metadata.uid).toBe(map?.metadata.uid);
    });

    const base64 = (text: string) => Buffer.from(text).toString('base64');

    async function secretOf(name: string): Promise<SecretObject> {
      const found = await reader.get('Secret', name);
      if (!found) throw new Error(`${name} is not there`);
      return found;
    }

    it('sets keys of a Secret, removes what is null, and leaves the others', async () => {
      const data = { a: base64('1'), b: base64('2'), binary: Buffer.from([0, 255, 128]).toString('base64') };
      await subject.secret({ metadata: { name: 'keys', labels: { team: 'a' } }, data });
      const read = await secretOf('keys');
      const done = await writer.setSecretKeys(read, { a: 'é\n', b: null, c: new Uint8Array([1, 254]) });
      expect(done.data).toEqual({ a: base64('é\n'), binary: data.binary, c: Buffer.from([1, 254]).toString('base64') });
      expect(done.metadata).toMatchObject({ uid: read.metadata.uid, labels: { team: 'a' } });
      // Again is no write.
      const again = await writer.setSecretKeys(read, { a: 'é\n', b: null });
      expect(again.metadata.resourceVersion).toBe((await secretOf('keys')).metadata.resourceVersion);
      expect(again.metadata.resourceVersion).toBe(done.metadata.resourceVersion);
    });

    it('sets the first key of an empty Secret', async () => {
      await subject.secret({ metadata: { name: 'empty' } });
      expect((await writer.setSecretKeys(await secretOf('empty'), { a: 'x' })).data).toEqual({ a: base64('x') });
    });

    it('refuses a key that was changed since it was read, and no other', async () => {
      await subject.secret({ metadata: { name: 'raced' }, data: { a: base64('1'), b: base64('1') } });
      const read = await secretOf('raced');
      await subject.secret({ metadata: { name: 'raced' }, data: { a: base64('1'), b: base64('theirs') } });
      expect((await refusal(writer.setSecretKeys(read, { b: 'ours' }))).code).toBe('PLAN_STALE');
      expect((await writer.setSecretKeys(read, { a: 'ours' })).data).toEqual({
        a: base64('ours'),
        b: base64('theirs'),
      });
      await writer.remove('Secret', 'raced');
      expect((await refusal(writer.setSecretKeys(read, { a: 'x' }))).code).toBe('PLAN_STALE');
    });

    it('replaces an immutable Secret by one that has all it had', async () => {
      const metadata = { name: 'fixed', labels: { team: 'a' }, annotations: { 'example.com/a': 'b' } };
      const type = 'example.com/own';
      await subject.secret({ metadata, type, immutable: true, data: { a: base64('1'), b: base64('2') } });
      const read = await secretOf('fixed');
      const done = await writer.setSecretKeys(read, { a: 'new' });
      expect(done).toMatchObject({ type, immutable: true, data: { a: base64('new'), b: base64('2') } });
      expect(done.metadata.labels).toEqual(metadata.labels);
      expect(done.metadata.annotations).toMatchObject(metadata.annotations);
      expect(done.metadata.uid).not.toBe(read.metadata.uid);
      const same = await writer.setSecretKeys(await secretOf('fixed'), { a: 'new' });
      expect(same.metadata.uid).toBe(done.metadata.uid);
    });

    it("creates a user's Secret, unless the name is taken", async () => {
      const made = await writer.createSecret({ metadata: { name: 'fresh' }, type: 'Opaque', data: { a: base64('1') } });
      expect(made).toMatchObject({ type: 'Opaque', data: { a: base64('1') } });
      expect(await writer.createSecret({ metadata: { name: 'fresh' }, data: {} })).toBeUndefined();
    });

    it.each(['Deployment', 'StatefulSet'] as const)('scales a %s with annotations in one write', async (kind) => {
      const ref = { kind, name: `scaled-${kind.toLowerCase()}` } as const;
      await subject.deploy(ref, template(ref.name, '1'), 2);
      const { uid } = (await read(ref)).metadata;
      const down = { replicas: 0, from: 2, annotations: { 'example.com/was': '2' } };
      expect((await refusal(writer.scale(ref, uid, { ...down, from: 5 }))).code).toBe('PLAN_STALE');
      const zero = await writer.scale(ref, uid, down);
      expect(zero.spec.replicas).toBe(0);
      expect(zero.metadata.annotations).toMatchObject({ 'example.com/was': '2' });
      expect((await writer.scale(ref, uid, down)).metadata.generation).toBe(zero.metadata.generation);
      const up = await writer.scale(ref, uid, { replicas: 2, annotations: { 'example.com/was': null } });
      expect(up.spec.replicas).toBe(2);
      expect(up.metadata.annotations ?? {}).not.toHaveProperty(['example.com/was']);
      const other = '00000000-0000-4000-8000-ffffffffffff';
      expect((await refusal(writer.scale(ref, other, down))).code).toBe('OBJECT_REPLACED');
    });

    it('does not scale a DaemonSet', async () => {
      const change = { replicas: 0, annotations: {} };
      expect((await refusal(writer.scale({ kind: 'DaemonSet', name: 'x' }, 'uid', change))).code).toBe('INPUT_INVALID');
    });

    it('knows of no metrics where no metrics API is installed', async () => {
      expect(await reader.podMetrics(signal())).toBeUndefined();
    });

    it('suspends a CronJob and wakes it', async () => {
      await subject.cronJob('nightly', {});
      const [found] = await reader.list('CronJob');
      const { uid } = found?.metadata ?? { uid: '' };
      const annotations = { 'example.com/ours': 'true' };
      const off = await writer.suspendCronJob('nightly', uid, { suspend: true, annotations });
      expect(off.spec.suspend).toBe(true);
      expect(off.metadata.annotations).toMatchObject(annotations);
      const on = await writer.suspendCronJob('nightly', uid, {
        suspend: false,
        annotations: { 'example.com/ours': null },
      });
      expect(on.spec.suspend ?? false).toBe(false);
      expect(on.metadata.annotations ?? {}).not.toHaveProperty(['example.com/ours']);
    });
  });
}
