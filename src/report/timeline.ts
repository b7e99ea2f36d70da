import type { OutcomeStatus } from '../core/outcome.ts';
import type { Report } from '../core/report.ts';
import { isPlan } from './verdict.ts';

/** When one step ran, ms since the epoch. */
export interface StepBar {
  readonly step: string;
  readonly status: OutcomeStatus;
  readonly from: number;
  readonly to: number;
}

/** A time in which a health check answered always right or always wrong, ms since the epoch. */
export interface AnswerBar {
  readonly ok: boolean;
  readonly from: number;
  readonly to: number;
}

export interface ProbeTrack {
  /** `H1`: what a picture calls the health check, and the table beside it explains. */
  readonly id: string;
  readonly name: string;
  readonly downtimeMs: number;
  readonly bars: readonly AnswerBar[];
}

/** The steps that began, in the order in which they began. None for a plan and a refusal: nothing ran. */
export function stepBars(report: Report): StepBar[] {
  if (ranNothing(report)) return [];
  return report.steps
    .flatMap(({ step, outcome, startedAt, durationMs }) => {
      const from = startedAt === undefined ? Number.NaN : Date.parse(startedAt);
      const to = from + Math.max(0, durationMs);
      return isDrawable(from, to) ? [{ step, status: outcome.status, from, to }] : [];
    })
    .sort((a, b) => a.from - b.from);
}

/** What each health check answered over time; checks that were never asked are left out. */
export function probeTracks(report: Report): ProbeTrack[] {
  if (ranNothing(report)) return [];
  return report.probes
    .map(({ name, downtimeMs, spans }, index) => ({
      id: `H${index + 1}`,
      name,
      downtimeMs,
      bars: spans
        .map(({ ok, from, to }) => ({ ok, from: Date.parse(from), to: Date.parse(to) }))
        .filter(({ from, to }) => isDrawable(from, to)),
    }))
    .filter(({ bars }) => bars.length > 0);
}

/** At most `max` of them in their order; where they are more, those without a right answer that lasted longest. */
export function tellingBars<T extends AnswerBar>(bars: readonly T[], max: number): readonly T[] {
  if (bars.length <= max) return bars;
  const wrong = bars.filter(({ ok }) => !ok).sort((a, b) => b.to - b.from - (a.to - a.from));
  const chosen = new Set(wrong.slice(0, max));
  return bars.filter((bar) => chosen.has(bar));
}

function ranNothing(report: Report): boolean {
  return isPlan(report) || report.outcome === 'refused';
}

/** Times of a report are well formed; one that is not (or lies beyond what a date can be) is left out of the picture. */
function isDrawable(from: number, to: number): boolean {
  return Number.isFinite(from) && to >= from && Math.abs(to) <= 8.64e15;
}
