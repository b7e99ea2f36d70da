import type { Patient } from '../../core/finding.ts';
import type { EventObject, PodObject } from '../../core/kubernetes.ts';
import { containersOf } from './containers.ts';
import { eventsAbout, lastSeen } from './events.ts';

/** The kubelet tries a failed mount again after at most 2 min 2 s; one that is older has been overcome. */
const BELIEVED_MS = 180_000;

/** A kubelet that has just started does not know its objects yet. */
const TRANSIENT = /failed to sync (?:secret|configmap) cache|not registered/;

/**
 * Mount failures that hold this pod back now, newest first. Events stay after the mount has worked, so they count only
 * while no container has started and nothing has gone on since.
 */
export function mountFailures(patient: Patient, pod: PodObject): EventObject[] {
  if (!isStarting(pod)) return [];
  const wentOn = eventsAbout(patient, pod, 'Pulling', 'Pulled', 'Created', 'Started').map(lastSeen);
  return eventsAbout(patient, pod, 'FailedMount', 'FailedAttachVolume', 'FailedMapVolume').filter((event) => {
    const seen = lastSeen(event);
    return (
      patient.now - seen < BELIEVED_MS && !wentOn.some((later) => later > seen) && !TRANSIENT.test(event.message ?? '')
    );
  });
}

/** On a node, but no container of it has started yet: `ContainerCreating` and `PodInitializing` are all that it shows. */
function isStarting(pod: PodObject): boolean {
  if (pod.status?.phase !== 'Pending') return false;
  return containersOf(pod).every(({ status }) => {
    const waiting = status.state?.waiting?.reason;
    return waiting === 'ContainerCreating' || waiting === 'PodInitializing';
  });
}
