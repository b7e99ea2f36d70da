import type { Outcome } from './outcome.ts';
import type { ValidationItem, ValidationItemId } from './report.ts';
import { type SaidKey, said } from './said.ts';
import type { StepReport } from './step.ts';
import type { Tier } from './tier.ts';

interface Rule {
  readonly id: ValidationItemId;
  /** The steps whose outcomes make the item, most telling first. */
  readonly steps: readonly string[];
  /** Its steps tell of the verdict: at that moment nothing is known of it yet. */
  readonly told?: boolean;
  /** The tiers whose runs have it; all where absent. */
  readonly tiers?: readonly [Tier, ...Tier[]];
}

/** The validation checklist: how each of its eight items follows from the steps. */
export const VALIDATION_RULES: readonly Rule[] = [
  { id: 'services-restarted', steps: ['undo-workloads', 'check-pods', 'unblock-pods', 'restart-workloads'] },
  {
    id: 'database-restored',
    steps: ['restore-database', 'rollback-migrations'],
    tiers: ['complete', 'secure'],
  },
  { id: 'health-checks-pass', steps: ['check-health', 'run-commands'] },
  { id: 'monitoring-works', steps: ['check-metrics', 'check-events'] },
  { id: 'alerts-off', steps: ['check-alerts'] },
  { id: 'team-notified', steps: ['notify-team'], told: true },
  { id: 'documentation-updated', steps: ['record-rollback'], told: true },
  { id: 'post-mortem-planned', steps: ['plan-post-mortem'], told: true },
];

/** Reasons for which a step that belongs to the run was not done: its item may not be green because of the others. */
const UNDONE: readonly SaidKey[] = ['skipped.blocked', 'skipped.cancelled', 'skipped.dry-run'];

/**
 * The eight items, in their order. One failed step makes its item failed, one unknown step makes it unknown; one that should have run and
 * did not takes the green away; what is left is passed with the evidence of all. `withoutSteps` is the reason of
 * items without a step, where no step was even begun (refused, planned).
 */
export function validationOf(steps: readonly StepReport[], tier: Tier, withoutSteps?: SaidKey): ValidationItem[] {
  return VALIDATION_RULES.map((rule) => {
    const involved = rule.steps.flatMap((id) => steps.find((step) => step.step === id) ?? []);
    const durationMs = spanOf(involved);
    return {
      id: rule.id,
      outcome: outcomeOf(rule, involved, tier, withoutSteps),
      ...(durationMs === undefined ? {} : { durationMs }),
    };
  });
}

function outcomeOf(rule: Rule, involved: readonly StepReport[], tier: Tier, without: SaidKey | undefined): Outcome {
  const outcomes = involved.map((step) => step.outcome);
  for (const status of ['failed', 'unknown'] as const) {
    const found = outcomes.find((outcome) => outcome.status === status);
    if (found) return found;
  }
  const skipped = outcomes.flatMap((outcome) => (outcome.status === 'skipped' ? [outcome] : []));
  const undone = skipped.find((outcome) => UNDONE.includes(outcome.reason.key));
  if (undone) return undone;
  const [first, ...rest] = outcomes.flatMap((outcome) => (outcome.status === 'passed' ? outcome.evidence : []));
  if (first) return { status: 'passed', evidence: [first, ...rest] };
  const telling = skipped.find((outcome) => outcome.reason.key !== 'skipped.not-in-tier') ?? skipped[0];
  if (telling) return telling;
  if (rule.tiers && !rule.tiers.includes(tier)) {
    return { status: 'skipped', reason: said('skipped.not-in-tier', { tier: rule.tiers[0] }) };
  }
  return {
    status: 'skipped',
    reason: said(without ?? 'skipped.not-requested'),
  };
}

/** Milliseconds from the first beginning to the last end; steps may overlap. */
function spanOf(steps: readonly StepReport[]): number | undefined {
  const spans = steps.flatMap(({ startedAt, durationMs }) => {
    const from = startedAt === undefined ? Number.NaN : Date.parse(startedAt);
    return Number.isNaN(from) ? [] : [{ from, to: from + durationMs }];
  });
  if (spans.length === 0) return undefined;
  return Math.max(...spans.map((span) => span.to)) - Math.min(...spans.map((span) => span.from));
}
