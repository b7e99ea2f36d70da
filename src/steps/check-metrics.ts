import { said } from '../core/said.ts';
import { defineStep } from './contract.ts';
import { outcomeOfParts } from './metrics/parts.ts';
import { patienceOf } from './metrics/patience.ts';
import { checkPodMetrics } from './metrics/pods.ts';
import { checkQueries } from './metrics/queries.ts';

/**
 * The monitoring sees the target: the metrics API answers for each of its pods, as `kubectl top pods` shows it, and Prometheus says that the
 * application does what it did before. Not required: a rollback is not wrong because nobody measures it.
 */
export const checkMetrics = defineStep({
  meta: {
    id: 'check-metrics',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    needs: ['undo-workloads', 'restart-workloads', 'unblock-pods', 'restore-database'],
  },

  async plan({ config }) {
    const queries = config.metrics.map(({ name, query }) => `${name}: ${query}`);
    return queries.length > 0 ? { kind: 'check', summary: ['kubectl top pods', ...queries] } : { kind: 'check' };
  },

  async apply() {},

  async verify(ctx) {
    if (ctx.metrics && ctx.config.metrics.length === 0) ctx.note(said('note.prometheus-unused'));
    // After a failed rollout one honest look is enough: waiting would only cost minutes.
    const waits = ctx.outcomeOf('undo-workloads')?.status !== 'failed';
    const patience = patienceOf(ctx);
    try {
      const [pods, queries] = await Promise.all([
        checkPodMetrics(ctx, patience, waits),
        checkQueries(ctx, patience, waits),
      ]);
      return outcomeOfParts([pods, ...queries]) ?? { status: 'skipped', reason: said('skipped.nothing-to-do') };
    } finally {
      patience.end();
    }
  },
});
