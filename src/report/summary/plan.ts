import type { Failure } from '../../core/errors.ts';
import { refText } from '../../core/kubernetes.ts';
import type { Report } from '../../core/report.ts';
import type { Said } from '../../core/said.ts';
import { type Catalogue, checkText, stepText } from '../catalogue.ts';
import { inlineHint } from '../hint-text.ts';
import { code, fenced, oneLine, prose } from '../neutral.ts';
import { inMarkdown, say, sayFailure } from '../say.ts';
import { isPlan } from '../verdict.ts';
import type { Section } from './fit.ts';
import { bounded, details, table } from './table.ts';

const MAX_DIFFS = 100;
const MAX_LINES = 50;

/** What is missing before this plan can be carried out: warnings and refusals of preflight, with the repair. Plan mode only. */
export function missingBlocks(catalogue: Catalogue, report: Report): string[] {
  if (!isPlan(report) || report.discovery) return [];
  const { words, phrases, severities } = catalogue;
  const lacking = report.preflight.flatMap((item) => (item.failure ? [{ ...item, failure: item.failure }] : []));
  if (lacking.length === 0) return report.outcome === 'planned' ? [`✅ ${words.nothingMissing}`] : [];
  const lines = bounded(
    lacking,
    MAX_LINES,
    ({ check, severity, subject, failure }) =>
      `- ${severity === 'refuse' ? '❌' : '⚠️'} ${severities[severity]}, ${prose(checkText(catalogue, check))}, ${code(subject)}: ${sayFailure(failure, (_, value) => prose(value, 400))} ${inlineHint(failure.hint)}`,
    (count) => `- ${phrases.moreInReport(count)}`,
  );
  return [`### ${words.missing}`, lines.join('\n')];
}

/** What each step would do. */
export function planBlocks(catalogue: Catalogue, report: Report): string[] {
  if (!report.plan) return [];
  const { words } = catalogue;
  const rows = report.plan.steps.map(({ step, planned }) => [
    prose(stepText(catalogue, step).title),
    words.planned[planned.kind],
    planned.kind === 'no-op' || planned.kind === 'skipped'
      ? say(catalogue, planned.reason, inMarkdown)
      : planned.kind === 'change'
        ? summary(catalogue, planned.change.summary)
        : planned.summary
          ? summary(catalogue, planned.summary)
          : stepText(catalogue, step).promise,
  ]);
  return [
    ...(isPlan(report) ? [`### ${words.steps}`] : []),
    table([words.step, words.plan, words.whatWouldChange], rows),
    `${words.planDigest}${catalogue.colon} ${code(report.plan.digest)}`,
  ];
}

function summary(catalogue: Catalogue, lines: readonly string[]): string {
  return bounded(lines, 5, (line) => prose(line), catalogue.phrases.more).join('<br>');
}

/** The diffs, one block per object. */
export function diffBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words, phrases } = catalogue;
  const diffs = (report.plan?.steps ?? []).flatMap(({ planned }) =>
    planned.kind === 'change' ? (planned.change.diffs ?? []) : [],
  );
  return bounded(
    diffs,
    MAX_DIFFS,
    ({ object, diff }) =>
      `${code(object)}\n\n${diff.trim() === '' ? words.noDiff : fenced(diff, { language: 'diff', maxLines: 200, cut: words.cutLines })}`,
    (count) => phrases.moreInReport(count),
  );
}

/** The plan among the details; in plan mode the diffs are open, as they are what was asked for. */
export function planSections(catalogue: Catalogue, report: Report): Section[] {
  const { words } = catalogue;
  const diffs = diffBlocks(catalogue, report);
  if (isPlan(report)) {
    return diffs.length > 0 ? [{ title: words.whatWouldChange, blocks: diffs, isOpen: diffs.length <= 10 }] : [];
  }
  const blocks = [...planBlocks(catalogue, report), ...diffs];
  return blocks.length > 0 ? [{ title: words.plan, blocks }] : [];
}

/** What discovery found, and the files that a person can paste. */
export function discoveryBlocks(catalogue: Catalogue, report: Report): string[] {
  const { discovery } = report;
  if (!discovery) return [];
  const { words, phrases } = catalogue;
  const why = (reason: Said | Failure) =>
    'code' in reason ? sayFailure(reason, (_, value) => prose(value)) : say(catalogue, reason, inMarkdown);
  const rows = discovery.workloads
    .slice(0, 200)
    .map((one) => [
      code(refText(one.ref)),
      one.canGoBack ? `✅ ${words.canGoBack}` : `❌ ${words.cannotGoBack}`,
      why(one.why),
    ]);
  const left = discovery.workloads.length - rows.length;
  const files = discovery.files.map(({ name, content }) =>
    details(
      `<b>${prose(oneLine(name))}</b>`,
      [fenced(content, { language: 'yaml', maxLines: 600 })],
      discovery.files[0]?.name === name,
    ),
  );
  return [
    `### ${words.discovery}`,
    rows.length > 0 ? table([words.workload, words.state, words.why], rows) : words.noWorkloads,
    ...(left > 0 ? [phrases.moreInReport(left)] : []),
    ...(files.length > 0 ? [`### ${words.paste}`, ...files] : []),
  ];
}
