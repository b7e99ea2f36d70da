import type { Change, Plan } from './step.ts';

/** How the ConfigMap gets the flags. `recreate`: it is immutable. `put-back`: a run was killed between deleting and creating it. */
export type FlagWay = 'set' | 'recreate' | 'put-back';

/** What `disable-feature-flags` would do. Flags are no secret. */
export interface DisableFlagsChange extends Change {
  readonly configMap: string;
  readonly way: FlagWay;
  /** Values as they were; null where the key was not there. */
  readonly before: Readonly<Record<string, string | null>>;
  /** Null: the key goes (an undo). */
  readonly values: Readonly<Record<string, string | null>>;
  /** Our own Secret that takes all of an immutable one. */
  readonly keptIn?: string;
}

/** The change of `disable-feature-flags` in a plan. */
export function flagsChangeOf(plan: Pick<Plan, 'steps'>): DisableFlagsChange | undefined {
  const planned = plan.steps.find((step) => step.step === 'disable-feature-flags')?.planned;
  return planned?.kind === 'change' ? (planned.change as DisableFlagsChange) : undefined;
}
