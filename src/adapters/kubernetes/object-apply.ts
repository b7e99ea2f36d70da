import { foldedInto } from '../../core/deploy-managers.ts';
import { RollbackError } from '../../core/errors.ts';
import type { FieldSet, Json, ManagedFieldsEntry } from '../../core/kubernetes.ts';
import {
  type AnyObject,
  contentOf,
  type FieldPath,
  fieldOf,
  type JsonObject,
  manifestText,
  withField,
  withoutField,
} from '../../core/manifest.ts';
import { tr } from '../../core/tr.ts';
import type { ApplyPreview, FieldConflict, ObjectApply } from '../../ports/objects.ts';
import { anyObject, entryOf, pathOfObject, purposeOf, readObject } from './any-objects.ts';
import { type Answer, NoAnswer } from './failure.ts';
import { at, difference, type Path, pointer, sameJson, union, without } from './field-set.ts';
import { dropped, picked } from './field-values.ts';
import { uidTest } from './guarded-write.ts';
import { JSON_PATCH, type JsonPatch } from './json-patch.ts';
import { LAST_APPLIED } from './last-applied.ts';
import type { ObjectClient } from './object-client.ts';
import { withDefaults } from './object-defaults.ts';
import { FIELD_MANAGER } from './ownership.ts';

const APPLY_PATCH = 'application/apply-patch+yaml';
const LAST_APPLIED_PATH: Path = ['f:metadata', 'f:annotations', `f:${LAST_APPLIED}`];
/** A guard that failed is tried again on what is there now, this often. */
const TRIES = 8;

/** See `ObjectReader.dryRunApply`. */
export async function dryRunApply(client: ObjectClient, apply: ObjectApply): Promise<ApplyPreview> {
  const { ref, live, applier } = apply;
  const purpose = purposeOf(client, 'apply', ref);
  const ask = async (force: boolean) =>
    client.transport.read({ ...(await request(client, apply, live)), query: query(applier, force, true), purpose });
  const gentle = await ask(false);
  const conflicts = conflictsOf(gentle).filter(({ manager }) => !foldedInto(applier).includes(manager));
  const answer = gentle.status === 409 ? await ask(true) : gentle;
  if (answer.status >= 300) throw refusedApply(client, apply, answer);
  const object = anyObject(client, ref, answer, purpose);
  const left = withoutFolded(object, live, applier);
  return { object: live && left !== object ? await withDefaults(client, left, live) : object, conflicts };
}

/** See `ObjectWriter.applyObject`. */
export async function applyObject(client: ObjectClient, apply: ObjectApply): Promise<AnyObject> {
  const { transport } = client;
  const { ref, applier } = apply;
  const purpose = purposeOf(client, 'apply', ref);
  const started = transport.clock.now();
  let live = apply.live;
  for (let attempt = 0; ; attempt++) {
    const before = live && (await folded(client, live, applier));
    if (before === 'stale') {
      live = await readAgain(client, apply, attempt);
      continue;
    }
    const sent = await request(client, apply, before, before);
    const answer = await transport
      .attempt({ ...sent, query: query(applier, true, false), purpose })
      .catch((error: unknown) => {
        if (error instanceof NoAnswer) return error;
        throw error;
      });
    if (!(answer instanceof NoAnswer)) {
      if (answer.status < 300) return anyObject(client, ref, answer, purpose);
      if (answer.status === 409) {
        live = await readAgain(client, apply, attempt);
        continue;
      }
      if (answer.status !== 429 && (answer.status < 500 || /failed calling webhook/.test(answer.body))) {
        throw refusedApply(client, apply, answer);
      }
    }
    const left = transport.budgetMs - (transport.clock.now() - started);
    if (left <= 0) throw transport.unknownOutcome(answer, purpose);
    await transport.pause(attempt, answer, left);
    const now = await readObject(client, ref);
    if (now && (await isApplied(client, apply, now))) return now;
    live = now;
  }
}

