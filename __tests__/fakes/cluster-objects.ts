import { RollbackError } from '../../src/core/errors.ts';
import type { ObjectKind } from '../../src/core/kubernetes.ts';
import {
  type AnyObject,
  contentOf,
  type FieldPath,
  fieldOf,
  isObject,
  type JsonObject,
  type ManifestRef,
  manifestText,
  withField,
  withoutField,
} from '../../src/core/manifest.ts';
import type { FieldConflict, ObjectApply, ObjectReader, ObjectWriter } from '../../src/ports/objects.ts';
import type { ObjectStore, Seed } from './cluster-store.ts';

const KINDS: Readonly<Record<string, { readonly plural: string; readonly namespaced: boolean }>> = {
  'v1 ConfigMap': { plural: 'configmaps', namespaced: true },
  'v1 Secret': { plural: 'secrets', namespaced: true },
  'v1 Service': { plural: 'services', namespaced: true },
  'v1 Pod': { plural: 'pods', namespaced: true },
  'v1 PersistentVolumeClaim': { plural: 'persistentvolumeclaims', namespaced: true },
  'v1 Namespace': { plural: 'namespaces', namespaced: false },
  'batch/v1 Job': { plural: 'jobs', namespaced: true },
  'apps/v1 Deployment': { plural: 'deployments', namespaced: true },
  'rbac.authorization.k8s.io/v1 ClusterRole': { plural: 'clusterroles', namespaced: false },
};

/** Who else owns a field of an object, as `configmap/app .data.a`. */
export type Owners = ReadonlyMap<string, string>;

