import type { Contacts, Language } from '../core/config.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Cause } from '../core/finding.ts';
import type { OutcomeStatus } from '../core/outcome.ts';
import type { RunOutcome, ValidationItemId } from '../core/report.ts';
import type { SaidKey } from '../core/said.ts';
import type { Severity } from '../core/step.ts';
import type { Tier } from '../core/tier.ts';
import type { DatabaseWords } from './database-words.ts';
import type { MessageWords } from './message-words.ts';
import type { PageWords } from './page-words.ts';
import type { RecordWords } from './record-words.ts';
import type { TodoWords } from './todo-words.ts';
import type { TroubleshootingWords } from './troubleshooting-words.ts';

/** The steps that both catalogues describe. A new step adds its id here, and neither catalogue compiles without its words. */
export const DESCRIBED_STEPS = [
  'freeze-rollouts',
  'undo-workloads',
  'unblock-pods',
  'check-pods',
  'check-health',
  'backup-database',
  'restore-database',
  'rollback-migrations',
  'restore-secrets',
  'restore-manifests',
  'disable-feature-flags',
  'restart-workloads',
  'clean-temporary-resources',
  'run-commands',
  'check-metrics',
  'check-events',
  'check-alerts',
  'notify-team',
  'notify-users',
  'record-rollback',
  'plan-post-mortem',
] as const;
export type DescribedStep = (typeof DESCRIBED_STEPS)[number];

/** The preflight checks that both catalogues name. An id that is not here is shown as it is. */
export const DESCRIBED_CHECKS = [
  'access',
  'admission',
  'backup',
  'database',
  'gitops',
  'identity',
  'plan',
  'quota',
  'references',
  'target',
] as const;
export type DescribedCheck = (typeof DESCRIBED_CHECKS)[number];

/** What a step is called and what it makes true. */
export interface StepText {
  readonly title: string;
  readonly promise: string;
}

/** What a cause is called, and the sentence about one case of it. */
export interface CauseText {
  readonly title: string;
  readonly sentence: string;
}

/** The heading of a report: what is true now, by outcome and by what is known of the health. */
export interface HeadlineText {
  readonly succeeded: string;
  readonly succeededUnproven: string;
  readonly succeededUnhealthy: string;
  readonly noOp: string;
  readonly noOpUnproven: string;
  readonly noOpUnhealthy: string;
  readonly partial: string;
  readonly failed: string;
  readonly cancelled: string;
  readonly cancelledUntouched: string;
  readonly planned: string;
  readonly plannedRefused: string;
  readonly plannedNothing: string;
  readonly discovered: string;
  readonly refused: string;
  readonly undone: string;
  readonly undoneUnproven: string;
  readonly undoneUnhealthy: string;
  readonly undoneAlready: string;
  readonly undoPartial: string;
  readonly undoFailed: string;
}

