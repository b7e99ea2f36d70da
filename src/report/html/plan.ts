import type { Failure } from '../../core/errors.ts';
import { refText } from '../../core/kubernetes.ts';
import type { Report } from '../../core/report.ts';
import type { Said } from '../../core/said.ts';
import { type Catalogue, checkText, stepText } from '../catalogue.ts';
import { oneLine } from '../neutral.ts';
import { isPlan } from '../verdict.ts';
import { type Content, code, html, joined } from './markup.ts';
import { badge, boundedList, folded, lines, sign, table } from './parts.ts';
import { failureText, inlineHint, sentence } from './speech.ts';

const MAX_DIFFS = 100;
const MAX_LINES = 50;

/** What is missing before this plan can be carried out, with the repair. Plan mode only. */
export function missingContent(catalogue: Catalogue, report: Report): Content[] {
  if (!isPlan(report) || report.discovery) return [];
  const { words, severities } = catalogue;
  const lacking = report.preflight.flatMap((item) => (item.failure ? [{ ...item, failure: item.failure }] : []));
  if (lacking.length === 0)
    return report.outcome === 'planned' ? [html`<p>${sign('good')} ${words.nothingMissing}</p>\n`] : [];
  const items = lacking.map(
    ({ check, severity, subject, failure }) =>
      html`${badge(severity === 'refuse' ? 'bad' : 'warn', severities[severity])} ${oneLine(checkText(catalogue, check))}, ${code(subject)}: ${failureText(failure)} ${inlineHint(failure.hint)}`,
  );
  return [boundedList(catalogue, items, MAX_LINES)];
}

/** What each step would do, the digest of it all, and the diffs, one part per object. */
export function planContent(catalogue: Catalogue, report: Report): Content[] {
  const { plan } = report;
  if (!plan) return [];
  const { words, phrases } = catalogue;
  const rows = plan.steps.map(({ step, planned }) => {
    const { title, promise } = stepText(catalogue, step);
    const what =
      planned.kind === 'no-op' || planned.kind === 'skipped'
        ? sentence(catalogue, planned.reason)
        : planned.kind === 'change'
          ? summary(catalogue, planned.change.summary)
          : planned.summary
            ? summary(catalogue, planned.summary)
            : promise;
    return [oneLine(title), words.planned[planned.kind], what];
  });
  const diffs = plan.steps.flatMap(({ planned }) => (planned.kind === 'change' ? (planned.change.diffs ?? []) : []));
  const isOpen = isPlan(report) && diffs.length <= 10;
  return [
    table(catalogue, words.plan, [words.step, words.plan, words.whatWouldChange], rows),
    html`<p>${words.planDigest}${catalogue.colon} ${code(plan.digest)}</p>\n`,
    diffs.length > 0 ? html`<h3>${words.whatWouldChange}</h3>\n` : undefined,
    ...diffs
      .slice(0, MAX_DIFFS)
      .map(({ object, diff }) =>
        folded(
          code(object),
          diff.trim() === '' ? html`<p>${words.noDiff}</p>\n` : lines(catalogue, diff, { maxLines: 200 }),
          isOpen,
        ),
      ),
    ...(diffs.length > MAX_DIFFS ? [html`<p>${phrases.moreInReport(diffs.length - MAX_DIFFS)}</p>\n`] : []),
  ];
}

function summary(catalogue: Catalogue, all: readonly string[]): Content {
  const shown: Content[] = all.slice(0, 5).map((line) => oneLine(line, 600));
  if (all.length > 5) shown.push(catalogue.phrases.more(all.length - 5));
  return joined(shown, html`<br>`);
}

/** What discovery found, and the files that a person can paste. */
export function discoveryContent(catalogue: Catalogue, report: Report): Content[] {
  const { discovery } = report;
  if (!discovery) return [];
  const { words } = catalogue;
  const why = (reason: Said | Failure) => ('code' in reason ? failureText(reason) : sentence(catalogue, reason));
  const rows = discovery.workloads.map((one) => [
    code(refText(one.ref)),
    one.canGoBack ? badge('good', words.canGoBack) : badge('bad', words.cannotGoBack),
    why(one.why),
  ]);
  return [
    rows.length > 0
      ? table(catalogue, words.discovery, [words.workload, words.state, words.why], rows)
      : html`<p>${words.noWorkloads}</p>\n`,
    discovery.files.length > 0 ? html`<h3>${words.paste}</h3>\n` : undefined,
    ...discovery.files.map(({ name, content }, index) =>
      folded(oneLine(name), lines(catalogue, content, { maxLines: 600 }), index === 0),
    ),
  ];
}
