import type { ErrorCode } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { RestoreChange } from '../core/restore.ts';
import { isPlan } from './verdict.ts';

/** Which database has the live name, as a person asks it. `would`: a plan that restores one. */
export type LiveState = 'restored' | 'before' | 'taken-back' | 'another' | 'unknown' | 'would';

/** Undefined where the run has nothing to say about it. */
export function liveState(report: Report): LiveState | undefined {
  const { database, mode } = report;
  if (!database) return undefined;
  if (isPlan(report) && wouldRestore(report)) return 'would';
  const { changed = false, outcome } = restoreStep(report) ?? {};
  const isUnread = outcome !== undefined && 'failure' in outcome && outcome.evidence.length === 0;
  if (!database.live)
    return changed ? (isUnread && isBeforeSwap(outcome.failure.code) ? 'before' : 'unknown') : undefined;
  // An undo names the live database when it is planned; a swap that began since, and was not looked at after, leaves it open.
  if (mode === 'undo' && database.live.is === 'restored' && changed && isUnread) return 'unknown';
  return mode === 'undo' && database.live.is === 'before' ? 'taken-back' : database.live.is;
}

/** Failures of the work beside the live database: none of them can come once the names are exchanged. */
function isBeforeSwap(code: ErrorCode): boolean {
  return /^(?:BACKUP|DUMP)_|^(?:LOAD_FAILED|RESTORE_INVALID|PRICE_TOO_HIGH|DATABASE_EXISTS|DATABASE_FULL)$/.test(code);
}

/** Whether what has the live name is what this run was to bring. */
export function liveIcon(report: Report): '✅' | '❌' | '❔' | '' {
  const status = restoreStep(report)?.outcome.status;
  const wasTried = status === 'failed' || status === 'unknown';
  switch (liveState(report)) {
    case 'restored':
      return report.mode === 'undo' ? (wasTried ? '❌' : '') : '✅';
    case 'taken-back':
      return '✅';
    case 'before':
      return wasTried ? '❌' : '';
    case 'another':
    case 'unknown':
      return '❔';
    default:
      return '';
  }
}

/** True when this run (or the one that it goes on with) put another database under the live name. */
export function wasSwapped(report: Report): boolean {
  return liveState(report) === (report.mode === 'undo' ? 'taken-back' : 'restored');
}

/** True for a plan that restores a database. */
export function wouldRestore(report: Report): boolean {
  return plannedFor(report, 'restore-database') === 'change';
}

/** What the plan would do with the database, where it would do something. */
export function plannedRestore(report: Report): RestoreChange | undefined {
  const planned = report.plan?.steps.find((one) => one.step === 'restore-database')?.planned;
  return planned?.kind === 'change' ? (planned.change as RestoreChange) : undefined;
}

export function plannedFor(report: Report, step: string): 'change' | 'no-op' | 'check' | 'skipped' | undefined {
  return report.plan?.steps.find((one) => one.step === step)?.planned.kind;
}

/** Rows that this run gave up, or in a plan would give up; undefined where that is not known. A lower bound where `basis` says so. */
export function rowsGivenUpBy(report: Report): number | undefined {
  const { database, outcome } = report;
  if (!database) return undefined;
  if (isPlan(report) || wasSwapped(report)) return database.price?.rowsGivenUp;
  const state = liveState(report);
  const stayed = state === (report.mode === 'undo' ? 'restored' : 'before');
  return outcome === 'refused' || stayed ? 0 : undefined;
}

/** The inputs that take this rollback back, one a line; empty where there is nothing to take back. */
export function takeBackInputs(report: Report): string[] {
  if (report.mode !== 'rollback' || !wasSwapped(report) || !report.database?.kept) return [];
  // A run that had nothing to do is not in the ledger; without a name it is the last one there.
  const run = report.outcome === 'no-op' ? [] : [`run: ${JSON.stringify(report.run.id)}`];
  return ['mode: undo', `tier: ${report.tier}`, ...run];
}

function restoreStep(report: Report) {
  return report.steps.find((one) => one.step === 'restore-database');
}
