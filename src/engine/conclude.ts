import type { Failure } from '../core/errors.ts';
import { refText } from '../core/kubernetes.ts';
import type { OutcomeStatus } from '../core/outcome.ts';
import type { Report, RunOutcome, ValidationItem, WorkloadReport } from '../core/report.ts';
import { rolloutStatus } from '../core/rollout.ts';
import type { Member } from '../core/situation.ts';
import type { CheckItem, Plan, StepReport } from '../core/step.ts';
import { releaseReport } from '../core/target.ts';
import { TIER_BUDGET_MS } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import { withTroubleshooting } from '../core/troubleshooting.ts';
import { undoMembersOf, withoutTemplates } from '../core/undo.ts';
import { VALIDATION_RULES, validationOf } from '../core/validation.ts';
import { imagesOf, revisionsOf, templateHash } from '../core/workload.ts';
import type { ClusterIdentity } from '../ports/cluster.ts';
import type { RunState } from './state.ts';

/** Everything that the run found out, on the way to being a report. */
export interface Findings {
  readonly identity?: ClusterIdentity;
  readonly plan?: Plan;
  readonly preflight: readonly CheckItem[];
  readonly steps: readonly StepReport[];
  readonly failures: readonly Failure[];
  /** Set where the outcome does not follow from the steps: refused, planned, cancelled. */
  readonly outcome?: RunOutcome;
  readonly discovery?: Report['discovery'];
}

/** The steps that change what runs, and not only what it is asked about. */
export const ROLLS_BACK: readonly string[] = ['undo-workloads', 'restore-database'];

/** Makes the report: what is true now, derived from the world and from the outcomes, never from what was tried. */
export function conclude(state: RunState, found: Findings): Report {
  return withTroubleshooting(concluded(state, found));
}

