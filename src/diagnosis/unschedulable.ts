import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { perWorkload } from './reading/containers.ts';
import { eventsAbout, eventText } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/**
 * No node takes the pod. Values: why. The pod's condition decides; a FailedScheduling event stays after the pod has found
 * its node, and has no count. Not fatal: a node may join, a pod may go.
 */
export const unschedulable: CauseRule = {
  cause: 'unschedulable',
  detect: (patient) =>
    perWorkload(patient, (pod) => {
      const condition = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
      if (condition?.status !== 'False' || condition.reason !== 'Unschedulable' || pod.spec.nodeName) return undefined;
      const message = condition.message ?? '';
      return named(patient, 'unschedulable', {
        values: { why: reason(message) },
        evidence: [message, ...eventsAbout(patient, pod, 'FailedScheduling').map(eventText)],
        command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
        pod: pod.metadata.name,
      });
    }),
};

/** `0/1 nodes are available: 1 Insufficient cpu. preemption: ...` says `1 Insufficient cpu`. */
function reason(message: string): string {
  const short = /nodes are available: (.{1,400}?)\.?(?: preemption: |$)/s.exec(message)?.[1];
  return short ?? (message || tr`no explanation`);
}
