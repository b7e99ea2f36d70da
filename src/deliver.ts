import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { annotate, createActionsLog, getState, saveState, setOutputs, writeSummary } from './adapters/actions.ts';
import type { Language } from './core/config.ts';
import { failuresOf } from './core/errors.ts';
import type { Report } from './core/report.ts';
import { tr } from './core/tr.ts';
import type { Environment } from './inputs.ts';
import { annotationsOf } from './report/annotations.ts';
import { renderHtml } from './report/html.ts';
import { renderInterrupted } from './report/interrupted.ts';
import { renderLog } from './report/log.ts';
import { outputsOf } from './report/outputs.ts';
import { renderSummary } from './report/summary.ts';
import type { LeftSilenced } from './silence-left.ts';
import type { LeftBehind } from './unfence-left.ts';

const GREEN: readonly Report['outcome'][] = ['succeeded', 'no-op', 'planned'];
const CONCLUDED = 'concluded';

/** Writes the report everywhere: log, annotations, job summary, JSON file, HTML page, outputs. @returns the exit code. */
export async function deliver(
  report: Report,
  environment: Pick<Environment, 'temp' | 'onGithub' | 'summaryPath'>,
): Promise<number> {
  const log = createActionsLog((text) => text);
  const path = join(environment.temp, `tiered-rollback-${report.run.id}.json`);
  const page = join(environment.temp, `tiered-rollback-${report.run.id}.html`);
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(page, renderHtml(report));
  for (const line of renderLog(report)) log.info(line);
  log.info(tr`report: ${path}`);
  log.info(tr`report as a page: ${page}`);
  annotate(annotationsOf(report));
  await writeSummary(environment.summaryPath, renderSummary(report));
  if (environment.onGithub) setOutputs({ ...outputsOf(report), report: path, 'html-report': page });
  if (environment.onGithub) saveState(CONCLUDED, report.outcome);
  return GREEN.includes(report.outcome) ? 0 : 1;
}

/**
 * A run that was killed could not report: say that its end is unknown, and that running again is safe.
 * @param tidy brings back what such a run had stopped, and ends what it had silenced; asked for only then
 */
export async function deliverInterrupted(
  environment: Environment,
  language: Language,
  tidy: () => Promise<{ readonly writers: LeftBehind | undefined; readonly silences: LeftSilenced | undefined }>,
): Promise<void> {
  if (getState(CONCLUDED) !== '') return;
  const { writers, silences } = await tidy();
  const { summary, annotation } = renderInterrupted(language, writers, silences);
  annotate([annotation]);
  await writeSummary(environment.summaryPath, summary);
}

/** The last resort: the message only, never the bundle's source around it. @returns the exit code. */
export function deliverDefect(error: unknown): number {
  const [failure] = failuresOf(error);
  annotate([
    {
      level: 'error',
      title: 'Tiered Rollback',
      message: `${failure?.message ?? tr`unknown error`}. ${failure?.hint ?? ''}`,
    },
  ]);
  return 1;
}
