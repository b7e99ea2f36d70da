import { RollbackError } from '../../core/errors.ts';
import type { Json, ManagedFieldsEntry, SecretObject } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import type { NewSecret, SecretValue } from '../../ports/cluster.ts';
import { returned } from './field-owners.ts';
import { at, pointer, sameJson } from './field-set.ts';
import { emptied, GuardedWrite, uidTest } from './guarded-write.ts';
import type { JsonPatch } from './json-patch.ts';
import { LAST_APPLIED } from './last-applied.ts';
import type { ObjectClient } from './object-client.ts';
import { repeat } from './own-objects.ts';
import { FIELD_MANAGER } from './ownership.ts';
import { apiVersionOf, pathOf } from './resources.ts';

/** base64 by key; null for a key that is not to be there. */
type Encoded = Readonly<Record<string, string | null>>;

/** On a Secret that we created: the one thing of it that stays ours. */
const CREATED = 'tiered-rollback/created';

/** Sets keys of a Secret; see `ClusterWriter.setSecretKeys` for what it promises. */
export async function setSecretKeys(
  client: ObjectClient,
  secret: SecretObject,
  values: Readonly<Record<string, SecretValue | null>>,
): Promise<SecretObject> {
  const wanted = encoded(secret.metadata.name, values);
  return discreet([...Object.values(wanted), ...Object.values(secret.data ?? {})], async () =>
    secret.immutable === true && !isDone(secret, wanted)
      ? recreate(client, secret, wanted)
      : patchKeys(client, secret, wanted),
  );
}

/**
 * Creates it; undefined when the name is taken by another. Its keys are nobody's afterwards, so that whoever deploys it next is no stranger to
 * it. The annotation stays ours: of an object that nobody owns anything of, the server gives all to `before-first-apply` at the first apply,
 * and that would be a conflict.
 */
export async function createSecret(client: ObjectClient, secret: NewSecret): Promise<SecretObject | undefined> {
  return discreet(Object.values(secret.data), async () => {
    const { metadata } = secret;
    const annotations = { ...metadata.annotations, [CREATED]: 'true' };
    const created = await create(client, { ...secret, metadata: { ...metadata, annotations } }, FIELD_MANAGER);
    if (!created) return undefined;
    return setOwners(client, created, (entries) =>
      entries.map((entry) => ({ ...entry, fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${CREATED}`]: {} } } } })),
    );
  });
}

async function patchKeys(client: ObjectClient, secret: SecretObject, wanted: Encoded): Promise<SecretObject> {
  const { name, uid } = secret.metadata;
  const write = new GuardedWrite(client, { kind: 'Secret', name, uid }, { gone: 'PLAN_STALE' });
  let before: SecretObject | undefined;
  const written = await write.run((object) => {
    if (isDone(object, wanted)) return undefined;
    refuseOther(client, object, secret, wanted);
    before = object;
    return { patch: keysPatch(object, wanted), fieldManager: FIELD_MANAGER };
  }, secret);
  return returned(write, written, before, ['f:data'], (former) => !keepsLastApplied(former));
}

/**
 * Of keys that a `kubectl apply` owned: where the value is another than in last-applied, a first `kubectl apply --server-side` would be a
 * conflict with it (allowedConflictsFromLastApplied in the API server's lastappliedmanager.go), and to write the value there, too, would spread
 * it. Nobody's key is no conflict for anybody, and the next `kubectl apply` owns it again.
 */
export function keepsLastApplied({ operation, fieldsV1 }: ManagedFieldsEntry): boolean {
  return operation === 'Update' && at(fieldsV1, ['f:metadata', 'f:annotations', `f:${LAST_APPLIED}`]) !== undefined;
}

/**
 * Deletes it and creates it again. Whoever kept a copy can put it back if the second part fails; until then nothing of that name is there,
 * so pods that start in between wait.
 */
async function recreate(client: ObjectClient, secret: SecretObject, wanted: Encoded): Promise<SecretObject> {
  const { name, labels, annotations, ownerReferences, finalizers, managedFields } = secret.metadata;
  if ((finalizers ?? []).length > 0) {
    throw new RollbackError(
      'PLAN_STALE',
      tr`secret/${name} in namespace "${client.namespace}" is immutable and has finalizers (${(finalizers ?? []).join(', ')}): it cannot be deleted and created again at once.`,
      tr`See who holds it: \`kubectl get secret ${name} -n ${client.namespace} -o jsonpath={.metadata.finalizers}\`.`,
    );
  }
  const next = merged(secret.data, wanted);
  await deleteExactly(client, secret);
  const metadata = {
    name,
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(ownerReferences ? { ownerReferences } : {}),
  };
  const type = secret.type === undefined ? {} : { type: secret.type };
  const created = await create(client, { metadata, ...type, immutable: true, data: next }, FIELD_MANAGER);
  if (!created) throw changed(client, name, tr`was created by another while this run replaced it`);
  const owners = (managedFields ?? []).filter((entry) => entry.manager !== FIELD_MANAGER);
  return owners.length === 0 ? created : setOwners(client, created, () => owners);
}

/** Says who owns what of a Secret that was just created by us. Where somebody wrote to it meanwhile, his word stands beside ours. */
async function setOwners(
  client: ObjectClient,
  created: SecretObject,
  owners: (entries: readonly ManagedFieldsEntry[]) => readonly ManagedFieldsEntry[],
): Promise<SecretObject> {
  const { name, uid } = created.metadata;
  const ours = (created.metadata.managedFields ?? []).filter((entry) => entry.manager === FIELD_MANAGER);
  const path = pointer('metadata', 'managedFields');
  return new GuardedWrite(client, { kind: 'Secret', name, uid }, { gone: 'PLAN_STALE' }).run((object) => {
    const now = object.metadata.managedFields ?? [];
    const others = now.filter((entry) => entry.manager !== FIELD_MANAGER);
    const isOpen = now.some((entry) => entry.manager === FIELD_MANAGER && entry.fieldsV1?.['f:data'] !== undefined);
    if (!isOpen) return undefined;
    const patch: JsonPatch = [uidTest(object.metadata.uid), { op: 'test', path, value: now }];
    const value = [...owners(ours), ...others];
    return { patch: [...patch, { op: 'replace', path, value }], fieldManager: FIELD_MANAGER };
  }, created);
}

async function deleteExactly(client: ObjectClient, { metadata }: SecretObject): Promise<void> {
  const { name, uid, resourceVersion } = metadata;
  const stale = () => changed(client, name, tr`was changed by another since it was read`);
  await repeat(client, client.purpose('delete', `secret/${name}`), {
    request: {
      method: 'DELETE',
      path: pathOf('Secret', client.namespace, name),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    },
    settle: (answer) => {
      if (answer.status < 300) return { done: undefined };
      if (answer.status === 404 || answer.status === 409) throw stale();
      return undefined;
    },
    look: async () => {
      const found = await client.get('Secret', name);
      if (found && found.metadata.uid !== uid) throw stale();
      return found ? undefined : { done: undefined };
    },
  });
}

async function create(
  client: ObjectClient,
  secret: NewSecret,
  fieldManager: string,
): Promise<SecretObject | undefined> {
  const { name } = secret.metadata;
  const body = {
    ...secret,
    apiVersion: apiVersionOf('Secret'),
    kind: 'Secret',
    metadata: { ...secret.metadata, namespace: client.namespace },
  };
  const isOurs = (found: SecretObject) => sameJson((found.data ?? {}) as Json, secret.data as Json);
  return repeat(client, client.purpose('create', `secret/${name}`), {
    request: { method: 'POST', path: pathOf('Secret', client.namespace), query: { fieldManager }, body },
    settle: (answer, purpose) => {
      if (answer.status === 201 || answer.status === 200) return { done: client.object('Secret', answer, purpose) };
      return answer.status === 409 ? { done: undefined } : undefined;
    },
    // After a lost answer: with exactly what was sent in it, it is the one that was sent.
    look: async () => {
      const found = await client.get('Secret', name);
      return found ? { done: isOurs(found) ? found : undefined } : undefined;
    },
  });
}

function encoded(name: string, values: Readonly<Record<string, SecretValue | null>>): Encoded {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
        throw new RollbackError(
          'INPUT_INVALID',
          tr`${JSON.stringify(key.slice(0, 60))} cannot be a key of secret/${name}: only letters, digits, "-", "_" and "." can stand in it.`,
          tr`Correct the key in the section \`secrets\` of the config file.`,
        );
      }
      return [key, value === null ? null : Buffer.from(value).toString('base64')];
    }),
  );
}

