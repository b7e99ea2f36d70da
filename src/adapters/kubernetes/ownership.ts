import type { FieldSet, ManagedFieldsEntry, WorkloadObject } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import { at, difference, intersection, leafCount, nested, type Path, pointer, union, without } from './field-set.ts';
import type { JsonPatch } from './json-patch.ts';
import { LAST_APPLIED } from './last-applied.ts';

/** Our own name; on `spec` it stands only between the two writes of a change whose template belongs to a server-side applier. */
export const FIELD_MANAGER = 'tiered-rollback';

const TEMPLATE: Path = ['f:spec', 'f:template'];
const ANNOTATIONS: Path = ['f:metadata', 'f:annotations'];
const TEMPLATE_ANNOTATIONS: Path = [...TEMPLATE, 'f:metadata', 'f:annotations'];

type Entry = ManagedFieldsEntry & { readonly manager: string; readonly fieldsV1: FieldSet };
/** With its place in `managedFields`. */
type IndexedEntry = Entry & { readonly index: number };

/** Entries about the object itself: `status` and `scale` have their own. */
function entriesOf(object: WorkloadObject): IndexedEntry[] {
  return (object.metadata.managedFields ?? []).flatMap((entry, index) =>
    entry.manager !== undefined && entry.fieldsV1 !== undefined && !entry.subresource
      ? [{ ...entry, manager: entry.manager, fieldsV1: entry.fieldsV1, index }]
      : [],
  );
}

/**
 * Who deploys this workload: the server-side applier of the template if there is one; else who keeps kubectl's last-applied annotation
 * (that is the manager `kubectl apply --server-side` takes over from); else who owns most of the template.
 */
export function templateOwner(object: WorkloadObject): string | undefined {
  return mainOwner(object)?.manager;
}

function mainOwner(object: WorkloadObject): IndexedEntry | undefined {
  const owners = entriesOf(object)
    .filter((entry) => entry.manager !== FIELD_MANAGER)
    .map((entry) => ({ entry, fields: leafCount(at(entry.fieldsV1, TEMPLATE)) }))
    .filter(({ fields }) => fields > 0)
    .sort((a, b) => b.fields - a.fields);
  const applier = owners.find(({ entry }) => entry.operation === 'Apply');
  const annotated = owners.find(({ entry }) => at(entry.fieldsV1, [...ANNOTATIONS, `f:${LAST_APPLIED}`]) !== undefined);
  const clientSide = annotated ?? owners.find(({ entry }) => entry.operation !== 'Apply');
  // Somebody may apply one label of the template server-side while kubectl owns the rest: the larger share decides.
  const chosen = applier && clientSide && clientSide.fields > applier.fields ? clientSide : (applier ?? clientSide);
  return chosen?.entry;
}

/** Whether a server-side applier owns anything in the template: then a plain update would take its fields away from it. */
export function hasApplier(object: WorkloadObject): boolean {
  return entriesOf(object).some(
    (entry) =>
      entry.operation === 'Apply' && leafCount(at(entry.fieldsV1, TEMPLATE)) > 0 && entry.manager !== FIELD_MANAGER,
  );
}

/** Who last changed the template, for the message of PLAN_STALE. */
export function lastChangeOf(object: WorkloadObject): string {
  const last = entriesOf(object)
    .filter((entry) => at(entry.fieldsV1, TEMPLATE) !== undefined)
    .sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  return last ? tr`${JSON.stringify(last.manager)} at ${last.time ?? tr`an unknown time`}` : tr`an unknown manager`;
}

/** Our entry on the spec, left by a change whose second write has not been done (yet). */
function ourEntry(object: WorkloadObject) {
  return entriesOf(object).find(
    (entry) =>
      entry.manager === FIELD_MANAGER && entry.operation === 'Update' && at(entry.fieldsV1, TEMPLATE) !== undefined,
  );
}

export function needsHandBack(object: WorkloadObject): boolean {
  return ourEntry(object) !== undefined;
}

