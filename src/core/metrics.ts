import type { MetricCheck } from './config.ts';
import type { Evidence } from './outcome.ts';
import { tr } from './tr.ts';

/** One value of a PromQL answer, as rules read it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** What the same query said before the bad release. */
export interface Baseline {
  /** ms since the epoch. */
  readonly at: number;
  readonly samples: readonly Sample[];
}

/** `unknown`: nothing was there to hold against the bounds; it is never a right answer. */
export interface Judgement {
  readonly verdict: 'right' | 'wrong' | 'unknown';
  /** Not empty. Samples that are wrong come first. */
  readonly evidence: readonly Evidence[];
}

/** A scrape a minute is the least that is common: by then each new pod was looked at. */
export const SCRAPE_MS = 60_000;

const VERDICTS: Readonly<Record<Judgement['verdict'], () => string>> = {
  right: () => tr`right`,
  wrong: () => tr`wrong`,
  unknown: () => tr`unknown`,
};

const SHOWN_SAMPLES = 5;
const LONGEST_LABELS = 200;

/**
 * Holds each sample of an answer to the bounds. NaN is below, above and equal to nothing, so it is wrong. A sample is compared with the one of
 * the same labels in the baseline; without one, or where that is no number or below 0, its ratio is unknown. What was 0 must stay 0.
 * @param baseline undefined where it is not known when the bad release began, or where it was not needed
 */
export function judgeMetric(check: MetricCheck, samples: readonly Sample[], baseline?: Baseline): Judgement {
  if (samples.length === 0) {
    const evidence = { subject: check.name, observed: tr`no sample`, expected: boundsText(check) };
    return { verdict: 'unknown', evidence: [evidence] };
  }
  const before = new Map((baseline?.samples ?? []).map((one) => [keyOf(one), one.value]));
  const judged = samples.map((sample) => judgeSample(check, sample, before.get(keyOf(sample)), baseline?.at));
  const verdicts = ['wrong', 'unknown', 'right'] as const;
  const ordered = verdicts.flatMap((verdict) => judged.filter((one) => one.verdict === verdict));
  const left = ordered.length - SHOWN_SAMPLES;
  const last = ordered.at(SHOWN_SAMPLES);
  return {
    verdict: ordered[0]?.verdict ?? 'unknown',
    evidence: [
      ...ordered.slice(0, SHOWN_SAMPLES).map(({ evidence }) => evidence),
      ...(last
        ? [
            {
              subject: check.name,
              observed: tr`${left} more samples, ${VERDICTS[last.verdict]()}`,
              expected: boundsText(check),
            },
          ]
        : []),
    ],
  };
}

function judgeSample(check: MetricCheck, sample: Sample, before: number | undefined, at: number | undefined) {
  const { value } = sample;
  const { min, max, maxRatio } = check;
  const isRatioKnown = before !== undefined && Number.isFinite(before) && before >= 0;
  const isWrong =
    Number.isNaN(value) ||
    (min !== undefined && value < min) ||
    (max !== undefined && value > max) ||
    (maxRatio !== undefined && isRatioKnown && value > before * maxRatio);
  const isUnknown = maxRatio !== undefined && !isRatioKnown;
  const compared = maxRatio === undefined ? '' : `, ${beforeText(before, at)}`;
  const verdict: Judgement['verdict'] = isWrong ? 'wrong' : isUnknown ? 'unknown' : 'right';
  return {
    verdict,
    evidence: {
      subject: `${check.name}${labelsText(sample.labels)}`,
      observed: `${numberText(value)}${compared}`,
      expected: boundsText(check),
    },
  };
}

function beforeText(before: number | undefined, at: number | undefined): string {
  if (at === undefined) return tr`nothing to compare with: when the bad release began is not known`;
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return before === undefined ? tr`no such sample at ${time}` : tr`${numberText(before)} at ${time}`;
}

/** `≥ 1, ≤ 5, ≤ 2 × before`. */
export function boundsText({ min, max, maxRatio }: MetricCheck): string {
  return [
    ...(min === undefined ? [] : [`≥ ${numberText(min)}`]),
    ...(max === undefined ? [] : [`≤ ${numberText(max)}`]),
    ...(maxRatio === undefined ? [] : [tr`≤ ${numberText(maxRatio)} × before the bad release`]),
  ].join(', ');
}

/** Four digits, as people compare numbers. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** Labels come from whoever exports the metric: quoted, so that none can look like another, and cut. */
function labelsText(labels: Sample['labels']): string {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return '';
  const text = entries.map(([name, value]) => `${name}=${JSON.stringify(value.slice(0, LONGEST_LABELS))}`).join(', ');
  return `{${text.length > LONGEST_LABELS ? `${text.slice(0, LONGEST_LABELS)}…` : text}}`;
}

function keyOf({ labels }: Sample): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * How far back a PromQL expression looks, ms: its longest range (`[5m]`), and on top of that its longest subquery (`[30m:1m]`). What is
 * quoted is no range. https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
 */
export function windowOf(query: string): number {
  const bare = query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""');
  let [range, subquery] = [0, 0];
  for (const [, duration = '', step] of bare.matchAll(/\[\s*([\dmshdwy.]+)\s*(:[^\]]*)?\]/g)) {
    if (step === undefined) range = Math.max(range, durationOf(duration));
    else subquery = Math.max(subquery, durationOf(duration));
  }
  return range + subquery;
}

/** A number without a unit is in seconds. */
function durationOf(text: string): number {
  if (/^[\d.]+$/.test(text)) return Number(text) * 1000 || 0;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? ''] ?? 0),
    0,
  );
}
