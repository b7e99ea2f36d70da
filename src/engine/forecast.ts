import { formatDuration } from '../core/duration.ts';
import { earlierRunsMs, type Forecast, type ForecastPart, forecastOf, startMs, wavesOf } from '../core/forecast.ts';
import type { WorkloadObject } from '../core/kubernetes.ts';
import { podsByController, podsOfMember } from '../core/pods.ts';
import { said } from '../core/said.ts';
import type { Member } from '../core/situation.ts';
import type { Plan } from '../core/step.ts';
import { TIER_BUDGET_MS } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import { undoMembersOf } from '../core/undo.ts';
import { STEPS } from '../steps/index.ts';
import type { RunState } from './state.ts';

/** Says before anything is touched how long the run will take, as far as anything tells, and whether that fits into the tier's time. */
export function tellForecast(state: RunState, plan: Plan): void {
  const { config, log } = state.parts;
  const forecast = forecastFor(state, plan);
  if (!forecast) return;
  const budgetMs = TIER_BUDGET_MS[config.tier];
  const parts = forecast.parts.map(({ of, ms }) => `${PART[of]()} ${formatDuration(ms)}`).join(', ');
  log.info(tr`forecast: ${formatDuration(forecast.totalMs)} of ${formatDuration(budgetMs)} (${parts})`);
  const key = forecast.totalMs > budgetMs ? 'note.forecast-over' : 'note.forecast';
  state.note(said(key, { forecast: forecast.totalMs, budget: budgetMs, tier: config.tier, ...valuesOf(forecast) }));
}

const PART: Readonly<Record<ForecastPart, () => string>> = {
  restore: () => tr`restore`,
  workloads: () => tr`workloads`,
  'stable-for': () => 'stable-for',
  'earlier-runs': () => tr`earlier-runs`,
};

const VALUE: Readonly<Record<ForecastPart, string>> = {
  restore: 'restoring',
  workloads: 'rolling',
  'stable-for': 'stable',
  'earlier-runs': 'earlier',
};

function valuesOf({ parts }: Forecast): Record<string, number> {
  return Object.fromEntries(parts.map(({ of, ms }) => [VALUE[of], ms]));
}

function forecastFor(state: RunState, plan: Plan): Forecast | undefined {
  const { situation, database } = state;
  const { tier, stableForMs } = state.parts.config;
  const aside = STEPS.filter(({ meta }) => meta.aside).map(({ meta }) => meta.id);
  const changes = plan.steps.some(({ step, planned }) => planned.kind === 'change' && !aside.includes(step));
  if (!situation || !changes) return undefined;
  const going = undoMembersOf(plan).map(({ ref }) => `${ref.kind}/${ref.name}`);
  const byController = podsByController(situation.pods);
  const took = situation.members
    .filter(({ ref }) => going.includes(`${ref.kind}/${ref.name}`))
    .flatMap((member) => rolloutMs(member, startMs(podsOfMember(member, byController))) ?? []);
  const restores = plan.steps.some(({ step, planned }) => step === 'restore-database' && planned.kind === 'change');
  const restoreMs = restores ? database?.price?.estimatedMs : undefined;
  const earlierMs = earlierRunsMs(situation.ledger.ledger, tier);
  return forecastOf({
    ...(restoreMs === undefined ? {} : { restoreMs }),
    ...(took.length === 0 ? {} : { workloadsMs: Math.max(...took) }),
    stableMs: stableForMs,
    ...(earlierMs === undefined ? {} : { earlierMs }),
  });
}

/** Pods start as they started last; a rollout goes by waves. */
function rolloutMs({ workload }: Member, start: number | undefined): number | undefined {
  if (start === undefined) return undefined;
  return start * waves(workload);
}

function waves({ kind, spec, status }: WorkloadObject): number {
  if (kind === 'Deployment') {
    const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
    return spec.strategy?.type === 'Recreate' ? 1 : wavesOf(spec.replicas ?? 1, maxSurge, maxUnavailable);
  }
  const { maxSurge = 0, maxUnavailable = 1 } = spec.updateStrategy?.rollingUpdate ?? {};
  const pods = kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 1) : (spec.replicas ?? 1);
  return wavesOf(pods, maxSurge, maxUnavailable);
}
