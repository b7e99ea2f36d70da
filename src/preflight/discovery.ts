import { discover, wouldGoTo } from '../core/discovery.ts';
import type { Failure } from '../core/errors.ts';
import type { Discovery } from '../core/report.ts';
import type { ReadContext } from '../ports/context.ts';
import { referenceItems } from './references.ts';

/** Looks at a whole namespace, for a plan that names no workload: the situation must hold all of them. Reads only. */
export async function discoverNamespace(
  ctx: Pick<ReadContext, 'cluster' | 'config' | 'situation'>,
): Promise<Discovery> {
  const { namespace } = ctx.config;
  const { members } = ctx.situation;
  const { ledger } = ctx.situation.ledger;
  const readings = members.flatMap((member) => {
    const template = wouldGoTo(member, ledger);
    return template ? [{ ref: member.ref, template }] : [];
  });
  const missing = new Map<string, Failure>();
  for (const { subject, severity, failure } of await referenceItems(ctx.cluster, readings, namespace)) {
    if (severity === 'refuse' && failure && !missing.has(subject)) missing.set(subject, failure);
  }
  return discover({ namespace, members, ledger, missing });
}
