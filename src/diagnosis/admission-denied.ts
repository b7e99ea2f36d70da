import type { CauseRule } from '../core/finding.ts';
import { refText } from '../core/kubernetes.ts';
import { admissionRefusal, refusedPods } from './reading/failed-create.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/** The API server refuses the pods: a webhook, PodSecurity, a policy, a LimitRange, a missing service account. Values: by, why. */
export const admissionDenied: CauseRule = {
  cause: 'admission-denied',
  detect: (patient) => {
    const { workload, replicaSet } = patient;
    for (const message of refusedPods(patient)) {
      const refusal = admissionRefusal(message);
      if (!refusal) continue;
      const owner = replicaSet
        ? `replicaset/${replicaSet.metadata.name}`
        : refText({ kind: workload.kind, name: workload.metadata.name });
      return [
        named(patient, 'admission-denied', {
          values: { ...refusal },
          evidence: [message],
          command: kubectl(patient, 'describe', owner),
        }),
      ];
    }
    return [];
  },
};
