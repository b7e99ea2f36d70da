import { type PodObject, refText, type WorkloadObject, type WorkloadRef } from '../core/kubernetes.ts';
import { isReady, restartsOf } from '../core/rollout.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import { whyBlocked } from '../diagnosis/reading/readiness.ts';
import type { ReadContext, WriteContext } from '../ports/context.ts';

const POLL_MS = 500;
/** So long after the last deletion the controller is trusted to go on by itself. */
const QUIET_MS = 30_000;

/**
 * Cures the StatefulSet that cannot leave a broken pod (kubernetes#67250): with OrderedReady the controller waits for the broken
 * pod to become ready before it updates anything, also after the template was corrected. Exactly the blocking pod
 * is deleted: of another revision than the wanted one, not ready, not under the partition; highest ordinal first, one at a time, since the
 * controller makes a lower one of the old revision again while a higher one still has it (isCurrentRevisionNeeded in stateful_set_utils.go).
 */
export async function unblockStatefulSets(ctx: WriteContext, refs: readonly WorkloadRef[]): Promise<void> {
  const sets = refs.filter((ref) => ref.kind === 'StatefulSet');
  await Promise.all(sets.map((ref) => unblockStatefulSet(ctx, ref)));
}

async function unblockStatefulSet(ctx: WriteContext, ref: WorkloadRef): Promise<void> {
  const deleted = new Set<string>();
  let known: ReadonlySet<string> | undefined;
  let quietSince = ctx.clock.now();
  while (ctx.clock.now() < ctx.deadline) {
    const version = ctx.view.version;
    const set = ctx.view.get('StatefulSet', ref.name);
    if (!set || !isCurable(set)) return;
    if (isObserved(ctx, ref, set)) {
      const pods = podsOf(ctx, set);
      known ??= new Set(pods.map((pod) => pod.metadata.uid));
      const isGoing = pods.some((pod) => deleted.has(pod.metadata.uid));
      // A pod that the controller has made since may only be starting.
      const [blocking] = blockingPods(set, pods).filter(
        (pod) => known?.has(pod.metadata.uid) || whyBlocked(pod, ctx.clock.now()) !== undefined,
      );
      if (blocking && !isGoing) {
        await ctx.write.cluster.deletePod(blocking.metadata.name, blocking.metadata.uid);
        deleted.add(blocking.metadata.uid);
        quietSince = ctx.clock.now();
        const why = tr`${refText(ref)} waits for it (kubernetes#67250)`;
        ctx.note(said('note.pod-deleted', { pod: blocking.metadata.name, why }));
        ctx.log.info(tr`deleted pod ${blocking.metadata.name}: ${why}`);
      } else if (!isGoing && (!mayBlockLater(ctx, set, pods) || ctx.clock.now() - quietSince >= QUIET_MS)) {
        return;
      }
    }
    await ctx.view.changed(version, POLL_MS, ctx.signal);
  }
}

/**
 * Whether a pod of the old revision is ready but has restarted (out of memory): it may be broken again when its turn comes. Not
 * while a pod of the wanted revision is the one that does not start: that is for the verdict to name.
 */
function mayBlockLater(ctx: ReadContext, set: WorkloadObject, pods: readonly PodObject[]): boolean {
  const now = ctx.clock.now();
  const old = new Set(oldPods(set, pods));
  const isStuck = pods.some((pod) => !old.has(pod) && !isReady(pod) && whyBlocked(pod, now) !== undefined);
  return !isStuck && [...old].some((pod) => restartsOf(pod) > 0);
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

/** Whether the controller has the wanted template and cannot get there for a broken pod. */
export function isBlocked(ctx: ReadContext, set: WorkloadObject): boolean {
  return (
    isCurable(set) &&
    isObserved(ctx, { kind: set.kind, name: set.metadata.name }, set) &&
    blockingPods(set, podsOf(ctx, set)).length > 0
  );
}

/** Only a controller that replaces pods one after the other waits for one in vain. */
function isCurable({ kind, spec }: WorkloadObject): boolean {
  return kind === 'StatefulSet' && spec.podManagementPolicy !== 'Parallel' && spec.updateStrategy?.type !== 'OnDelete';
}

/** Pods that the controller waits for in vain, highest ordinal first. */
export function blockingPods(set: WorkloadObject, pods: readonly PodObject[]): PodObject[] {
  return oldPods(set, pods)
    .filter((pod) => !isReady(pod))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
}

/** Pods that are to get another revision and are not on their way out. */
function oldPods(set: WorkloadObject, pods: readonly PodObject[]): PodObject[] {
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const wanted = set.status?.updateRevision;
  return pods.filter(
    (pod) =>
      wanted !== undefined &&
      pod.metadata.labels?.['controller-revision-hash'] !== wanted &&
      pod.metadata.deletionTimestamp === undefined &&
      ordinalOf(pod) >= partition,
  );
}

function ordinalOf(pod: PodObject): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));
}
