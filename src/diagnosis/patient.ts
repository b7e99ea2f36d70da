import type { Patient } from '../core/finding.ts';
import type {
  ControllerRevisionObject,
  EventObject,
  KubeObject,
  ObjectKind,
  ObjectOf,
  PodObject,
  ReplicaSetObject,
  WorkloadObject,
} from '../core/kubernetes.ts';
import { templateHash } from '../core/workload.ts';
import type { ClusterView } from '../ports/cluster.ts';
import { lastSeen } from './reading/events.ts';

/** The objects of one namespace that diagnosis reads, sorted by what they belong to: built once, asked per workload. */
export interface PatientIndex {
  /** By UID of the controlling ReplicaSet, StatefulSet or DaemonSet. */
  readonly pods: ReadonlyMap<string, readonly PodObject[]>;
  /** By UID of the Deployment. */
  readonly replicaSets: ReadonlyMap<string, readonly ReplicaSetObject[]>;
  /** By UID of the StatefulSet or DaemonSet. */
  readonly controllerRevisions: ReadonlyMap<string, readonly ControllerRevisionObject[]>;
  /** By UID of the object that the event is about. */
  readonly events: ReadonlyMap<string, readonly EventObject[]>;
}

/** Sorts objects by the UID of their controller; objects without one are left out. One pass. */
export function indexByOwner<T extends KubeObject>(objects: readonly T[]): Map<string, T[]> {
  return Map.groupBy(
    objects.filter((object) => controllerOf(object) !== undefined),
    (object) => controllerOf(object) ?? '',
  );
}

function controllerOf(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
}

/** Builds the index from lists of one namespace. Kinds that may not be read are left out. */
export function patientIndex(lists: {
  readonly pods: readonly PodObject[];
  readonly replicaSets?: readonly ReplicaSetObject[];
  readonly controllerRevisions?: readonly ControllerRevisionObject[];
  readonly events?: readonly EventObject[];
}): PatientIndex {
  return {
    pods: indexByOwner(lists.pods),
    replicaSets: indexByOwner(lists.replicaSets ?? []),
    controllerRevisions: indexByOwner(lists.controllerRevisions ?? []),
    events: Map.groupBy(lists.events ?? [], (event) => event.involvedObject.uid ?? ''),
  };
}

/** The patients of one moment of a view. */
export interface Ward {
  patientOf(workload: WorkloadObject, judgedTemplateHash: string, since: number, now: number): Patient;
}

const wards = new WeakMap<object, { readonly version: number; readonly ward: Ward }>();

/** Indexes a view; the same version of it is indexed once. Kinds that the view lacks (not readable) count as empty, pods do not. */
export function indexView(view: Pick<ClusterView, 'all' | 'version'>): Ward {
  const known = wards.get(view);
  if (known?.version === view.version) return known.ward;
  const index = patientIndex({
    pods: view.all('Pod'),
    replicaSets: allOrNone(view, 'ReplicaSet'),
    controllerRevisions: allOrNone(view, 'ControllerRevision'),
    events: allOrNone(view, 'Event'),
  });
  const ward: Ward = { patientOf: (...about) => patientOf(index, ...about) };
  wards.set(view, { version: view.version, ward });
  return ward;
}

function allOrNone<K extends ObjectKind>(view: Pick<ClusterView, 'all'>, kind: K): readonly ObjectOf[K][] {
  try {
    return view.all(kind);
  } catch {
    return [];
  }
}

/**
 * What diagnosis may look at for one workload.
 * @param judgedTemplateHash `templateHash` of the release that is judged.
 * @param since ms since the epoch by the cluster's clock (the server time of the write that began the rollout): what is
 *   older is not believed. A clock that runs ahead of the cluster's would hide what is true, so do not take the runner's.
 * @param now ms since the epoch.
 */
export function patientOf(
  index: PatientIndex,
  workload: WorkloadObject,
  judgedTemplateHash: string,
  since: number,
  now: number,
): Patient {
  const { pods, otherPods, replicaSet } = podsByRelease(index, workload, judgedTemplateHash);
  const subjects = [workload, ...(replicaSet ? [replicaSet] : []), ...pods, ...otherPods];
  const events = subjects
    .flatMap((subject) => index.events.get(subject.metadata.uid) ?? [])
    .map((event) => ({ event, at: lastSeen(event) }))
    .sort((a, b) => b.at - a.at)
    .map(({ event }) => event);
  return {
    namespace: workload.metadata.namespace ?? 'default',
    workload,
    pods,
    otherPods,
    ...(replicaSet ? { replicaSet } : {}),
    events,
    since,
    now,
  };
}

function podsByRelease(index: PatientIndex, workload: WorkloadObject, judged: string) {
  const uid = workload.metadata.uid;
  if (workload.kind === 'Deployment') {
    const replicaSets = index.replicaSets.get(uid) ?? [];
    // A restart is no new release, so several ReplicaSets may hold the judged one; the newest stands for it.
    const matching = replicaSets.filter((one) => hashOf(one, one.spec.template) === judged).toSorted(newestFirst);
    const all = replicaSets.flatMap((one) => index.pods.get(one.metadata.uid) ?? []);
    const uids = new Set(matching.map((one) => one.metadata.uid));
    const split = splitPods(all, (pod) => uids.has(controllerOf(pod) ?? ''));
    return { ...split, replicaSet: matching.toSorted((a, b) => revision(b) - revision(a))[0] };
  }
  const labels = new Set(
    (index.controllerRevisions.get(uid) ?? []).flatMap((one) => {
      const template = one.data?.spec?.template;
      return template && hashOf(one, template) === judged ? revisionLabels(one) : [];
    }),
  );
  const split = splitPods(index.pods.get(uid) ?? [], (pod) =>
    labels.has(pod.metadata.labels?.['controller-revision-hash'] ?? ''),
  );
  return { ...split, replicaSet: undefined };
}

/** A StatefulSet's pods carry the name of the revision, a DaemonSet's only its hash, which the revision has as a label. */
function revisionLabels(one: ControllerRevisionObject): string[] {
  const label = one.metadata.labels?.['controller-revision-hash'];
  return label === undefined ? [one.metadata.name] : [one.metadata.name, label];
}

function splitPods(all: readonly PodObject[], isJudged: (pod: PodObject) => boolean) {
  const sorted = all.toSorted(newestFirst);
  const speaks = (pod: PodObject) => pod.metadata.deletionTimestamp === undefined && isJudged(pod);
  return { pods: sorted.filter(speaks), otherPods: sorted.filter((pod) => !speaks(pod)) };
}

/** RFC 3339 in UTC sorts as text. */
function newestFirst(a: KubeObject, b: KubeObject): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1;
}

function revision(replicaSet: ReplicaSetObject): number {
  return Number(replicaSet.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

const hashes = new WeakMap<KubeObject, string>();

/** Objects of a view are never changed in place, so their hash is computed once. */
function hashOf(object: KubeObject, template: Parameters<typeof templateHash>[0]): string {
  const known = hashes.get(object);
  if (known !== undefined) return known;
  const hash = templateHash(template);
  hashes.set(object, hash);
  return hash;
}