/** After a lost answer: nothing would change any more. */
async function isApplied(client: ObjectClient, apply: ObjectApply, now: AnyObject): Promise<boolean> {
  const { object } = await dryRunApply(client, { ...apply, live: now });
  return sameJson(contentOf(object), contentOf(now)) && entryOf(now, apply.applier, 'Apply') !== undefined;
}

/** What may change meanwhile is status, and what is reserved. @throws PLAN_STALE */
async function readAgain(client: ObjectClient, apply: ObjectApply, attempt: number): Promise<AnyObject | undefined> {
  const { ref, live, reserved } = apply;
  const now = await readObject(client, ref);
  const isSame =
    now && live ? sameJson(contentOf(now, reserved), contentOf(live, reserved)) : now === undefined && !live;
  if (isSame && attempt < TRIES) return now;
  throw stale(client, manifestText(ref));
}

export function stale(client: ObjectClient, text: string): RollbackError {
  return new RollbackError(
    'PLAN_STALE',
    tr`${text} was changed, created or deleted by another since it was read.`,
    tr`See who wrote it: \`kubectl get ${text} -n ${client.namespace} -o yaml --show-managed-fields\`; then run again.`,
  );
}

/** @param guard the object that must still be there, unchanged */
async function request(client: ObjectClient, apply: ObjectApply, live: AnyObject | undefined, guard?: AnyObject) {
  const { ref } = apply;
  const body = bodyOf(apply, live);
  const about = body['metadata'] as JsonObject;
  const { uid, resourceVersion } = guard?.metadata ?? {};
  return {
    method: 'PATCH' as const,
    path: await pathOfObject(client, ref, ref.name),
    contentType: APPLY_PATCH,
    body: { ...body, metadata: { ...about, ...(guard ? { uid, resourceVersion } : {}) } },
  };
}

function query(fieldManager: string, force: boolean, isDryRun: boolean) {
  return { fieldManager, force, fieldValidation: 'Strict', dryRun: isDryRun ? 'All' : undefined };
}

/**
 * The manifest, with the applier's own share of each reserved field as it is now: what an applier leaves out it gives up, and the server
 * removes it.
 */
function bodyOf({ manifest, reserved, applier }: ObjectApply, live: AnyObject | undefined): JsonObject {
  const owned = live && union(entryOf(live, applier, 'Apply')?.fieldsV1 ?? {}, foldedSet(live, applier));
  return reserved.reduce((body, path) => {
    const bare = withoutField(body, path);
    const share = owned && at(owned, setPath(path));
    const value = share && picked(fieldOf(live as unknown as Json, path), share);
    return value === undefined ? bare : withField(bare, path, value);
  }, manifest);
}

const setPath = (path: FieldPath): Path => path.map((name) => `f:${name}`);

/** Fields that become the applier's: those of client-side apply. Its own memory, the annotation, stays what it is. */
function foldedSet(live: AnyObject, applier: string): FieldSet {
  return foldedEntries(live, applier).reduce<FieldSet>(
    (all, { fieldsV1 = {} }) => union(all, without(fieldsV1, LAST_APPLIED_PATH)),
    {},
  );
}

function foldedEntries(live: AnyObject, applier: string): ManagedFieldsEntry[] {
  const names = foldedInto(applier);
  return (live.metadata.managedFields ?? []).filter(
    ({ manager = '', operation, subresource, fieldsV1 }) =>
      operation === 'Update' &&
      !subresource &&
      names.includes(manager) &&
      Object.keys(without(fieldsV1 ?? {}, LAST_APPLIED_PATH)).length > 0,
  );
}

