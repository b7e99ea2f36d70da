import { type Failure, failuresOf } from '../core/errors.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import type { Plan, StepReport } from '../core/step.ts';
import type { Step } from '../steps/contract.ts';
import type { RunState } from './state.ts';

/** A cancelled job has 7.5 s, and the report is still to be written. */
const WITHIN_MS = 5000;

/** What one step gave back, or why it could not. */
export type Released = ReadonlyMap<
  string,
  { readonly evidence: readonly Evidence[]; readonly failures: readonly Failure[] }
>;

/** Gives back what held until the run was verified. Never throws; nothing of it is left out because something else failed. */
export async function releaseSteps(state: RunState, steps: readonly Step[], plan: Plan): Promise<Released> {
  const released = new Map<string, { evidence: readonly Evidence[]; failures: readonly Failure[] }>();
  await Promise.all(
    steps.map(async (step) => {
      const planned = plan.steps.find((one) => one.step === step.meta.id)?.planned;
      if (!step.release || planned?.kind !== 'change') return;
      const { id } = step.meta;
      try {
        const ctx = { ...state.context(), signal: AbortSignal.timeout(WITHIN_MS) };
        released.set(id, { evidence: await step.release(ctx, planned.change), failures: [] });
      } catch (error) {
        const failures = failuresOf(error);
        for (const { message, hint } of failures) state.parts.log.warn(`${id}: ${message} ${hint}`);
        released.set(id, { evidence: [], failures });
      }
    }),
  );
  return released;
}

/** The outcomes with what came of giving back. */
export function withReleased(steps: readonly StepReport[], released: Released): StepReport[] {
  return steps.map((step) => {
    const one = released.get(step.step);
    return one ? { ...step, outcome: outcomeWith(step.outcome, one.evidence, one.failures[0]) } : step;
  });
}

function outcomeWith(outcome: Outcome, more: readonly Evidence[], failure: Failure | undefined): Outcome {
  if (outcome.status === 'skipped') return failure ? { status: 'failed', failure, evidence: more } : outcome;
  if (outcome.status !== 'passed') {
    const causes = [...outcome.failure.causes, ...(failure ? [failure.message] : [])];
    return { ...outcome, failure: { ...outcome.failure, causes }, evidence: [...outcome.evidence, ...more] };
  }
  const [first, ...rest] = outcome.evidence;
  if (failure) return { status: 'failed', failure, evidence: [first, ...rest, ...more] };
  return { status: 'passed', evidence: [first, ...rest, ...more] };
}
