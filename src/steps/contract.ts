import type { Evidence, Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import type { Change, Planned, StepMeta } from '../core/step.ts';
import type { ReadContext, VerdictContext, WriteContext } from '../ports/context.ts';

/**
 * One line of the checklist. A new step is one file with such a value and one line in `index.ts`.
 * Results are outcomes; exceptions are for what adapters throw, and the engine turns them into `failed` or `unknown`.
 */
export interface Step<C extends Change = Change> {
  readonly meta: StepMeta;
  /** Reads; decides what would change. Legal at any time. */
  plan(ctx: ReadContext): Promise<Planned<C>>;
  /**
   * Work of the change that touches nothing of production and takes time (loading a side database). It begins at once, beside everything,
   * waits for no other step, and `apply` follows when it is through.
   */
  prepare?(ctx: WriteContext, change: C): Promise<void>;
  /** Makes the change true. Idempotent: the world is read again, and what is done is not done again. Only after preflight. */
  apply(ctx: WriteContext, change: C): Promise<void>;
  /**
   * Gives back what prepare or apply hold (writers that were stopped), and does what must wait until every step was applied. Called once, on
   * every way out, also after a failure or a cancel, where prepare or apply was begun. Never waits for long.
   */
  finish?(ctx: WriteContext, change: C): Promise<void>;
  /**
   * Gives back what must hold until the run was verified (a silence of alerts). Called once for each step whose change was planned, on every way
   * out after the lock was taken, whether or not anything was begun; the signal of its context is fresh and short. What it returns is added to
   * the evidence; what it throws makes the step fail.
   */
  release?(ctx: WriteContext, change: C): Promise<readonly Evidence[]>;
  /** Reads the world again and never trusts apply. Also called when there was nothing to change. */
  verify(ctx: ReadContext, change: C | undefined): Promise<Outcome>;
  /** Takes the change back. Legal after apply, whether or not it finished. */
  revert?(ctx: WriteContext, change: C): Promise<void>;
  /**
   * Tells of the verdict: for steps that come after it, which have nothing to apply and are not verified. Called for each run that began, also
   * for one that was refused or failed, in the order of `needs`. Its outcome is shown and never changes the verdict.
   */
  tell?(ctx: VerdictContext): Promise<Outcome>;
}

/** Keeps the step's own change type inside its methods while the registry sees plain steps. */
export function defineStep<C extends Change>(step: Step<C>): Step {
  return step as unknown as Step;
}

/** A step that only tells of the verdict: it has nothing to apply, and the engine verifies none of them. */
export function defineTellingStep(step: Pick<Step, 'meta' | 'plan'> & Required<Pick<Step, 'tell'>>): Step {
  return {
    ...step,
    apply: async () => {},
    verify: async () => ({ status: 'skipped', reason: said('skipped.nothing-to-do') }),
  };
}
