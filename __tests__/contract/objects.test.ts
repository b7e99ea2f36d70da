import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { AnyObject, JsonObject } from '../../src/core/manifest.ts';
import type { ClusterReader, ClusterWriter } from '../../src/ports/cluster.ts';
import type { ObjectApply } from '../../src/ports/objects.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { FakeCluster } from '../fakes/cluster.ts';

interface Subject {
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  close(): Promise<void>;
}

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name });
const manifest = (name: string, data: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
  ...more,
});

/** What the port promises of objects of any kind, whoever keeps it. */
function objectContract(name: string, open: () => Promise<Subject>): void {
  describe(`objects of any kind: ${name}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());

    const read = (of: string) => subject.reader.object(ref(of));
    async function apply(of: string, data: JsonObject, more: Partial<ObjectApply> = {}): Promise<AnyObject> {
      const live = await read(of);
      const base = { ref: ref(of), manifest: manifest(of, data), applier: 'kubectl', live, reserved: [] };
      return subject.writer.applyObject({ ...base, ...more });
    }

    it('knows kinds, whether they have a namespace, and says of others that there are none', async () => {
      const { reader } = subject;
      expect(await reader.resource('v1', 'ConfigMap')).toMatchObject({ plural: 'configmaps', namespaced: true });
      expect(await reader.resource('rbac.authorization.k8s.io/v1', 'ClusterRole')).toEqual({
        group: 'rbac.authorization.k8s.io',
        version: 'v1',
        plural: 'clusterroles',
        namespaced: false,
      });
      expect(await reader.resource('v1', 'Thing')).toBeUndefined();
      expect(await reader.resource('shop.test/v1', 'Thing')).toBeUndefined();
    });

    it('applies, removes what its applier leaves out, and shows both beforehand', async () => {
      expect(await read('a')).toBeUndefined();
      await apply('a', { x: '1', y: '2' });
      const wanted = { ref: ref('a'), manifest: manifest('a', { x: '3' }), applier: 'kubectl', reserved: [] };
      const preview = await subject.reader.dryRunApply({ ...wanted, live: await read('a') });
      expect(preview.object['data']).toEqual({ x: '3' });
      expect((await read('a'))?.['data']).toEqual({ x: '1', y: '2' });
      expect((await apply('a', { x: '3' }))['data']).toEqual({ x: '3' });
    });

    it('leaves reserved fields as they are', async () => {
      await apply('b', { mine: '1', theirs: '1' });
      const written = await apply('b', { mine: '2', theirs: '2' }, { reserved: [['data', 'theirs']] });
      expect(written['data']).toEqual({ mine: '2', theirs: '1' });
    });

    it('refuses content that changed since it was read', async () => {
      await apply('c', { x: '1' });
      const old = await read('c');
      await apply('c', { x: '2' });
      await expect(apply('c', { x: '3' }, { live: old })).rejects.toMatchObject({ code: 'PLAN_STALE' });
    });

    it('puts an object back as it was', async () => {
      const before = await apply('d', { x: '1', y: '2' });
      const live = await apply('d', { x: '5' });
      await subject.writer.putBackObject(before, live, []);
      expect((await read('d'))?.['data']).toEqual({ x: '1', y: '2' });
    });

    it('sets keys of a ConfigMap, immutable or not, and removes them', async () => {
      const plain = await apply('e', { x: '1', y: '2' });
      expect((await subject.writer.setConfigMapKeys(plain, { x: 'f', y: null }))['data']).toEqual({ x: 'f' });
      const fixed = await apply('f', {}, { manifest: manifest('f', { x: '1', y: '2' }, { immutable: true }) });
      await subject.writer.setConfigMapKeys(fixed, { x: 'f' });
      expect(await read('f')).toMatchObject({ immutable: true, data: { x: 'f', y: '2' } });
    });

    it('deletes exactly the object that is meant, and finds by label', async () => {
      const more = { metadata: { name: 'g', labels: { app: 'shop' } } };
      const object = await apply('g', {}, { manifest: manifest('g', { x: '1' }, more) });
      expect((await subject.reader.objects(ref('g'), 'app=shop')).map(({ metadata }) => metadata.name)).toEqual(['g']);
      await subject.writer.deleteObject(ref('g'), '00000000-0000-4000-8000-00000000ffff');
      expect(await read('g')).toBeDefined();
      await subject.writer.deleteObject(ref('g'), object.metadata.uid);
      expect(await read('g')).toBeUndefined();
      await subject.writer.deleteObject(ref('g'), object.metadata.uid);
    });
  });
}

objectContract('a real API server', async () => {
  const testbed = await sharedCluster();
  const namespace = await testbed.namespace('objects');
  const options = { workspace: '/nowhere', temp: '/nowhere', allowInsecure: [], allowExecPlugins: [] };
  const access = await readKubeconfig({ text: testbed.kubeconfig, ...options });
  return connectCluster(access, namespace, { userAgent: 'contract' });
});

objectContract('in memory', async () => {
  const fake = new FakeCluster();
  return { reader: fake.reader, writer: fake.writer, close: async () => fake.pause() };
});