function concluded(state: RunState, found: Findings): Report {
  const { config, run, clock } = state.parts;
  const finishedAt = clock.now();
  const workloads = workloadReports(state, found.plan);
  const validation = validationOf(
    found.steps,
    config.tier,
    found.steps.length > 0 ? undefined : config.mode === 'plan' ? 'skipped.dry-run' : 'skipped.blocked',
  );
  const missing = missingItems(untold(validation), config.requiredChecks);
  const outcome = found.outcome ?? outcomeOf(found.steps, workloads, missing.length > 0);
  const failures = found.outcome ? found.failures : [...found.failures, ...missing];
  const probes = state.probe.report();
  const durationMs = finishedAt - state.startedAt;
  if (durationMs > TIER_BUDGET_MS[config.tier] && config.mode !== 'plan') {
    state.note({ key: 'note.budget-passed', values: { tier: config.tier, budget: TIER_BUDGET_MS[config.tier] } });
  }
  return {
    apiVersion: 'tiered-rollback/v1',
    run,
    mode: config.mode,
    tier: config.tier,
    language: config.language,
    cluster: found.identity ?? { server: '', context: '' },
    namespace: config.namespace,
    outcome,
    startedAt: new Date(state.startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    durationMs,
    budgetMs: TIER_BUDGET_MS[config.tier],
    healthy: healthOf(found.steps),
    rolledBack: found.steps.some(
      (step) => ROLLS_BACK.includes(step.step) && step.changed && step.outcome.status === 'passed',
    ),
    workloads,
    candidates: state.situation?.candidates ?? [],
    ...(found.plan ? { plan: withoutTemplates(found.plan) } : {}),
    preflight: found.preflight,
    steps: found.steps,
    validation,
    findings: state.findings,
    kept: state.kept,
    probes,
    ...(probes.length > 0
      ? { downtimeSeconds: Math.round(Math.max(...probes.map((probe) => probe.downtimeMs)) / 100) / 10 }
      : {}),
    notes: state.notes,
    failures,
    next: nextCommands(state, { ...found, failures }),
    contacts: config.contacts,
    ...(state.database ? { database: state.database } : {}),
    ...(found.discovery ? { discovery: found.discovery } : {}),
  };
}

/** The verdict with what became of telling it. Only a step or item that `required-checks` names can still turn it red. */
export function withSteps(state: RunState, verdict: Report, told: readonly StepReport[]): Report {
  const { config } = state.parts;
  const steps = [...verdict.steps, ...told];
  const validation = validationOf(steps, config.tier, verdict.steps.length > 0 ? undefined : 'skipped.blocked');
  const isGreen = verdict.outcome === 'succeeded' || verdict.outcome === 'no-op';
  const missing = isGreen ? missingItems(validation, config.requiredChecks) : [];
  const isRed = missing.length > 0 || told.some((step) => step.required && isBad(step));
  const failures = [...verdict.failures, ...missing];
  return withTroubleshooting({
    ...verdict,
    outcome: isGreen && isRed ? 'failed' : verdict.outcome,
    steps,
    validation,
    failures,
    notes: state.notes,
    next: isGreen && isRed ? nextCommands(state, { preflight: verdict.preflight, steps, failures }) : verdict.next,
    ...(Object.keys(state.records).length > 0 ? { records: state.records } : {}),
  });
}

const untold = (validation: readonly ValidationItem[]) =>
  validation.filter(({ id }) => !VALIDATION_RULES.some((rule) => rule.id === id && rule.told));

const isBad = ({ outcome }: StepReport) => outcome.status !== 'passed';

const STATUS: Readonly<Record<OutcomeStatus, () => string>> = {
  passed: () => tr`passed`,
  failed: () => tr`failed`,
  unknown: () => tr`unknown`,
  skipped: () => tr`skipped`,
};

/** Items of the validation checklist that `required-checks` names and that no step proved; what failed speaks for itself. */
function missingItems(validation: readonly ValidationItem[], requiredChecks: readonly string[]): Failure[] {
  return validation
    .filter(({ id, outcome }) => requiredChecks.includes(id) && outcome.status !== 'passed')
    .map(({ id, outcome }) => ({
      code: 'CHECK_REQUIRED',
      message: tr`required-checks asks for ${id}, which is ${STATUS[outcome.status]()}, expected: passed`,
      hint: tr`Configure it, or take ${id} out of required-checks`,
      causes: [],
    }));
}

function outcomeOf(
  steps: readonly StepReport[],
  workloads: readonly WorkloadReport[],
  isItemMissing: boolean,
): RunOutcome {
  const isRed = isItemMissing || steps.some((step) => step.required && step.outcome.status !== 'passed');
  const hasChanged = steps.some((step) => step.changed);
  if (!isRed) return hasChanged ? 'succeeded' : 'no-op';
  const moved = workloads.filter((workload) => workload.target && workload.target.hash !== workload.before.hash);
  const arrived = moved.filter(
    ({ now, target }) => now !== undefined && now.hash === target?.hash && now.ready >= now.desired,
  );
  return arrived.length > 0 && arrived.length < moved.length ? 'partial' : 'failed';
}

function healthOf(steps: readonly StepReport[]): boolean | 'unknown' {
  const statuses = ['check-pods', 'check-health'].map((id) => steps.find((step) => step.step === id)?.outcome.status);
  if (statuses.includes('failed')) return false;
  return statuses[0] === 'passed' && statuses[1] !== 'unknown' ? true : 'unknown';
}

function workloadReports(state: RunState, plan: Plan | undefined): WorkloadReport[] {
  const { situation, view } = state;
  if (!situation) return [];
  const going = new Map((plan ? undoMembersOf(plan) : []).map((member) => [refText(member.ref), member]));
  return situation.members.map((member) => {
    const before = releaseOf(member);
    const goes = going.get(refText(member.ref));
    const target = goes
      ? {
          hash: goes.to,
          images: goes.toImages,
          ...(goes.toRevision === undefined ? {} : { revision: goes.toRevision }),
        }
      : before;
    const workload = view?.get(member.ref.kind, member.ref.name);
    if (!workload) return { ref: member.ref, before, target };
    const stored = workload.kind === 'Deployment' ? view?.all('ReplicaSet') : view?.all('ControllerRevision');
    const live = {
      ...member,
      workload,
      revisions: revisionsOf(workload, stored ?? []),
      hash: templateHash(workload.spec.template),
    };
    const status = rolloutStatus(workload);
    return {
      ref: member.ref,
      before,
      target,
      now: { ...releaseOf(live), ready: status.ready, desired: status.desired },
    };
  });
}

function releaseOf(member: Member) {
  const revision = member.revisions.find((one) => one.hash === member.hash);
  return revision ? releaseReport(revision) : { hash: member.hash, images: imagesOf(member.workload.spec.template) };
}

/** Hints of what failed, most urgent first, without repeats. */
function nextCommands(state: RunState, found: Findings): string[] {
  const failures = [
    ...found.failures,
    ...found.preflight.flatMap((item) => (item.severity === 'refuse' && item.failure ? [item.failure] : [])),
    ...found.steps.flatMap(({ outcome, required }) =>
      required && (outcome.status === 'failed' || outcome.status === 'unknown') ? [outcome.failure] : [],
    ),
  ];
  const causes = state.findings.after.map((finding) => finding.command);
  return [...new Set([...failures.map((failure) => failure.hint), ...causes])]
    .filter((hint) => hint !== '')
    .slice(0, 10);
}
