import type { Failure } from './errors.ts';
import type { Outcome } from './outcome.ts';
import type { Said } from './said.ts';
import type { Tier } from './tier.ts';
import type { Problem } from './troubleshooting.ts';

/** What a step would do, as plain JSON: printed, saved and applied unchanged. */
export interface Change {
  /** One line per object, for people. */
  readonly summary: readonly string[];
  /** Unified diffs per object, for people. */
  readonly diffs?: readonly ObjectDiff[];
  /** What stands for values that may not be shown, salted anew in each run: no part of the plan's digest. */
  readonly fingerprints?: object;
  /** Steps that must have been applied before this change, on top of `meta.needs`: an order that the plan decided. */
  readonly after?: readonly string[];
}

export interface ObjectDiff {
  /** `deployment/web`. */
  readonly object: string;
  /** Unified diff of the YAML, hunks only. Secret values never stand in it. */
  readonly diff: string;
}

/** Whether a step has something to change, only looks, or does not take part. */
export type Planned<C extends Change = Change> =
  | { readonly kind: 'change'; readonly change: C }
  | { readonly kind: 'no-op'; readonly reason: Said }
  /** `summary`: one line for each thing that is looked at, where the step's own description does not say it. */
  | { readonly kind: 'check'; readonly summary?: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: Said };

export interface StepMeta {
  /** Kebab case; equals the file name. */
  readonly id: string;
  readonly tiers: readonly Tier[];
  /** The run is red when this step takes part and does not pass. */
  readonly required: boolean;
  /** Its change is part of the incident: the ledger records that a run is about to make it. */
  readonly recorded?: boolean;
  /** What it changes is none of the application's: a run that changes nothing else is a no-op. */
  readonly aside?: boolean;
  /** Ids of the steps that must have been applied before this one is applied. */
  readonly needs: readonly string[];
}

/** `refuse` stops the run before anything is touched. */
export type Severity = 'refuse' | 'warn' | 'info';

/** One answer of a preflight check. */
export interface CheckItem {
  readonly check: string;
  /** The object it speaks about. */
  readonly subject: string;
  readonly severity: Severity;
  /** Set unless the check passed. */
  readonly failure?: Failure;
  /** Set where a true statement is worth a line. */
  readonly note?: Said;
  /** Where the object says better than the failure's code what kind of trouble it is: a Secret that is missing. */
  readonly problem?: Problem;
}

export interface PlannedStep {
  readonly step: string;
  readonly planned: Planned;
}

/** Plain JSON. `digest` is over the steps' changes: a dry run and the run after it can be compared. */
export interface Plan {
  readonly tier: Tier;
  readonly steps: readonly PlannedStep[];
  readonly digest: string;
}

/** What became of one step. */
export interface StepReport {
  readonly step: string;
  readonly required: boolean;
  readonly outcome: Outcome;
  /** True when apply was begun: even where it failed, something may have changed. */
  readonly changed: boolean;
  /** RFC 3339; absent for steps that never began. */
  readonly startedAt?: string;
  readonly durationMs: number;
}