/** Objects of any kind in memory. Who applied what is remembered, so that what an applier leaves out goes; fields of others are as told. */
export function objectParts(store: ObjectStore, owners: Owners): { reader: ObjectReader; writer: ObjectWriter } {
  const applied = new Map<string, JsonObject>();
  const get = ({ apiVersion, kind, name }: ManifestRef): AnyObject | undefined => {
    const found = store.get(kind as ObjectKind, name) as unknown as AnyObject | undefined;
    return found && { ...found, apiVersion, kind };
  };
  const merged = ({ ref, manifest, live, reserved, applier }: ObjectApply): JsonObject => {
    const before = applied.get(`${manifestText(ref)} ${applier}`) ?? {};
    const wanted = reserved.reduce((body, path) => {
      const now = fieldOf(live as never, path);
      return now === undefined ? withoutField(body, path) : withField(body, path, now);
    }, manifest);
    return merge((live ?? {}) as unknown as JsonObject, before, wanted);
  };
  const put = (ref: ManifestRef, content: JsonObject): AnyObject => {
    const kind = ref.kind as ObjectKind;
    const { metadata, ...rest } = content as unknown as { metadata: Seed['metadata'] };
    if (!store.get(kind, ref.name)) store.create(kind, { ...rest, metadata });
    else {
      store.update(kind, ref.name, (draft) => {
        for (const key of Object.keys(draft)) if (key !== 'metadata' && key !== 'kind') delete draft[key as never];
        Object.assign(draft, structuredClone(rest));
        for (const field of ['labels', 'annotations'] as const) {
          if (metadata[field]) draft.metadata[field] = { ...metadata[field] };
          else delete draft.metadata[field];
        }
      });
    }
    return get(ref) as AnyObject;
  };
  const assertSame = (ref: ManifestRef, live: AnyObject | undefined, reserved: readonly FieldPath[]) => {
    const now = get(ref);
    const text = (one: AnyObject | undefined) => JSON.stringify(one ? contentOf(one, reserved) : null);
    if (text(now) !== text(live)) throw new RollbackError('PLAN_STALE', `${manifestText(ref)} was changed.`, 'Look.');
  };
  return {
    reader: {
      resource: async (apiVersion, kind) => {
        const found = KINDS[`${apiVersion} ${kind}`];
        const [version = '', group = ''] = apiVersion.split('/').reverse();
        return found && { group, version, ...found };
      },
      object: async (ref) => get(ref),
      objects: async ({ kind }, selector) => {
        const [name = '', value] = selector.split('=');
        return store.all(kind as ObjectKind).filter(({ metadata }) => metadata.labels?.[name] === value) as never;
      },
      dryRunApply: async (apply) => {
        const object = merged(apply);
        const { live, ref } = apply;
        if (live?.['immutable'] === true && JSON.stringify(live['data']) !== JSON.stringify(object['data'])) {
          throw new RollbackError('ADMISSION_DENIED', `${manifestText(ref)} invalid: field is immutable`, 'kubectl');
        }
        return { object: object as unknown as AnyObject, conflicts: conflictsOf(ref, live, object, owners) };
      },
    },
    writer: {
      applyObject: async (apply) => {
        assertSame(apply.ref, apply.live, apply.reserved);
        const written = put(apply.ref, merged(apply));
        applied.set(`${manifestText(apply.ref)} ${apply.applier}`, apply.manifest);
        return written;
      },
      putBackObject: async (before, live, reserved) => {
        const ref = { apiVersion: live.apiVersion, kind: live.kind, name: live.metadata.name };
        assertSame(ref, live, reserved);
        const content = reserved.reduce(
          (body, path) => {
            const now = fieldOf(live as never, path);
            return now === undefined ? withoutField(body, path) : withField(body, path, now);
          },
          before as unknown as JsonObject,
        );
        return put(ref, content);
      },
      deleteObject: async (ref, uid) => {
        const found = get(ref);
        if (found?.metadata.uid !== uid) return;
        if ((found.metadata.finalizers ?? []).length === 0) store.remove(ref.kind as ObjectKind, ref.name);
        else {
          store.update(ref.kind as ObjectKind, ref.name, (draft) => {
            draft.metadata.deletionTimestamp = store.time();
          });
        }
      },
      setConfigMapKeys: async (configMap, values) => {
        const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: configMap.metadata.name };
        const now = get(ref);
        if (now?.metadata.uid !== configMap.metadata.uid) throw new RollbackError('PLAN_STALE', 'replaced', 'Look.');
        const data = { ...((now['data'] ?? {}) as Record<string, string | null>), ...values };
        const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
        if (now['immutable'] === true) {
          store.remove('ConfigMap', ref.name);
          const { labels, annotations } = now.metadata;
          const metadata = { name: ref.name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
          store.create('ConfigMap', { metadata, immutable: true, data: kept });
        } else store.update('ConfigMap', ref.name, (draft) => Object.assign(draft, { data: kept }));
        return get(ref) as AnyObject;
      },
    },
  };
}

/** What the applier had before and leaves out now goes; maps are merged, all else is replaced. */
function merge(live: JsonObject, before: JsonObject, wanted: JsonObject): JsonObject {
  const left = Object.entries(live).filter(([name]) => !Object.hasOwn(before, name) || Object.hasOwn(wanted, name));
  const result: Record<string, JsonObject[string]> = Object.fromEntries(left);
  for (const [name, value] of Object.entries(wanted)) {
    const [now, old] = [live[name], before[name]];
    result[name] = isObject(value) ? merge(isObject(now) ? now : {}, isObject(old) ? old : {}, value) : value;
  }
  return result;
}

function conflictsOf(
  ref: ManifestRef,
  live: AnyObject | undefined,
  object: JsonObject,
  owners: Owners,
): FieldConflict[] {
  return [...owners].flatMap(([place, manager]) => {
    const [text, field = ''] = place.split(' ');
    const path = field.split('.').slice(1);
    if (text !== manifestText(ref) || !live) return [];
    const isChanged = JSON.stringify(fieldOf(live as never, path)) !== JSON.stringify(fieldOf(object, path));
    return isChanged ? [{ manager, fields: [field] }] : [];
  });
}
