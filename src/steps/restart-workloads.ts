import { refText, type WorkloadRef } from '../core/kubernetes.ts';
import type { RollbackRecord } from '../core/ledger.ts';
import type { RestartWorkloadsChange } from '../core/restart.ts';
import { said } from '../core/said.ts';
import { kubectl } from '../core/shell.ts';
import type { Planned } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { templateHash } from '../core/workload.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { allRestarted, changedSince, plannedChanges, recordNow } from './restart/pending.ts';
import { awaitRollouts } from './rollout-watch.ts';
import { keepsPods, readersOf, restartReaders, staleReaders } from './secrets/readers.ts';

/**
 * Pods started after the last change of what they read. `rollout restart` of everything, as the checklist has it, starts pods twice that the
 * rollback replaces anyway, and before the configuration is the right one.
 */
export const restartWorkloads = defineStep<RestartWorkloadsChange>({
  meta: {
    id: 'restart-workloads',
    tiers: ['secure'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts', 'restore-secrets', 'restore-manifests', 'disable-feature-flags', 'undo-workloads'],
  },

  async plan(ctx): Promise<Planned<RestartWorkloadsChange>> {
    const changed = await plannedChanges(ctx);
    const readers = readersOf(ctx, changed);
    const folded = readers.filter((ref) => keepsPods(ctx, ref));
    const left = (await changedSince(ctx, recordUnderWay(ctx))).flatMap((one) =>
      staleReaders(ctx, one.changed, one.since, (ref) => keepsPods(ctx, ref)),
    );
    const restart = unique([...readers.filter((ref) => !keepsPods(ctx, ref)), ...left]);
    if (restart.length === 0 && folded.length === 0) return { kind: 'no-op', reason: said('skipped.nothing-stale') };
    const names = changed.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`);
    const why =
      names.length > 0
        ? tr`it reads ${[...new Set(names)].join(', ')}`
        : tr`it started before what it reads was changed`;
    return {
      kind: 'change',
      change: {
        summary: [
          ...restart.map((ref) => tr`${refText(ref)}: restart by a rollout, ${why}`),
          ...folded.map((ref) => tr`${refText(ref)}: no restart of its own, the rollback gives it new pods`),
        ],
        restart,
        folded,
        changed,
      },
    };
  },

  async apply(ctx) {
    let record: RollbackRecord | undefined;
    await ctx.record((now) => {
      record = now;
      return now;
    });
    const stale = (await changedSince(ctx, record)).flatMap(({ changed, since }) => staleReaders(ctx, changed, since));
    await restartReaders(ctx, unique(stale));
    await ctx.record(allRestarted);
  },

  async verify(ctx, change) {
    if (!change) return { status: 'skipped', reason: said('skipped.nothing-stale') };
    const readers = unique([...change.restart, ...change.folded]);
    const verdict = await awaitRollouts(ctx, await hashesNow(ctx, readers));
    if (verdict.failure) return { status: 'failed', failure: verdict.failure, evidence: verdict.evidence };
    const old = await stillOld(ctx);
    if (old.length > 0) {
      return {
        status: 'failed',
        evidence: verdict.evidence,
        failure: {
          code: 'REVISION_MISMATCH',
          message: tr`pods from before the change of what they read: ${old.map(refText).join(', ')}`,
          hint: tr`Restart them: ${kubectl(ctx.config.namespace, 'rollout', 'restart', ...old.map(refText))}`,
          causes: [],
        },
      };
    }
    const [first, ...rest] = verdict.evidence;
    if (!first) return { status: 'skipped', reason: said('skipped.nothing-stale') };
    return { status: 'passed', evidence: [first, ...rest] };
  },
});

/** What each one asks for now: that it is the right release is another step's to say. */
async function hashesNow(ctx: ReadContext, refs: readonly WorkloadRef[]): Promise<Map<string, string>> {
  const found = await Promise.all(
    refs.map(async (ref) => ({ ref, object: await ctx.cluster.get(ref.kind, ref.name) })),
  );
  return new Map(
    found.flatMap(({ ref, object }) => (object ? [[refText(ref), templateHash(object.spec.template)]] : [])),
  );
}

/** Readers of which a pod is older than the change. Times are whole seconds: one of the same second is none. */
async function stillOld(ctx: ReadContext): Promise<WorkloadRef[]> {
  const all = await changedSince(ctx, await recordNow(ctx), true);
  return unique(all.flatMap(({ changed, since }) => staleReaders(ctx, changed, since - 1, () => false)));
}

/** An undo that was killed goes on with its own record. */
function recordUnderWay({ situation, config }: ReadContext): RollbackRecord | undefined {
  const [newest] = situation.ledger.ledger.rollbacks;
  return situation.incident ?? (config.mode === 'undo' && newest?.undoes !== undefined ? newest : undefined);
}

function unique(refs: readonly WorkloadRef[]): WorkloadRef[] {
  return [...new Map(refs.map((ref) => [refText(ref), ref])).values()];
}
