import { type PodObject, refText, type WorkloadObject, type WorkloadRef } from '../core/kubernetes.ts';
import { isReady } from '../core/rollout.ts';
import { said } from '../core/said.ts';
import type { ReadContext, WriteContext } from '../ports/context.ts';

const POLL_MS = 500;

/**
 * Cures the StatefulSet that cannot leave a broken pod (kubernetes#67250): with OrderedReady the controller waits for the broken
 * pod to become ready before it updates anything, also after the template was corrected. Exactly the blocking pod
 * is deleted: of another revision than the wanted one, not ready, not under the partition; highest ordinal first, one at a time.
 */
export async function unblockStatefulSets(ctx: WriteContext, refs: readonly WorkloadRef[]): Promise<void> {
  const sets = refs.filter((ref) => ref.kind === 'StatefulSet');
  await Promise.all(sets.map((ref) => unblockStatefulSet(ctx, ref)));
}

async function unblockStatefulSet(ctx: WriteContext, ref: WorkloadRef): Promise<void> {
  const deleted = new Set<string>();
  while (ctx.clock.now() < ctx.deadline) {
    const version = ctx.view.version;
    const set = ctx.view.get('StatefulSet', ref.name);
    if (!set || set.spec.podManagementPolicy === 'Parallel' || set.spec.updateStrategy?.type === 'OnDelete') return;
    if (isObserved(ctx, ref, set)) {
      const pods = podsOf(ctx, set);
      const [blocking] = blockingPods(set, pods).filter((pod) => !deleted.has(pod.metadata.uid));
      if (blocking) {
        await ctx.write.cluster.deletePod(blocking.metadata.name, blocking.metadata.uid);
        deleted.add(blocking.metadata.uid);
        const why = `${refText(ref)} waits for it (kubernetes#67250)`;
        ctx.note(said('note.pod-deleted', { pod: blocking.metadata.name, why }));
        ctx.log.info(`deleted pod ${blocking.metadata.name}: ${why}`);
      } else if (!pods.some((pod) => deleted.has(pod.metadata.uid))) {
        return;
      }
    }
    await ctx.view.changed(version, POLL_MS, ctx.signal);
  }
}

/** The view may lag behind our own write, and the controller behind the view. */
function isObserved(ctx: ReadContext, ref: WorkloadRef, set: WorkloadObject): boolean {
  const generation = set.metadata.generation ?? 0;
  return generation >= (ctx.writtenGeneration(ref) ?? 0) && (set.status?.observedGeneration ?? 0) >= generation;
}

function podsOf(ctx: ReadContext, set: WorkloadObject): PodObject[] {
  return ctx.view
    .all('Pod')
    .filter((pod) => (pod.metadata.ownerReferences ?? []).some((owner) => owner.uid === set.metadata.uid));
}

/** Pods that the controller waits for in vain, highest ordinal first. */
export function blockingPods(set: WorkloadObject, pods: readonly PodObject[]): PodObject[] {
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const wanted = set.status?.updateRevision;
  return pods
    .filter(
      (pod) =>
        wanted !== undefined &&
        pod.metadata.labels?.['controller-revision-hash'] !== wanted &&
        pod.metadata.deletionTimestamp === undefined &&
        !isReady(pod) &&
        ordinalOf(pod) >= partition,
    )
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
}

function ordinalOf(pod: PodObject): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}
