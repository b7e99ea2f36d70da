import { type DegradablePart, degradableRules, missingRulesYaml, rulesText } from '../core/access.ts';
import type { Failure } from '../core/errors.ts';
import { tr } from '../core/tr.ts';

/** What a step says that cannot tell, because the permissions of a part are missing: the rules, ready to paste. */
export function missingPart(part: DegradablePart, namespace: string): Failure {
  const rules = degradableRules({ unblocks: false }).find((one) => one.part === part)?.rules ?? [];
  return {
    code: 'CLUSTER_FORBIDDEN',
    message: tr`the credentials lack in namespace ${namespace}: ${rulesText(rules)}`,
    hint: tr`Add this to their Role in namespace ${namespace}, then run again:\n${missingRulesYaml(rules, namespace)}`,
    causes: [],
  };
}
