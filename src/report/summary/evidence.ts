import { refText } from '../../core/kubernetes.ts';
import type { CandidateReport, Report } from '../../core/report.ts';
import type { SaidKey } from '../../core/said.ts';
import { type Catalogue, checkText } from '../catalogue.ts';
import { inlineHint } from '../hint-text.ts';
import { shortImage } from '../images.ts';
import { isPage } from '../links.ts';
import { code, fenced, oneLine, prose } from '../neutral.ts';
import { capital, cellDuration, inMarkdown, say, sayFailure, sayTime } from '../say.ts';
import type { Section } from './fit.ts';
import { causeBlocks } from './next.ts';
import { bounded, table } from './table.ts';
import { availabilityBlocks, timelineBlocks } from './timeline.ts';

const MAX_ROWS = 200;

function section(title: string, blocks: readonly string[], isOpen = false): Section[] {
  return blocks.length > 0 ? [{ title, blocks, isOpen }] : [];
}

/** Everything below the steps: what a person opens to believe the rest. Most important first, as the end is cut first. */
export function evidenceSections(catalogue: Catalogue, report: Report): Section[] {
  const { words } = catalogue;
  return [
    ...section(words.notes, noteBlocks(catalogue, report), true),
    ...section(catalogue.page.timeline, timelineBlocks(catalogue, report), true),
    ...section(words.probes, probeBlocks(catalogue, report), availabilityBlocks(catalogue, report).length > 0),
    ...section(words.run, runBlocks(catalogue, report)),
    ...section(words.preflight, preflightBlocks(catalogue, report)),
    ...section(words.candidates, candidateBlocks(catalogue, report)),
    ...section(words.causeOfBadRelease, badReleaseBlocks(catalogue, report)),
  ];
}

/** What the section of the database says in its place, with more to it. */
export function isInSection({ database, mode }: Report, key: SaidKey): boolean {
  if (key === 'note.integrity') return database?.backup !== undefined;
  if (key === 'note.kept-database') return database?.kept !== undefined;
  return key === 'note.not-a-disaster-backup' && database?.kept !== undefined && mode === 'rollback';
}

function noteBlocks(catalogue: Catalogue, report: Report): string[] {
  const said = [...report.notes, ...report.preflight.flatMap((item) => item.note ?? [])]
    .filter(({ key }) => !isInSection(report, key))
    .map((note) => `- ${say(catalogue, note, inMarkdown)}`);
  const lines = [...new Set(said)];
  if (lines.length === 0) return [];
  return [
    bounded(
      lines,
      MAX_ROWS,
      (line) => line,
      (count) => `- ${catalogue.phrases.moreInReport(count)}`,
    ).join('\n'),
  ];
}

/** The check's answers that are not simply good first. */
function preflightBlocks(catalogue: Catalogue, report: Report): string[] {
  if (report.preflight.length === 0) return [];
  const { words, severities, phrases } = catalogue;
  const order = { refuse: 0, warn: 1, info: 2, passed: 3 };
  const rows = report.preflight
    .map((item) => ({ item, kind: item.failure ? item.severity : item.note ? ('info' as const) : ('passed' as const) }))
    .sort((a, b) => order[a.kind] - order[b.kind])
    .map(({ item, kind }) => [
      `${{ refuse: '❌', warn: '⚠️', info: 'ℹ️', passed: '✅' }[kind]} ${severities[kind]}`,
      prose(checkText(catalogue, item.check)),
      code(item.subject),
      item.failure
        ? `${sayFailure(item.failure, (_, value) => prose(value))} ${inlineHint(item.failure.hint)}`
        : item.note
          ? say(catalogue, item.note, inMarkdown)
          : '–',
    ]);
  const shown = table([words.status, words.item, words.object, words.observed], rows.slice(0, MAX_ROWS));
  return [shown, ...(rows.length > MAX_ROWS ? [phrases.moreInReport(rows.length - MAX_ROWS)] : [])];
}

export function candidateBlocks(catalogue: Catalogue, report: Report): string[] {
  const { candidates } = report;
  if (candidates.length === 0) return [];
  const { words, phrases } = catalogue;
  const state = ({ current, quarantined, verified }: CandidateReport) =>
    [
      ...(current ? [words.current] : []),
      ...(quarantined ? [`❌ ${words.quarantined}`] : []),
      verified === undefined
        ? `❔ ${words.neverVerified}`
        : `✅ ${words.verified} ${prose(sayTime(verified, { date: true }))}`,
    ].join(', ');
  const rows = candidates.slice(0, MAX_ROWS).map((one) => [
    code(refText(one.ref)),
    one.release.revision === undefined ? '–' : String(one.release.revision),
    one.release.images
      .slice(0, 3)
      .map((image) => code(shortImage(image), 80))
      .join('<br>'),
    one.release.since === undefined ? '–' : prose(sayTime(one.release.since, { date: true })),
    state(one),
  ]);
  const lines = candidates.filter((one) => !one.current && !one.quarantined).map((one) => oneLine(one.line, 300));
  return [
    table([words.workload, words.revision, words.images, words.since, words.state].map(capital), rows),
    ...(candidates.length > MAX_ROWS ? [phrases.moreInReport(candidates.length - MAX_ROWS)] : []),
    ...(lines.length > 0
      ? [words.candidatesHint, fenced(lines.join('\n'), { language: 'text', maxLines: MAX_ROWS })]
      : []),
  ];
}

/** What was wrong with the release that was left: causes, then the logs that were kept before its pods were gone. */
function badReleaseBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const logs = report.kept
    .slice(0, 50)
    .flatMap(({ pod, container, log }) => [
      `**${words.keptEvidence}${catalogue.colon}** ${code(pod)}, ${words.container} ${code(container)}`,
      fenced(log.slice(-100).join('\n'), { language: 'text' }),
    ]);
  return [...causeBlocks(catalogue, report.findings.before, words.evidence), ...logs];
}

/** What each health check answered. */
export function probeBlocks(catalogue: Catalogue, report: Report): string[] {
  if (report.probes.length === 0) return [];
  const { words } = catalogue;
  const rows = report.probes
    .slice(0, MAX_ROWS)
    .map((probe) => [
      code(probe.name),
      `${probe.samples}`,
      `${probe.failures}`,
      cellDuration(catalogue, probe.downtimeMs),
      probe.firstHealthyAt === undefined ? '–' : prose(sayTime(probe.firstHealthyAt)),
      `${probe.last.ok ? '✅' : '❌'} ${prose(probe.last.observed)}`,
    ]);
  return [
    table(
      [words.probe, words.answers, words.failures, words.downtime, words.firstHealthy, words.last].map(capital),
      rows,
    ),
    ...availabilityBlocks(catalogue, report),
  ];
}

/** Who, where, with what, when. */
export function runBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words } = catalogue;
  const { run, cluster } = report;
  const entries: [string, string][] = [
    [words.run, run.id],
    [words.actor, run.actor],
    [words.reason, run.reason],
    [words.repository, run.repository],
    [words.commit, run.commit],
    [words.workflow, run.workflow],
    [words.cluster, [cluster.context, cluster.server, cluster.version ?? ''].filter((text) => text !== '').join(', ')],
    [words.namespace, report.namespace],
    [words.started, report.startedAt],
    [words.finished, report.finishedAt],
  ];
  const lines = entries
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `- ${capital(label)}${catalogue.colon} ${code(value, 300)}`);
  const link = isPage(run.url) ? [`- <${run.url}>`] : [];
  return [[...lines, ...link].join('\n')];
}
