import { lastSeen, timesSeen } from '../../core/event-times.ts';
import type { Patient } from '../../core/finding.ts';
import type { EventObject, KubeObject, PodObject } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';

export { lastSeen, timesSeen };

/**
 * Whether a moment that the cluster stated belongs to the release that is judged.
 * The API cuts times to whole seconds, so `since` is cut as well. A moment that is not stated is not believed.
 */
export function isFresh(patient: Patient, time: string | undefined | null): boolean {
  return time ? Date.parse(time) >= wholeSecond(patient.since) : false;
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Events about this object with one of the reasons, seen since the release is judged; newest first. */
export function eventsAbout(patient: Patient, object: KubeObject, ...reasons: readonly string[]): EventObject[] {
  const since = wholeSecond(patient.since);
  return patient.events.filter(
    (event) =>
      event.involvedObject.uid === object.metadata.uid &&
      reasons.includes(event.reason ?? '') &&
      lastSeen(event) >= since,
  );
}

/** The same, about one container of a pod. An event that names no container counts where the pod has only one. */
export function containerEvents(
  patient: Patient,
  pod: PodObject,
  container: string,
  ...reasons: readonly string[]
): EventObject[] {
  const only = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0) === 1;
  return eventsAbout(patient, pod, ...reasons).filter((event) => {
    const about = /\{([^}]+)\}$/.exec(event.involvedObject.fieldPath ?? '')?.[1];
    return about === undefined ? only : about === container;
  });
}

/** `Failed x3: message`: an event as evidence. */
export function eventText(event: EventObject): string {
  const times = timesSeen(event);
  return `${event.reason ?? tr`event`}${times > 1 ? ` x${times}` : ''}: ${event.message ?? ''}`;
}
