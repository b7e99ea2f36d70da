import { refText } from '../../core/kubernetes.ts';
import type { CandidateReport, Report } from '../../core/report.ts';
import { type Catalogue, checkText } from '../catalogue.ts';
import { shortImage } from '../images.ts';
import { isPage } from '../links.ts';
import { oneLine } from '../neutral.ts';
import { capital, cellDuration, sayTime } from '../say.ts';
import { isInSection } from '../summary/evidence.ts';
import { type Content, code, html, joined } from './markup.ts';
import { causeContent } from './next.ts';
import { badge, boundedList, folded, lines, sign, type Tone, table } from './parts.ts';
import { failureText, inlineHint, sentence } from './speech.ts';

const MAX_ROWS = 200;
const MAX_LOGS = 50;

export function noteContent(catalogue: Catalogue, report: Report): Content[] {
  const all = [...report.notes, ...report.preflight.flatMap((item) => item.note ?? [])].filter(
    ({ key }) => !isInSection(report, key),
  );
  const once = new Map(all.map((note) => [JSON.stringify(note), note]));
  const items = [...once.values()].map((note) => sentence(catalogue, note));
  return items.length === 0 ? [] : [boundedList(catalogue, items, MAX_ROWS)];
}

/** The check's answers that are not simply good first. */
export function preflightContent(catalogue: Catalogue, report: Report): Content[] {
  if (report.preflight.length === 0) return [];
  const { words, severities } = catalogue;
  const order = { refuse: 0, warn: 1, info: 2, passed: 3 };
  const tones: Readonly<Record<keyof typeof order, Tone>> = {
    refuse: 'bad',
    warn: 'warn',
    info: 'none',
    passed: 'good',
  };
  const rows = report.preflight
    .map((item) => ({ item, kind: item.failure ? item.severity : item.note ? ('info' as const) : ('passed' as const) }))
    .sort((a, b) => order[a.kind] - order[b.kind])
    .map(({ item, kind }) => [
      oneLine(checkText(catalogue, item.check)),
      badge(tones[kind], severities[kind]),
      code(item.subject),
      item.failure
        ? [failureText(item.failure), ' ', inlineHint(item.failure.hint)]
        : item.note
          ? sentence(catalogue, item.note)
          : '–',
    ]);
  return [table(catalogue, words.preflight, [words.item, words.status, words.object, words.observed], rows)];
}

export function candidateContent(catalogue: Catalogue, report: Report): Content[] {
  const { candidates } = report;
  if (candidates.length === 0) return [];
  const { words } = catalogue;
  const state = ({ current, quarantined, verified }: CandidateReport) =>
    joined(
      [
        ...(current ? [words.current] : []),
        ...(quarantined ? [badge('bad', words.quarantined)] : []),
        verified === undefined
          ? badge('unknown', words.neverVerified)
          : [badge('good', words.verified), ' ', oneLine(sayTime(verified, { date: true }))],
      ],
      ' ',
    );
  const rows = candidates.map((one) => [
    code(refText(one.ref)),
    one.release.revision ?? '–',
    joined(
      one.release.images.slice(0, 3).map((image) => code(shortImage(image), 80)),
      html`<br>`,
    ),
    one.release.since === undefined ? '–' : oneLine(sayTime(one.release.since, { date: true })),
    state(one),
  ]);
  const choices = candidates.filter((one) => !one.current && !one.quarantined).map((one) => oneLine(one.line));
  const heads = [words.workload, words.revision, words.images, words.since, words.state].map(capital);
  return [
    table(catalogue, words.candidates, heads, rows, MAX_ROWS),
    choices.length > 0
      ? html`<p>${words.candidatesHint.replaceAll('`', '')}</p>\n${lines(catalogue, choices.join('\n'), { maxLines: MAX_ROWS })}`
      : undefined,
  ];
}

/** What was wrong with the release that was left: causes, then the logs that were kept before its pods were gone. */
export function badReleaseContent(catalogue: Catalogue, report: Report): Content[] {
  const { words } = catalogue;
  const logs = report.kept
    .slice(0, MAX_LOGS)
    .map(({ pod, container, log }) =>
      folded(
        html`${words.keptEvidence}${catalogue.colon} ${code(pod)}, ${words.container} ${code(container)}`,
        lines(catalogue, log.slice(-100).join('\n')),
      ),
    );
  return [...causeContent(catalogue, report.findings.before, words.evidence), ...logs];
}

export function probeContent(catalogue: Catalogue, report: Report): Content[] {
  if (report.probes.length === 0) return [];
  const { words } = catalogue;
  const rows = report.probes.map((probe) => [
    code(probe.name),
    probe.samples,
    probe.failures,
    cellDuration(catalogue, probe.downtimeMs),
    probe.firstHealthyAt === undefined ? '–' : oneLine(sayTime(probe.firstHealthyAt)),
    [
      sign(probe.last.ok ? 'good' : 'bad'),
      ` ${probe.last.ok ? words.right : words.wrong}, `,
      oneLine(probe.last.observed),
    ],
  ]);
  const heads = [words.probe, words.answers, words.failures, words.downtime, words.firstHealthy, words.last];
  return [table(catalogue, words.probes, heads.map(capital), rows, MAX_ROWS)];
}

export function runContent(catalogue: Catalogue, report: Report): Content[] {
  const { words } = catalogue;
  const { run, cluster } = report;
  const where = [cluster.context, cluster.server, cluster.version ?? ''].filter((text) => text !== '').join(', ');
  const entries: [string, Content][] = [
    [words.run, run.id],
    [words.actor, run.actor],
    [words.reason, run.reason],
    [words.repository, run.repository],
    [words.commit, run.commit],
    [words.workflow, run.workflow],
    [words.cluster, where],
    [words.namespace, report.namespace],
    [words.started, report.startedAt],
    [words.finished, report.finishedAt],
  ];
  // Only an address of this plain form becomes a link.
  const link = isPage(run.url)
    ? [html`<div><dt>URL</dt><dd><a href="${run.url}" rel="noreferrer">${run.url}</a></dd></div>\n`]
    : [];
  const rows = entries
    .filter(([, value]) => value !== '')
    .map(([label, value]) => html`<div><dt>${capital(label)}</dt><dd>${code(String(value), 300)}</dd></div>\n`);
  return [html`<dl class="facts rows">\n${rows}${link}</dl>\n`];
}
