import type { FieldSet, KubeObject, ManagedFieldsEntry, ObjectKind, ObjectOf } from '../../core/kubernetes.ts';
import { at, intersection, nested, type Path, pointer, union, without } from './field-set.ts';
import { type GuardedWrite, uidTest } from './guarded-write.ts';
import type { JsonPatch } from './json-patch.ts';
import { FIELD_MANAGER } from './ownership.ts';

/**
 * Gives the fields under `part` that our write took back to exactly those who owned them in `before`; what was nobody's is nobody's again.
 * Then whoever owns the object finds no conflict with us, and what he did not set he does not remove. Ownership is data: this is how
 * kubectl itself moves fields from one manager to another (csaupgrade).
 *
 * @param before the object as it was before our write. Where that is lost (a run was killed in between), the object itself: the fields
 * are nobody's then, and the next to set them owns them.
 * @param goesTo false for a former owner who is better off without
 * @returns undefined where nothing under `part` is ours
 */
export function giveBack(
  object: KubeObject,
  before: KubeObject,
  part: Path,
  goesTo: (former: ManagedFieldsEntry) => boolean = () => true,
): JsonPatch | undefined {
  const entries = object.metadata.managedFields ?? [];
  const ourIndex = entries.findIndex((entry) => isOurs(entry) && at(entry.fieldsV1, part) !== undefined);
  const ours = entries[ourIndex];
  const taken = at(ours?.fieldsV1, part);
  if (!ours?.fieldsV1 || !taken) return undefined;
  const guards: JsonPatch = [uidTest(object.metadata.uid), { op: 'test', path: place(ourIndex), value: ours }];
  const additions = (before.metadata.managedFields ?? []).flatMap((former): JsonPatch => {
    if (isOurs(former) || former.fieldsV1 === undefined || !goesTo(former)) return [];
    const share = intersection(nested(part, taken), former.fieldsV1);
    if (!share) return [];
    const index = entries.findIndex((entry) => isSame(entry, former));
    const now = entries[index];
    // A manager all of whose fields we took is no longer listed.
    if (!now?.fieldsV1) return [{ op: 'add', path: place('-'), value: { ...former, fieldsV1: share } }];
    return [
      { op: 'test', path: place(index), value: now },
      { op: 'replace', path: `${place(index)}/fieldsV1`, value: union(now.fieldsV1, share) },
    ];
  });
  const kept = without(ours.fieldsV1, part);
  return [
    ...guards,
    ...additions,
    ownsAnything(kept)
      ? { op: 'replace', path: `${place(ourIndex)}/fieldsV1`, value: kept }
      : { op: 'remove', path: place(ourIndex) },
  ];
}

/** The object with the fields under `part` given back, where there is something to give back. */
export async function returned<K extends ObjectKind>(
  write: GuardedWrite<K>,
  written: ObjectOf[K],
  before: ObjectOf[K] | undefined,
  part: Path,
  goesTo?: (former: ManagedFieldsEntry) => boolean,
): Promise<ObjectOf[K]> {
  if (!giveBack(written, before ?? written, part, goesTo)) return written;
  // What was asked for is done; this only settles who owns what. A run that is killed here leaves it to the next one.
  return write.run((object) => {
    const patch = giveBack(object, before ?? object, part, goesTo);
    return patch && { patch, fieldManager: FIELD_MANAGER };
  }, written);
}

function place(index: number | string): string {
  return pointer('metadata', 'managedFields', index);
}

function isOurs(entry: ManagedFieldsEntry): boolean {
  return entry.manager === FIELD_MANAGER && entry.operation === 'Update' && !entry.subresource;
}

function isSame(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.subresource === b.subresource
  );
}

/** A set of which only what leads to fields is left owns nothing. */
function ownsAnything(set: FieldSet): boolean {
  return Object.entries(set).some(
    ([key, child]) => key !== '.' && (Object.keys(child).length === 0 || ownsAnything(child)),
  );
}
