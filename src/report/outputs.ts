import { refText } from '../core/kubernetes.ts';
import type { Report } from '../core/report.ts';
import { rowsGivenUpBy } from './database-state.ts';
import { catalogueOf } from './languages.ts';
import { isPage } from './links.ts';
import { oneLine } from './neutral.ts';
import { inLog, say, sayFailure } from './say.ts';
import { todoOf } from './todo.ts';

/** The outputs of the action that follow from the report; the path of the JSON report is added by whoever writes that file. */
export function outputsOf(report: Report): Record<string, string> {
  const { issueUrl = '' } = report.records ?? {};
  return {
    outcome: report.outcome,
    'rolled-back': String(report.rolledBack),
    healthy: String(report.healthy),
    checklist: JSON.stringify(checklist(report)),
    target: targetLines(report).join('\n'),
    run: oneLine(report.run.id),
    'downtime-seconds': report.downtimeSeconds === undefined ? '' : String(report.downtimeSeconds),
    'rows-given-up': String(rowsGivenUpBy(report) ?? ''),
    'issue-url': isPage(issueUrl) ? issueUrl : '',
  };
}

function checklist(report: Report) {
  const catalogue = catalogueOf(report.language);
  return report.validation.map((item) => {
    const { id, outcome } = item;
    const todo = todoOf(catalogue, report, item);
    return {
      id,
      item: catalogue.validation[id],
      status: outcome.status,
      ...(outcome.status === 'skipped' ? { reason: say(catalogue, outcome.reason, inLog) } : {}),
      ...(outcome.status === 'failed' || outcome.status === 'unknown'
        ? { reason: sayFailure(outcome.failure, inLog) }
        : {}),
      ...(todo === undefined ? {} : { todo: oneLine(todo) }),
    };
  });
}

/** One line per workload: `deployment/web registry.example/web:1.4.2`, several images joined by commas. */
function targetLines(report: Report): string[] {
  return report.workloads.flatMap(({ ref, target }) =>
    target ? [`${refText(ref)} ${target.images.map((image) => oneLine(image)).join(',')}`] : [],
  );
}
