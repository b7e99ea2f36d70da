import { type Failure, failuresOf } from '../core/errors.ts';
import { said } from '../core/said.ts';
import type { Change, Plan } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { Step } from '../steps/contract.ts';
import { inOrder } from './order.ts';
import type { RunState } from './state.ts';

/** What apply did with one step; verify reads the world and decides what is true. */
export interface Applied {
  readonly change: Change | undefined;
  /** Prepare or apply was called: even where it failed, something may have changed. */
  readonly begun: boolean;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly failures: readonly Failure[];
}

type Prepared = { readonly startedAt: number; readonly failures: readonly Failure[] };

/**
 * Applies the changes of the plan, side by side where `needs` and the plan's own order allow. What touches nothing of production begins at
 * once. A step whose needed step failed is not begun. At the end every step that was begun gives back what it held.
 */
export async function applyPlan(state: RunState, steps: readonly Step[], plan: Plan): Promise<Map<string, Applied>> {
  const { clock } = state.parts;
  const applied = new Map<string, Applied>();
  const changes = changesOf(plan);
  const prepared = prepareAll(state, steps, changes);
  const needsOf = (step: Step) => [...step.meta.needs, ...(changes.get(step.meta.id)?.after ?? [])];
  await inOrder(
    steps,
    async (step) => {
      const { id } = step.meta;
      const change = changes.get(id);
      if (!change) return;
      const ready = await prepared.get(id);
      const startedAt = ready?.startedAt ?? clock.now();
      const done = (begun: boolean, failures: readonly Failure[]) =>
        applied.set(id, { change, begun, startedAt, durationMs: clock.now() - startedAt, failures });
      const blocker = needsOf(step).find((need) => (applied.get(need)?.failures.length ?? 0) > 0);
      if (ready && ready.failures.length > 0) done(true, ready.failures);
      else if (blocker !== undefined || state.signal.aborted) done(ready !== undefined, [notBegun(id, blocker)]);
      else done(true, await attempt(state, id, () => step.apply(state.context(), change)));
    },
    needsOf,
  );
  await finishAll(state, steps, applied);
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
    const { change, begun } = applied.get(step.meta.id) ?? {};
    if (!change || !begun || !step.revert) continue;
    try {
      await step.revert(state.context(), change);
    } catch (error) {
      failures.push(...failuresOf(error));
    }
  }
  if (failures.length > 0) state.note(said('note.revert-failed', { why: failures[0]?.message ?? '' }));
  return failures;
}

function changesOf(plan: Plan): Map<string, Change> {
  return new Map(
    plan.steps.flatMap(({ step, planned }) => (planned.kind === 'change' ? [[step, planned.change] as const] : [])),
  );
}

/** Begins all preparations at once; each settles, whatever becomes of it. */
function prepareAll(state: RunState, steps: readonly Step[], changes: ReadonlyMap<string, Change>) {
  const prepared = new Map<string, Promise<Prepared>>();
  for (const step of steps) {
    const { id } = step.meta;
    const change = changes.get(id);
    if (!change || !step.prepare || state.signal.aborted) continue;
    const startedAt = state.parts.clock.now();
    const work = attempt(state, id, async () => step.prepare?.(state.context(), change));
    prepared.set(
      id,
      work.then((failures) => ({ startedAt, failures })),
    );
  }
  return prepared;
}

/** What a failed or cancelled step holds is given back, too; a failure here is one of its step. */
async function finishAll(state: RunState, steps: readonly Step[], applied: Map<string, Applied>): Promise<void> {
  await Promise.all(
    steps.map(async (step) => {
      const { id } = step.meta;
      const one = applied.get(id);
      const { change } = one ?? {};
      if (!one || !change || !one.begun || !step.finish) return;
      const failures = await attempt(state, id, async () => step.finish?.(state.context(), change));
      if (failures.length > 0) applied.set(id, { ...one, failures: [...one.failures, ...failures] });
    }),
  );
}

async function attempt(state: RunState, id: string, work: () => Promise<unknown>): Promise<readonly Failure[]> {
  try {
    await state.during(id, work);
    return [];
  } catch (error) {
    const failures = failuresOf(error);
    for (const failure of failures) state.parts.log.warn(`${id}: ${failure.message}`);
    return failures;
  }
}

function notBegun(id: string, blocker: string | undefined): Failure {
  return blocker
    ? {
        code: 'STEP_BLOCKED',
        message: tr`${id} was not begun: ${blocker} failed`,
        hint: tr`Mend ${blocker} first, then run again (safe)`,
        causes: [],
      }
    : {
        code: 'CANCELLED',
        message: tr`${id} was not begun: the run was cancelled`,
        hint: tr`Run again: it goes on from what the cluster shows`,
        causes: [],
      };
}
