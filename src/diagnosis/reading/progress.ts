import type { Patient } from '../../core/finding.ts';
import { isFresh } from './events.ts';

/**
 * Whether the Deployment controller has given up on the judged release. Right after an undo the condition still speaks
 * of the release before: only one that was written since, by a controller that has seen the newest generation, about
 * the judged ReplicaSet, is believed.
 */
export function progressDeadlinePassed(patient: Patient): boolean {
  const { workload, replicaSet } = patient;
  if ((workload.status?.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)) return false;
  const condition = workload.status?.conditions?.find((one) => one.type === 'Progressing');
  return (
    condition?.status === 'False' &&
    condition.reason === 'ProgressDeadlineExceeded' &&
    isFresh(patient, condition.lastUpdateTime ?? condition.lastTransitionTime) &&
    (!replicaSet || (condition.message ?? '').includes(`"${replicaSet.metadata.name}"`))
  );
}
