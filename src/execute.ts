import { createActionsLog, maskSecrets } from './adapters/actions.ts';
import { compose } from './compose.ts';
import { failuresOf } from './core/errors.ts';
import type { Report } from './core/report.ts';
import { refusedReport } from './engine/refused-report.ts';
import { run } from './engine/run.ts';
import { type LoadedRun, secretForms, secretsToMask, secretValues } from './inputs.ts';
import { Redactor } from './report/redact.ts';

/** Masks what is secret, then carries the run out. Every refusal is a report too; only a defect throws. */
export async function execute(loaded: LoadedRun, startedAt: number, signal: AbortSignal): Promise<Report> {
  const secrets = new Redactor();
  secrets.add(secretValues(loaded.secrets));
  maskSecrets(secretsToMask(loaded.secrets));
  return secrets.redactReport(await carryOut(loaded, startedAt, signal, secrets));
}

async function carryOut(loaded: LoadedRun, startedAt: number, signal: AbortSignal, secrets: Redactor): Promise<Report> {
  const { request, run: identity } = loaded;
  if (request.kind === 'refused') {
    const failures = request.errors.errors.map((error) => error.toFailure());
    return refusedReport({ run: identity, ...request.sketch, failures, startedAt });
  }
  const log = createActionsLog((text) => secrets.redact(text));
  const keeper = {
    found: (secret: string) => {
      secrets.add([secret]);
      maskSecrets(secretForms(secret));
    },
    redact: (text: string) => secrets.redact(text),
    redactReport: (report: Report) => secrets.redactReport(report),
  };
  try {
    const composed = await compose({ ...loaded, request }, log, signal, keeper);
    try {
      return await run(composed.parts);
    } finally {
      log.phase('');
      await composed.close();
    }
  } catch (error) {
    return refusedReport({ run: identity, ...request.config, failures: failuresOf(error), startedAt });
  }
}
