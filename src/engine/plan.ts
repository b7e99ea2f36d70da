import { createHash } from 'node:crypto';
import type { Config } from '../core/config.ts';
import { failuresOf, RollbackError, RollbackErrors } from '../core/errors.ts';
import { said } from '../core/said.ts';
import type { Plan, Planned } from '../core/step.ts';
import type { ReadContext } from '../ports/context.ts';
import type { Step } from '../steps/contract.ts';

/** Asks every step of the registry what it would do; all at once, all refusals together. */
export async function buildPlan(ctx: ReadContext, steps: readonly Step[]): Promise<Plan> {
  const results = await Promise.allSettled(steps.map((step) => planStep(ctx, step)));
  const [first, ...rest] = results
    .filter((result) => result.status === 'rejected')
    .flatMap((result) => failuresOf(result.reason))
    .map((failure) => new RollbackError(failure.code, failure.message, failure.hint));
  if (first) throw new RollbackErrors([first, ...rest]);
  const planned = results.flatMap((result, index) => {
    const step = steps[index];
    return result.status === 'fulfilled' && step ? [{ step: step.meta.id, planned: result.value }] : [];
  });
  // Diffs are for people; they and fingerprints differ from run to run.
  const changes = planned.flatMap(({ step, planned: one }) => {
    if (one.kind !== 'change') return [];
    const { diffs: _diffs, fingerprints: _fingerprints, ...change } = one.change;
    return [{ step, change }];
  });
  const digest = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 12);
  return { tier: ctx.config.tier, steps: planned, digest };
}

async function planStep(ctx: ReadContext, step: Step): Promise<Planned> {
  const skipped = skipReason(ctx.config, step);
  return skipped ? { kind: 'skipped', reason: skipped } : step.plan(ctx);
}

function skipReason(config: Config, { meta }: Step) {
  if (!meta.tiers.includes(config.tier)) return said('skipped.not-in-tier', { tier: meta.tiers[0] ?? '' });
  if (config.skipSteps.includes(meta.id)) return said('skipped.waived', { by: 'skip-steps' });
  if (config.steps && !config.steps.includes(meta.id)) return said('skipped.not-requested');
  return undefined;
}
