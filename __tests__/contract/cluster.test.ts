import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { FakeCluster } from '../fakes/cluster.ts';
import { clusterContract } from './cluster.contract.ts';

clusterContract('a real API server', async () => {
  const testbed: Cluster = await sharedCluster();
  const namespace = await testbed.namespace('contract');
  const access = await readKubeconfig({
    text: testbed.kubeconfig,
    workspace: '/nowhere',
    temp: '/nowhere',
    allowInsecure: [],
    allowExecPlugins: [],
  });
  const { reader, writer, close } = await connectCluster(access, namespace, { userAgent: 'contract' });
  return {
    reader,
    writer,
    namespace,
    close,
    deploy: async ({ kind, name }, template, replicas) => {
      // A selector that no node has: a DaemonSet then runs no pods.
      const nowhere = kind === 'DaemonSet' ? { nodeSelector: { none: 'such' } } : {};
      await testbed.apply({
        apiVersion: 'apps/v1',
        kind,
        metadata: { name, namespace },
        spec: {
          ...(kind === 'DaemonSet' ? {} : { replicas }),
          ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
          selector: { matchLabels: template.metadata?.labels },
          template: { ...template, spec: { ...template.spec, ...nowhere } },
        },
      });
    },
    configMap: (name, data) =>
      testbed.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }),
    secret: async (manifest) => {
      const object = { apiVersion: 'v1', kind: 'Secret', ...manifest, metadata: { ...manifest.metadata, namespace } };
      await testbed.apply(object);
    },
    cronJob: (name, spec) =>
      testbed.apply({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name, namespace },
        spec: {
          schedule: '0 0 1 1 *',
          jobTemplate: {
            spec: {
              template: {
                spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'registry.test/job:1' }] },
              },
            },
          },
          ...spec,
        },
      }),
    remove: async ({ kind, name }) => {
      await testbed.kubectl(['-n', namespace, 'delete', kind, name], { check: true });
    },
  };
});

clusterContract('in memory', async () => {
  const fake = new FakeCluster();
  return {
    reader: fake.reader,
    writer: fake.writer,
    namespace: fake.namespace,
    deploy: async (ref, template, replicas) => {
      fake.deploy(ref, template, { replicas });
    },
    configMap: async (name, data) => {
      if (!fake.store.create('ConfigMap', { metadata: { name }, data })) {
        fake.store.update('ConfigMap', name, (draft) => {
          draft.data = { ...data };
        });
      }
    },
    secret: async (manifest) => {
      const known = fake.store.update('Secret', manifest.metadata.name, (draft) => {
        const { metadata: _metadata, ...content } = manifest;
        Object.assign(draft, content);
      });
      if (!known) fake.add('Secret', { type: 'Opaque', ...manifest });
    },
    cronJob: async (name, spec) => {
      fake.add('CronJob', { metadata: { name }, spec: { schedule: '0 0 1 1 *', ...spec } });
    },
    remove: async ({ kind, name }) => fake.store.remove(kind, name),
    close: async () => fake.pause(),
  };
});
