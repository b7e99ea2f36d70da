import type { Evidence, Outcome } from '../../core/outcome.ts';
import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { oneLine } from '../neutral.ts';
import { cellDuration, sayDuration, shareOfBudget } from '../say.ts';
import { todoOf } from '../todo.ts';
import { isPlan } from '../verdict.ts';
import { type Content, code, html, joined } from './markup.ts';
import { statusBadge, table } from './parts.ts';
import { budgetPicture } from './pictures.ts';
import { failureText, inlineHint, sentence } from './speech.ts';

const MAX_EVIDENCE = 3;

/** The eight items of the validation checklist, and the time of the run against its budget. A plan and a refusal have none. */
export function checklistContent(catalogue: Catalogue, report: Report): Content[] {
  if (isPlan(report) || report.outcome === 'refused' || report.validation.length === 0) return [];
  const { words, page } = catalogue;
  const rows = report.validation.map((item) => {
    const { id, outcome, durationMs } = item;
    const todo = todoOf(catalogue, report, item);
    return [
      catalogue.validation[id],
      statusBadge(catalogue, outcome.status),
      proof(catalogue, outcome),
      todo === undefined ? '–' : inlineHint(todo),
      durationMs === undefined ? '–' : shareOfBudget(catalogue, report, durationMs),
    ];
  });
  const over = report.durationMs > report.budgetMs ? `, ${words.overBudget}` : '';
  const took = `${shareOfBudget(catalogue, report, report.durationMs)} ${words.of} ${sayDuration(catalogue, report.budgetMs)}${over}`;
  return [
    html`<p>${page.budget}${catalogue.colon} <strong>${took}</strong></p>\n${budgetPicture(report)}`,
    table(
      catalogue,
      words.validation,
      [words.item, words.status, words.proof, catalogue.todo.column, `${words.duration} (${page.ofBudget})`],
      rows,
    ),
  ];
}

/** One row per step, in the order of the checklist, with what was expected and what was seen. */
export function stepContent(catalogue: Catalogue, report: Report): Content[] {
  if (report.steps.length === 0) return [];
  const { words } = catalogue;
  const rows = report.steps.map(({ step, required, outcome, durationMs, startedAt }) => {
    const { title, promise } = stepText(catalogue, step);
    return [
      [oneLine(title), required ? '' : ` (${words.optional})`],
      statusBadge(catalogue, outcome.status),
      expected(catalogue, outcome, promise),
      observed(catalogue, outcome),
      startedAt === undefined ? '–' : cellDuration(catalogue, durationMs),
    ];
  });
  return [
    table(catalogue, words.steps, [words.step, words.status, words.expected, words.observed, words.duration], rows),
  ];
}

function proof(catalogue: Catalogue, outcome: Outcome): Content {
  switch (outcome.status) {
    case 'passed':
      return evidence(catalogue, outcome.evidence, (one) => one.observed);
    case 'failed':
    case 'unknown':
      return failureText(outcome.failure);
    case 'skipped':
      return sentence(catalogue, outcome.reason);
  }
}

function expected(catalogue: Catalogue, outcome: Outcome, promise: string): Content {
  if (outcome.status === 'skipped' || outcome.evidence.length === 0) return promise;
  return evidence(catalogue, outcome.evidence, (one) => one.expected);
}

function observed(catalogue: Catalogue, outcome: Outcome): Content {
  if (outcome.status === 'skipped') return sentence(catalogue, outcome.reason);
  const seen = evidence(catalogue, outcome.evidence, (one) => one.observed);
  if (outcome.status === 'passed') return seen;
  const message = failureText(outcome.failure);
  return outcome.evidence.length === 0 ? message : [message, html`<br>`, seen];
}

function evidence(catalogue: Catalogue, all: readonly Evidence[], show: (one: Evidence) => string): Content {
  const shown: Content[] = all
    .slice(0, MAX_EVIDENCE)
    .map((one) => html`${code(one.subject)}${catalogue.colon} ${oneLine(show(one), 600)}`);
  if (all.length > MAX_EVIDENCE) shown.push(catalogue.phrases.more(all.length - MAX_EVIDENCE));
  return joined(shown, html`<br>`);
}
