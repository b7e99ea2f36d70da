import { type Failure, failuresOf } from '../core/errors.ts';
import { said } from '../core/said.ts';
import type { Change, Plan } from '../core/step.ts';
import type { Step } from '../steps/contract.ts';
import { inOrder } from './order.ts';
import type { RunState } from './state.ts';

/** What apply did with one step; verify reads the world and decides what is true. */
export interface Applied {
  readonly change: Change | undefined;
  /** Apply was called: even where it failed, something may have changed. */
  readonly begun: boolean;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly failures: readonly Failure[];
}

/** Applies the changes of the plan, side by side where `needs` allow. A step whose needed step failed is not begun. */
export async function applyPlan(state: RunState, steps: readonly Step[], plan: Plan): Promise<Map<string, Applied>> {
  const { clock, log } = state.parts;
  const applied = new Map<string, Applied>();
  await inOrder(steps, async (step) => {
    const { id, needs } = step.meta;
    const planned = plan.steps.find((one) => one.step === id)?.planned;
    if (planned?.kind !== 'change') return;
    const startedAt = clock.now();
    const blocker = needs.find((need) => (applied.get(need)?.failures.length ?? 0) > 0);
    if (blocker !== undefined || state.signal.aborted) {
      const failure: Failure = blocker
        ? {
            code: 'STEP_BLOCKED',
            message: `${id} was not begun: ${blocker} failed`,
            hint: `Mend ${blocker} first, then run again (safe)`,
            causes: [],
          }
        : {
            code: 'CANCELLED',
            message: `${id} was not begun: the run was cancelled`,
            hint: 'Run again: it goes on from what the cluster shows',
            causes: [],
          };
      applied.set(id, { change: planned.change, begun: false, startedAt, durationMs: 0, failures: [failure] });
      return;
    }
    let failures: readonly Failure[] = [];
    try {
      await step.apply(state.context(), planned.change);
    } catch (error) {
      failures = failuresOf(error);
      for (const failure of failures) log.warn(`${id}: ${failure.message}`);
    }
    applied.set(id, { change: planned.change, begun: true, startedAt, durationMs: clock.now() - startedAt, failures });
  });
  return applied;
}

/** Takes back what was applied, last step first; called once, when the target failed and `on-failure: revert` was asked for. */
export async function revertPlan(
  state: RunState,
  steps: readonly Step[],
  applied: ReadonlyMap<string, Applied>,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const step of [...steps].reverse()) {
    const change = applied.get(step.meta.id)?.change;
    if (!change || !step.revert) continue;
    try {
      await step.revert(state.context(), change);
    } catch (error) {
      failures.push(...failuresOf(error));
    }
  }
  if (failures.length > 0) state.note(said('note.revert-failed', { why: failures[0]?.message ?? '' }));
  return failures;
}
