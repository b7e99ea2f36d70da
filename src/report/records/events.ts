import { refText } from '../../core/kubernetes.ts';
import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { shortImage, tellingImages } from '../images.ts';
import { code, prose } from '../neutral.ts';
import { sayTime } from '../say.ts';
import { statusText } from '../summary/icons.ts';
import { table } from '../summary/table.ts';
import { probeTracks, stepBars, tellingBars } from '../timeline.ts';
import { moves } from '../verdict.ts';

interface Event {
  /** ms since the epoch. */
  readonly at: number;
  readonly what: string;
}

const MAX_RELEASES = 10;
const MAX_ANSWERS = 40;
const MAX_STEPS = 40;

/** The incident in its order: the bad release, what the health checks saw, the run and its steps. From the report alone. */
export function eventBlocks(catalogue: Catalogue, report: Report): string[] {
  const { records } = catalogue;
  const events: Event[] = [
    ...releases(catalogue, report),
    ...answers(catalogue, report),
    ...at(report.startedAt, `**${records.events.began(report.run.actor === '' ? '' : code(report.run.actor))}**`),
    ...stepBars(report)
      .slice(0, MAX_STEPS)
      .map(({ step, status, to }) => ({
        at: to,
        what: `${prose(stepText(catalogue, step).title)}${catalogue.colon} ${statusText(catalogue, status)}`,
      })),
    ...at(report.finishedAt, `**${records.events.ended}**`),
  ];
  if (events.length === 0) return [];
  // The sort is stable: what happened in the same millisecond stays in the order of this list.
  const rows = events.sort((a, b) => a.at - b.at).map(({ at: time, what }) => [moment(time), what]);
  return [table([records.when, records.what], rows)];
}

function releases({ records }: Catalogue, { workloads }: Report): Event[] {
  return workloads
    .filter(moves)
    .flatMap(({ ref, before, target }) => {
      const images = tellingImages(before, target)
        .slice(0, 2)
        .map((image) => code(shortImage(image), 80));
      return at(before.since, records.events.badRelease(code(refText(ref)), images.join(', ') || code(before.hash)));
    })
    .sort((a, b) => a.at - b.at)
    .slice(0, MAX_RELEASES);
}

function answers({ records }: Catalogue, report: Report): Event[] {
  const wrong = probeTracks(report).flatMap(({ name, bars }) =>
    // A check that answered right from the start has no event.
    bars.flatMap((bar, index) => (bar.ok && index === 0 ? [] : [{ ...bar, name }])),
  );
  return tellingBars(wrong, MAX_ANSWERS).map(({ ok, from, name }) => ({
    at: from,
    what: ok ? `✅ ${records.events.rightFrom(code(name))}` : `❌ ${records.events.wrongFrom(code(name))}`,
  }));
}

function at(time: string | undefined, what: string): Event[] {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? [] : [{ at: ms, what }];
}

/** `2026-03-01 14:02:11 UTC`. */
function moment(ms: number): string {
  const time = new Date(ms).toISOString();
  return `${time.slice(0, 10)} ${sayTime(time)}`.replaceAll(' ', '\u00a0');
}