/** The object with who did client-side apply as an applier: ownership is data, and kubectl moves it in this way, too (csaupgrade). */
async function folded(client: ObjectClient, live: AnyObject, applier: string): Promise<AnyObject | 'stale'> {
  const taken = foldedEntries(live, applier);
  const [first] = taken;
  if (!first) return live;
  const all = live.metadata.managedFields ?? [];
  const own = entryOf(live, applier, 'Apply');
  const { manager: _manager, operation: _operation, ...form } = own ?? first;
  const entry = {
    ...form,
    manager: applier,
    operation: 'Apply' as const,
    fieldsV1: union(own?.fieldsV1 ?? {}, foldedSet(live, applier)),
  };
  const rest = all
    .filter((one) => !(one.manager === applier && one.operation === 'Apply' && !one.subresource))
    .flatMap((one): ManagedFieldsEntry[] => {
      if (!taken.includes(one)) return [one];
      const memory = at(one.fieldsV1, LAST_APPLIED_PATH);
      return memory
        ? [{ ...one, fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${LAST_APPLIED}`]: memory } } } }]
        : [];
    });
  return setOwners(client, live, [...rest, entry]);
}

/** Says anew who owns what, where nobody has written since. */
export async function setOwners(
  client: ObjectClient,
  live: AnyObject,
  owners: readonly ManagedFieldsEntry[],
): Promise<AnyObject | 'stale'> {
  const ref = { apiVersion: live.apiVersion, kind: live.kind, name: live.metadata.name };
  const purpose = purposeOf(client, 'patch', ref);
  const path = pointer('metadata', 'managedFields');
  const body: JsonPatch = [
    uidTest(live.metadata.uid),
    { op: 'test', path, value: live.metadata.managedFields },
    { op: 'replace', path, value: owners },
  ];
  // Sent twice it fails its own test, and is read again.
  const answer = await client.transport.read({
    method: 'PATCH',
    path: await pathOfObject(client, ref, ref.name),
    query: { fieldManager: FIELD_MANAGER },
    contentType: JSON_PATCH,
    body,
    purpose,
  });
  if (answer.status === 404 || answer.status === 409 || answer.status === 422) return 'stale';
  if (answer.status >= 300) throw client.error(answer, purpose);
  return anyObject(client, ref, answer, purpose);
}

/** What a dry run cannot show: fields of client-side apply that the manifest lacks, and nobody else has, go as well. */
function withoutFolded(object: AnyObject, live: AnyObject | undefined, applier: string): AnyObject {
  if (!live) return object;
  const names = foldedInto(applier);
  const kept = (object.metadata.managedFields ?? [])
    .filter(({ manager = '', operation }) => operation === 'Apply' || !names.includes(manager))
    .reduce<FieldSet>((all, { fieldsV1 = {} }) => union(all, fieldsV1), {});
  const lost = difference(foldedSet(live, applier), kept);
  const gone = lost && withoutBareNodes(lost);
  if (!gone) return object;
  return (dropped(object as unknown as Json, gone) ?? object) as unknown as AnyObject;
}

/** Who applies server-side does not own a map of which he owns fields; that it lacks the map itself says nothing. */
function withoutBareNodes(set: FieldSet): FieldSet | undefined {
  const parts = Object.entries(set).flatMap(([key, child]): [string, FieldSet][] => {
    if (key === '.') return [];
    if (Object.keys(child).length === 0) return [[key, child]];
    const rest = withoutBareNodes(child);
    return rest ? [[key, '.' in child ? { '.': {}, ...rest } : rest]] : [];
  });
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}

function conflictsOf(answer: Answer): FieldConflict[] {
  if (answer.status !== 409) return [];
  let causes: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  try {
    causes = (JSON.parse(answer.body) as { details?: { causes?: typeof causes } }).details?.causes ?? [];
  } catch {
    return [];
  }
  const found = causes.flatMap(({ reason, message = '', field = '' }) => {
    if (reason !== 'FieldManagerConflict') return [];
    return [{ manager: /conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? tr`an unknown manager`, field }];
  });
  return [...Map.groupBy(found, ({ manager }) => manager)].map(([manager, of]) => ({
    manager,
    fields: of.map(({ field }) => field),
  }));
}

/** A field or a value that the server does not take is one of the manifest. */
function refusedApply(client: ObjectClient, { ref }: ObjectApply, answer: Answer): RollbackError {
  const error = client.error(answer, purposeOf(client, 'apply', ref));
  if (answer.status !== 400) return error;
  return new RollbackError(
    'MANIFEST_INVALID',
    error.message,
    tr`Correct the manifest; to see the same: kubectl apply --server-side --dry-run=server -f FILE`,
  );
}
