import { RollbackError } from '../../core/errors.ts';
import {
  type CronJobObject,
  type ObjectOf,
  refText,
  type WorkloadObject,
  type WorkloadRef,
} from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import { returned } from './field-owners.ts';
import { pointer } from './field-set.ts';
import { annotationPatch, GuardedWrite, type Target, uidTest } from './guarded-write.ts';
import type { ObjectClient } from './object-client.ts';
import { FIELD_MANAGER } from './ownership.ts';

type Annotations = Readonly<Record<string, string | null>>;

/** Sets `spec.replicas` with annotations; see `ClusterWriter.scale`. On the object itself, not its scale: only so is it one write with them. */
export async function scale(
  client: ObjectClient,
  ref: WorkloadRef,
  uid: string,
  change: { readonly replicas: number; readonly from?: number; readonly annotations: Annotations },
): Promise<WorkloadObject> {
  if (ref.kind === 'DaemonSet') {
    throw new RollbackError(
      'INPUT_INVALID',
      tr`${refText(ref)} cannot be scaled: a DaemonSet runs one pod a node.`,
      tr`Stop what it does in another way: \`kubectl describe ${refText(ref)} -n ${client.namespace}\`.`,
    );
  }
  const { replicas, from, annotations } = change;
  const target = { kind: ref.kind, name: ref.name, uid } as Target<'Deployment' | 'StatefulSet'>;
  return setField(client, target, { field: 'replicas', unset: 1, value: replicas, from, annotations });
}

/** Sets `spec.suspend` with annotations; see `ClusterWriter.suspendCronJob`. */
export async function suspendCronJob(
  client: ObjectClient,
  name: string,
  uid: string,
  change: { readonly suspend: boolean; readonly annotations: Annotations },
): Promise<CronJobObject> {
  const { suspend, annotations } = change;
  return setField(
    client,
    { kind: 'CronJob', name, uid },
    { field: 'suspend', unset: false, value: suspend, annotations },
  );
}

interface FieldChange {
  readonly field: 'replicas' | 'suspend';
  /** What the API takes for granted where the field is not set. */
  readonly unset: number | boolean;
  readonly value: number | boolean;
  readonly from?: number | undefined;
  readonly annotations: Annotations;
}

/** Our name stays on our annotations only: the field goes back to who owned it, so that his next deploy finds no conflict. */
async function setField<K extends 'Deployment' | 'StatefulSet' | 'CronJob'>(
  client: ObjectClient,
  target: Target<K>,
  change: FieldChange,
): Promise<ObjectOf[K]> {
  type Spec = { readonly replicas?: number; readonly suspend?: boolean };
  const gone = target.kind === 'CronJob' ? { gone: 'PLAN_STALE' as const } : {};
  const write = new GuardedWrite(client, target, gone);
  const { field, value } = change;
  let before: ObjectOf[K] | undefined;
  const written = await write.run((object) => {
    const there = (object.spec as Spec)[field];
    const now = there ?? change.unset;
    const { annotations } = object.metadata;
    const isAnnotated = Object.entries(change.annotations).every(
      ([name, text]) => (annotations?.[name] ?? null) === text,
    );
    if (now === value && isAnnotated) return undefined;
    if (change.from !== undefined && now !== change.from && now !== value) throw changed(client, target, change, now);
    before = object;
    const path = pointer('spec', field);
    return {
      patch: [
        uidTest(target.uid),
        { op: 'test', path, value: there ?? null },
        ...(now === value ? [] : [{ op: 'add', path, value } as const]),
        ...annotationPatch(annotations, change.annotations),
      ],
      fieldManager: FIELD_MANAGER,
    };
  });
  return returned(write, written, before, ['f:spec', `f:${field}`]);
}

function changed(
  client: ObjectClient,
  { kind, name }: Target<'Deployment' | 'StatefulSet' | 'CronJob'>,
  { field, from, value }: FieldChange,
  now: number | boolean,
): RollbackError {
  const text = `${kind.toLowerCase()}/${name}`;
  return new RollbackError(
    'PLAN_STALE',
    tr`${text} has ${field} ${String(now)}, expected ${String(from)}: somebody changed it before it could be set to ${String(value)}.`,
    tr`Look at it: \`kubectl get ${text} -n ${client.namespace}\`; then run again.`,
  );
}
