import { refText, type WorkloadRef } from '../core/kubernetes.ts';
import type { Evidence } from '../core/outcome.ts';
import { rolloutStatus } from '../core/rollout.ts';
import { said } from '../core/said.ts';
import { kubectl } from '../core/shell.ts';
import type { Change } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { ReadContext } from '../ports/context.ts';
import type { WorkflowRun } from '../ports/github.ts';
import { defineStep } from './contract.ts';
import { beforeWorkloads } from './database/order.ts';

interface FreezeChange extends Change {
  readonly runs: readonly WorkflowRun[];
  /** Deployments whose rollout is under way, and that would go on while the database is restored. */
  readonly pauses: readonly { readonly ref: WorkloadRef; readonly uid: string }[];
}

/**
 * Nobody else rolls back or deploys meanwhile: the lock is ours, and runs of the workflows that deploy are cancelled.
 * Deployments are paused only where a restore lies between: else the templates are written next anyway, and that one write is what stops the
 * rollout in progress. The write of the target resumes them (`kubectl rollout undo` refuses a paused one, kubectl rollback.go).
 */
export const freezeRollouts = defineStep<FreezeChange>({
  meta: { id: 'freeze-rollouts', tiers: ['rapid', 'complete', 'secure'], required: false, needs: [] },

  async plan(ctx) {
    const { github, config, note } = ctx;
    const runs = (await github.activeRuns()) ?? [];
    const deploys = runs.filter((run) => config.deployWorkflows.some((name) => run.path.endsWith(`/${name}`)));
    const others = runs.filter((run) => !deploys.includes(run));
    if (others.length > 0) {
      note(said('note.deploys-in-flight', { runs: others.map((run) => `${run.name} ${run.url}`).join(', ') }));
    }
    const pauses = (await beforeWorkloads(ctx)).length > 0 ? rollingOut(ctx) : [];
    if (deploys.length === 0 && pauses.length === 0) return { kind: 'check' };
    const summary = [
      ...deploys.map((run) => tr`cancel workflow run "${run.name}" ${run.url}`),
      ...pauses.map(({ ref }) => tr`pause ${refText(ref)}, until the database is restored`),
    ];
    return { kind: 'change', change: { summary, runs: deploys, pauses } };
  },

  async apply({ write, note, log, wrote }, { runs, pauses }) {
    for (const { ref, uid } of pauses) {
      const paused = await write.cluster.setPaused(ref, uid, true);
      wrote(ref, paused.metadata.generation);
    }
    for (const run of runs) {
      if (await write.github.cancelRun(run.id)) note(said('note.deploy-cancelled', { run: `${run.name} ${run.url}` }));
      else log.warn(tr`workflow run ${run.url} could not be cancelled: the token needs "actions: write"`);
    }
  },

  /** What nobody resumed (the restore failed, so the workloads were not written) stays paused, with how to resume it. */
  async finish({ cluster, config, note }, { pauses }) {
    const left: string[] = [];
    for (const { ref } of pauses) {
      const workload = await cluster.get(ref.kind, ref.name);
      if (workload?.spec.paused) left.push(refText(ref));
    }
    if (left.length === 0) return;
    const command = kubectl(config.namespace, 'rollout', 'resume', ...left);
    note(said('note.paused-left', { workloads: left.join(', '), command }));
  },

  async verify({ lock, run }) {
    switch (lock.kind) {
      case 'held': {
        const evidence: Evidence = {
          subject: `lease/${lock.name}`,
          observed: tr`holder ${run.id}`,
          expected: tr`holder ${run.id}`,
        };
        return { status: 'passed', evidence: [evidence] };
      }
      case 'unavailable':
        return { status: 'unknown', failure: lock.failure, evidence: [] };
      case 'none':
        return { status: 'skipped', reason: said('skipped.nothing-to-do') };
    }
  },
});

function rollingOut({ situation }: ReadContext): FreezeChange['pauses'] {
  return situation.members
    .filter(({ ref, workload }) => ref.kind === 'Deployment' && rolloutStatus(workload).kind === 'waiting')
    .map(({ ref, workload }) => ({ ref, uid: workload.metadata.uid }));
}
