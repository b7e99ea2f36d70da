import type { AlertMatcher } from './alerts.ts';
import type { WorkloadRef } from './kubernetes.ts';
import type { Tier } from './tier.ts';

export const MODES = ['rollback', 'plan', 'undo'] as const;
export type Mode = (typeof MODES)[number];
export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];
export const ON_FAILURE = ['keep', 'revert'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

/** Where to go back to. */
export type TargetRequest =
  | { readonly kind: 'auto' }
  | {
      readonly kind: 'explicit';
      readonly lines: readonly {
        readonly ref: WorkloadRef;
        readonly to: { readonly revision: number } | { readonly image: string };
      }[];
    };

/** One health check: a URL, or a Service port reached through the API server. */
export interface HealthCheck {
  /** As the user wrote it, with credentials of the URL removed: the name in every report. */
  readonly name: string;
  readonly at:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'service'; readonly service: string; readonly port: string; readonly path: string };
  /** Statuses that count as healthy. Default 200 to 299. */
  readonly status: { readonly from: number; readonly to: number };
  /** Text that the body must contain. */
  readonly contains?: string;
  /** JSON values that the body must have: path in dots to expected value. */
  readonly json?: Readonly<Record<string, string | number | boolean | null>>;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Right answers in a row that make it healthy. */
  readonly successes: number;
}

export interface Contacts {
  readonly devops?: string;
  readonly database?: string;
  readonly security?: string;
}

/** Where the backup is looked for; exactly one of `path` and `command`. */
export interface BackupConfig {
  /** File, pattern, `https://` address or `pod:NAME:/path`, credentials of an address removed. */
  readonly path?: string;
  /** A command whose output is the dump. */
  readonly command?: string;
  readonly sha256?: string;
  readonly maxAgeMs?: number;
}

export const MIGRATION_TOOLS = ['knex', 'prisma', 'sequelize', 'node-pg-migrate'] as const;
export type MigrationTool = (typeof MIGRATION_TOOLS)[number];

/** The project's own migrations. */
export interface MigrationsConfig {
  /** Relative to the workspace. */
  readonly directory?: string;
  /** Its table gives `head` where no query is configured. */
  readonly tool?: MigrationTool;
  /** Command that shows which migrations are applied; it only looks. */
  readonly status?: string;
  /** Command that takes migrations back: once to `{to}` where that stands in it, else one migration each time. */
  readonly rollback?: string;
  /** SQL query that names the newest migration that is applied. */
  readonly head?: string;
  /** Newest migration that the target release knows; where the ledger does not tell. */
  readonly to?: string;
  /** Milliseconds for one command. */
  readonly timeoutMs: number;
}

/** The PostgreSQL database of the application; who connects, and with which password, is no part of this. */
export interface DatabaseConfig {
  /** Name of the live database. */
  readonly name: string;
  /** Without it nothing is restored. */
  readonly backup?: BackupConfig;
  /** SQL that must answer true on the restored database. */
  readonly checks: readonly string[];
  /** Column by which rows newer than the backup are counted, in the tables that have it. */
  readonly timestampColumn?: string;
  readonly migrations?: MigrationsConfig;
  /** The target release is known to run on the live schema: the workloads need not wait for the restore. */
  readonly schemaCompatible: boolean;
  /** After a swap that came after the workloads, they are restarted by a rollout. */
  readonly restartAfterSwap: boolean;
  /** Workloads are scaled to zero and CronJobs suspended around the swap. */
  readonly fenceWriters: boolean;
  /** Rows that a restore or an undo may give up; absent: no limit. */
  readonly maxDataLoss?: number;
  readonly allowUnsafeDump: boolean;
  /** Folder for a dump of the live database that outlives the runner; absent: the kept database stands in. */
  readonly safetyBackup?: string;
  /** Folder for the rows that a restore or an undo gives up, one file a table. */
  readonly exportRows?: string;
}

