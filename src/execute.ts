import { createActionsLog, maskSecrets } from './adapters/actions.ts';
import { compose } from './compose.ts';
import { failuresOf } from './core/errors.ts';
import type { Report } from './core/report.ts';
import { refusedReport } from './engine/refused-report.ts';
import { run } from './engine/run.ts';
import { type LoadedRun, secretForms, secretsToMask } from './inputs.ts';
import { Redactor } from './report/redact.ts';

export interface Executed {
  readonly report: Report;
  readonly secrets: Redactor;
}

/** Masks what is secret, then carries the run out. Every refusal is a report too; only a defect throws. */
export async function execute(loaded: LoadedRun, startedAt: number, signal: AbortSignal): Promise<Executed> {
  const secrets = new Redactor();
  const keep = (forms: readonly string[]) => {
    secrets.add(forms);
    maskSecrets(forms);
  };
  keep(secretsToMask(loaded.secrets));
  const { request, run: identity } = loaded;
  const log = createActionsLog((text) => secrets.redact(text));
  if (request.kind === 'refused') {
    const failures = request.errors.errors.map((error) => error.toFailure());
    return { report: refusedReport({ run: identity, ...request.sketch, failures, startedAt }), secrets };
  }
  try {
    const composed = await compose({ ...loaded, request }, log, signal, (secret) => keep(secretForms(secret)));
    const report = await run(composed.parts);
    log.phase('');
    await composed.close();
    return { report, secrets };
  } catch (error) {
    const failures = failuresOf(error);
    return { report: refusedReport({ run: identity, ...request.config, failures, startedAt }), secrets };
  }
}
