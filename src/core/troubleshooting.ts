import type { Contacts } from './config.ts';
import type { ErrorCode, Failure } from './errors.ts';
import { type Cause, type Finding, findingSubject } from './finding.ts';
import { refText } from './kubernetes.ts';
import type { Report } from './report.ts';

/** The lines of the checklist's troubleshooting, in its order; what belongs to none of them is `other`. */
export const PROBLEMS = ['pods', 'database', 'secrets', 'service-discovery', 'other'] as const;
export type Problem = (typeof PROBLEMS)[number];
export type Contact = keyof Contacts;

/** Whom to call for it. */
export const CONTACT_OF_PROBLEM: Readonly<Record<Problem, Contact>> = {
  pods: 'devops',
  database: 'database',
  secrets: 'security',
  'service-discovery': 'devops',
  other: 'devops',
};

/** Every cause that diagnosis names belongs to one line; a new cause does not compile without. */
export const PROBLEM_OF_CAUSE: Readonly<Record<Cause, Problem>> = {
  'invalid-image-name': 'pods',
  'missing-key': 'pods',
  'command-not-found': 'pods',
  'out-of-memory': 'pods',
  'init-crash': 'pods',
  'crash-loop': 'pods',
  'liveness-kill': 'pods',
  'missing-secret': 'secrets',
  'missing-config-map': 'pods',
  'image-not-found': 'pods',
  'image-pull-denied': 'pods',
  'registry-unreachable': 'pods',
  'image-pull-failed': 'pods',
  'runs-as-root': 'pods',
  'quota-exceeded': 'pods',
  'admission-denied': 'pods',
  unschedulable: 'pods',
  'volume-not-mounted': 'pods',
  'stateful-set-stuck': 'pods',
  'stuck-terminating': 'pods',
  evicted: 'pods',
  'never-ready': 'pods',
  'service-missing': 'service-discovery',
  'service-selector-mismatch': 'service-discovery',
  'service-port-mismatch': 'service-discovery',
  'service-without-endpoints': 'service-discovery',
  'name-not-resolved': 'service-discovery',
};

/** Whom to call for a cause, unless the finding itself says otherwise (a Secret's key, a migration). */
export const CONTACT_OF_CAUSE = Object.fromEntries(
  Object.entries(PROBLEM_OF_CAUSE).map(([cause, problem]) => [cause, CONTACT_OF_PROBLEM[problem]]),
) as Readonly<Record<Cause, Contact>>;

/** Every error code belongs to one line; a new code does not compile without. */
export const PROBLEM_OF_CODE: Readonly<Record<ErrorCode, Problem>> = {
  INPUT_INVALID: 'other',
  CONFIG_NOT_FOUND: 'other',
  EVENT_UNTRUSTED: 'other',
  ENVIRONMENT_UNSAFE: 'other',
  KUBECONFIG_INVALID: 'other',
  KUBECONFIG_UNSAFE: 'other',
  CONTEXT_NOT_FOUND: 'other',
  CLUSTER_UNREACHABLE: 'other',
  CLUSTER_CERTIFICATE: 'other',
  CLUSTER_UNAUTHORIZED: 'other',
  CLUSTER_FORBIDDEN: 'other',
  CLUSTER_MISMATCH: 'other',
  CLUSTER_ERROR: 'other',
  NAMESPACE_NOT_FOUND: 'other',
  WORKLOAD_NOT_FOUND: 'other',
  WORKLOADS_UNSPECIFIED: 'other',
  TARGET_UNPROVEN: 'other',
  TARGET_NOT_FOUND: 'other',
  REFERENCE_MISSING: 'pods',
  ADMISSION_DENIED: 'pods',
  DRY_RUN_UNSUPPORTED: 'other',
  QUOTA_INSUFFICIENT: 'pods',
  GITOPS_OWNED: 'other',
  LOCK_HELD: 'other',
  LOCK_LOST: 'other',
  PLAN_STALE: 'other',
  OBJECT_REPLACED: 'other',
  ROLLOUT_FAILED: 'pods',
  ROLLOUT_TIMEOUT: 'pods',
  PODS_UNSTABLE: 'pods',
  LOG_ERRORS_ROSE: 'pods',
  WARNING_EVENTS: 'pods',
  HEALTH_FAILED: 'other',
  REVISION_MISMATCH: 'other',
  BACKUP_NOT_FOUND: 'database',
  BACKUP_AMBIGUOUS: 'database',
  BACKUP_TOO_OLD: 'database',
  BACKUP_TOO_NEW: 'database',
  BACKUP_UNREADABLE: 'database',
  BACKUP_UNSAFE: 'database',
  BACKUP_CHANGED: 'database',
  DUMP_EMPTY: 'database',
  DUMP_TRUNCATED: 'database',
  DUMP_CORRUPT: 'database',
  DUMP_FOREIGN: 'database',
  DUMP_UNSAFE: 'database',
  DUMP_TOOL: 'database',
  STEP_BLOCKED: 'other',
  CANCELLED: 'other',
  DATABASE_UNREACHABLE: 'database',
  DATABASE_CERTIFICATE: 'database',
  DATABASE_UNAUTHORIZED: 'database',
  DATABASE_NOT_FOUND: 'database',
  DATABASE_PERMISSION: 'database',
  DATABASE_BUSY: 'database',
  DATABASE_EXISTS: 'database',
  DATABASE_FULL: 'database',
  DATABASE_ERROR: 'database',
  LOAD_FAILED: 'database',
  SWAP_FAILED: 'database',
  SWAP_UNKNOWN: 'database',
  PRICE_TOO_HIGH: 'database',
  RESTORE_INVALID: 'database',
  MIGRATION_UNKNOWN: 'database',
  MIGRATION_FAILED: 'database',
  SECRET_INVALID: 'secrets',
  MANIFEST_INVALID: 'other',
  FIELD_OWNED: 'other',
  FLAGS_INVALID: 'other',
  LEFTOVER_IN_USE: 'other',
  LEFTOVER_STAYS: 'other',
  COMMAND_FAILED: 'other',
  MESSAGE_FAILED: 'other',
  ALERTS_UNAVAILABLE: 'other',
  ALERTS_FIRING: 'other',
  SILENCE_LEFT: 'other',
  SILENCE_FOREIGN: 'other',
  METRICS_UNAVAILABLE: 'other',
  METRICS_WRONG: 'other',
  METRICS_QUERY: 'other',
  GITHUB_PERMISSION: 'other',
  GITHUB_FAILED: 'other',
  UNDO_IMPOSSIBLE: 'other',
  DEADLINE_PASSED: 'other',
  CHECK_REQUIRED: 'other',
  INTERNAL: 'other',
};

