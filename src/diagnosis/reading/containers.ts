import type { Finding, Patient } from '../../core/finding.ts';
import type { Container, ContainerStatus, PodObject } from '../../core/kubernetes.ts';

/** One container of a pod with its state. */
export interface Seen {
  readonly pod: PodObject;
  readonly spec: Container;
  readonly status: ContainerStatus;
  /** `init` runs to its end before the others start; a native sidecar (init container with restartPolicy Always) is an `app`. */
  readonly role: 'app' | 'init';
}

/**
 * Pods whose state speaks for the release. A pod that has ended (evicted, preempted, lost with its node) is replaced by
 * its controller, and a pod being deleted shows states that mean nothing (137 without any kill); both are passed over.
 */
export function livePods(patient: Patient): PodObject[] {
  return patient.pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded',
  );
}

/** Containers of a pod that have a state, init containers first. */
export function containersOf(pod: PodObject): Seen[] {
  const seen = (specs: readonly Container[] | undefined, states: readonly ContainerStatus[] | undefined) =>
    (specs ?? []).flatMap((spec) => {
      const status = states?.find((candidate) => candidate.name === spec.name);
      return status ? [{ spec, status }] : [];
    });
  return [
    ...seen(pod.spec.initContainers, pod.status?.initContainerStatuses).map((one) => ({
      ...one,
      pod,
      role: one.spec.restartPolicy === 'Always' ? ('app' as const) : ('init' as const),
    })),
    ...seen(pod.spec.containers, pod.status?.containerStatuses).map((one) => ({ ...one, pod, role: 'app' as const })),
  ];
}

/** Asks about each container of each live pod; keeps one answer per container name, a fatal one if there is any. */
export function perContainer(patient: Patient, judge: (seen: Seen) => Finding | undefined): Finding[] {
  const findings = new Map<string, Finding>();
  for (const pod of livePods(patient)) {
    for (const seen of containersOf(pod)) {
      const before = findings.get(seen.spec.name);
      if (before?.fatal) continue;
      const finding = judge(seen);
      if (finding && (!before || finding.fatal)) findings.set(seen.spec.name, finding);
    }
  }
  return [...findings.values()];
}

/** Asks about each live pod; keeps one answer, a fatal one if there is any. */
export function perWorkload(patient: Patient, judge: (pod: PodObject) => Finding | undefined): Finding[] {
  let kept: Finding | undefined;
  for (const pod of livePods(patient)) {
    if (kept?.fatal) break;
    const finding = judge(pod);
    if (finding && (!kept || finding.fatal)) kept = finding;
  }
  return kept ? [kept] : [];
}

/** Message of the state that a container waits in, if it waits for one of these reasons. */
export function waitingFor(seen: Seen, ...reasons: readonly string[]): string | undefined {
  const waiting = seen.status.state?.waiting;
  return waiting?.reason !== undefined && reasons.includes(waiting.reason) ? (waiting.message ?? '') : undefined;
}
