import type { OutcomeStatus } from '../../core/outcome.ts';
import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { oneLine } from '../neutral.ts';
import { cellDuration, sayTime } from '../say.ts';
import { probeTracks, type StepBar, stepBars, tellingBars } from '../timeline.ts';
import { type Content, code, type Html, html } from './markup.ts';
import { badge, statusBadge, table, toneOf } from './parts.ts';

/*
 * Pictures are as wide as the page, with places in percent and heights in pixels: text in them has the size of the page's text on every
 * screen. Shape and label say what the colour says.
 */

const MAX_BARS = 40;
const MAX_TRACKS = 20;
/** Heights in pixels. */
const ROW = 40;
const TRACK = 60;
const AXIS = 24;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** When each step ran: a picture, and the table that says the same. Nothing where no step began. */
export function timelineContent(catalogue: Catalogue, report: Report): Content[] {
  const all = stepBars(report);
  if (all.length === 0) return [];
  const { words, page, phrases } = catalogue;
  const bars = all.slice(0, MAX_BARS);
  const start = Date.parse(report.startedAt);
  const whole = wholeOf([...bars, { from: start, to: start + report.durationMs }]);
  const drawn = bars.map((bar, row) => {
    const label = `${SIGNS[bar.status]} ${oneLine(stepText(catalogue, bar.step).title, 44)}`;
    return stepBar(bar, row, label, cellDuration(catalogue, bar.to - bar.from), whole);
  });
  const rows = bars.map(({ step, status, from, to }) => [
    oneLine(stepText(catalogue, step).title),
    clock(from),
    Number.isFinite(start) ? `+${cellDuration(catalogue, Math.max(0, from - start))}` : '–',
    cellDuration(catalogue, to - from),
    statusBadge(catalogue, status),
  ]);
  const description = page.timelinePicture(clock(whole.from), clock(whole.to));
  return [
    picture(catalogue, 'picture-steps', page.timeline, description, drawn, whole),
    table(catalogue, page.timeline, [words.step, page.began, page.afterStart, words.duration, words.status], rows),
    all.length > bars.length ? html`<p>${phrases.moreInReport(all.length - bars.length)}</p>\n` : undefined,
  ];
}

/** What the health checks answered over time, and the table that says the same. Nothing where no health check was asked. */
export function availabilityContent(catalogue: Catalogue, report: Report): Content[] {
  const tracks = probeTracks(report).slice(0, MAX_TRACKS);
  if (tracks.length === 0) return [];
  const { words, page, phrases } = catalogue;
  const whole = wholeOf(tracks.flatMap(({ bars }) => bars));
  const drawn = tracks.map(({ id, name, bars, downtimeMs }, row) => {
    const down = downtimeMs === 0 ? words.downtimeNone : cellDuration(catalogue, downtimeMs);
    const top = row * TRACK;
    return html`<text x="0" y="${top + 14}">${id} ${oneLine(name, 44)}</text>
<text class="muted" x="0" y="${top + 32}">${words.downtime}${catalogue.colon} ${down}</text>
${tellingBars(bars, 500).map((bar) =>
  bar.ok
    ? html`<rect class="good" ${place(bar, whole)} y="${top + 40}" height="12"/>\n`
    : html`<rect class="bad" ${place(bar, whole)} y="${top + 46}" height="6"/>\n`,
)}`;
  });
  const all = tracks.flatMap((track) => track.bars.map((bar) => ({ ...bar, track })));
  const shown = tellingBars(all, 100);
  const rows = shown.map(({ track, ok, from, to }) => [
    [`${track.id} `, code(track.name)],
    ok ? badge('good', words.right) : badge('bad', words.wrong),
    clock(from),
    clock(to),
    cellDuration(catalogue, to - from),
  ]);
  const description = page.availabilityPicture(clock(whole.from), clock(whole.to));
  return [
    picture(catalogue, 'picture-availability', page.availability, description, drawn, whole, TRACK),
    table(catalogue, page.availability, [words.probe, words.answers, page.from, page.until, page.lasted], rows),
    all.length > shown.length ? html`<p>${phrases.moreInReport(all.length - shown.length)}</p>\n` : undefined,
  ];
}

/** How much of its budget a run took; the words beside it say the same. */
export function budgetPicture({ durationMs, budgetMs }: Report): Html {
  const whole = { from: 0, to: Math.max(durationMs, budgetMs, 1) };
  const isOver = durationMs > budgetMs;
  return html`<svg class="picture budget" width="100%" height="14" aria-hidden="true" focusable="false">
<rect class="track" x="0" y="2" width="100%" height="10"/>
<rect class="${isOver ? 'bad' : 'good'}" ${place({ from: 0, to: durationMs }, whole)} y="2" height="10"/>
${isOver ? html`<rect class="mark" x="${percent(budgetMs, whole)}%" y="0" width="2" height="14"/>` : undefined}</svg>
`;
}

const SIGNS: Readonly<Record<OutcomeStatus, string>> = { passed: '✓', failed: '✗', unknown: '?', skipped: '–' };

function stepBar(bar: StepBar, row: number, label: string, took: string, whole: Span): Html {
  const top = row * ROW;
  return html`<text x="0" y="${top + 14}">${label}</text><text class="muted" x="100%" y="${top + 14}" text-anchor="end">${took}</text>
<rect class="track" x="0" y="${top + 20}" width="100%" height="12"/>
<rect class="${toneOf(bar.status)}" ${place(bar, whole)} y="${top + 20}" height="12"/>
`;
}

function picture(
  catalogue: Catalogue,
  id: string,
  title: string,
  description: string,
  rows: readonly Html[],
  whole: Span,
  rowHeight = ROW,
): Html {
  const height = rows.length * rowHeight + AXIS;
  const ticks = [0, 50, 100].map((at) => {
    const anchor = at === 0 ? 'start' : at === 100 ? 'end' : 'middle';
    const time = clock(whole.from + ((whole.to - whole.from) * at) / 100);
    return html`<text class="muted" x="${at}%" y="${height - 6}" text-anchor="${anchor}">${time}</text>`;
  });
  return html`<svg class="picture" width="100%" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text" focusable="false">
<title id="${id}-title">${title}</title><desc id="${id}-text">${description} ${catalogue.page.tableSaysTheSame}</desc>
${rows}<line x1="0" x2="100%" y1="${height - AXIS + 1}" y2="${height - AXIS + 1}"/>
${ticks}
</svg>
`;
}

/** Where a bar stands, in percent of the picture; one that is too short to be seen keeps a width. */
function place(bar: Span, whole: Span): Html {
  const from = percent(bar.from, whole);
  const width = Math.max(0.4, percent(bar.to, whole) - from);
  return html`x="${Math.min(from, 99.6)}%" width="${Math.round(width * 100) / 100}%"`;
}

function percent(time: number, { from, to }: Span): number {
  return Math.round(((time - from) / (to - from)) * 10_000) / 100;
}

function wholeOf(spans: readonly Span[]): Span {
  const known = spans.filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  const from = Math.min(...known.map((span) => span.from));
  // A picture of no length at all could not be drawn.
  return { from, to: Math.max(from + 1, ...known.map((span) => span.to)) };
}

function clock(time: number): string {
  return sayTime(new Date(time).toISOString()).replaceAll(' ', '\u00a0');
}
