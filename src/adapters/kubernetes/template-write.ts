import { RollbackError } from '../../core/errors.ts';
import { type Json, type PodTemplate, refText, type WorkloadObject, type WorkloadRef } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import { templateHash } from '../../core/workload.ts';
import type { TemplateChange } from '../../ports/cluster.ts';
import { pointer, sameJson } from './field-set.ts';
import { annotationPatch, emptied, GuardedWrite, uidTest } from './guarded-write.ts';
import type { JsonPatch } from './json-patch.ts';
import { correctedLastApplied, LAST_APPLIED } from './last-applied.ts';
import type { ObjectClient } from './object-client.ts';
import { FIELD_MANAGER, handBack, hasApplier, lastChangeOf, needsHandBack, templateOwner } from './ownership.ts';

/** Sets the template; see `ClusterWriter.setTemplate` for what it promises. */
export async function setTemplate(client: ObjectClient, change: TemplateChange): Promise<WorkloadObject> {
  const write = new GuardedWrite(client, { ...change.ref, uid: change.uid });
  let before: WorkloadObject | undefined;
  const written = await write.run((object) => {
    if (isDone(object, change)) return undefined;
    refuseOther(object, change);
    before = object;
    return { patch: templatePatch(object, change), fieldManager: writerName(object) };
  });
  if (!needsHandBack(written)) return written;
  // The rollout runs already; this only settles who owns what. A run that is killed here leaves it to the next one.
  return write.run((object) => {
    const patch = handBack(object, before ?? object);
    return patch && { patch, fieldManager: FIELD_MANAGER };
  }, written);
}

/** The same write, admitted and defaulted by the server but not stored. */
export async function dryRunTemplate(client: ObjectClient, change: TemplateChange): Promise<WorkloadObject> {
  const write = new GuardedWrite(client, { ...change.ref, uid: change.uid }, { dryRun: true });
  return write.run((object) => {
    if (isDone(object, change)) return undefined;
    refuseOther(object, change);
    return { patch: templatePatch(object, change), fieldManager: writerName(object) };
  });
}

/** Pauses or resumes a Deployment. It shows our name while it lasts, so that people see who paused. */
export async function setPaused(
  client: ObjectClient,
  ref: WorkloadRef,
  uid: string,
  paused: boolean,
): Promise<WorkloadObject> {
  return new GuardedWrite(client, { ...ref, uid }).run((object) => {
    if (ref.kind !== 'Deployment' || (object.spec.paused ?? false) === paused) return undefined;
    return {
      patch: [uidTest(uid), { op: 'add', path: pointer('spec', 'paused'), value: paused }],
      fieldManager: FIELD_MANAGER,
    };
  });
}

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** As `kubectl rollout restart` does it, and under its name: tools know to leave that annotation alone. */
export async function restart(
  client: ObjectClient,
  ref: WorkloadRef,
  uid: string,
  at: string,
): Promise<WorkloadObject> {
  return new GuardedWrite(client, { ...ref, uid }).run((object) => {
    const { metadata } = object.spec.template;
    if (metadata?.annotations?.[RESTARTED_AT] === at) return undefined;
    const annotations = pointer('spec', 'template', 'metadata', 'annotations');
    const patch: JsonPatch = [
      uidTest(uid),
      { op: 'test', path: pointer('spec', 'template'), value: object.spec.template },
      ...(metadata ? [] : [{ op: 'add', path: pointer('spec', 'template', 'metadata'), value: {} } as const]),
      ...(metadata?.annotations ? [] : emptied(annotations)),
      { op: 'add', path: `${annotations}${pointer(RESTARTED_AT)}`, value: at },
    ];
    return { patch, fieldManager: 'kubectl-rollout' };
  });
}

function isDone(object: WorkloadObject, change: TemplateChange): boolean {
  const current = object.metadata.annotations ?? {};
  return (
    templateHash(object.spec.template) === templateHash(change.template) &&
    object.spec.paused !== true &&
    Object.entries(change.annotations ?? {}).every(([name, value]) => (current[name] ?? null) === value)
  );
}

/** Somebody else deployed since the plan was made: theirs is not ours to take away. */
function refuseOther(object: WorkloadObject, change: TemplateChange): void {
  const seen = templateHash(object.spec.template);
  const wanted = templateHash(change.template);
  if (seen === change.from || seen === wanted) return;
  throw new RollbackError(
    'PLAN_STALE',
    tr`${refText(change.ref)} runs template ${seen}, which is neither the one planned from (${change.from}) nor the target (${wanted}): it was changed by ${lastChangeOf(object)}.`,
    tr`Look at what was deployed, then run again to plan anew: \`kubectl rollout history ${refText(change.ref)}\`.`,
  );
}

function templatePatch(object: WorkloadObject, change: TemplateChange): JsonPatch {
  const { template } = object.spec;
  const annotations = { ...change.annotations };
  const left = template as unknown as Json;
  const wanted = change.template as unknown as Json;
  const applied = object.metadata.annotations?.[LAST_APPLIED];
  const corrected = correctedLastApplied(applied, left, wanted);
  return [
    uidTest(change.uid),
    // Not the resourceVersion: status and replicas may change meanwhile, the template may not.
    { op: 'test', path: pointer('spec', 'template'), value: template },
    ...(corrected === undefined
      ? []
      : [{ op: 'test', path: pointer('metadata', 'annotations', LAST_APPLIED), value: applied } as const]),
    ...(isSame(template, change.template)
      ? []
      : [{ op: 'replace', path: pointer('spec', 'template'), value: change.template } as const]),
    // `false` is the default, so it is as good as absent; `add` works in either case.
    ...(change.ref.kind === 'Deployment'
      ? [{ op: 'add', path: pointer('spec', 'paused'), value: false } as const]
      : []),
    ...annotationPatch(
      object.metadata.annotations,
      corrected === undefined ? annotations : { ...annotations, [LAST_APPLIED]: corrected },
    ),
  ];
}

/** Where only a restart tells them apart the template stays: going back to it would be another rollout of the same release. */
function isSame(template: PodTemplate, wanted: PodTemplate): boolean {
  return (
    sameJson(template as unknown as Json, wanted as unknown as Json) || templateHash(template) === templateHash(wanted)
  );
}

/**
 * Under whose name to write. Where no server-side applier has a part in the template: the one who deployed it, so that ownership stays
 * as it was and one write does all. Else our own, and what we took is handed back right after.
 */
function writerName(object: WorkloadObject): string {
  if (hasApplier(object)) return FIELD_MANAGER;
  return (
    templateOwner(object) ?? (object.metadata.annotations?.[LAST_APPLIED] ? 'kubectl-client-side-apply' : 'kubectl')
  );
}
