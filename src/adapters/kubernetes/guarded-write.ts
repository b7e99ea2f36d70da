import { type ErrorCode, RollbackError } from '../../core/errors.ts';
import type { ObjectKind, ObjectOf } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import { NoAnswer, refusalOf } from './failure.ts';
import { pointer } from './field-set.ts';
import { JSON_PATCH, type JsonPatch } from './json-patch.ts';
import type { ObjectClient } from './object-client.ts';
import { pathOf, RESOURCES } from './resources.ts';

/** A guarded write whose guard failed is tried again on what is there now, this often. */
const TRIES = 8;

export interface Write {
  readonly patch: JsonPatch;
  readonly fieldManager: string;
}

/** The object that is written: exactly this one, not another of its name. */
export interface Target<K extends ObjectKind> {
  readonly kind: K;
  readonly name: string;
  readonly uid: string;
}

export interface WriteOptions {
  /** Admitted and defaulted by the server, but not stored. */
  readonly dryRun?: boolean;
  /** Of the error for an object that is not there; WORKLOAD_NOT_FOUND unless told. */
  readonly gone?: ErrorCode;
}

/**
 * Read, decide, patch: until the decision is that nothing is left to do, or the patch was taken. A lost answer and a failed guard
 * both lead back to reading, so nothing is ever sent twice without looking.
 */
export class GuardedWrite<K extends ObjectKind> {
  readonly #client: ObjectClient;
  readonly #target: Target<K>;
  readonly #options: WriteOptions;

  constructor(client: ObjectClient, target: Target<K>, options: WriteOptions = {}) {
    this.#client = client;
    this.#target = target;
    this.#options = options;
  }

  /** @param first what is known of the object; else what an open view shows */
  async run(decide: (object: ObjectOf[K]) => Write | undefined, first?: ObjectOf[K]): Promise<ObjectOf[K]> {
    const { transport } = this.#client;
    const { kind, name } = this.#target;
    const purpose = this.#client.purpose('patch', textOf(this.#target));
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
          path: pathOf(kind, this.#client.namespace, name),
          query: { fieldManager: write.fieldManager, dryRun: this.#options.dryRun ? 'All' : undefined },
          contentType: JSON_PATCH,
          body: write.patch,
          purpose,
        })
        .catch((error: unknown) => {
          if (error instanceof NoAnswer) return error;
          throw error;
        });
      if (!(answer instanceof NoAnswer)) {
        if (answer.status === 200) return this.#client.object(kind, answer, purpose);
        if (answer.status === 404) throw this.#notFound();
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
    decide: (object: ObjectOf[K]) => Write | undefined,
    first: ObjectOf[K] | undefined,
  ): { object: ObjectOf[K]; write: Write } | undefined {
    const object = first ?? this.#client.known(this.#target.kind, this.#target.name);
    if (!object || object.metadata.uid !== this.#target.uid) return undefined;
    try {
      const write = decide(object);
      return write && { object, write };
    } catch {
      return undefined;
    }
  }

  async #read(): Promise<ObjectOf[K]> {
    const { kind, name, uid } = this.#target;
    const { namespace } = this.#client;
    const object = await this.#client.get(kind, name);
    if (!object) throw this.#notFound();
    if (object.metadata.uid !== uid) {
      const text = textOf(this.#target);
      throw new RollbackError(
        'OBJECT_REPLACED',
        tr`${text} in namespace "${namespace}" is another object than the one planned for: UID ${object.metadata.uid}, expected ${uid}.`,
        tr`Somebody deleted and created it again. Look at it, then plan anew: \`kubectl describe ${text} -n ${namespace}\`.`,
      );
    }
    return object;
  }

  #notFound(): RollbackError {
    const { kind } = this.#target;
    const { namespace } = this.#client;
    return new RollbackError(
      this.#options.gone ?? 'WORKLOAD_NOT_FOUND',
      tr`${textOf(this.#target)} does not exist in namespace "${namespace}".`,
      tr`See what is there: \`kubectl get ${RESOURCES[kind].plural} -n ${namespace}\`.`,
    );
  }
}

/** The guard that the object is still the one that was meant. */
export function uidTest(uid: string) {
  return { op: 'test', path: pointer('metadata', 'uid'), value: uid } as const;
}

/** Makes the map that is not there; one that came meanwhile stays (a `test` for null is one for absence). */
export function emptied(path: string): JsonPatch {
  return [
    { op: 'test', path, value: null },
    { op: 'add', path, value: {} },
  ];
}

/** Sets annotations (null removes); those that are as wanted already are left out. */
export function annotationPatch(
  current: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string | null>>,
): JsonPatch {
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

/** The API server does not say which step of a JSON patch failed; what fails validation is told in other words. */
function isFailedTest(message = ''): boolean {
  return /due to an error in our request|testing (path|value)|missing (path|value)/i.test(message);
}

function textOf({ kind, name }: Target<ObjectKind>): string {
  return `${kind.toLowerCase()}/${name}`;
}