/**
 * Gives the template's fields that our write took back to who deploys: each to the appliers that owned it in `before`, what is new or
 * was nobody's to the main owner. Then the owner's next apply finds no conflict, and removes what its manifest lacks, as if it had
 * applied the template itself. This is how kubectl itself moves from client-side to server-side apply (csaupgrade): ownership is data.
 * @param before the object as it was before our write; where that is lost (a run was killed in between), the object itself.
 */
export function handBack(object: WorkloadObject, before: WorkloadObject): JsonPatch | undefined {
  const ours = ourEntry(object);
  const template = at(ours?.fieldsV1, TEMPLATE);
  if (!ours || !template) return undefined;
  const entries = entriesOf(object);
  const given: Gift[] = [];
  const taken = withoutRestart(nested(TEMPLATE, template));
  let rest: FieldSet | undefined = taken;
  for (const former of entriesOf(before)) {
    if (former.operation !== 'Apply' || former.manager === FIELD_MANAGER) continue;
    const share = intersection(taken, former.fieldsV1);
    if (!share) continue;
    given.push({ to: former, share });
    rest = rest && difference(rest, share);
  }
  const owner = mainOwner(before) ?? mainApplier(object);
  if (rest && owner) {
    const known = given.findIndex(({ to }) => sameManager(to, owner));
    if (known >= 0) given[known] = { to: owner, share: union(given[known]?.share ?? {}, rest) };
    else given.push({ to: owner, share: rest });
  }
  const keep = without(without(ours.fieldsV1, ['f:spec']), [...ANNOTATIONS, `f:${LAST_APPLIED}`]);
  const place = (index: number | string) => pointer('metadata', 'managedFields', index);
  const guards: JsonPatch = [
    { op: 'test', path: pointer('metadata', 'uid'), value: object.metadata.uid },
    { op: 'test', path: place(ours.index), value: withoutIndex(ours) },
  ];
  const additions: JsonPatch = given.flatMap(({ to, share }): JsonPatch => {
    const now = entries.find((entry) => sameManager(entry, to));
    // An applier all of whose fields we took is no longer listed.
    if (!now) return [{ op: 'add', path: place('-'), value: { ...withoutIndex(to), fieldsV1: share } }];
    return [
      { op: 'test', path: place(now.index), value: withoutIndex(now) },
      { op: 'replace', path: `${place(now.index)}/fieldsV1`, value: union(now.fieldsV1, share) },
    ];
  });
  return [
    ...guards,
    ...additions,
    ownsSomething(keep)
      ? { op: 'replace', path: `${place(ours.index)}/fieldsV1`, value: keep }
      : { op: 'remove', path: place(ours.index) },
  ];
}

interface Gift {
  readonly to: IndexedEntry;
  readonly share: FieldSet;
}

function withoutIndex({ index: _index, ...entry }: IndexedEntry): Entry {
  return entry;
}

/** A restart stays nobody's: an owner whose manifest lacks it would take it away, which would be another rollout. */
function withoutRestart(set: FieldSet): FieldSet {
  const rest = without(set, [...TEMPLATE_ANNOTATIONS, 'f:kubectl.kubernetes.io/restartedAt']);
  const others = Object.keys(at(rest, TEMPLATE_ANNOTATIONS) ?? {}).filter((key) => key !== '.');
  return others.length > 0 ? rest : without(rest, TEMPLATE_ANNOTATIONS);
}

/** The server-side applier of most of the spec, where none owns a part of the template any more. */
function mainApplier(object: WorkloadObject): IndexedEntry | undefined {
  const [first] = entriesOf(object)
    .filter((entry) => entry.operation === 'Apply' && at(entry.fieldsV1, ['f:spec']) !== undefined)
    .sort((a, b) => leafCount(at(b.fieldsV1, ['f:spec'])) - leafCount(at(a.fieldsV1, ['f:spec'])));
  return first;
}

/** A set of which only what leads to fields is left owns nothing. */
function ownsSomething(set: FieldSet): boolean {
  const annotations = at(set, ANNOTATIONS);
  return annotations !== undefined && Object.keys(annotations).some((key) => key !== '.');
}

function sameManager(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.apiVersion === b.apiVersion;
}
