import type { Language } from './config.ts';
import type { Tier } from './tier.ts';

/** A run whose budget is over while it still works: what the team must know at once. */
export interface Escalation {
  readonly application: string;
  readonly tier: Tier;
  readonly namespace: string;
  readonly budgetMs: number;
  /** Ids of the steps that are under way. */
  readonly running: readonly string[];
  /** Of the workflow run; empty outside of GitHub. */
  readonly url: string;
  readonly contact?: string;
  readonly language: Language;
}
