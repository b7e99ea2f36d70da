import type { Condition, PodObject, WorkloadObject } from './kubernetes.ts';
import { tr } from './tr.ts';

/** How far a rollout is. `waitingFor` and `reason` are short texts for people. */
export type RolloutStatus =
  | { readonly kind: 'complete'; readonly ready: number; readonly desired: number }
  | { readonly kind: 'waiting'; readonly waitingFor: string; readonly ready: number; readonly desired: number }
  /** The controller gave up (progressDeadlineSeconds), judged after our write. */
  | { readonly kind: 'deadline-exceeded'; readonly reason: string; readonly ready: number; readonly desired: number }
  /** The controller replaces no pods by itself (OnDelete, partition): a person has to. */
  | { readonly kind: 'manual'; readonly reason: string; readonly ready: number; readonly desired: number };

/**
 * Status of a workload's rollout, by the rules of `kubectl rollout status` (polymorphichelpers/rollout_status.go), with two guards:
 * nothing is believed until the controller has observed the present generation, and a ProgressDeadlineExceeded
 * that was there before our write (`staleDeadline`: its lastUpdateTime then) is not believed at all.
 */
export function rolloutStatus(workload: WorkloadObject, staleDeadline?: string): RolloutStatus {
  switch (workload.kind) {
    case 'Deployment':
      return deploymentStatus(workload, staleDeadline);
    case 'StatefulSet':
      return statefulSetStatus(workload);
    case 'DaemonSet':
      return daemonSetStatus(workload);
  }
}

/** Pods that are ready now, of whichever release. */
export function readyPods({ status }: WorkloadObject): number {
  return status?.readyReplicas ?? status?.numberReady ?? 0;
}

/** lastUpdateTime of a ProgressDeadlineExceeded condition; undefined where there is none. */
export function progressDeadlineAt(workload: WorkloadObject): string | undefined {
  const condition = progressing(workload);
  return condition?.reason === 'ProgressDeadlineExceeded'
    ? (condition.lastUpdateTime ?? condition.lastTransitionTime)
    : undefined;
}

function progressing(workload: WorkloadObject): Condition | undefined {
  return workload.status?.conditions?.find((condition) => condition.type === 'Progressing');
}

function isObserved(workload: WorkloadObject): boolean {
  return (workload.status?.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
}

function deploymentStatus(workload: WorkloadObject, staleDeadline: string | undefined): RolloutStatus {
  const status = workload.status ?? {};
  const desired = workload.spec.replicas ?? 1;
  const updated = status.updatedReplicas ?? 0;
  const available = status.availableReplicas ?? 0;
  const counts = { ready: Math.min(available, updated), desired };
  if (!isObserved(workload)) return { kind: 'waiting', waitingFor: tr`the controller to see the change`, ...counts };
  if (workload.spec.paused) return { kind: 'manual', reason: tr`the rollout is paused`, ...counts };
  const exceeded = progressDeadlineAt(workload);
  if (exceeded !== undefined && exceeded !== staleDeadline) {
    const reason = progressing(workload)?.message ?? tr`progress deadline exceeded`;
    return { kind: 'deadline-exceeded', reason, ...counts };
  }
  if (updated < desired) return { kind: 'waiting', waitingFor: tr`${updated} of ${desired} pods created`, ...counts };
  if ((status.replicas ?? 0) > updated) {
    return { kind: 'waiting', waitingFor: tr`${(status.replicas ?? 0) - updated} old pods to end`, ...counts };
  }
  if (available < updated)
    return { kind: 'waiting', waitingFor: tr`${available} of ${updated} pods available`, ...counts };
  return { kind: 'complete', ...counts };
}

function statefulSetStatus(workload: WorkloadObject): RolloutStatus {
  const status = workload.status ?? {};
  const desired = workload.spec.replicas ?? 1;
  const updated = status.updatedReplicas ?? 0;
  const ready = status.readyReplicas ?? 0;
  const counts = { ready, desired };
  if (!isObserved(workload)) return { kind: 'waiting', waitingFor: tr`the controller to see the change`, ...counts };
  if (workload.spec.updateStrategy?.type === 'OnDelete' && updated < desired) {
    return { kind: 'manual', reason: tr`updateStrategy OnDelete: pods change only when they are deleted`, ...counts };
  }
  if (ready < desired) return { kind: 'waiting', waitingFor: tr`${ready} of ${desired} pods ready`, ...counts };
  // kubectl takes equal revisions for an end. After an undo of a half-way rollout they are equal while pods still run the release that
  // was left, so the pods are counted.
  const partition = workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const wanted = Math.max(0, desired - partition);
  if (updated < wanted) {
    const below = partition > 0 ? tr` (partition ${partition})` : '';
    return { kind: 'waiting', waitingFor: tr`${updated} of ${wanted} pods updated${below}`, ...counts };
  }
  return { kind: 'complete', ...counts };
}

function daemonSetStatus(workload: WorkloadObject): RolloutStatus {
  const status = workload.status ?? {};
  const desired = status.desiredNumberScheduled ?? 0;
  const updated = status.updatedNumberScheduled ?? 0;
  const available = status.numberAvailable ?? 0;
  const counts = { ready: available, desired };
  if (!isObserved(workload)) return { kind: 'waiting', waitingFor: tr`the controller to see the change`, ...counts };
  if (workload.spec.updateStrategy?.type === 'OnDelete' && updated < desired) {
    return { kind: 'manual', reason: tr`updateStrategy OnDelete: pods change only when they are deleted`, ...counts };
  }
  if (updated < desired) return { kind: 'waiting', waitingFor: tr`${updated} of ${desired} pods updated`, ...counts };
  if (available < desired)
    return { kind: 'waiting', waitingFor: tr`${available} of ${desired} pods available`, ...counts };
  return { kind: 'complete', ...counts };
}

export function isReady(pod: PodObject): boolean {
  return (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

/** Restarts of all containers of a pod, init containers and sidecars included. */
export function restartsOf(pod: PodObject): number {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].reduce(
    (sum, status) => sum + status.restartCount,
    0,
  );
}
