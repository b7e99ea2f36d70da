import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { isFresh } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/** One eviction is the node's affair and is mended by a new pod; so many of one release are not. */
const EVICTIONS_BORNE = 2;

/** Nodes keep throwing pods of this release out, for memory or disk. Values: pods (how many), why. */
export const evicted: CauseRule = {
  cause: 'evicted',
  detect: (patient) => {
    const gone = patient.pods.filter(
      (pod) =>
        pod.status?.phase === 'Failed' &&
        pod.status.reason === 'Evicted' &&
        isFresh(patient, pod.metadata.creationTimestamp),
    );
    const newest = gone[0];
    if (!newest || gone.length <= EVICTIONS_BORNE) return [];
    return [
      named(patient, 'evicted', {
        values: { pods: gone.length, why: newest.status?.message || tr`no explanation` },
        evidence: gone.map((pod) => `${pod.metadata.name}: ${pod.status?.message ?? 'Evicted'}`),
        command: kubectl(patient, 'describe', 'pod', newest.metadata.name),
        pod: newest.metadata.name,
      }),
    ];
  },
};
