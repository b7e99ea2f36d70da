import { refText } from '../core/kubernetes.ts';
import type { Report } from '../core/report.ts';
import type { Catalogue } from './catalogue.ts';
import { databaseLines } from './database-log.ts';
import { hintParts } from './hint.ts';
import { catalogueOf } from './languages.ts';
import { recordLinks } from './links.ts';
import { logLine } from './neutral.ts';
import { capital, inLog, say, sayFailure, sayFinding } from './say.ts';
import { troubleName } from './trouble-name.ts';
import { callsOf, titlesOf } from './troubleshooting.ts';
import { facts, truth } from './truth.ts';
import { headlineOf, isGood, needsAttention, stateOf, troubles } from './verdict.ts';

const MAX_TROUBLES = 10;
const MAX_COMMANDS = 10;
const MAX_TITLES = 4;
/** What YAML and diffs mean by leading blanks must not be folded with the rest. */
const INDENT = /^[-+]? */;

/** The end of the job log: what is true, what failed, what to type. Plain text; no line can be a workflow command. */
export function renderLog(report: Report): string[] {
  const catalogue = catalogueOf(report.language);
  const { words, phrases } = catalogue;
  const { key, icon } = headlineOf(report);
  const lines = [
    `${icon} ${catalogue.headlines[key]}`,
    truth(catalogue, report, (text) => logLine(text)).join(' '),
    facts(catalogue, report)
      .map(([label, value]) => `${capital(label)}${catalogue.colon} ${value}`)
      .join(' · '),
    ...report.validation.flatMap(({ id, outcome }) =>
      outcome.status === 'skipped'
        ? []
        : [`${{ passed: '✅', failed: '❌', unknown: '❔' }[outcome.status]} ${catalogue.validation[id]}`],
    ),
  ];
  lines.push(
    ...recordLinks(catalogue, report).map(
      ({ label, url, note }) => `${label}${catalogue.colon} ${url}${note === '' ? '' : ` (${note})`}`,
    ),
  );
  for (const workload of report.workloads
    .filter((one) => needsAttention(stateOf(report, one)))
    .slice(0, MAX_TROUBLES)) {
    const ready = workload.now ? ` (${workload.now.ready}/${workload.now.desired})` : '';
    lines.push(`  ${refText(workload.ref)}: ${stateWord(catalogue, report, workload)}${ready}`);
  }
  lines.push(...databaseLines(catalogue, report));
  if (report.mode === 'plan') lines.push(...discoveryLines(catalogue, report), ...diffLines(report));
  if (!isGood(report)) lines.push(...troubleLines(catalogue, report));
  const notes = report.notes.slice(0, MAX_TROUBLES).map((note) => `  ${say(catalogue, note, inLog)}`);
  if (notes.length > 0) lines.push(`${words.notes}${catalogue.colon}`, ...notes);
  if (report.notes.length > MAX_TROUBLES) lines.push(`  ${phrases.moreInReport(report.notes.length - MAX_TROUBLES)}`);
  return lines.map((line) => `${INDENT.exec(line)?.[0] ?? ''}${logLine(line.replace(INDENT, ''), 2000)}`);
}

/** What discovery found, and the files to paste, for somebody who reads the log only. */
function discoveryLines(catalogue: Catalogue, { discovery }: Report): string[] {
  if (!discovery) return [];
  const workloads = discovery.workloads.map(({ canGoBack, why }) => {
    const sentence = 'key' in why ? say(catalogue, why, inLog) : sayFailure(why, inLog);
    return `${canGoBack ? '✅' : '❌'} ${sentence}`;
  });
  const files = discovery.files.flatMap(({ name, content }) => ['', `--- ${name}`, ...content.trimEnd().split('\n')]);
  return [...workloads, ...files, ''];
}

function diffLines({ plan }: Report): string[] {
  const diffs = (plan?.steps ?? []).flatMap(({ planned }) =>
    planned.kind === 'change' ? (planned.change.diffs ?? []) : [],
  );
  return diffs.flatMap(({ diff }) => ['', ...diff.split('\n')]);
}

function stateWord({ words }: Catalogue, report: Report, workload: Report['workloads'][number]): string {
  const state = stateOf(report, workload);
  if (state === 'not-readable') return words.notReadable;
  return state === 'not-ready' ? words.notReady : words.notAtTarget;
}

function troubleLines(catalogue: Catalogue, report: Report): string[] {
  const { words, phrases } = catalogue;
  const all = troubles(report);
  const causes = report.findings.after.slice(0, MAX_TROUBLES).map((finding) => {
    const { title, sentence } = sayFinding(catalogue, finding, inLog);
    return `  ❌ ${title}. ${sentence}`;
  });
  const commands = new Set([
    ...all.flatMap((trouble) => hintParts(trouble.failure.hint).commands),
    ...report.findings.after.map((finding) => finding.command),
    ...report.next.flatMap((hint) => hintParts(hint).commands),
  ]);
  commands.delete('');
  return [
    ...all.slice(0, MAX_TROUBLES).flatMap((trouble) => {
      const { text, paste } = hintParts(trouble.failure.hint);
      return [
        `${trouble.status === 'failed' ? '❌' : '❔'} ${logLine(troubleName(catalogue, trouble))}${catalogue.colon} ${sayFailure(trouble.failure, inLog)}`,
        ...(text === '' ? [] : [`  ${logLine(text)}`]),
        ...(paste ?? '')
          .split('\n')
          .filter((line) => line !== '')
          .slice(0, 60)
          .map((line) => `    ${line}`),
      ];
    }),
    ...(all.length > MAX_TROUBLES ? [`  ${phrases.moreInReport(all.length - MAX_TROUBLES)}`] : []),
    ...(causes.length > 0 ? [`${words.causeOfFailure}${catalogue.colon}`, ...causes] : []),
    ...(commands.size > 0
      ? [
          `${words.doThisNext}${catalogue.colon}`,
          ...[...commands].slice(0, MAX_COMMANDS).map((command) => `  ${logLine(command)}`),
        ]
      : []),
    ...callLines(catalogue, report),
  ];
}

/** Whom to call for what. */
function callLines(catalogue: Catalogue, report: Report): string[] {
  const { words, colon } = catalogue;
  return callsOf(report).map(({ who, number, entries }) => {
    const titles = titlesOf(catalogue, entries).slice(0, MAX_TITLES);
    const what = titles.length > 0 ? ` (${titles.join(catalogue.troubleshooting.between)})` : '';
    return `${words.emergencyContact}${colon} ${words.contacts[who]}, ${logLine(number, 200)}${what}`;
  });
}
