import { tr } from './tr.ts';

/**
 * Every way in which a run can be refused or stopped. `docs/errors.md` is generated from this table:
 * the text says what the code means; the message of a thrown error names the object, what was seen and what was expected.
 */
export const ERROR_CODES = {
  INPUT_INVALID: 'An input or a line of the config file cannot be used as it is.',
  CONFIG_NOT_FOUND: 'The config file that was named does not exist.',
  EVENT_UNTRUSTED: 'The workflow was started by an event that outsiders can cause.',
  ENVIRONMENT_UNSAFE: 'An environment variable would silently change how a library behaves.',
  KUBECONFIG_INVALID: 'The kubeconfig is not readable as a kubeconfig.',
  KUBECONFIG_UNSAFE: 'The kubeconfig asks for something that is refused unless it is allowed by name.',
  CONTEXT_NOT_FOUND: 'The context that was named is not in the kubeconfig.',
  CLUSTER_UNREACHABLE: 'No answer from the API server.',
  CLUSTER_CERTIFICATE: 'The certificate of the API server was not accepted.',
  CLUSTER_UNAUTHORIZED: 'The API server does not accept the credentials (wrong, or expired).',
  CLUSTER_FORBIDDEN: 'The credentials are valid but lack a permission.',
  CLUSTER_MISMATCH: 'This is not the cluster that was expected.',
  CLUSTER_ERROR: 'The API server answered with an error that a retry did not cure.',
  NAMESPACE_NOT_FOUND: 'The namespace does not exist in this cluster.',
  WORKLOAD_NOT_FOUND: 'A workload that was named does not exist.',
  WORKLOADS_UNSPECIFIED: 'Neither workloads nor a selector was given.',
  TARGET_UNPROVEN: 'What ran before the bad release cannot be proven.',
  TARGET_NOT_FOUND: 'The release to go back to does not exist.',
  REFERENCE_MISSING: 'The target release reads an object that does not exist.',
  ADMISSION_DENIED: 'The API server would refuse the change.',
  DRY_RUN_UNSUPPORTED: 'An admission webhook cannot take part in a dry run, so its answer is not known beforehand.',
  QUOTA_INSUFFICIENT: 'The quota has no room for the pods of the rollout.',
  GITOPS_OWNED: 'A GitOps controller would take the rollback back.',
  LOCK_HELD: 'Another rollback is under way.',
  LOCK_LOST: 'Another run has taken the lock over.',
  PLAN_STALE: 'The cluster changed between plan and apply.',
  OBJECT_REPLACED: 'An object was deleted and created again under the same name.',
  ROLLOUT_FAILED: 'The target release does not start.',
  ROLLOUT_TIMEOUT: 'The rollout was not complete at the deadline.',
  PODS_UNSTABLE: 'Pods did not stay ready.',
  LOG_ERRORS_ROSE: 'The pods log more errors than before the rollback, by more than the config allows.',
  WARNING_EVENTS: 'The cluster warns of the target release.',
  HEALTH_FAILED: 'A health check did not answer as expected.',
  REVISION_MISMATCH: 'A workload does not run the release it should.',
  BACKUP_NOT_FOUND: 'There is no backup where one was expected, or none that predates the bad release.',
  BACKUP_AMBIGUOUS: 'Several backups could be meant, and nothing tells which.',
  BACKUP_TOO_OLD: 'The newest backup that could be restored is older than allowed.',
  BACKUP_TOO_NEW: 'The backup was made after the bad release.',
  BACKUP_UNREADABLE: 'The backup could not be read from where it lies.',
  BACKUP_UNSAFE: 'The path of the backup leads out of its folder.',
  BACKUP_CHANGED: 'The backup is not the one that was expected, or changed while it was read.',
  DUMP_EMPTY: 'The backup is empty, or has no tables.',
  DUMP_TRUNCATED: 'The backup ends too early.',
  DUMP_CORRUPT: 'The backup is damaged.',
  DUMP_FOREIGN: 'The file is not a dump of one database by pg_dump.',
  DUMP_UNSAFE: 'The backup has statements that reach beyond the database.',
  DUMP_TOOL: 'The program that reads archives is missing or has a known vulnerability.',
  STEP_BLOCKED: 'A step before this one failed.',
  CANCELLED: 'The run was cancelled.',
  DATABASE_UNREACHABLE: 'No answer from the database server.',
  DATABASE_CERTIFICATE: 'The certificate of the database server was not accepted.',
  DATABASE_UNAUTHORIZED: 'The database server does not accept the user or the password.',
  DATABASE_NOT_FOUND: 'The database does not exist on this server.',
  DATABASE_PERMISSION: 'The database user lacks a permission.',
  DATABASE_BUSY: 'Sessions stay on the database, and keep it from being renamed.',
  DATABASE_EXISTS: 'A database of the name that is needed is there already, and is not ours.',
  DATABASE_FULL: 'The database server has no space left.',
  DATABASE_ERROR: 'The database server answered with an error.',
  LOAD_FAILED: 'The backup could not be loaded. The live database was not touched.',
  SWAP_FAILED: 'The restored database could not take the place of the live one, which serves unchanged.',
  SWAP_UNKNOWN: 'The databases were being swapped when the server was lost: which one is live is not known.',
  PRICE_TOO_HIGH: 'A restore or an undo would give up more rows than allowed.',
  RESTORE_INVALID: 'The restored database did not pass its checks. The live one was not touched.',
  MIGRATION_UNKNOWN: 'Which migrations the target release needs is not known.',
  MIGRATION_FAILED: 'A migration command failed, or did not reach the head of the target release.',
  SECRET_INVALID: 'A Secret or a value for it cannot be used as it is.',
  MANIFEST_INVALID: 'A manifest of the backup cannot be read, or cannot be applied as it is.',
  FIELD_OWNED: 'A controller, or somebody unknown, sets a field that a manifest would change.',
  FLAGS_INVALID: 'The feature flags are not where they were expected, or not as they must be.',
  LEFTOVER_IN_USE: 'A temporary resource is still in use.',
  LEFTOVER_STAYS: 'A temporary resource was deleted and is still there.',
  COMMAND_FAILED: 'A command of the project failed or did not end in time.',
  MESSAGE_FAILED: 'A message could not be handed to its receiver.',
  ALERTS_UNAVAILABLE: 'Alertmanager gave no answer that can be used.',
  ALERTS_FIRING: 'Alerts of the application still fire after the rollback.',
  SILENCE_LEFT: 'A silence of this run could not be ended; it ends by itself at its time.',
  SILENCE_FOREIGN: 'The silence is not one of this run, and stays as it is.',
  METRICS_UNAVAILABLE: 'The metrics server gave no answer that can be used.',
  METRICS_WRONG: 'A measured value is outside of its bounds.',
  METRICS_QUERY: 'A metrics query was refused, or its result is not numbers at one time.',
  GITHUB_PERMISSION: 'The token lacks a permission to write a record on GitHub.',
  GITHUB_FAILED: 'GitHub did not take a record of the rollback.',
  UNDO_IMPOSSIBLE: 'The rollback cannot be taken back.',
  DEADLINE_PASSED: 'The deadline passed before a step that cannot be taken back by itself; it was not begun.',
  CHECK_REQUIRED: 'A check that `required-checks` names was not passed.',
  INTERNAL: 'A defect of this action.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure as plain JSON, for outcomes, journal and report. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do next; where a command helps, the command to type. */
  readonly hint: string;
  readonly causes: readonly string[];
}

