import type { Cause, Finding, Patient } from '../../../src/core/finding.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  ControllerRevisionObject,
  EventObject,
  KubeObject,
  PodObject,
  PodSpec,
  PodTemplate,
  ReplicaSetObject,
  WorkloadKind,
  WorkloadObject,
} from '../../../src/core/kubernetes.ts';
import { diagnose } from '../../../src/diagnosis/index.ts';

/** The moment at which every sample is judged; `ago(5)` is five seconds before it. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString().replace('.000Z', 'Z');
/** Samples are judged since a minute ago. */
export const SINCE = NOW - 60_000;

let number = 0;
function meta(name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject['metadata'] {
  number += 1;
  return {
    name,
    namespace: 'shop',
    uid: `uid-${name}-${number}`,
    resourceVersion: `${number}`,
    creationTimestamp: ago(30),
    ...more,
  };
}

export const owned = (by: KubeObject, kind: string) => ({
  ownerReferences: [{ kind, name: by.metadata.name, uid: by.metadata.uid, controller: true }],
});

export function template(image = 'registry.example/web:v2', more: Partial<PodSpec> = {}): PodTemplate {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }], ...more } };
}

export function workload(kind: WorkloadKind = 'Deployment', more: Partial<WorkloadObject> = {}): WorkloadObject {
  return {
    kind,
    metadata: meta('web', { generation: 2 }),
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template() },
    status: { observedGeneration: 2 },
    ...more,
  };
}

export function replicaSet(
  owner: KubeObject,
  more: Partial<ReplicaSetObject> & { readonly name?: string; readonly revision?: number } = {},
): ReplicaSetObject {
  const { name = 'web-7d4b9c6f5', revision = 2, ...rest } = more;
  return {
    metadata: meta(name, {
      ...owned(owner, 'Deployment'),
      annotations: { 'deployment.kubernetes.io/revision': `${revision}` },
    }),
    spec: { replicas: 1, template: template() },
    status: { replicas: 1 },
    ...rest,
  };
}

export function controllerRevision(
  owner: KubeObject,
  name: string,
  stored: PodTemplate,
  labels: Record<string, string> = {},
): ControllerRevisionObject {
  return {
    metadata: meta(name, { ...owned(owner, 'StatefulSet'), labels }),
    revision: 1,
    data: { spec: { template: { ...stored, $patch: 'replace' } } },
  };
}

export function status(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, ready: false, restartCount: 0, state, ...more };
}

export const waiting = (reason: string, message = ''): ContainerState => ({ waiting: { reason, message } });
export const running = (secondsAgo: number): ContainerState => ({ running: { startedAt: ago(secondsAgo) } });
export const ended = (exitCode: number, reason = 'Error', secondsAgo = 2, message?: string): ContainerState => ({
  terminated: {
    exitCode,
    reason,
    startedAt: ago(secondsAgo + 1),
    finishedAt: ago(secondsAgo),
    ...(message === undefined ? {} : { message }),
  },
});

export interface PodSample {
  readonly name?: string;
  readonly phase?: string;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly spec?: Partial<PodSpec>;
  readonly states?: readonly ContainerStatus[];
  readonly initStates?: readonly ContainerStatus[];
  readonly status?: Partial<NonNullable<PodObject['status']>>;
  readonly metadata?: Partial<KubeObject['metadata']>;
}

export function pod(sample: PodSample = {}): PodObject {
  const { name = 'web-7d4b9c6f5-abcde', phase = 'Running', containers = [{ name: 'web', image: 'web:v2' }] } = sample;
  return {
    metadata: meta(name, sample.metadata),
    spec: {
      containers,
      ...(sample.initContainers ? { initContainers: sample.initContainers } : {}),
      ...sample.spec,
    },
    status: {
      phase,
      containerStatuses: sample.states ?? [],
      initContainerStatuses: sample.initStates ?? [],
      ...sample.status,
    },
  };
}

export function event(
  about: KubeObject,
  reason: string,
  message: string,
  more: Partial<EventObject> & { readonly secondsAgo?: number; readonly container?: string } = {},
): EventObject {
  const { secondsAgo = 1, container, ...rest } = more;
  return {
    metadata: meta(`event-${reason.toLowerCase()}`),
    type: 'Warning',
    reason,
    message,
    count: 1,
    firstTimestamp: ago(secondsAgo),
    lastTimestamp: ago(secondsAgo),
    involvedObject: {
      name: about.metadata.name,
      uid: about.metadata.uid,
      ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
    },
    ...rest,
  };
}

export function patient(more: Partial<Patient> = {}): Patient {
  return {
    namespace: 'shop',
    workload: workload(),
    pods: [],
    otherPods: [],
    events: [],
    since: SINCE,
    now: NOW,
    ...more,
  };
}

/** The findings of a patient with these pods. */
export function findings(
  pods: readonly PodObject[],
  events: readonly EventObject[] = [],
  more: Partial<Patient> = {},
): Finding[] {
  return diagnose(patient({ pods, events, ...more }));
}

export function causes(found: readonly Finding[]): Cause[] {
  return found.map((finding) => finding.cause);
}
