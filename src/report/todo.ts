import type { Report, ValidationItem } from '../core/report.ts';
import type { SaidKey } from '../core/said.ts';
import type { Catalogue } from './catalogue.ts';

/** Reasons that say that nothing of an item is missing. */
const NOT_MISSING: readonly SaidKey[] = ['skipped.not-in-tier', 'skipped.nothing-to-do', 'skipped.at-target'];

/**
 * What a person still has to do about one item of the validation checklist, as a hint (words, then a command); undefined where nothing is
 * left. Not neutralised: it may hold names from the cluster.
 */
export function todoOf(catalogue: Catalogue, report: Report, { id, outcome }: ValidationItem): string | undefined {
  const { todo } = catalogue;
  if (outcome.status === 'failed' || outcome.status === 'unknown') return outcome.failure.hint || undefined;
  if (outcome.status === 'skipped') {
    return NOT_MISSING.includes(outcome.reason.key) ? undefined : todo.unproven[id](report.namespace);
  }
  if (id === 'post-mortem-planned') return todo.postMortem(report.records?.due ?? '');
  const kept = report.database?.kept;
  return id === 'database-restored' && kept ? todo.kept(kept.name) : undefined;
}
