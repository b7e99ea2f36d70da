import type { CheckItem, Plan } from '../core/step.ts';
import type { ReadContext } from '../ports/context.ts';

/**
 * One read-only gate of the whole run. All checks run, in parallel, and everything they found is reported together;
 * one item of severity `refuse` with a failure stops the run before anything is touched.
 */
export interface PreflightCheck {
  /** Kebab case; equals the file name. */
  readonly id: string;
  check(ctx: ReadContext, plan: Plan): Promise<readonly CheckItem[]>;
}
