import type { CauseRule } from '../core/finding.ts';
import { quotaRefusal, refusedPods } from './reading/failed-create.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/** A ResourceQuota has no room for the pods. Values: quota, requested, used, limited. No pods are deleted to make room. */
export const quotaExceeded: CauseRule = {
  cause: 'quota-exceeded',
  detect: (patient) => {
    for (const message of refusedPods(patient)) {
      const refusal = quotaRefusal(message);
      if (!refusal) continue;
      return [
        named(patient, 'quota-exceeded', {
          values: { ...refusal },
          evidence: [message],
          command: kubectl(patient, 'describe', 'resourcequota', refusal.quota),
        }),
      ];
    }
    return [];
  },
};
