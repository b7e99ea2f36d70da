import type { Config } from '../core/config.ts';
import type { Failure } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { RunIdentity } from '../core/run.ts';
import { TIER_BUDGET_MS } from '../core/tier.ts';
import { withTroubleshooting } from '../core/troubleshooting.ts';
import { validationOf } from '../core/validation.ts';

/** The report of a run that was refused before it could speak to a cluster: nothing was touched, and what to mend. */
export function refusedReport(
  about: Pick<Config, 'mode' | 'tier' | 'language' | 'namespace' | 'contacts'> & {
    readonly run: RunIdentity;
    readonly failures: readonly Failure[];
    /** ms since the epoch. */
    readonly startedAt: number;
  },
): Report {
  const { run, mode, tier, language, namespace, contacts, failures, startedAt } = about;
  const finishedAt = Date.now();
  return withTroubleshooting({
    apiVersion: 'tiered-rollback/v1',
    run,
    mode,
    tier,
    language,
    cluster: { server: '', context: '' },
    namespace,
    outcome: 'refused',
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    durationMs: finishedAt - startedAt,
    budgetMs: TIER_BUDGET_MS[tier],
    healthy: 'unknown',
    rolledBack: false,
    workloads: [],
    candidates: [],
    preflight: [],
    steps: [],
    validation: validationOf([], tier),
    findings: { before: [], after: [] },
    kept: [],
    probes: [],
    notes: [],
    failures,
    next: [...new Set(failures.map((failure) => failure.hint))].slice(0, 10),
    contacts,
  });
}
