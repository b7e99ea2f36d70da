import { type AccessRule, canICommand, missingRulesYaml, resourceOf, rulesText } from '../core/access.ts';
import { said } from '../core/said.ts';
import type { CheckItem } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { type AccessSummary, accessNeeds, reviewAccess } from './access-review.ts';
import type { PreflightCheck } from './contract.ts';

/**
 * Every permission of the plan and of its undo, asked of the API server before anything is touched: a rollback that stops
 * half-way for a missing verb, and whose undo is forbidden too, is worse than none (carvel-dev/kapp#887).
 */
export const access: PreflightCheck = {
  id: 'access',
  async check(ctx, plan) {
    const names = ctx.situation.members.map(({ ref }) => ({ resource: resourceOf(ref.kind), name: ref.name }));
    return accessItems(await reviewAccess(ctx.cluster, accessNeeds(ctx, plan), names), ctx.config.namespace);
  },
};

/** The review as items of the preflight; also for an engine that was refused before it had a plan. */
export function accessItems(summary: AccessSummary, namespace: string): CheckItem[] {
  const subject = `namespace/${namespace}`;
  const items: CheckItem[] = [];
  if (summary.missing.length > 0) items.push(missingItem(summary.missing, namespace));
  if (summary.unknown.length > 0) items.push(unknownItem(summary.unknown, namespace));
  for (const { part, rules } of summary.degraded) {
    const note = said(`degraded.${part}`, { rule: rulesText(rules) });
    items.push({ check: access.id, subject, severity: 'warn', note });
  }
  return items.length > 0 ? items : [{ check: access.id, subject, severity: 'info' }];
}

function missingItem(missing: readonly AccessRule[], namespace: string): CheckItem {
  const [first] = missing as readonly [AccessRule];
  return {
    check: access.id,
    subject: `namespace/${namespace}`,
    severity: 'refuse',
    failure: {
      code: 'CLUSTER_FORBIDDEN',
      message: tr`the credentials lack in namespace ${namespace}: ${rulesText(missing)}`,
      hint: tr`Add these rules to their Role in namespace ${namespace}, then run again (check: ${canICommand(first, namespace)}):\n${missingRulesYaml(missing, namespace)}`,
      causes: [],
    },
  };
}

function unknownItem(unknown: readonly AccessRule[], namespace: string): CheckItem {
  const [first] = unknown as readonly [AccessRule];
  return {
    check: access.id,
    subject: `namespace/${namespace}`,
    severity: 'warn',
    failure: {
      code: 'CLUSTER_ERROR',
      message: tr`the API server did not say whether the credentials may: ${rulesText(unknown)}`,
      hint: tr`Ask it yourself: ${canICommand(first, namespace)}`,
      causes: [],
    },
  };
}
