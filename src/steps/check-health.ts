import { formatDuration } from '../core/duration.ts';
import { findingSubject } from '../core/finding.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import { defineStep } from './contract.ts';
import { HealthCauses } from './health-causes.ts';

/**
 * Each configured check answers as expected, N times in a row, counted from after the rollout: an answer from before proves nothing.
 * `curl -f ... || echo`, as the checklist has it, cannot fail.
 */
export const checkHealth = defineStep({
  meta: {
    id: 'check-health',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: true,
    needs: ['undo-workloads', 'unblock-pods'],
  },

  async plan({ config }) {
    return config.health.length > 0
      ? { kind: 'check' }
      : { kind: 'skipped', reason: said('skipped.not-configured', { what: 'health' }) };
  },

  async apply() {},

  async verify(ctx) {
    const since = ctx.clock.now();
    const rollout = ctx.outcomeOf('undo-workloads');
    // After a failed rollout one honest look is enough: waiting for the deadline would only cost minutes.
    const giveUpAt = rollout?.status === 'failed' ? Math.min(ctx.deadline, since + 5000) : ctx.deadline;
    const causes = new HealthCauses(ctx, since);
    for (;;) {
      const streaks = ctx.probe.streaks(since);
      const reports = ctx.probe.report();
      const isHealthy = ctx.config.health.map((check, index) => (streaks[index] ?? 0) >= check.successes);
      const evidence: Evidence[] = ctx.config.health.map((check, index) => ({
        subject: `GET ${check.name}`,
        observed: `${reports[index]?.last.observed ?? tr`no answer yet`}, ×${streaks[index] ?? 0}`,
        expected: `${reports[index]?.last.expected ?? tr`an answer`}, ×${check.successes}`,
      }));
      const [first, ...rest] = evidence;
      if (first && isHealthy.every(Boolean)) return { status: 'passed', evidence: [first, ...rest] };
      if (ctx.clock.now() >= giveUpAt) {
        const bad = isHealthy.findIndex((healthy) => !healthy);
        const report = reports[bad];
        const name = ctx.config.health[bad]?.name ?? '';
        const message = tr`GET ${name}: ${report?.last.observed ?? tr`no answer`}, expected ${report?.last.expected ?? tr`an answer`} (waited ${formatDuration(ctx.clock.now() - since)})`;
        const cause = await causes.final(name);
        return {
          status: 'failed',
          evidence,
          failure: {
            code: 'HEALTH_FAILED',
            message: cause ? `${message} (${cause.cause}; ${findingSubject(cause)})` : message,
            hint: cause?.command ?? hintFor(name, ctx.config.namespace),
            causes: cause?.evidence ?? [],
          },
        };
      }
      await causes.look();
      await ctx.probe.sampled(ctx.signal);
    }
  },
});

function hintFor(name: string, namespace: string): string {
  return name.startsWith('service/')
    ? tr`kubectl get endpointslices -n ${namespace}; look at the logs of the pods behind ${name}`
    : `curl -i '${name}'`;
}
