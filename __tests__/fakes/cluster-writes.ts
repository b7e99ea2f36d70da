import { RollbackError } from '../../src/core/errors.ts';
import type { SecretObject } from '../../src/core/kubernetes.ts';
import type { ClusterWriter, SecretValue } from '../../src/ports/cluster.ts';
import type { ObjectStore, Seed } from './cluster-store.ts';

/** The writes of the port that concern Secrets, replicas and CronJobs, on objects in memory. */
export function fieldWrites(
  store: ObjectStore,
): Pick<ClusterWriter, 'setSecretKeys' | 'createSecret' | 'scale' | 'suspendCronJob'> {
  return {
    setSecretKeys: async (secret, values) => {
      const { name, uid } = secret.metadata;
      const wanted = encoded(values);
      const found = same(store, 'Secret', name, uid);
      const isDone = Object.entries(wanted).every(([key, value]) => (found.data?.[key] ?? null) === value);
      if (isDone) return found;
      for (const [key, value] of Object.entries(wanted)) {
        const now = found.data?.[key] ?? null;
        if (now !== (secret.data?.[key] ?? null) && now !== value) {
          throw stale(`secret/${name} has another value of ${key} than when it was read.`);
        }
      }
      const data = merged(found.data, wanted);
      if (found.immutable !== true)
        return store.update('Secret', name, (draft) => Object.assign(draft, { data })) ?? found;
      store.remove('Secret', name);
      const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...metadata } = found.metadata;
      return store.create('Secret', { ...found, metadata, data } as unknown as Seed) as SecretObject;
    },
    createSecret: async (secret) => store.create('Secret', secret as unknown as Seed),
    scale: async (ref, uid, { replicas, from, annotations }) => {
      if (ref.kind === 'DaemonSet')
        throw new RollbackError('INPUT_INVALID', 'A DaemonSet cannot be scaled.', 'kubectl');
      const found = same(store, ref.kind, ref.name, uid);
      const now = found.spec.replicas ?? 1;
      if (from !== undefined && now !== from && now !== replicas) {
        throw stale(`${ref.kind}/${ref.name} has replicas ${now}, expected ${from}.`);
      }
      return (
        store.update(ref.kind, ref.name, (draft) => {
          draft.spec.replicas = replicas;
          annotate(draft.metadata, annotations);
        }) ?? found
      );
    },
    suspendCronJob: async (name, uid, { suspend, annotations }) => {
      const found = same(store, 'CronJob', name, uid);
      return (
        store.update('CronJob', name, (draft) => {
          draft.spec.suspend = suspend;
          annotate(draft.metadata, annotations);
        }) ?? found
      );
    },
  };
}

function same<K extends 'Secret' | 'CronJob' | 'Deployment' | 'StatefulSet'>(
  store: ObjectStore,
  kind: K,
  name: string,
  uid: string,
) {
  const found = store.get(kind, name);
  const isWorkload = kind === 'Deployment' || kind === 'StatefulSet';
  const gone = isWorkload ? 'WORKLOAD_NOT_FOUND' : 'PLAN_STALE';
  if (!found) throw new RollbackError(gone, `${kind}/${name} does not exist.`, 'kubectl get');
  if (found.metadata.uid === uid) return found;
  throw new RollbackError('OBJECT_REPLACED', `${kind}/${name} is another object.`, 'kubectl describe');
}

function stale(message: string): RollbackError {
  return new RollbackError('PLAN_STALE', message, 'Look at it.');
}

function encoded(values: Readonly<Record<string, SecretValue | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === null ? null : Buffer.from(value).toString('base64')]),
  );
}

function merged(data: SecretObject['data'], wanted: Record<string, string | null>): Record<string, string> {
  const all = Object.entries({ ...data, ...wanted });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

function annotate(
  metadata: { annotations?: Record<string, string> },
  wanted: Readonly<Record<string, string | null>>,
): void {
  const all = Object.entries({ ...metadata.annotations, ...wanted });
  const kept = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  if (Object.keys(kept).length > 0) metadata.annotations = kept;
  else delete metadata.annotations;
}
