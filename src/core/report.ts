import type { Contacts, Language, Mode } from './config.ts';
import type { TablePrice } from './database/database.ts';
import type { Failure } from './errors.ts';
import type { Finding } from './finding.ts';
import type { Judgement } from './health.ts';
import type { WorkloadRef } from './kubernetes.ts';
import type { Outcome } from './outcome.ts';
import type { RunIdentity } from './run.ts';
import type { Said } from './said.ts';
import type { CheckItem, Plan, StepReport } from './step.ts';
import type { Tier } from './tier.ts';
import type { TroubleshootingEntry } from './troubleshooting.ts';

export const RUN_OUTCOMES = ['succeeded', 'failed', 'partial', 'no-op', 'cancelled', 'planned', 'refused'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** The eight items of the validation checklist, in its order. */
export const VALIDATION_ITEMS = [
  'services-restarted',
  'database-restored',
  'health-checks-pass',
  'monitoring-works',
  'alerts-off',
  'team-notified',
  'documentation-updated',
  'post-mortem-planned',
] as const;
export type ValidationItemId = (typeof VALIDATION_ITEMS)[number];

export interface ValidationItem {
  readonly id: ValidationItemId;
  readonly outcome: Outcome;
  readonly durationMs?: number;
}

/** What is true of one workload when the report is written. */
export interface WorkloadReport {
  readonly ref: WorkloadRef;
  /** What it ran when the run began. */
  readonly before: ReleaseReport;
  /** What it was to run; equal to `before` where it stays. */
  readonly target?: ReleaseReport;
  /** Read from the cluster at the end; absent where it could not be read. */
  readonly now?: ReleaseReport & { readonly ready: number; readonly desired: number };
}

export interface ReleaseReport {
  readonly hash: string;
  readonly images: readonly string[];
  /** The number that kubectl shows, where there is one. */
  readonly revision?: number;
  /** RFC 3339: since when it runs, or when it was first created. */
  readonly since?: string;
}

/** A release that could be gone back to, with what is known of it, and the `to:` line that asks for it. */
export interface CandidateReport {
  readonly ref: WorkloadRef;
  readonly release: ReleaseReport;
  readonly verified?: string;
  readonly quarantined: boolean;
  readonly current: boolean;
  readonly line: string;
}

/** What the probe saw of one health check, from the first second to the last. */
export interface ProbeReport {
  readonly name: string;
  readonly samples: number;
  readonly failures: number;
  /** Sum of the times without a right answer, ms. */
  readonly downtimeMs: number;
  readonly firstHealthyAt?: string;
  readonly last: Judgement;
  /** Changes between right and wrong answers, oldest first. */
  readonly spans: readonly { readonly ok: boolean; readonly from: string; readonly to: string }[];
}

/** Evidence of the bad release, kept before its pods are gone. */
export interface KeptEvidence {
  readonly pod: string;
  readonly container: string;
  readonly log: readonly string[];
}

/** What discovery found out about one workload that nobody has named yet. */
export interface DiscoveredWorkload {
  readonly ref: WorkloadRef;
  readonly canGoBack: boolean;
  readonly why: Said | Failure;
}

export interface Discovery {
  readonly workloads: readonly DiscoveredWorkload[];
  /** Ready to paste: `.github/rollback.yml`, a Role with RoleBinding, a workflow. */
  readonly files: readonly { readonly name: string; readonly content: string }[];
}

/** What became of the database, as far as it is known. */
export interface DatabaseReport {
  readonly name: string;
  /** `HOST:PORT`. */
  readonly server: string;
  /** The backup that was chosen. */
  readonly backup?: {
    readonly name: string;
    /** RFC 3339; absent where the source does not tell. */
    readonly madeAt?: string;
    readonly bytes: number;
    readonly sha256: string;
    /** Whether its hash was compared with one that was expected. */
    readonly integrity: 'proven' | 'not-proven';
    readonly why: 'only-one' | 'newest' | 'newest-before-bad-release';
    readonly passedOver: readonly { readonly name: string; readonly why: string }[];
  };
  /** What the restore (or the undo) costs: rows of the live database that the other one does not have. */
  readonly price?: {
    readonly tables: readonly TablePrice[];
    readonly rowsGivenUp: number;
    /** `exact`: row by row. `at-least`: from counts, timestamps and statistics; rows that were changed may not show. */
    readonly basis: 'exact' | 'at-least';
    /** Age of the backup when the run began, ms. */
    readonly ageMs?: number;
    /** Forecast of the restore, ms. */
    readonly estimatedMs?: number;
    /** Files with the rows given up, where they were exported. */
    readonly exported?: readonly string[];
  };
  /** Which database has the live name now, by OID; absent where nothing was read at the end. */
  readonly live?: { readonly oid: number; readonly is: 'before' | 'restored' | 'another' };
  /** The database that was live before, under the name that it has now. */
  readonly kept?: { readonly name: string; readonly oid: number };
  /** A dump of the database before, at the configured place. */
  readonly safetyBackup?: { readonly path: string; readonly bytes: number; readonly sha256: string };
  /** Commands to do by hand what could not be done, in order. */
  readonly byHand?: readonly string[];
}

/** Where the rollback is recorded on GitHub. */
export interface RecordsReport {
  /** The post-mortem. */
  readonly issueUrl?: string;
  /** RFC 3339 day on which the post-mortem is due. */
  readonly due?: string;
  /** The deployment's id. */
  readonly deployment?: number;
  /** The committed record. */
  readonly recordUrl?: string;
}

/** The JSON report (`schemas/report.schema.json`). The summary, the annotations and the outputs are views of it. */
export interface Report {
  readonly apiVersion: 'tiered-rollback/v1';
  readonly run: RunIdentity;
  readonly mode: Mode;
  readonly tier: Tier;
  readonly language: Language;
  readonly cluster: {
    readonly server: string;
    readonly context: string;
    readonly uid?: string;
    readonly version?: string;
  };
  readonly namespace: string;
  readonly outcome: RunOutcome;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly budgetMs: number;
  readonly healthy: boolean | 'unknown';
  readonly rolledBack: boolean;
  readonly workloads: readonly WorkloadReport[];
  readonly candidates: readonly CandidateReport[];
  readonly plan?: Plan;
  readonly preflight: readonly CheckItem[];
  readonly steps: readonly StepReport[];
  readonly validation: readonly ValidationItem[];
  /** Causes named for the release that was left (`before`) and for the target (`after`). */
  readonly findings: { readonly before: readonly Finding[]; readonly after: readonly Finding[] };
  readonly kept: readonly KeptEvidence[];
  readonly probes: readonly ProbeReport[];
  /** Longest of the probes' downtimes, seconds; absent without probes. */
  readonly downtimeSeconds?: number;
  readonly notes: readonly Said[];
  /** Failures of the run as a whole (refusals, defects), apart from those of steps. */
  readonly failures: readonly Failure[];
  /** Commands that a person should type next, most urgent first. */
  readonly next: readonly string[];
  readonly contacts: Contacts;
  /** What went wrong, by cause, with whom to call; absent where nothing did. */
  readonly troubleshooting?: readonly TroubleshootingEntry[];
  readonly database?: DatabaseReport;
  readonly records?: RecordsReport;
  readonly discovery?: Discovery;
}
