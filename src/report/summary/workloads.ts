import { refText } from '../../core/kubernetes.ts';
import type { ReleaseReport, Report, WorkloadReport } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { shortImage, tellingImages } from '../images.ts';
import { code } from '../neutral.ts';
import { sayTime } from '../say.ts';
import { isPlan, needsAttention, stateOf } from '../verdict.ts';
import { stateText } from './icons.ts';
import { details, table } from './table.ts';

/** Up to this many, every workload has its row in sight. */
const MAX_OPEN = 15;
const MAX_ATTENTION = 50;
const MAX_COLLAPSED = 500;
const MAX_IMAGES = 3;

/** What every workload ran before and runs now. `collapsed` holds what may be left out when the page is too long. */
export interface WorkloadBlocks {
  readonly open: readonly string[];
  readonly collapsed: readonly string[];
}

export function workloadBlocks(catalogue: Catalogue, report: Report): WorkloadBlocks {
  const { words, phrases } = catalogue;
  const { workloads } = report;
  if (workloads.length === 0) return { open: [], collapsed: [] };
  const title = `### ${words.workloads}`;
  const draw = (rows: readonly WorkloadReport[]) => drawTable(catalogue, report, rows);
  if (workloads.length <= MAX_OPEN) return { open: [title, draw(workloads)], collapsed: [] };

  const attention = workloads.filter((one) => needsAttention(stateOf(report, one)));
  const still = workloads.filter((one) => ['unchanged', 'stays'].includes(stateOf(report, one)));
  const done = workloads.filter((one) => !attention.includes(one) && !still.includes(one));
  const fold = (rows: readonly WorkloadReport[], summary: string) =>
    rows.length === 0
      ? []
      : [
          details(summary, [
            draw(rows.slice(0, MAX_COLLAPSED)),
            ...(rows.length > MAX_COLLAPSED ? [phrases.moreInReport(rows.length - MAX_COLLAPSED)] : []),
          ]),
        ];
  return {
    open: [
      title,
      ...(attention.length > 0 ? [draw(attention.slice(0, MAX_ATTENTION))] : []),
      ...(attention.length > MAX_ATTENTION ? [`❌ ${phrases.moreInReport(attention.length - MAX_ATTENTION)}`] : []),
    ],
    collapsed: [
      ...fold(
        done,
        isPlan(report)
          ? `✏️ ${phrases.wouldChange(done.length, workloads.length)}`
          : `✅ ${phrases.healthyCollapsed(done.length)}`,
      ),
      ...fold(
        still,
        isPlan(report) ? `⏭️ ${phrases.wouldStay(still.length)}` : `✅ ${phrases.unchangedCollapsed(still.length)}`,
      ),
    ],
  };
}

function drawTable(catalogue: Catalogue, report: Report, workloads: readonly WorkloadReport[]): string {
  const { words } = catalogue;
  if (isPlan(report)) {
    return table(
      [words.workload, words.now, words.target, words.state],
      workloads.map((one) => [
        code(refText(one.ref)),
        releaseText(catalogue, one.before, one.target),
        one.target ? releaseText(catalogue, one.target, one.before) : '–',
        stateText(catalogue, stateOf(report, one)),
      ]),
    );
  }
  return table(
    [words.workload, words.before, `${words.now} (${sayTime(report.finishedAt)})`, words.ready, words.state],
    workloads.map((one) => [
      code(refText(one.ref)),
      releaseText(catalogue, one.before, one.now ?? one.target),
      one.now ? releaseText(catalogue, one.now, one.now.hash === one.before.hash ? one.target : one.before) : '❔',
      one.now ? `${one.now.ready}/${one.now.desired}` : '❔',
      stateText(catalogue, stateOf(report, one)),
    ]),
  );
}

/** The images that tell a release from the other, short; with the number that kubectl shows. */
function releaseText({ words, phrases }: Catalogue, release: ReleaseReport, other: ReleaseReport | undefined): string {
  const images = tellingImages(release, other);
  const shown = images.slice(0, MAX_IMAGES).map((image) => code(shortImage(image), 80));
  if (images.length > MAX_IMAGES) shown.push(phrases.more(images.length - MAX_IMAGES));
  const revision = release.revision === undefined ? '' : ` (${words.revision} ${release.revision})`;
  return `${shown.join('<br>') || code(release.hash)}${revision}`;
}

/** Every image with registry and digest, before and after: what a record of the rollback has to name. */
export function imageBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const line = (label: string, release: ReleaseReport | undefined) =>
    release
      ? [
          `${label}${catalogue.colon} ${release.images
            .slice(0, 20)
            .map((image) => code(image, 300))
            .join(', ')}`,
        ]
      : [];
  const lines = report.workloads.slice(0, MAX_COLLAPSED).map((one) => {
    const after = isPlan(report) ? line(words.target, one.target) : line(words.now, one.now);
    return [
      `- ${code(refText(one.ref))}`,
      ...[...line(words.before, one.before), ...after].map((text) => `  - ${text}`),
    ].join('\n');
  });
  // A block is never cut inside; a block per workload would make the list airy.
  const blocks = Array.from({ length: Math.ceil(lines.length / 25) }, (_, at) => lines.slice(at * 25, at * 25 + 25));
  return blocks.map((block) => block.join('\n'));
}
