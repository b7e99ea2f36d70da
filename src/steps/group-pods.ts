import type { PodObject } from '../core/kubernetes.ts';
import type { ReadContext } from '../ports/context.ts';

/** Pods of the group that are not on their way out. */
export function podsOfGroup(ctx: ReadContext): PodObject[] {
  const uids = new Set(ctx.situation.members.map((member) => member.workload.metadata.uid));
  const hasDeployment = ctx.situation.members.some(({ ref }) => ref.kind === 'Deployment');
  // Kinds that the group does not need are not watched.
  const replicaSets = hasDeployment ? ctx.view.all('ReplicaSet') : [];
  const owners = new Set([
    ...uids,
    ...replicaSets
      .filter((set) => (set.metadata.ownerReferences ?? []).some((owner) => uids.has(owner.uid)))
      .map((set) => set.metadata.uid),
  ]);
  return ctx.view
    .all('Pod')
    .filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined &&
        (pod.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owners.has(owner.uid)),
    );
}
