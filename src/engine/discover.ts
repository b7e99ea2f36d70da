import { discover, wouldGoTo } from '../core/discovery.ts';
import type { Failure } from '../core/errors.ts';
import type { Discovery } from '../core/report.ts';
import { referenceItems } from '../preflight/references.ts';
import type { RunState } from './state.ts';

/** What of a namespace could go back right now, for somebody who has not named any workload yet. Reads only. */
export async function discoverNamespace(state: RunState): Promise<Discovery> {
  const { situation } = state;
  const { config, cluster } = state.parts;
  const members = situation?.members ?? [];
  const ledger = state.context().situation.ledger.ledger;
  const readings = members.flatMap((member) => {
    const template = wouldGoTo(member, ledger);
    return template ? [{ ref: member.ref, template }] : [];
  });
  const items = await referenceItems(cluster.reader, readings, config.namespace);
  const missing = new Map<string, Failure>();
  for (const { subject, severity, failure } of items)
    if (severity === 'refuse' && failure) missing.set(subject, failure);
  return discover({ namespace: config.namespace, members, ledger, missing });
}
