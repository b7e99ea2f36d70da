import type { Failure } from '../core/errors.ts';
import type { Report, WorkloadReport } from '../core/report.ts';
import type { StepReport } from '../core/step.ts';
import type { HeadlineText } from './catalogue.ts';

/** What is true of one workload, in one word. */
export type WorkloadState =
  | 'at-target'
  | 'unchanged'
  | 'would-change'
  | 'stays'
  | 'not-ready'
  | 'not-at-target'
  | 'not-readable';

export function moves(workload: WorkloadReport): boolean {
  return workload.target !== undefined && workload.target.hash !== workload.before.hash;
}

export function stateOf(report: Report, workload: WorkloadReport): WorkloadState {
  if (isPlan(report)) return moves(workload) ? 'would-change' : 'stays';
  const { now, target, before } = workload;
  if (!now) return 'not-readable';
  if (now.hash !== (target ?? before).hash) return 'not-at-target';
  if (now.ready < now.desired) return 'not-ready';
  return moves(workload) ? 'at-target' : 'unchanged';
}

/** States that somebody has to look at. */
export function needsAttention(state: WorkloadState): boolean {
  return state === 'not-ready' || state === 'not-at-target' || state === 'not-readable';
}

/** True when the report speaks about what would be, not about what was done. */
export function isPlan(report: Report): boolean {
  return report.mode === 'plan';
}

/** True when the cluster was changed, or may have been. */
export function wasTouched(report: Report): boolean {
  return (
    report.rolledBack ||
    report.steps.some((step) => step.changed) ||
    report.workloads.some((workload) => workload.now !== undefined && workload.now.hash !== workload.before.hash)
  );
}

/** Steps that a plan may have something to do for although no workload goes anywhere. */
const DATA_STEPS = ['restore-database', 'rollback-migrations', 'restore-secrets'];

function wouldChangeData(report: Report): boolean {
  return (report.plan?.steps ?? []).some(({ step, planned }) => planned.kind === 'change' && DATA_STEPS.includes(step));
}

export interface Headline {
  readonly key: keyof HeadlineText;
  readonly icon: '✅' | '❌' | '❔' | '📋';
}

/** The heading that fits what is known. What is not proven is never called good. */
export function headlineOf(report: Report): Headline {
  if (report.discovery) return { key: 'discovered', icon: '📋' };
  if (isPlan(report)) {
    if (report.outcome !== 'planned' || refusals(report).length > 0) return { key: 'plannedRefused', icon: '❌' };
    const hasWork = report.workloads.some(moves) || wouldChangeData(report);
    return { key: hasWork ? 'planned' : 'plannedNothing', icon: '📋' };
  }
  if (report.mode === 'undo') {
    const undone = undoHeadline(report);
    if (undone) return undone;
  }
  switch (report.outcome) {
    case 'succeeded':
      if (report.healthy === false) return { key: 'succeededUnhealthy', icon: '❌' };
      return report.healthy === true ? { key: 'succeeded', icon: '✅' } : { key: 'succeededUnproven', icon: '❔' };
    case 'no-op':
      if (report.healthy === false) return { key: 'noOpUnhealthy', icon: '❌' };
      return report.healthy === true ? { key: 'noOp', icon: '✅' } : { key: 'noOpUnproven', icon: '❔' };
    case 'cancelled':
      return { key: wasTouched(report) ? 'cancelled' : 'cancelledUntouched', icon: '❌' };
    case 'partial':
      return { key: 'partial', icon: '❌' };
    case 'refused':
      return { key: 'refused', icon: '❌' };
    case 'planned':
      return { key: 'planned', icon: '📋' };
    case 'failed':
      return { key: 'failed', icon: '❌' };
  }
}

/** The same for a run that takes a rollback back; cancelled and refused are said as for every run. */
function undoHeadline({ outcome, healthy }: Report): Headline | undefined {
  switch (outcome) {
    case 'succeeded':
    case 'no-op':
      if (healthy === false) return { key: 'undoneUnhealthy', icon: '❌' };
      if (healthy === 'unknown') return { key: 'undoneUnproven', icon: '❔' };
      return { key: outcome === 'no-op' ? 'undoneAlready' : 'undone', icon: '✅' };
    case 'partial':
      return { key: 'undoPartial', icon: '❌' };
    case 'failed':
      return { key: 'undoFailed', icon: '❌' };
    default:
      return undefined;
  }
}

/** One thing that went wrong or could not be known. */
export interface Trouble {
  readonly failure: Failure;
  readonly status: 'failed' | 'unknown';
  readonly required: boolean;
  /** Step or preflight check that it came from; absent for the run as a whole. */
  readonly step?: string;
  readonly check?: string;
}

/** Why the run would not start. */
export function refusals(report: Report): Trouble[] {
  return report.preflight.flatMap((item) =>
    item.severity === 'refuse' && item.failure
      ? [
          {
            failure: item.failure,
            status: 'failed' as const,
            required: true,
            // A step that cannot be planned is known by its own name.
            ...(item.check === 'plan' ? { step: item.subject } : { check: item.check }),
          },
        ]
      : [],
  );
}

/** Everything that somebody has to act on, most urgent first, each message once. */
export function troubles(report: Report): Trouble[] {
  const refused = refusals(report);
  const whole = report.failures.map(
    (failure) =>
      // A refusal stands in both lists; the one from preflight knows its check.
      refused.find((trouble) => trouble.failure.message === failure.message) ?? {
        failure,
        status: 'failed' as const,
        required: true,
      },
  );
  const steps = (isMet: (step: StepReport) => boolean): Trouble[] =>
    report.steps.flatMap(({ step, required, outcome }) =>
      (outcome.status === 'failed' || outcome.status === 'unknown') && isMet({ step, required, outcome } as StepReport)
        ? [{ failure: outcome.failure, status: outcome.status, required, step }]
        : [],
    );
  const all = [
    ...whole,
    ...refused,
    ...steps((one) => one.required && one.outcome.status === 'failed'),
    ...steps((one) => one.required && one.outcome.status === 'unknown'),
    ...steps((one) => !one.required && one.outcome.status === 'failed'),
    ...steps((one) => !one.required && one.outcome.status === 'unknown'),
  ];
  return all.filter(
    (trouble, index) => all.findIndex((other) => other.failure.message === trouble.failure.message) === index,
  );
}

/** True when nobody has to do anything. */
export function isGood(report: Report): boolean {
  const { icon } = headlineOf(report);
  return (icon === '✅' || icon === '📋') && troubles(report).length === 0;
}
