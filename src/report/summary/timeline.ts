import type { OutcomeStatus } from '../../core/outcome.ts';
import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { code, prose } from '../neutral.ts';
import { cellDuration, sayTime } from '../say.ts';
import { type AnswerBar, probeTracks, stepBars, tellingBars } from '../timeline.ts';
import { ICONS, statusText } from './icons.ts';
import { diagramText, type GanttBar, gantt } from './mermaid.ts';
import { table } from './table.ts';

/** More rows than this make a picture that nobody can read. */
export const MAX_BARS = 40;

const TAGS: Readonly<Record<OutcomeStatus, GanttBar['tag']>> = {
  passed: 'done',
  failed: 'crit',
  unknown: 'active',
  skipped: 'done',
};

/** When each step ran, as a picture and as a table that says the same; nothing where no step began. */
export function timelineBlocks(catalogue: Catalogue, report: Report): string[] {
  const all = stepBars(report);
  const bars = all.slice(0, MAX_BARS);
  if (bars.length === 0) return [];
  const { words, page } = catalogue;
  const start = Date.parse(report.startedAt);
  const drawn = bars.map(
    ({ step, status, from, to }): GanttBar => ({
      label: `${ICONS[status]} ${diagramText(stepText(catalogue, step).title)}`,
      tag: TAGS[status],
      from,
      to,
    }),
  );
  const budgetEnd = start + report.budgetMs;
  const isOver = report.durationMs > report.budgetMs && Number.isFinite(budgetEnd);
  const milestone: GanttBar = { label: `⏱️ ${page.budgetEnds}`, tag: 'milestone', from: budgetEnd, to: budgetEnd };
  const rows = bars.map(({ step, status, from, to }) => [
    prose(stepText(catalogue, step).title),
    clock(from),
    Number.isFinite(start) ? `+${cellDuration(catalogue, Math.max(0, from - start))}` : '–',
    cellDuration(catalogue, to - from),
    statusText(catalogue, status),
  ]);
  return [
    pictured(
      gantt(page.timeline, [{ bars: [...drawn, ...(isOver ? [milestone] : [])] }]),
      table([words.step, page.began, page.afterStart, words.duration, words.status], rows),
    ),
    ...(all.length > bars.length ? [catalogue.phrases.moreInReport(all.length - bars.length)] : []),
  ];
}

/** What the health checks answered over time, as a picture and as a table that says the same; nothing where no answer ever changed. */
export function availabilityBlocks(catalogue: Catalogue, report: Report): string[] {
  const tracks = probeTracks(report);
  if (!tracks.some(({ bars }) => bars.length > 1 || bars.some(({ ok }) => !ok))) return [];
  const { words, page, phrases } = catalogue;
  const all = tracks.flatMap((track) => track.bars.map((bar) => ({ ...bar, track })));
  const shown = tellingBars(all, MAX_BARS);
  const sections = tracks
    .map((track) => ({ title: track.id, bars: shown.filter((bar) => bar.track === track).map(drawn) }))
    .filter(({ bars }) => bars.length > 0);
  function drawn({ ok, from, to }: AnswerBar): GanttBar {
    return { label: answer(catalogue, ok), tag: ok ? 'done' : 'crit', from, to };
  }
  const rows = shown.map(({ track, ok, from, to }) => [
    `${track.id} ${code(track.name)}`,
    answer(catalogue, ok),
    clock(from),
    clock(to),
    cellDuration(catalogue, to - from),
  ]);
  return [
    pictured(
      gantt(page.availability, sections),
      table([words.probe, words.answers, page.from, page.until, page.lasted], rows),
    ),
    ...(all.length > shown.length ? [phrases.moreInReport(all.length - shown.length)] : []),
  ];
}

/** One block, as blocks are cut apart where a page is too long: no picture without its table. */
function pictured(picture: string, rows: string): string {
  return `${picture}\n\n${rows}`;
}

function answer({ words }: Catalogue, ok: boolean): string {
  return ok ? `✅ ${words.right}` : `❌ ${words.wrong}`;
}

function clock(time: number): string {
  return sayTime(new Date(time).toISOString()).replaceAll(' ', '\u00a0');
}
