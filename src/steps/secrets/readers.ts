import { type PodObject, refText, type WorkloadRef } from '../../core/kubernetes.ts';
import { isOfRevision, podsByController, podsOfMember } from '../../core/pods.ts';
import { type ChangedObject, readsObject } from '../../core/references.ts';
import { said } from '../../core/said.ts';
import type { Revision } from '../../core/workload.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';
import { keptSince } from './kept.ts';

/** Pods that were there before the run gave any workload another template. */
const podsBefore = new WeakMap<ReadContext['view'], ReadonlySet<string>>();

/**
 * Notes which pods are there, once, before the first template is written: the cluster counts whole seconds, which do not tell a pod of before
 * a change from one that the rollback made in the same second.
 */
export function notePods({ view }: ReadContext): void {
  if (!podsBefore.has(view)) podsBefore.set(view, new Set(view.all('Pod').map(({ metadata }) => metadata.uid)));
}

/**
 * The workloads of the group that read a changed key and still have a pod from before: a container gets its environment once, when it
 * starts. What this run wrote has new pods, apart from those of the target that served on because the bad release never came up; what runs
 * no pods needs none.
 *
 * @param since when the old values were last in place, ms since the epoch, by the cluster's clock (which counts whole seconds)
 * @param isWritten whether this run writes the workload; unless told, whether it did
 */
export function staleReaders(
  ctx: ReadContext,
  changed: readonly ChangedObject[],
  since: number,
  isWritten = (ref: WorkloadRef) => ctx.writtenAt(ref) !== undefined,
): WorkloadRef[] {
  const pods = podsByController(ctx.view.all('Pod').filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  const hasOld = (ref: WorkloadRef) => {
    const member = ctx.situation.members.find((one) => refText(one.ref) === refText(ref));
    const target = isWritten(ref) ? targetOf(ctx, ref) : undefined;
    if (!member || (!target && isWritten(ref))) return false;
    const isLeft = (pod: PodObject) =>
      target === undefined ||
      (isOfRevision(pod, member, target) && podsBefore.get(ctx.view)?.has(pod.metadata.uid) !== false);
    return podsOfMember(member, pods).some((pod) => Date.parse(pod.metadata.creationTimestamp) <= since && isLeft(pod));
  };
  return readersOf(ctx, changed).filter(hasOld);
}

/** Whether this run's own write of it leaves the need to restart it: its old pods are the target's, and are taken over as they are. */
export const keepsPods = (ctx: ReadContext, ref: WorkloadRef): boolean => targetOf(ctx, ref) !== undefined;

/** The revision that this run goes to with it; undefined for a workload that stays. */
function targetOf({ situation: { choice } }: ReadContext, ref: WorkloadRef): Revision | undefined {
  if (choice.kind === 'refused') return undefined;
  const going = choice.members.find((one) => one.kind === 'go' && refText(one.member.ref) === refText(ref));
  return going?.kind === 'go' ? going.to : undefined;
}

/** The workloads of the group that read one of the keys. */
export function readersOf(ctx: ReadContext, changed: readonly ChangedObject[]): WorkloadRef[] {
  return ctx.situation.members.flatMap(({ ref, workload }) => {
    const { template } = (ctx.view.get(ref.kind, ref.name) ?? workload).spec;
    return changed.some((one) => readsObject(template, one)) ? [ref] : [];
  });
}

/**
 * Readers that a run before this one did not come to restart: it was killed after it had set their Secret.
 * @param changing Secrets that are set (again) by this run: their readers come later
 */
export async function pendingReaders(ctx: ReadContext, changing: ReadonlySet<string>): Promise<WorkloadRef[]> {
  const { incident, ledger } = ctx.situation;
  const [newest] = ledger.ledger.rollbacks;
  const record = incident ?? (ctx.config.mode === 'undo' && newest?.undoes !== undefined ? newest : undefined);
  const open = (record?.secrets ?? []).filter((one) => one.readersRestarted !== true && !changing.has(one.name));
  const found = await Promise.all(
    open.map(async (one) => {
      const since = await keptSince(ctx, one.keptIn);
      return since === undefined ? [] : staleReaders(ctx, [secretOf(one)], since, (ref) => keepsPods(ctx, ref));
    }),
  );
  const refs = new Map(found.flat().map((ref) => [refText(ref), ref]));
  return [...refs.values()];
}

/** One rollout restart each; the moment makes it the same restart if it is sent twice. */
export async function restartReaders(ctx: WriteContext, refs: readonly WorkloadRef[]): Promise<void> {
  const at = new Date(ctx.clock.now()).toISOString();
  const uids = new Map(ctx.situation.members.map(({ ref, workload }) => [refText(ref), workload.metadata.uid]));
  await Promise.all(
    refs.map(async (ref) => {
      ctx.wrote(ref);
      const written = await ctx.write.cluster.restart(ref, uids.get(refText(ref)) ?? '', at);
      ctx.wrote(ref, written.metadata.generation);
      ctx.note(said('note.restarted', { workload: refText(ref) }));
    }),
  );
}

export function secretOf({ name, keys }: { readonly name: string; readonly keys: readonly string[] }): ChangedObject {
  return { kind: 'Secret', name, keys };
}
