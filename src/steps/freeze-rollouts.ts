import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import type { Change } from '../core/step.ts';
import type { WorkflowRun } from '../ports/github.ts';
import { defineStep } from './contract.ts';

interface FreezeChange extends Change {
  readonly runs: readonly WorkflowRun[];
}

/**
 * Nobody else rolls back or deploys meanwhile: the lock is ours, and runs of the workflows that deploy are cancelled.
 * Deployments are not paused here: `kubectl rollout undo` refuses a paused one (kubectl rollback.go), and where the templates
 * are written next anyway, that one write is what stops the rollout in progress.
 */
export const freezeRollouts = defineStep<FreezeChange>({
  meta: { id: 'freeze-rollouts', tiers: ['rapid', 'complete', 'secure'], required: false, needs: [] },

  async plan({ github, config, note }) {
    const runs = (await github.activeRuns()) ?? [];
    const deploys = runs.filter((run) => config.deployWorkflows.some((name) => run.path.endsWith(`/${name}`)));
    const others = runs.filter((run) => !deploys.includes(run));
    if (others.length > 0) {
      note(said('note.deploys-in-flight', { runs: others.map((run) => `${run.name} ${run.url}`).join(', ') }));
    }
    if (deploys.length === 0) return { kind: 'check' };
    return {
      kind: 'change',
      change: { summary: deploys.map((run) => `cancel workflow run "${run.name}" ${run.url}`), runs: deploys },
    };
  },

  async apply({ write, note, log }, { runs }) {
    for (const run of runs) {
      if (await write.github.cancelRun(run.id)) note(said('note.deploy-cancelled', { run: `${run.name} ${run.url}` }));
      else log.warn(`workflow run ${run.url} could not be cancelled: the token needs "actions: write"`);
    }
  },

  async verify({ lock, run }) {
    switch (lock.kind) {
      case 'held': {
        const evidence: Evidence = {
          subject: `lease/${lock.name}`,
          observed: `holder ${run.id}`,
          expected: `holder ${run.id}`,
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
