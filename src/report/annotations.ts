import type { Report } from '../core/report.ts';
import { sayRowsGivenUp } from './amounts.ts';
import type { Catalogue } from './catalogue.ts';
import { rowsGivenUpBy, wasSwapped } from './database-state.ts';
import { catalogueOf } from './languages.ts';
import { logLine } from './neutral.ts';
import { capital, inLog, sayFailure, sayFinding } from './say.ts';
import { troubleName } from './trouble-name.ts';
import { troubles } from './verdict.ts';

const MAX_ANNOTATIONS = 10;

/** A message that GitHub shows at the top of the run. Level as GitHub names them. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  /** Plain text of one line. */
  readonly message: string;
}

/** The few messages for the top of the run: the named causes, every required item that failed, the rows given up. At most ten. */
export function annotationsOf(report: Report): Annotation[] {
  const catalogue = catalogueOf(report.language);
  const isRed = report.outcome !== 'succeeded' && report.outcome !== 'no-op' && report.outcome !== 'planned';
  const causes = isRed
    ? report.findings.after.map((finding): Annotation => {
        const { title, sentence } = sayFinding(catalogue, finding, inLog);
        return { level: 'error', title, message: logLine(`${sentence} ${finding.command}`) };
      })
    : [];
  const failed = troubles(report).map(
    (trouble): Annotation => ({
      level: trouble.required ? 'error' : 'warning',
      title: logLine(troubleName(catalogue, trouble)),
      message: logLine(`${sayFailure(trouble.failure, inLog)} ${trouble.failure.hint.split('\n')[0] ?? ''}`),
    }),
  );
  const all = [...causes, ...failed, ...price(catalogue, report)].filter(
    (one, index, list) =>
      list.findIndex((other) => other.title === one.title && other.message === one.message) === index,
  );
  return all.slice(0, MAX_ANNOTATIONS);
}

/** Rows that were given up are nothing that a person should have to look for. */
function price(catalogue: Catalogue, report: Report): Annotation[] {
  const { database } = report;
  if (!database?.price || !wasSwapped(report) || !rowsGivenUpBy(report)) return [];
  const { title, labels, stillIn } = catalogue.database;
  const where = database.kept ? ` ${stillIn(logLine(database.kept.name))}` : '';
  const message = `${capital(labels.rowsGivenUp)}${catalogue.colon} ${sayRowsGivenUp(catalogue, report)}.${where}`;
  return [{ level: 'notice', title, message: logLine(message) }];
}