/** One thing that went wrong, with its proof and whom to call. */
export interface TroubleshootingEntry {
  readonly problem: Problem;
  readonly cause: Cause | ErrorCode;
  /** Workload, Service, host, step or object; empty for the run as a whole. */
  readonly subject: string;
  /** Lines as they came: hostile, the renderer neutralises. */
  readonly evidence: readonly string[];
  /** What to do next, as in a failure's hint: words, and the command to type. */
  readonly command: string;
  readonly contact: Contact;
  /** True for a cause of the release that was left: it serves no more, and is to be mended before it comes again. */
  readonly left?: true;
}

/** Codes that only say that something did not come true. Beside a finding that says why they say nothing. */
const SYMPTOMS: readonly ErrorCode[] = ['ROLLOUT_FAILED', 'ROLLOUT_TIMEOUT', 'PODS_UNSTABLE', 'HEALTH_FAILED'];
/** Codes that are no trouble of their own. */
const CONSEQUENCES: readonly ErrorCode[] = ['STEP_BLOCKED', 'CANCELLED'];

type Seen = Pick<Report, 'findings' | 'failures' | 'preflight' | 'steps' | 'workloads'>;

/**
 * The troubleshooting of a whole run: named causes of the target first, then what refused or failed, then the causes of the release that was
 * left. Each once. Pure: the same report always yields the same entries.
 */
export function troubleshootingOf({ findings, failures, preflight, steps, workloads }: Seen): TroubleshootingEntry[] {
  const refused = preflight.flatMap((item) =>
    item.severity === 'refuse' && item.failure ? [fromFailure(item.failure, item.subject, item.problem)] : [],
  );
  const known = new Set(refused.map(({ evidence }) => evidence[0]));
  const failed = steps.flatMap(({ step, required, outcome }) =>
    outcome.status === 'failed' || (required && outcome.status === 'unknown')
      ? [fromFailure(outcome.failure, step)]
      : [],
  );
  const codes = [
    ...refused,
    // A refusal stands in both lists; the one from preflight knows its object.
    ...failures.filter(({ message }) => !known.has(message)).map((failure) => fromFailure(failure, '')),
    ...failed,
  ].filter(({ cause }) => !CONSEQUENCES.includes(cause as ErrorCode));
  const after = findings.after.map((finding) => fromFinding(finding));
  const before = findings.before.map((finding) => fromFinding(finding, isLeft(finding, workloads)));
  return once([...after, ...codes.filter((entry) => !isExplained(entry, findings.after)), ...before]);
}

/** The report with its troubleshooting: once everything else is in it. */
export function withTroubleshooting(report: Report): Report {
  const { troubleshooting: _older, ...rest } = report;
  const entries = troubleshootingOf(report);
  return entries.length > 0 ? { ...rest, troubleshooting: entries } : rest;
}

function fromFinding(finding: Finding, left = false): TroubleshootingEntry {
  const { cause, evidence, command, contact } = finding;
  const problem = contact === 'security' ? 'secrets' : contact === 'database' ? 'database' : PROBLEM_OF_CAUSE[cause];
  return { problem, cause, subject: findingSubject(finding), evidence, command, contact, ...(left ? { left } : {}) };
}

function fromFailure(failure: Failure, subject: string, known?: Problem): TroubleshootingEntry {
  const problem = known ?? PROBLEM_OF_CODE[failure.code];
  return {
    problem,
    cause: failure.code,
    subject,
    evidence: [failure.message, ...failure.causes],
    command: failure.hint,
    contact: CONTACT_OF_PROBLEM[problem],
  };
}

/** Whether what the cause was named for runs no more. */
function isLeft({ workload }: Finding, workloads: Report['workloads']): boolean {
  const about = workload ? workloads.filter(({ ref }) => refText(ref) === refText(workload)) : workloads;
  return about.some(({ now, before }) => now !== undefined && now.hash !== before.hash);
}

function isExplained(entry: TroubleshootingEntry, findings: readonly Finding[]): boolean {
  if (!SYMPTOMS.includes(entry.cause as ErrorCode)) return false;
  return findings.some(
    ({ command, evidence }) => command === entry.command || evidence.some((line) => entry.evidence.includes(line)),
  );
}

function once(entries: readonly TroubleshootingEntry[]): TroubleshootingEntry[] {
  const key = ({ cause, subject, evidence }: TroubleshootingEntry) => JSON.stringify([cause, subject, evidence[0]]);
  const keys = entries.map(key);
  return entries.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}
