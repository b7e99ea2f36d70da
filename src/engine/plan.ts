import { createHash } from 'node:crypto';
import type { Config } from '../core/config.ts';
import { failuresOf } from '../core/errors.ts';
import { said } from '../core/said.ts';
import type { CheckItem, Plan, Planned, PlannedStep } from '../core/step.ts';
import type { ReadContext } from '../ports/context.ts';
import type { Step } from '../steps/contract.ts';

export interface Planning {
  readonly plan: Plan;
  /** Steps that cannot be planned: refusals, told together with those of preflight. */
  readonly refusals: readonly CheckItem[];
}

/** Asks every step of the registry what it would do, all at once. One that refuses hides nothing of the others. */
export async function buildPlan(ctx: ReadContext, steps: readonly Step[]): Promise<Planning> {
  const results = await Promise.all(
    steps.map(async (step) => {
      const { id } = step.meta;
      try {
        return { step: id, planned: await planStep(ctx, step), failures: [] };
      } catch (error) {
        // A cancel, or a lost lock, is no answer of the step.
        ctx.signal.throwIfAborted();
        const planned: Planned = { kind: 'skipped', reason: said('skipped.blocked', { step: id }) };
        return { step: id, planned, failures: failuresOf(error) };
      }
    }),
  );
  const planned = results.map(({ step, planned: one }) => ({ step, planned: one }));
  const all = results.flatMap(({ step, failures }) => failures.map((failure) => ({ step, failure })));
  // A step that plans on what another one would do meets the same fault.
  const first = new Map(all.toReversed().map((one) => [JSON.stringify(one.failure), one]));
  return {
    plan: { tier: ctx.config.tier, steps: planned, digest: digestOf(planned) },
    refusals: all
      .filter((one) => first.get(JSON.stringify(one.failure)) === one)
      .map(({ step, failure }) => ({ check: 'plan', subject: step, severity: 'refuse', failure })),
  };
}

/** Diffs are for people; they and fingerprints differ from run to run. */
function digestOf(planned: readonly PlannedStep[]): string {
  const changes = planned.flatMap(({ step, planned: one }) => {
    if (one.kind !== 'change') return [];
    const { diffs: _diffs, fingerprints: _fingerprints, ...change } = one.change;
    return [{ step, change }];
  });
  return createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 12);
}

async function planStep(ctx: ReadContext, step: Step): Promise<Planned> {
  const skipped = skipReason(ctx.config, step);
  return skipped ? { kind: 'skipped', reason: skipped } : step.plan(ctx);
}

/** Why a step takes no part in this run; undefined where it does. */
export function skipReason(config: Config, { meta }: Step) {
  if (!meta.tiers.includes(config.tier)) return said('skipped.not-in-tier', { tier: meta.tiers[0] ?? '' });
  if (config.skipSteps.includes(meta.id)) return said('skipped.waived', { by: 'skip-steps' });
  if (config.steps && !config.steps.includes(meta.id)) return said('skipped.not-requested');
  return undefined;
}