/** Keys of one Secret to put back: key to the name of the environment variable that holds its value. */
export interface SecretRestore {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** The known-good configuration, as manifests. */
export interface ManifestsConfig {
  /** File or folder, relative to the workspace. */
  readonly path: string;
  /** `KIND/NAME` of objects outside of any namespace that may be applied; all others are refused. */
  readonly allowClusterScoped: readonly string[];
}

/** Flags of a ConfigMap that become "false". */
export interface FeatureFlagsConfig {
  readonly configMap: string;
  readonly disable: readonly string[];
}

/** A leftover of the release, to be deleted by its exact name. */
export interface TemporaryResource {
  readonly kind: 'Job' | 'Pod' | 'PersistentVolumeClaim';
  readonly name: string;
}

/** A command of the project that must end with 0. */
export interface CommandCheck {
  readonly run: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/** A PromQL query with what a right answer is; at least one of the bounds. Each sample of the answer is held to them. */
export interface MetricCheck {
  readonly name: string;
  readonly query: string;
  readonly min?: number;
  readonly max?: number;
  /** At most so many times what it was before the bad release. */
  readonly maxRatio?: number;
}

/** The alerts of the application in Alertmanager. */
export interface AlertsConfig {
  readonly matchers: readonly AlertMatcher[];
  /** They are silenced for the length of the run. */
  readonly silence: boolean;
}

export const NOTIFY_USERS = ['auto', 'always', 'never'] as const;
export type NotifyUsers = (typeof NOTIFY_USERS)[number];

/** What messages are called, and who gets mail. Webhook and mail server are secrets, and no part of this. */
export interface MessagesConfig {
  /** The name of the application in messages; absent: its namespace stands in. */
  readonly application?: string;
  /** Mail to users: `auto` when the measured downtime passed `downtimeMs`. */
  readonly notifyUsers: NotifyUsers;
  readonly users: readonly string[];
  /** Address of the sender; absent where no mail can be sent. */
  readonly from?: string;
  readonly downtimeMs: number;
}

/** What is kept of the rollback on GitHub. */
export interface RecordsConfig {
  readonly postMortem: boolean;
  readonly labels: readonly string[];
  /** Logins. */
  readonly assignees: readonly string[];
  readonly dueInDays: number;
  /** Its deployment gets a status; absent: none is made. */
  readonly environment?: string;
  /** Branch that the record is committed to; absent: the issue alone holds it. */
  readonly branch?: string;
  /** In a public repository, too, log lines, the output of commands and addresses are recorded. */
  readonly details: boolean;
}

/** How the logs of the pods are judged. */
export interface LogsConfig {
  /** Regular expression of a line that reports an error. */
  readonly errors: string;
  /** Error lines of a workload above those of before that are still right; absent: they are told and never red. */
  readonly maxIncrease?: number;
}

/** How the cluster's events are judged. */
export interface EventsConfig {
  /** Reasons of Warning events that say nothing. */
  readonly ignore: readonly string[];
}

export const AT_BUDGET_END = ['continue', 'escalate', 'stop'] as const;
/** At the end of the budget: go on; call for help and go on; begin nothing irreversible any more. */
export type AtBudgetEnd = (typeof AT_BUDGET_END)[number];

/** What a run was asked to do: resolved, checked and frozen. Built by `config.ts` from inputs and config file; secrets are not in it. */
export interface Config {
  readonly mode: Mode;
  readonly tier: Tier;
  readonly namespace: string;
  /** Empty together with no selector only in `mode: plan`, which then discovers. */
  readonly workloads: readonly WorkloadRef[];
  readonly selector?: string;
  readonly to: TargetRequest;
  readonly expectedCluster?: string;
  /** Milliseconds. */
  readonly deployWindowMs: number;
  readonly stableForMs: number;
  readonly timeoutMs: number;
  readonly maxParallel: number;
  readonly onFailure: OnFailure;
  /** Step ids; undefined means all of the tier. */
  readonly steps?: readonly string[];
  readonly skipSteps: readonly string[];
  /** Step ids or validation items that turn the run red when they are not passed. */
  readonly requiredChecks: readonly string[];
  readonly allowGitops: boolean;
  /** File names of workflows that deploy: their queued and running runs are cancelled, where the token may. */
  readonly deployWorkflows: readonly string[];
  readonly health: readonly HealthCheck[];
  readonly contacts: Contacts;
  readonly reason: string;
  readonly language: Language;
  /** Absent: the run touches no database. */
  readonly database?: DatabaseConfig;
  readonly secrets: readonly SecretRestore[];
  readonly manifests?: ManifestsConfig;
  readonly featureFlags?: FeatureFlagsConfig;
  readonly temporaryResources?: readonly TemporaryResource[];
  readonly commands: readonly CommandCheck[];
  readonly metrics: readonly MetricCheck[];
  readonly alerts: AlertsConfig;
  readonly logs: LogsConfig;
  readonly events: EventsConfig;
  readonly messages: MessagesConfig;
  readonly records: RecordsConfig;
  readonly atBudgetEnd: AtBudgetEnd;
  /** `mode: undo`: the run to take back; absent: the last one. */
  readonly undoRun?: string;
}
