import { refText } from '../../core/kubernetes.ts';
import type { ReleaseReport, Report, WorkloadReport } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { shortImage, tellingImages } from '../images.ts';
import { sayTime } from '../say.ts';
import { stateWord } from '../summary/icons.ts';
import { isPlan, needsAttention, stateOf, type WorkloadState } from '../verdict.ts';
import { type Content, code, html, joined } from './markup.ts';
import { badge, folded, list, type Tone, table } from './parts.ts';

/** Up to this many, every workload has its row in sight. */
const MAX_OPEN = 15;
const MAX_ROWS = 500;
const MAX_IMAGES = 3;

const TONES: Readonly<Record<WorkloadState, Tone>> = {
  'at-target': 'good',
  unchanged: 'good',
  'would-change': 'warn',
  stays: 'none',
  'not-ready': 'bad',
  'not-at-target': 'bad',
  'not-readable': 'unknown',
};

/** What every workload ran before and runs now; of many, those that need somebody in sight and the others folded. */
export function workloadContent(catalogue: Catalogue, report: Report): Content[] {
  const { workloads } = report;
  const { phrases } = catalogue;
  if (workloads.length === 0) return [];
  if (workloads.length <= MAX_OPEN) return [draw(catalogue, report, workloads)];
  const attention = workloads.filter((one) => needsAttention(stateOf(report, one)));
  const still = workloads.filter((one) => ['unchanged', 'stays'].includes(stateOf(report, one)));
  const done = workloads.filter((one) => !attention.includes(one) && !still.includes(one));
  const fold = (rows: readonly WorkloadReport[], title: string) =>
    rows.length === 0 ? [] : [folded(title, draw(catalogue, report, rows))];
  return [
    ...(attention.length > 0 ? [draw(catalogue, report, attention)] : []),
    ...fold(
      done,
      isPlan(report) ? phrases.wouldChange(done.length, workloads.length) : phrases.healthyCollapsed(done.length),
    ),
    ...fold(still, isPlan(report) ? phrases.wouldStay(still.length) : phrases.unchangedCollapsed(still.length)),
  ];
}

function draw(catalogue: Catalogue, report: Report, workloads: readonly WorkloadReport[]): Content {
  const { words } = catalogue;
  const state = (one: WorkloadReport) => {
    const word = stateOf(report, one);
    return badge(TONES[word], stateWord(catalogue, word));
  };
  if (isPlan(report)) {
    return table(
      catalogue,
      words.workloads,
      [words.workload, words.now, words.target, words.state],
      workloads.map((one) => [
        code(refText(one.ref)),
        release(catalogue, one.before, one.target),
        one.target ? release(catalogue, one.target, one.before) : '–',
        state(one),
      ]),
      MAX_ROWS,
    );
  }
  return table(
    catalogue,
    words.workloads,
    [words.workload, words.before, `${words.now} (${sayTime(report.finishedAt)})`, words.ready, words.state],
    workloads.map((one) => [
      code(refText(one.ref)),
      release(catalogue, one.before, one.now ?? one.target),
      one.now ? release(catalogue, one.now, one.now.hash === one.before.hash ? one.target : one.before) : '?',
      one.now ? `${one.now.ready}/${one.now.desired}` : '?',
      state(one),
    ]),
    MAX_ROWS,
  );
}

/** The images that tell a release from the other, short; with the number that kubectl shows. */
function release({ words, phrases }: Catalogue, one: ReleaseReport, other: ReleaseReport | undefined): Content {
  const images = tellingImages(one, other);
  const shown: Content[] = images.slice(0, MAX_IMAGES).map((image) => code(shortImage(image), 80));
  if (images.length > MAX_IMAGES) shown.push(phrases.more(images.length - MAX_IMAGES));
  const revision = one.revision === undefined ? undefined : ` (${words.revision} ${one.revision})`;
  return [shown.length > 0 ? joined(shown, html`<br>`) : code(one.hash), revision];
}

/** Every image with registry and digest, before and after: what a record of the rollback has to name. */
export function imageContent(catalogue: Catalogue, report: Report): Content[] {
  const { words, colon } = catalogue;
  const line = (label: string, one: ReleaseReport | undefined) =>
    one
      ? [
          html`${label}${colon} ${joined(
            one.images.slice(0, 20).map((image) => code(image, 300)),
            ', ',
          )}`,
        ]
      : [];
  return report.workloads.slice(0, MAX_ROWS).map((one) => {
    const after = isPlan(report) ? line(words.target, one.target) : line(words.now, one.now);
    return html`<p>${code(refText(one.ref))}</p>\n${list([...line(words.before, one.before), ...after])}`;
  });
}
