import type { Evidence, Outcome } from '../../core/outcome.ts';
import type { Report } from '../../core/report.ts';
import { type Catalogue, stepText } from '../catalogue.ts';
import { inlineHint } from '../hint-text.ts';
import { code, prose } from '../neutral.ts';
import { cellDuration, inMarkdown, say, sayDuration, sayFailure, shareOfBudget } from '../say.ts';
import { todoOf } from '../todo.ts';
import { isPlan } from '../verdict.ts';
import { statusText } from './icons.ts';
import { bounded, table } from './table.ts';

const MAX_EVIDENCE = 3;

/** The eight items of the validation checklist. A plan and a refusal have none: nothing was done that could be validated. */
export function validationBlocks(catalogue: Catalogue, report: Report): string[] {
  if (isPlan(report) || report.outcome === 'refused' || report.validation.length === 0) return [];
  const { words } = catalogue;
  const rows = report.validation.map((item) => {
    const { id, outcome, durationMs } = item;
    const todo = todoOf(catalogue, report, item);
    return [
      statusText(catalogue, outcome.status),
      catalogue.validation[id],
      proofText(catalogue, outcome),
      todo === undefined ? '–' : inlineHint(todo),
      durationMs === undefined ? '–' : shareOfBudget(catalogue, report, durationMs),
    ];
  });
  const spent = `${sayDuration(catalogue, report.durationMs)} ${words.of} ${sayDuration(catalogue, report.budgetMs)}`;
  return [
    `### ${words.validation} (${spent})`,
    table(
      [words.status, words.item, words.proof, catalogue.todo.column, `${words.duration} (${catalogue.page.ofBudget})`],
      rows,
    ),
  ];
}

/** One row per step, in the order of the checklist, with what was expected and what was seen. */
export function stepBlocks(catalogue: Catalogue, report: Report): string[] {
  if (report.steps.length === 0) return [];
  const { words } = catalogue;
  const rows = report.steps.map(({ step, required, outcome, durationMs, startedAt }) => {
    const { title, promise } = stepText(catalogue, step);
    const name = `${prose(title)}${required ? '' : ` (${words.optional})`}`;
    return [
      statusText(catalogue, outcome.status),
      name,
      expectedText(catalogue, outcome, promise),
      observedText(catalogue, outcome),
      startedAt === undefined ? '–' : cellDuration(catalogue, durationMs),
    ];
  });
  return [
    `### ${words.steps}`,
    table([words.status, words.step, words.expected, words.observed, words.duration], rows),
  ];
}

function proofText(catalogue: Catalogue, outcome: Outcome): string {
  switch (outcome.status) {
    case 'passed':
      return evidenceLines(catalogue, outcome.evidence, (one) => prose(one.observed));
    case 'failed':
    case 'unknown':
      return sayFailure(outcome.failure, (_, value) => prose(value));
    case 'skipped':
      return say(catalogue, outcome.reason, inMarkdown);
  }
}

function expectedText(catalogue: Catalogue, outcome: Outcome, promise: string): string {
  if (outcome.status === 'skipped' || outcome.evidence.length === 0) return promise;
  return evidenceLines(catalogue, outcome.evidence, (one) => prose(one.expected));
}

function observedText(catalogue: Catalogue, outcome: Outcome): string {
  if (outcome.status === 'skipped') return say(catalogue, outcome.reason, inMarkdown);
  const seen = evidenceLines(catalogue, outcome.evidence, (one) => prose(one.observed));
  if (outcome.status === 'passed') return seen;
  const message = sayFailure(outcome.failure, (_, value) => prose(value));
  return seen === '' ? message : `${message}<br>${seen}`;
}

function evidenceLines(catalogue: Catalogue, all: readonly Evidence[], show: (one: Evidence) => string): string {
  return bounded(
    all,
    MAX_EVIDENCE,
    (one) => `${code(one.subject)}${catalogue.colon} ${show(one)}`,
    (count) => catalogue.phrases.more(count),
  ).join('<br>');
}
