import type { LabelSelector, PodObject } from './kubernetes.ts';
import type { Member } from './situation.ts';
import type { Revision } from './workload.ts';

/** Whether labels match a selector (apimachinery LabelSelectorAsSelector): none selects nothing, an empty one everything. */
export function matchesSelector(
  labels: Readonly<Record<string, string>> | undefined,
  selector: LabelSelector | undefined,
): boolean {
  if (!selector) return false;
  const has = labels ?? {};
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => has[key] === value);
  return (
    exact &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = has[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

/** Pods by the UID of their controller: one pass for any number of workloads. */
export function podsByController(pods: readonly PodObject[]): ReadonlyMap<string, readonly PodObject[]> {
  return Map.groupBy(
    pods,
    (pod) => pod.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid ?? '',
  );
}

/** Whether a pod of this workload was made from this revision: by its ReplicaSet, else by the label of its ControllerRevision. */
export function isOfRevision(pod: PodObject, member: Member, revision: Revision): boolean {
  if (member.ref.kind === 'Deployment') {
    return (pod.metadata.ownerReferences ?? []).some((owner) => owner.uid === revision.uid);
  }
  // A StatefulSet writes the revision's whole name, a DaemonSet the hash that the name ends with.
  const label = pod.metadata.labels?.['controller-revision-hash'];
  return label !== undefined && (label === revision.name || revision.name === `${member.ref.name}-${label}`);
}

/** The pods of a workload, of all its revisions. */
export function podsOfMember(
  member: Member,
  byController: ReadonlyMap<string, readonly PodObject[]>,
): readonly PodObject[] {
  const owners =
    member.ref.kind === 'Deployment'
      ? member.revisions.map((revision) => revision.uid)
      : [member.workload.metadata.uid];
  return owners.flatMap((uid) => byController.get(uid) ?? []);
}
