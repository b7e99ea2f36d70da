import { RollbackError } from '../../core/errors.ts';
import type { ConfigMapObject, ManagedFieldsEntry } from '../../core/kubernetes.ts';
import type { AnyObject } from '../../core/manifest.ts';
import { tr } from '../../core/tr.ts';
import { anyObject, purposeOf, readObject } from './any-objects.ts';
import { returned } from './field-owners.ts';
import { sameJson } from './field-set.ts';
import { GuardedWrite } from './guarded-write.ts';
import { setOwners, stale } from './object-apply.ts';
import type { ObjectClient } from './object-client.ts';
import { repeat } from './own-objects.ts';
import { FIELD_MANAGER } from './ownership.ts';
import { pathOf } from './resources.ts';
import { keepsLastApplied, keysPatch } from './secret-write.ts';

type Values = Readonly<Record<string, string | null>>;

/** Sets keys of a ConfigMap; see `ObjectWriter.setConfigMapKeys` for what it promises. */
export async function setConfigMapKeys(client: ObjectClient, read: AnyObject, values: Values): Promise<AnyObject> {
  const configMap = read as unknown as ConfigMapObject & AnyObject;
  const { name, uid } = configMap.metadata;
  if (configMap.immutable === true && !isDone(configMap, values)) return recreate(client, configMap, values);
  const write = new GuardedWrite(client, { kind: 'ConfigMap', name, uid }, { gone: 'PLAN_STALE' });
  let before: ConfigMapObject | undefined;
  const written = await write.run((object) => {
    if (isDone(object, values)) return undefined;
    if (object.immutable === true || isOther(object, configMap, values)) throw stale(client, `configmap/${name}`);
    before = object;
    return { patch: keysPatch(object, values), fieldManager: FIELD_MANAGER };
  }, configMap);
  const settled = await returned(write, written, before, ['f:data'], (former) => !keepsLastApplied(former));
  return { ...settled, apiVersion: 'v1', kind: 'ConfigMap' };
}

function isDone({ data }: ConfigMapObject, values: Values): boolean {
  return Object.entries(values).every(([key, value]) => (data?.[key] ?? null) === value);
}

function isOther(object: ConfigMapObject, read: ConfigMapObject, values: Values): boolean {
  return Object.entries(values).some(([key, value]) => {
    const now = object.data?.[key] ?? null;
    return now !== (read.data?.[key] ?? null) && now !== value;
  });
}

/** An immutable one is deleted and created again with all it had; until then pods that start in between wait. */
async function recreate(
  client: ObjectClient,
  configMap: ConfigMapObject & AnyObject,
  values: Values,
): Promise<AnyObject> {
  const { name, labels, annotations, ownerReferences, finalizers, managedFields, uid, resourceVersion } =
    configMap.metadata;
  if ((finalizers ?? []).length > 0) {
    throw new RollbackError(
      'FLAGS_INVALID',
      tr`configmap/${name} is immutable and has finalizers (${(finalizers ?? []).join(', ')}): it cannot be deleted and created again at once.`,
      tr`See who holds it: \`kubectl get configmap ${name} -n ${client.namespace} -o jsonpath={.metadata.finalizers}\`.`,
    );
  }
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name };
  const all = Object.entries({ ...configMap.data, ...values });
  const data = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
  await repeat(client, purposeOf(client, 'delete', ref), {
    request: {
      method: 'DELETE',
      path: pathOf('ConfigMap', client.namespace, name),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    },
    settle: ({ status }) => {
      if (status < 300) return { done: undefined };
      if (status === 404 || status === 409) throw stale(client, `configmap/${name}`);
      return undefined;
    },
    look: async () => {
      const found = await readObject(client, ref);
      if (found && found.metadata.uid !== uid) throw stale(client, `configmap/${name}`);
      return found ? undefined : { done: undefined };
    },
  });
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: client.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(ownerReferences ? { ownerReferences } : {}),
    },
    immutable: true,
    data,
    ...(configMap.binaryData ? { binaryData: configMap.binaryData } : {}),
  };
  const created = await repeat(client, purposeOf(client, 'create', ref), {
    request: {
      method: 'POST',
      path: pathOf('ConfigMap', client.namespace),
      query: { fieldManager: FIELD_MANAGER },
      body,
    },
    settle: (answer, purpose) => {
      if (answer.status === 200 || answer.status === 201) return { done: anyObject(client, ref, answer, purpose) };
      if (answer.status === 409) throw stale(client, `configmap/${name}`);
      return undefined;
    },
    look: async () => {
      const found = await readObject(client, ref);
      return found && sameJson(found['data'] as never, data) ? { done: found } : undefined;
    },
  });
  const owners = (managedFields ?? []).filter((entry: ManagedFieldsEntry) => entry.manager !== FIELD_MANAGER);
  if (owners.length === 0) return created;
  const owned = await setOwners(client, created, owners);
  return owned === 'stale' ? created : owned;
}