/** The one error of this project. Adapters translate their library's errors into it, once. */
export class RollbackError extends Error {
  override readonly name = 'RollbackError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  toFailure(): Failure {
    return { code: this.code, message: this.message, hint: this.hint, causes: causesOf(this) };
  }
}

/** Several faults found in one pass (inputs, preflight), reported together. */
export class RollbackErrors extends AggregateError {
  override readonly name = 'RollbackErrors';
  override readonly errors: RollbackError[];

  constructor(errors: readonly [RollbackError, ...RollbackError[]]) {
    super([...errors], errors.map((error) => error.message).join('\n'));
    this.errors = [...errors];
  }
}

/** Turns whatever was thrown into failures; an unknown error becomes INTERNAL and keeps its message only. */
export function failuresOf(thrown: unknown): Failure[] {
  if (thrown instanceof RollbackErrors) return thrown.errors.map((error) => error.toFailure());
  if (thrown instanceof RollbackError) return [thrown.toFailure()];
  return [
    {
      code: 'INTERNAL',
      message: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
      hint: tr`Run again; running again is safe. If it stays, report it with the JSON report of this run.`,
      causes: causesOf(thrown),
    },
  ];
}

function causesOf(thrown: unknown): string[] {
  const causes: string[] = [];
  let cause = thrown instanceof Error ? thrown.cause : undefined;
  while (cause instanceof Error && causes.length < 5) {
    causes.push(cause.message);
    cause = cause.cause;
  }
  return causes;
}
