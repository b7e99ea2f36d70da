import type { Problem } from '../core/troubleshooting.ts';

/** Words of the troubleshooting. */
export interface TroubleshootingWords {
  readonly title: string;
  /** Between two causes in one line. */
  readonly between: string;
  readonly cause: string;
  readonly nextStep: string;
  /** What each line of the checklist is called, and what it says to do first. */
  readonly problems: Readonly<Record<Problem, { readonly title: string; readonly advice: string }>>;
}