function isDone(object: SecretObject, wanted: Encoded): boolean {
  return Object.entries(wanted).every(([key, value]) => (object.data?.[key] ?? null) === value);
}

/** Somebody else set a key since it was read: what is there then is not known to anybody who decided this. */
function refuseOther(client: ObjectClient, object: SecretObject, read: SecretObject, wanted: Encoded): void {
  const { name } = read.metadata;
  const other = Object.entries(wanted).find(([key, value]) => {
    const now = object.data?.[key] ?? null;
    return now !== (read.data?.[key] ?? null) && now !== value;
  });
  if (other) throw changed(client, name, tr`has another value of ${other[0]} than when it was read`);
  if (object.immutable === true) throw changed(client, name, tr`was made immutable since it was read`);
}

export function keysPatch(object: Pick<SecretObject, 'metadata' | 'data'>, wanted: Encoded): JsonPatch {
  const keys = Object.entries(wanted).filter(([key, value]) => (object.data?.[key] ?? null) !== value);
  return [
    uidTest(object.metadata.uid),
    ...(object.data ? [] : emptied(pointer('data'))),
    ...keys.map(([key]) => ({ op: 'test', path: pointer('data', key), value: object.data?.[key] ?? null }) as const),
    ...keys.map(([key, value]) => {
      const path = pointer('data', key);
      return value === null ? ({ op: 'remove', path } as const) : ({ op: 'add', path, value } as const);
    }),
  ];
}

function merged(data: SecretObject['data'], wanted: Encoded): Record<string, string> {
  const all = Object.entries({ ...data, ...wanted });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

function changed(client: ObjectClient, name: string, what: string): RollbackError {
  return new RollbackError(
    'PLAN_STALE',
    tr`secret/${name} in namespace "${client.namespace}" ${what}.`,
    tr`See who wrote it: \`kubectl get secret ${name} -n ${client.namespace} -o yaml --show-managed-fields\`; then run again.`,
  );
}

/** An admission webhook may repeat in its refusal what it was shown: no value leaves in an error. */
async function discreet<T>(values: readonly (string | null)[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RollbackError)) throw error;
    const forms = values
      .flatMap((value) => (value ? [value, Buffer.from(value, 'base64').toString()] : []))
      .filter((form) => form.length > 3)
      .sort((a, b) => b.length - a.length);
    const hide = (text: string) => forms.reduce((rest, form) => rest.replaceAll(form, '***'), text);
    const cause = error.cause instanceof Error ? { cause: new Error(hide(error.cause.message)) } : {};
    throw new RollbackError(error.code, hide(error.message), hide(error.hint), cause);
  }
}
