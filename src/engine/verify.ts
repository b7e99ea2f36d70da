import { failuresOf } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Plan, StepReport } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { Step } from '../steps/contract.ts';
import type { Applied } from './apply.ts';
import { inOrder } from './order.ts';
import type { RunState } from './state.ts';

/** Reads the world again for every step that takes part, also where nothing was to change: apply is never trusted. */
export async function verifySteps(
  state: RunState,
  steps: readonly Step[],
  plan: Plan,
  applied: ReadonlyMap<string, Applied>,
): Promise<StepReport[]> {
  const { clock, config } = state.parts;
  const reports = new Map<string, StepReport>();
  const verified = steps.filter((step) => step.tell === undefined);
  await inOrder(verified, async (step) => {
    const { id } = step.meta;
    const planned = plan.steps.find((one) => one.step === id)?.planned;
    const apply = applied.get(id);
    const startedAt = clock.now();
    const outcome: Outcome =
      planned === undefined || planned.kind === 'skipped'
        ? { status: 'skipped', reason: planned?.reason ?? { key: 'skipped.not-requested' } }
        : truth(step, await verifyStep(state, step, apply), apply);
    state.outcomes.set(id, outcome);
    const begun = apply?.startedAt ?? startedAt;
    reports.set(id, {
      step: id,
      required: isRequired(step, outcome, config.requiredChecks),
      outcome,
      changed: apply?.begun === true && !step.meta.aside,
      ...(outcome.status === 'skipped' ? {} : { startedAt: new Date(begun).toISOString() }),
      durationMs: outcome.status === 'skipped' ? 0 : clock.now() - startedAt + (apply?.durationMs ?? 0),
    });
  });
  return verified.flatMap((step) => reports.get(step.meta.id) ?? []);
}

async function verifyStep(state: RunState, step: Step, apply: Applied | undefined): Promise<Outcome> {
  try {
    return await state.during(step.meta.id, () => step.verify(state.context(), apply?.change));
  } catch (error) {
    const [failure] = failuresOf(error);
    if (state.isCancelled || !failure) {
      const message = tr`the run was cancelled before this could be verified`;
      const hint = tr`Run again: it goes on from what the cluster shows`;
      return { status: 'unknown', failure: { code: 'CANCELLED', message, hint, causes: [] }, evidence: [] };
    }
    return { status: 'unknown', failure, evidence: [] };
  }
}

/**
 * The world decides: a write whose answer was lost may have arrived. Where it did not, apply knows better why. A server aside that nobody
 * could ask leaves it unknown, although it did not take the write either.
 */
function truth({ meta }: Step, verified: Outcome, apply: Applied | undefined): Outcome {
  const [failure] = apply?.failures ?? [];
  if (!failure || verified.status === 'passed' || (meta.aside && verified.status === 'unknown')) return verified;
  return { status: 'failed', failure, evidence: 'evidence' in verified ? verified.evidence : [] };
}

function isRequired(step: Step, outcome: Outcome, requiredChecks: readonly string[]): boolean {
  return requiredChecks.includes(step.meta.id) || (step.meta.required && outcome.status !== 'skipped');
}
