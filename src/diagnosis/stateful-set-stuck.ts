import type { CauseRule } from '../core/finding.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { isReady, whyBlocked } from './reading/readiness.ts';

/**
 * A StatefulSet with OrderedReady waits for a broken pod of the release before, which the new template would mend: it
 * replaces a pod only once all are Ready (kubernetes/kubernetes#67250). Values: blocker. The way out is to delete that pod.
 */
export const statefulSetStuck: CauseRule = {
  cause: 'stateful-set-stuck',
  detect: (patient) => {
    const { workload } = patient;
    if (workload.kind !== 'StatefulSet' || workload.spec.podManagementPolicy === 'Parallel') return [];
    if ((workload.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return [];
    // The controller goes through the ordinals from the lowest and stops at the first that is not Ready.
    const all = [...patient.pods, ...patient.otherPods].toSorted(
      (a, b) => ordinal(a.metadata.name) - ordinal(b.metadata.name),
    );
    const blocker = all.find((pod) => pod.metadata.deletionTimestamp !== undefined || !isReady(pod));
    if (!blocker || blocker.metadata.deletionTimestamp || patient.pods.includes(blocker)) return [];
    const why = whyBlocked(blocker, patient.now);
    if (why === undefined) return [];
    return [
      named(patient, 'stateful-set-stuck', {
        values: { blocker: blocker.metadata.name },
        evidence: [why],
        command: kubectl(patient, 'delete', 'pod', blocker.metadata.name),
        pod: blocker.metadata.name,
      }),
    ];
  },
};

function ordinal(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? Number.POSITIVE_INFINITY);
}
