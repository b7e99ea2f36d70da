import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/** The kubelet reports the end of a pod a little after its grace period. */
const ALLOWED_MS = 30_000;

/**
 * A pod should be gone but is not: its node does not answer, or a finalizer or a volume holds it. Values: seconds (how long
 * ago it should have been gone). deletionTimestamp has the grace period in it already (API reference, ObjectMeta).
 */
export const stuckTerminating: CauseRule = {
  cause: 'stuck-terminating',
  detect: (patient) => {
    const overdue = patient.otherPods
      .map((pod) => ({ pod, ms: patient.now - Date.parse(pod.metadata.deletionTimestamp ?? '') }))
      .filter(({ ms }) => ms > ALLOWED_MS)
      .toSorted((a, b) => b.ms - a.ms);
    const [longest] = overdue;
    if (!longest) return [];
    return [
      named(patient, 'stuck-terminating', {
        values: { seconds: Math.floor(longest.ms / 1000) },
        evidence: overdue.map(
          ({ pod }) =>
            tr`${pod.metadata.name} on ${pod.spec.nodeName ?? tr`no node`}: to be gone by ${pod.metadata.deletionTimestamp ?? ''}`,
        ),
        command: kubectl(patient, 'describe', 'pod', longest.pod.metadata.name),
        pod: longest.pod.metadata.name,
      }),
    ];
  },
};
