import type { Failure } from './errors.ts';
import type { Said } from './said.ts';

export type NonEmpty<T> = readonly [T, ...T[]];

/** One observed fact, always next to what was expected. Values are shown to people: short, redacted, never a secret. */
export interface Evidence {
  /** What was looked at, e.g. `deployment/web`, `GET https://shop.example/health`. */
  readonly subject: string;
  readonly observed: string;
  readonly expected: string;
}

/** Result of one item. `passed` cannot be built without evidence; `unknown` is never shown as green. */
export type Outcome =
  | { readonly status: 'passed'; readonly evidence: NonEmpty<Evidence> }
  | { readonly status: 'failed'; readonly failure: Failure; readonly evidence: readonly Evidence[] }
  | { readonly status: 'unknown'; readonly failure: Failure; readonly evidence: readonly Evidence[] }
  | { readonly status: 'skipped'; readonly reason: Said };

export type OutcomeStatus = Outcome['status'];
