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
import { anyObject, pathOfObject, purposeOf, readObject } from './any-objects.ts';
import { at, nested, type Path, sameJson, union, without } from './field-set.ts';
import { setOwners, stale } from './object-apply.ts';
import type { ObjectClient } from './object-client.ts';
import { repeat } from './own-objects.ts';
import { FIELD_MANAGER } from './ownership.ts';

/** See `ObjectWriter.putBackObject`. */
export async function putBackObject(
  client: ObjectClient,
  before: AnyObject,
  live: AnyObject,
  reserved: readonly FieldPath[],
): Promise<AnyObject> {
  const ref = { apiVersion: live.apiVersion, kind: live.kind, name: live.metadata.name };
  const body = restored(before, live, reserved);
  const wanted = contentOf(body as unknown as AnyObject);
  const written = await repeat(client, purposeOf(client, 'update', ref), {
    request: {
      method: 'PUT',
      path: await pathOfObject(client, ref, ref.name),
      query: { fieldManager: FIELD_MANAGER },
      body,
    },
    settle: (answer, purpose) => {
      if (answer.status === 200) return { done: anyObject(client, ref, answer, purpose) };
      if (answer.status === 409 || answer.status === 404) throw stale(client, manifestText(ref));
      return undefined;
    },
    look: async () => {
      const now = await readObject(client, ref);
      return now && sameJson(contentOf(now), wanted) ? { done: now } : undefined;
    },
  });
  let now = written;
  for (let tries = 0; tries < 3; tries++) {
    const owned = await setOwners(client, now, ownersOf(before, now, reserved));
    if (owned !== 'stale') return owned;
    const again = await readObject(client, ref);
    if (!again) return now;
    now = again;
  }
  return now;
}

/** What it was, except for what the server sets and what other steps see to. */
function restored(before: AnyObject, live: AnyObject, reserved: readonly FieldPath[]): JsonObject {
  const { labels, annotations, ownerReferences, finalizers } = before.metadata;
  const { managedFields: _managed, labels: _labels, annotations: _notes, ...about } = live.metadata;
  const metadata = {
    ...about,
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(ownerReferences ? { ownerReferences } : {}),
    ...(finalizers ? { finalizers } : {}),
  };
  const { status: _status, ...rest } = before;
  const whole = { ...rest, metadata, ...(live['status'] === undefined ? {} : { status: live['status'] }) };
  return reserved.reduce(
    (body, path) => {
      const now = fieldOf(live as unknown as Json, path);
      return now === undefined ? withoutField(body, path) : withField(body, path, now);
    },
    whole as unknown as JsonObject,
  );
}

/** Who owned what, except for what is reserved and for status, which stay with those who own it now. */
function ownersOf(before: AnyObject, now: AnyObject, reserved: readonly FieldPath[]): ManagedFieldsEntry[] {
  const paths = reserved.map((path): Path => path.map((name) => `f:${name}`));
  const current = (now.metadata.managedFields ?? []).filter(({ manager }) => manager !== FIELD_MANAGER);
  const own: ManagedFieldsEntry[] = (before.metadata.managedFields ?? [])
    .filter(({ subresource }) => !subresource)
    .map((entry) => ({ ...entry, fieldsV1: paths.reduce((set, path) => without(set, path), entry.fieldsV1 ?? {}) }));
  for (const entry of current) {
    if (entry.subresource) continue;
    const share = paths.reduce<FieldSet>((all, path) => {
      const part = at(entry.fieldsV1, path);
      return part ? union(all, nested(path, part)) : all;
    }, {});
    if (Object.keys(share).length === 0) continue;
    const index = own.findIndex((one) => one.manager === entry.manager && one.operation === entry.operation);
    const known = own[index];
    if (known) own[index] = { ...known, fieldsV1: union(known.fieldsV1 ?? {}, share) };
    else own.push({ ...entry, fieldsV1: share });
  }
  const held = own.filter(({ fieldsV1 = {} }) => Object.keys(fieldsV1).length > 0);
  return [...held, ...current.filter(({ subresource }) => subresource)];
}
