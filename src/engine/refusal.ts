import type { Failure } from '../core/errors.ts';
import type { CheckItem } from '../core/step.ts';
import { accessItems } from '../preflight/access.ts';
import { accessNeeds, reviewAccess } from '../preflight/access-review.ts';
import type { RunState } from './state.ts';

/** A run that was refused for a missing permission before it had a plan: every rule that it lacks, ready to paste, not just the first. */
export async function explainForbidden(state: RunState, failures: readonly Failure[]): Promise<CheckItem[]> {
  const { config, cluster } = state.parts;
  if (!failures.some((failure) => failure.code === 'CLUSTER_FORBIDDEN')) return [];
  const needs = accessNeeds({ config, ...(state.situation ? { situation: state.situation } : {}) });
  return accessItems(await reviewAccess(cluster.reader, needs), config.namespace).filter(
    (item) => item.severity === 'refuse',
  );
}
