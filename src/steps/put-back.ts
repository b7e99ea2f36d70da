import { RollbackError } from '../core/errors.ts';
import { refText, type WorkloadRef } from '../core/kubernetes.ts';
import { type RolloutStatus, rolloutStatus } from '../core/rollout.ts';
import { kubectl } from '../core/shell.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';

const POLL_MS = 1000;

/**
 * Waits until the workloads that were put back are as far as they were when the run began: those that were complete are complete again,
 * of the others (a half-way or broken release) the controller has seen the write. The report would state what no longer is otherwise.
 * @throws ROLLOUT_TIMEOUT at the context's deadline
 */
export async function awaitPutBack(ctx: ReadContext, refs: readonly WorkloadRef[]): Promise<void> {
  for (;;) {
    const version = ctx.view.version;
    const late = refs.find((ref) => !isBack(ctx, ref));
    if (!late) return;
    if (ctx.clock.now() >= ctx.deadline) {
      const name = refText(late);
      throw new RollbackError(
        'ROLLOUT_TIMEOUT',
        tr`${name} was put back to the release that it ran before, but is not complete`,
        kubectl(ctx.config.namespace, 'describe', late.kind.toLowerCase(), late.name),
      );
    }
    await ctx.view.changed(version, POLL_MS, ctx.signal);
  }
}

function isBack(ctx: ReadContext, ref: WorkloadRef): boolean {
  const workload = ctx.view.get(ref.kind, ref.name);
  if (!workload) return true;
  const generation = workload.metadata.generation ?? 0;
  if (generation < (ctx.writtenGeneration(ref) ?? 0)) return false;
  if ((workload.status?.observedGeneration ?? 0) < generation) return false;
  const before = ctx.situation.members.find((member) => refText(member.ref) === refText(ref))?.workload;
  const wasComplete = before !== undefined && kindOf(rolloutStatus(before)) === 'complete';
  return !wasComplete || kindOf(rolloutStatus(workload)) === 'complete';
}

/** What needs a person (OnDelete, paused) is not waited for. */
function kindOf(status: RolloutStatus): 'complete' | 'under way' {
  return status.kind === 'complete' || status.kind === 'manual' ? 'complete' : 'under way';
}
