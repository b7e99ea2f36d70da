import type { PodObject } from './kubernetes.ts';
import type { Ledger } from './ledger.ts';
import { isReady } from './rollout.ts';
import type { Tier } from './tier.ts';

export const FORECAST_PARTS = ['restore', 'workloads', 'stable-for', 'earlier-runs'] as const;
export type ForecastPart = (typeof FORECAST_PARTS)[number];

/** How long the run will take, as far as anything tells: an estimate, never a promise. */
export interface Forecast {
  /** ms. */
  readonly totalMs: number;
  /** What it is made of, ms; where earlier runs took longer than their sum, those decide. */
  readonly parts: readonly { readonly of: ForecastPart; readonly ms: number }[];
}

/** A pod that took longer to become ready waited for something else. */
const LONGEST_START_MS = 10 * 60_000;
const EARLIER_RUNS = 5;

/** What the parts of a run and its forerunners say; undefined where nothing tells anything. */
export function forecastOf(known: {
  readonly restoreMs?: number;
  readonly workloadsMs?: number;
  readonly stableMs: number;
  readonly earlierMs?: number;
}): Forecast | undefined {
  const { restoreMs, workloadsMs, stableMs, earlierMs } = known;
  const parts: { of: ForecastPart; ms: number }[] = [
    ...(restoreMs === undefined ? [] : [{ of: 'restore' as const, ms: restoreMs }]),
    ...(workloadsMs === undefined ? [] : [{ of: 'workloads' as const, ms: workloadsMs }]),
  ];
  if (parts.length === 0 && earlierMs === undefined) return undefined;
  if (stableMs > 0 && parts.length > 0) parts.push({ of: 'stable-for', ms: stableMs });
  const sum = parts.reduce((total, { ms }) => total + ms, 0);
  const earlier = earlierMs ?? 0;
  return earlier > sum ? { totalMs: earlier, parts: [{ of: 'earlier-runs', ms: earlier }] } : { totalMs: sum, parts };
}

/** Median of what the last verified rollbacks of this tier took, from their intent to their proof, ms. */
export function earlierRunsMs({ rollbacks }: Pick<Ledger, 'rollbacks'>, tier: Tier): number | undefined {
  const took = rollbacks
    .filter((record) => record.tier === tier && record.undoes === undefined)
    .flatMap(({ at, verifiedAt }) => (verifiedAt === undefined ? [] : [Date.parse(verifiedAt) - Date.parse(at)]))
    .filter((ms) => ms >= 0)
    .slice(0, EARLIER_RUNS)
    .toSorted((a, b) => a - b);
  return took[Math.floor(took.length / 2)];
}

/** The longest that one of these pods took from its creation to being ready, ms; undefined where none is ready. */
export function startMs(pods: readonly PodObject[]): number | undefined {
  const took = pods.filter(isReady).flatMap((pod) => {
    const at = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    const ms = Date.parse(at ?? '') - Date.parse(pod.metadata.creationTimestamp ?? '');
    // A pod that fell out and came back says nothing about a start.
    return Number.isNaN(ms) || ms < 0 || ms > LONGEST_START_MS ? [] : [ms];
  });
  return took.length === 0 ? undefined : Math.max(...took);
}

/** In how many waves a rollout replaces `replicas` pods, with maxSurge and maxUnavailable as numbers or percentages (Deployment's defaults: 25%). */
export function wavesOf(
  replicas: number,
  surge: string | number = '25%',
  unavailable: string | number = '25%',
): number {
  const at = (value: string | number, round: (n: number) => number) =>
    typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * replicas);
  const atOnce = Math.max(1, at(surge, Math.ceil) + at(unavailable, Math.floor));
  return Math.max(1, Math.ceil(replicas / atOnce));
}
