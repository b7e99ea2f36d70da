import { type PodObject, refText, type WorkloadRef } from '../core/kubernetes.ts';
import type { Evidence } from '../core/outcome.ts';
import { podsByController, podsOfMember } from '../core/pods.ts';
import { isReady, rolloutStatus } from '../core/rollout.ts';
import { said } from '../core/said.ts';
import type { Member } from '../core/situation.ts';
import type { Change } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { unblockStatefulSets } from './unblock.ts';

/** A pod that is younger may still be starting. */
const YOUNG_MS = 60_000;
/** How long past its grace period a pod may take to go before it counts as stuck. */
const STUCK_MS = 30_000;

interface UnblockChange extends Change {
  /** Workloads that are at their target, but not healthy. */
  readonly restart: readonly { readonly ref: WorkloadRef; readonly uid: string }[];
  /** Pods of Deployments and DaemonSets that do not end although their grace period is over. */
  readonly stuck: readonly { readonly name: string; readonly uid: string }[];
}

/**
 * What is broken and in the way is removed; a pod that is ready is never deleted before its replacement is. Deleting all pods by
 * label, as the checklist has it, takes the good ones down together and passes by every disruption budget.
 * A StatefulSet's pod that is stuck in termination is only named: forcing it could let two pods write to one volume.
 */
export const unblockPods = defineStep<UnblockChange>({
  meta: { id: 'unblock-pods', tiers: ['emergency'], required: true, needs: ['undo-workloads'] },

  async plan(ctx) {
    const { choice, members, pods } = ctx.situation;
    const byController = podsByController(pods);
    const going = new Set(
      choice.kind === 'chosen'
        ? choice.members.filter((one) => one.kind === 'go').map((one) => refText(one.member.ref))
        : [],
    );
    const restart = members
      .filter(
        (member) =>
          !going.has(refText(member.ref)) && isBroken(member, podsOfMember(member, byController), ctx.situation.readAt),
      )
      .map((member) => ({ ref: member.ref, uid: member.workload.metadata.uid }));
    const stuck = stuckPods(ctx).map((pod) => ({ name: pod.metadata.name, uid: pod.metadata.uid }));
    if (restart.length === 0 && stuck.length === 0) return { kind: 'check' };
    return {
      kind: 'change',
      change: {
        summary: [
          ...restart.map(({ ref }) => tr`${refText(ref)}: restart by a rollout (at its target, but not healthy)`),
          ...stuck.map((pod) => tr`pod/${pod.name}: end it now (stuck in termination)`),
        ],
        restart,
        stuck,
      },
    };
  },

  async apply(ctx, { restart, stuck }) {
    const at = new Date(ctx.clock.now()).toISOString();
    await Promise.all([
      ...stuck.map(async (pod) => {
        await ctx.write.cluster.deletePod(pod.name, pod.uid, { force: true });
        ctx.note(said('note.pod-deleted', { pod: pod.name, why: tr`it was stuck in termination` }));
      }),
      ...restart.map(async ({ ref, uid }) => {
        const written = await ctx.write.cluster.restart(ref, uid, at);
        ctx.wrote(ref, written.metadata.generation);
        ctx.note(said('note.restarted', { workload: refText(ref) }));
      }),
    ]);
    await unblockStatefulSets(
      ctx,
      restart.map(({ ref }) => ref),
    );
  },

  async verify(ctx) {
    const stuck = stuckPods(ctx);
    const evidence: Evidence = {
      subject: tr`pods in the way`,
      observed: stuck.length === 0 ? tr`none` : stuck.map((pod) => pod.metadata.name).join(', '),
      expected: tr`none`,
    };
    const [first] = stuck;
    if (!first) return { status: 'passed', evidence: [evidence] };
    const name = first.metadata.name;
    const failure = {
      code: 'PODS_UNSTABLE' as const,
      message: tr`pod/${name} does not end although its grace period is over`,
      hint: tr`Look at its node and finalizers: kubectl get pod ${name} -n ${ctx.config.namespace} -o yaml`,
      causes: [],
    };
    return { status: 'failed', failure, evidence: [evidence] };
  },
});

/** @param pods of the member, all revisions, those on their way out too. */
function isBroken(member: Member, pods: readonly PodObject[], readAt: number): boolean {
  const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  if (rolloutStatus(member.workload).kind === 'complete' && staying.every(isReady)) return false;
  return staying.some((pod) => !isReady(pod) && readAt - Date.parse(pod.metadata.creationTimestamp) > YOUNG_MS);
}

function stuckPods(ctx: ReadContext): PodObject[] {
  const owners = new Set(
    ctx.situation.members
      .filter((member) => member.ref.kind !== 'StatefulSet')
      .flatMap((member) => [member.workload.metadata.uid, ...member.revisions.map((revision) => revision.uid)]),
  );
  return ctx.view
    .all('Pod')
    .filter(
      (pod) =>
        pod.metadata.deletionTimestamp !== undefined &&
        ctx.clock.now() - Date.parse(pod.metadata.deletionTimestamp) > STUCK_MS &&
        (pod.metadata.ownerReferences ?? []).some((owner) => owners.has(owner.uid)),
    );
}
