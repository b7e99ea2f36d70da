import type { Report } from '../core/report.ts';
import { catalogueOf } from './languages.ts';
import { logLine } from './neutral.ts';
import { inLog, sayFailure, sayFinding } from './say.ts';
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

/** The few messages for the top of the run: the named causes, then every required item that failed. At most ten. */
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
      message: logLine(`${sayFailure(catalogue, trouble.failure, inLog)} ${trouble.failure.hint.split('\n')[0] ?? ''}`),
    }),
  );
  const all = [...causes, ...failed].filter(
    (one, index, list) =>
      list.findIndex((other) => other.title === one.title && other.message === one.message) === index,
  );
  return all.slice(0, MAX_ANNOTATIONS);
}