/** Fixed words of the summary. */
export interface Words {
  readonly tier: string;
  readonly took: string;
  readonly of: string;
  readonly overBudget: string;
  readonly downtime: string;
  readonly downtimeNone: string;
  readonly downtimeNotMeasured: string;
  readonly health: string;
  readonly healthy: string;
  readonly notHealthy: string;
  readonly healthUnknown: string;
  readonly podsReadyOnly: string;
  readonly reason: string;
  readonly doThisNext: string;
  readonly thenType: string;
  readonly causeOfFailure: string;
  readonly causeOfBadRelease: string;
  readonly evidence: string;
  readonly emergencyContact: string;
  readonly contacts: Readonly<Record<keyof Contacts, string>>;
  readonly workloads: string;
  readonly workload: string;
  readonly before: string;
  readonly now: string;
  readonly target: string;
  readonly ready: string;
  readonly state: string;
  readonly revision: string;
  readonly since: string;
  readonly images: string;
  readonly imagesInFull: string;
  readonly atTarget: string;
  readonly notAtTarget: string;
  readonly notReady: string;
  readonly unchanged: string;
  readonly wouldChange: string;
  readonly stays: string;
  readonly notReadable: string;
  readonly validation: string;
  readonly item: string;
  readonly object: string;
  readonly status: string;
  readonly proof: string;
  readonly duration: string;
  readonly steps: string;
  readonly step: string;
  readonly expected: string;
  readonly observed: string;
  readonly required: string;
  readonly optional: string;
  readonly changed: string;
  readonly preflight: string;
  readonly plan: string;
  readonly planned: Readonly<Record<'change' | 'no-op' | 'check' | 'skipped', string>>;
  readonly planDigest: string;
  readonly whatWouldChange: string;
  readonly missing: string;
  readonly nothingMissing: string;
  readonly noDiff: string;
  readonly candidates: string;
  readonly candidatesHint: string;
  readonly verified: string;
  readonly neverVerified: string;
  readonly quarantined: string;
  readonly current: string;
  readonly keptEvidence: string;
  readonly probes: string;
  readonly probe: string;
  readonly answers: string;
  readonly failures: string;
  readonly last: string;
  readonly firstHealthy: string;
  readonly right: string;
  readonly wrong: string;
  readonly notes: string;
  readonly run: string;
  readonly actor: string;
  readonly repository: string;
  readonly commit: string;
  readonly workflow: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly started: string;
  readonly finished: string;
  readonly discovery: string;
  readonly canGoBack: string;
  readonly cannotGoBack: string;
  readonly why: string;
  readonly paste: string;
  readonly container: string;
  readonly nothingTouched: string;
  readonly also: string;
  readonly bring: string;
  readonly whole: string;
  readonly cutFor: string;
  readonly cutLines: string;
  readonly noWorkloads: string;
}

/** Sentences that count or join something. */
export interface Phrases {
  /** `2 workloads`. */
  workloads(count: number): string;
  /** What is true of the group: how many of `total` run the target, and how many pods are ready. */
  groupAtTarget(atTarget: number, total: number): string;
  podsReady(ready: number, desired: number): string;
  /** One workload that is alone in its group. */
  runs(workload: string, image: string): string;
  stillRuns(workload: string, image: string): string;
  notReadable(count: number): string;
  wouldChange(count: number, total: number): string;
  wouldStay(count: number): string;
  more(count: number): string;
  healthyCollapsed(count: number): string;
  unchangedCollapsed(count: number): string;
  moreInReport(count: number): string;
}

/** Everything that a report says in one language. In the templates `{name}` stands for a value and `[...]` is left out when a value in it is missing. */
export interface Catalogue {
  readonly language: Language;
  /** What stands between a label and its value, before the space. */
  readonly colon: string;
  readonly said: Readonly<Record<SaidKey, string>>;
  readonly steps: Readonly<Record<DescribedStep, StepText>>;
  readonly checks: Readonly<Record<DescribedCheck, string>>;
  readonly causes: Readonly<Record<Cause, CauseText>>;
  readonly errors: Readonly<Record<ErrorCode, string>>;
  readonly statuses: Readonly<Record<OutcomeStatus, string>>;
  readonly severities: Readonly<Record<Severity | 'passed', string>>;
  readonly validation: Readonly<Record<ValidationItemId, string>>;
  readonly outcomes: Readonly<Record<RunOutcome, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly headlines: HeadlineText;
  readonly words: Words;
  readonly phrases: Phrases;
  readonly database: DatabaseWords;
  readonly page: PageWords;
  readonly troubleshooting: TroubleshootingWords;
  readonly todo: TodoWords;
  readonly records: RecordWords;
  readonly messages: MessageWords;
  /** Short values that rules pass as plain words (`why: 'quarantine'`), as a person says them. */
  readonly values: Readonly<Record<string, string>>;
}

/** Title and promise of a step; a step that no catalogue knows is called by its id. */
export function stepText(catalogue: Catalogue, id: string): StepText {
  return Object.hasOwn(catalogue.steps, id) ? catalogue.steps[id as DescribedStep] : { title: id, promise: '' };
}

/** Name of a preflight check; one that no catalogue knows is called by its id. */
export function checkText(catalogue: Catalogue, id: string): string {
  return Object.hasOwn(catalogue.checks, id) ? catalogue.checks[id as DescribedCheck] : id;
}
