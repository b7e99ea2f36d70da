import { RollbackError } from '../../core/errors.ts';
import { type Json, type PodTemplate, refText, type WorkloadObject, type WorkloadRef } from '../../core/kubernetes.ts';
import { templateHash } from '../../core/workload.ts';
import type { TemplateChange } from '../../ports/cluster.ts';
import { NoAnswer, refusalOf } from './failure.ts';
import { pointer, sameJson } from './field-set.ts';
import { JSON_PATCH, type JsonPatch } from './json-patch.ts';
import { correctedLastApplied, LAST_APPLIED } from './last-applied.ts';
import type { ObjectClient } from './object-client.ts';
import { FIELD_MANAGER, handBack, hasApplier, lastChangeOf, needsHandBack, templateOwner } from './ownership.ts';
import { pathOf } from './resources.ts';

/** A guarded write whose guard failed is tried again on what is there now, this often. */
const TRIES = 8;

/** Sets the template; see `ClusterWriter.setTemplate` for what it promises. */
export async function setTemplate(client: ObjectClient, change: TemplateChange): Promise<WorkloadObject> {
  const write = new GuardedWrite(client, change.ref, change.uid);
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
  const write = new GuardedWrite(client, change.ref, change.uid, true);
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
  return new GuardedWrite(client, ref, uid).run((object) => {
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
  return new GuardedWrite(client, ref, uid).run((object) => {
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

interface Write {
  readonly patch: JsonPatch;
  readonly fieldManager: string;
}

/**
 * Read, decide, patch: until the decision is that nothing is left to do, or the patch was taken. A lost answer and a failed guard
 * both lead back to reading, so nothing is ever sent twice without looking.
 */
class GuardedWrite {
  readonly #client: ObjectClient;
  readonly #ref: WorkloadRef;
  readonly #uid: string;
  readonly #dryRun: boolean;

  constructor(client: ObjectClient, ref: WorkloadRef, uid: string, dryRun = false) {
    this.#client = client;
    this.#ref = ref;
    this.#uid = uid;
    this.#dryRun = dryRun;
  }

  /** @param first what is known of the object; else what an open view shows */
  async run(decide: (object: WorkloadObject) => Write | undefined, first?: WorkloadObject): Promise<WorkloadObject> {
    const { transport } = this.#client;
    const name = refText(this.#ref);
    const purpose = this.#client.purpose('patch', name);
    const started = transport.clock.now();
    let guardsFailed = 0;
    for (let attempt = 0; ; attempt++) {
      const seen = attempt + guardsFailed === 0 ? this.#guess(decide, first) : undefined;
      const object = seen?.object ?? (await this.#read());
      const write = seen?.write ?? decide(object);
      if (!write) return object;
      const answer = await transport
        .attempt({
          method: 'PATCH',
          path: pathOf(this.#ref.kind, this.#client.namespace, this.#ref.name),
          query: { fieldManager: write.fieldManager, dryRun: this.#dryRun ? 'All' : undefined },
          contentType: JSON_PATCH,
          body: write.patch,
          purpose,
        })
        .catch((error: unknown) => {
          if (error instanceof NoAnswer) return error;
          throw error;
        });
      if (!(answer instanceof NoAnswer)) {
        if (answer.status === 200) return this.#client.object(this.#ref.kind, answer, purpose);
        if (answer.status === 404) throw notFound(this.#ref, this.#client.namespace);
        const guard = answer.status === 409 || (answer.status === 422 && isFailedTest(refusalOf(answer).message));
        if (guard && ++guardsFailed < TRIES) continue;
        const transient =
          answer.status === 429 || (answer.status >= 500 && !/failed calling webhook/.test(answer.body));
        if (!transient) throw this.#client.error(answer, purpose);
      }
      const left = transport.budgetMs - (transport.clock.now() - started);
      if (left <= 0) throw transport.unknownOutcome(answer, purpose);
      await transport.pause(attempt, answer, left);
    }
  }

  /**
   * A write decided on what is known already, which spares a read per workload: its guards hold on the server, whatever has changed
   * since. To do nothing, or to refuse, only the server's own word will do.
   */
  #guess(
    decide: (object: WorkloadObject) => Write | undefined,
    first: WorkloadObject | undefined,
  ): { object: WorkloadObject; write: Write } | undefined {
    const object = first ?? this.#client.known(this.#ref.kind, this.#ref.name);
    if (!object || object.metadata.uid !== this.#uid) return undefined;
    try {
      const write = decide(object);
      return write && { object, write };
    } catch {
      return undefined;
    }
  }

  async #read(): Promise<WorkloadObject> {
    const object = await this.#client.get(this.#ref.kind, this.#ref.name);
    if (!object) throw notFound(this.#ref, this.#client.namespace);
    if (object.metadata.uid !== this.#uid) {
      throw new RollbackError(
        'OBJECT_REPLACED',
        `${refText(this.#ref)} in namespace "${this.#client.namespace}" is another object than the one planned for: UID ${object.metadata.uid}, expected ${this.#uid}.`,
        `Somebody deleted and created it again. Look at it, then plan anew: \`kubectl describe ${refText(this.#ref)} -n ${this.#client.namespace}\`.`,
      );
    }
    return object;
  }
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
    `${refText(change.ref)} runs template ${seen}, which is neither the one planned from (${change.from}) nor the target (${wanted}): it was changed by ${lastChangeOf(object)}.`,
    `Look at what was deployed, then run again to plan anew: \`kubectl rollout history ${refText(change.ref)}\`.`,
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
    ...annotationPatch(object, corrected === undefined ? annotations : { ...annotations, [LAST_APPLIED]: corrected }),
  ];
}

/** Where only a restart tells them apart the template stays: going back to it would be another rollout of the same release. */
function isSame(template: PodTemplate, wanted: PodTemplate): boolean {
  return (
    sameJson(template as unknown as Json, wanted as unknown as Json) || templateHash(template) === templateHash(wanted)
  );
}

function annotationPatch(object: WorkloadObject, wanted: Readonly<Record<string, string | null>>): JsonPatch {
  const current = object.metadata.annotations;
  const changes = Object.entries(wanted).filter(([name, value]) => (current?.[name] ?? null) !== value);
  if (changes.length === 0) return [];
  return [
    ...(current ? [] : emptied(pointer('metadata', 'annotations'))),
    ...changes.map(([name, value]) => {
      const path = pointer('metadata', 'annotations', name);
      return value === null ? ({ op: 'remove', path } as const) : ({ op: 'add', path, value } as const);
    }),
  ];
}

/** Makes the map that is not there; one that came meanwhile stays (a `test` for null is one for absence). */
function emptied(path: string): JsonPatch {
  return [
    { op: 'test', path, value: null },
    { op: 'add', path, value: {} },
  ];
}

function uidTest(uid: string) {
  return { op: 'test', path: pointer('metadata', 'uid'), value: uid } as const;
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

/** The API server does not say which step of a JSON patch failed; what fails validation is told in other words. */
function isFailedTest(message = ''): boolean {
  return /due to an error in our request|testing (path|value)|missing (path|value)/i.test(message);
}

function notFound(ref: WorkloadRef, namespace: string): RollbackError {
  return new RollbackError(
    'WORKLOAD_NOT_FOUND',
    `${refText(ref)} does not exist in namespace "${namespace}".`,
    `See what is there: \`kubectl get ${ref.kind.toLowerCase()}s -n ${namespace}\`.`,
  );
}
