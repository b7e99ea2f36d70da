import { lastSeen, timesSeen } from './event-times.ts';
import type { Patient } from './finding.ts';
import type { EventObject, KubeObject, PodObject, WorkloadRef } from './kubernetes.ts';
import { isReady, rolloutStatus } from './rollout.ts';

/** Why a Warning event says nothing against the target release: it was overcome, it never says anything, or the config names it. */
export type PassedOver = 'healed' | 'harmless' | 'ignored';

/** A Warning about the target release since the rollback; the same one about several pods is one. */
export interface Warning {
  readonly workload: WorkloadRef;
  /** Kind and name of what it is about, of the newest one. */
  readonly kind: string;
  readonly name: string;
  /** How many objects have it. */
  readonly objects: number;
  readonly reason: string;
  /** Of the newest one. Hostile, and may hold credentials. */
  readonly message: string;
  /** How often it was seen, by all of them. */
  readonly count: number;
  /** ms since the epoch, by the clock of the cluster. */
  readonly lastSeen: number;
  readonly passedOver?: PassedOver;
}

/** A kubelet that has just begun to know a pod does not have its Secrets and ConfigMaps at hand yet (kubelet: secret and configmap managers). */
const CACHE_SYNC = /failed to sync (?:secret|configmap) cache|not registered$/;
/**
 * Reasons that are about the cluster's settings and come again and again for healthy pods: more nameservers than a resolver takes (kubelet:
 * pkg/kubelet/network/dns), and a probe that is answered by a redirection to another host (pkg/kubelet/prober).
 */
const CHRONIC: readonly string[] = ['DNSConfigForming', 'ProbeWarning'];

/**
 * The rule by which events are judged, for one workload. What counts is type Warning, about a pod of the target release, its ReplicaSet or the workload
 * itself, seen since the rollback; newest first. Events of other pods (the bad release's, those on their way out) do not.
 *
 * A warning is healed when its object came up after it: the pod has been Ready since (so what was in its way, an unready probe, a volume, an image, a
 * node, is not any more), or all pods of the workload have. One that is seen after that is trouble of a pod that serves.
 *
 * @param patient of the target release, `since` the rollback.
 * @param ignore reasons that the user knows.
 */
export function warningsOf(patient: Patient, ignore: readonly string[]): Warning[] {
  const subjects = subjectsOf(patient);
  const { kind, metadata } = patient.workload;
  const workload: WorkloadRef = { kind, name: metadata.name };
  const since = wholeSecond(patient.since);
  const seen = patient.events.flatMap((event) => {
    const subject = subjects.get(event.involvedObject.uid ?? '');
    if (!subject || event.type !== 'Warning' || !(lastSeen(event) >= since)) return [];
    const passedOver = passedOverBy(event, subject, ignore);
    return [{ event, subject, passedOver }];
  });
  const alike = Map.groupBy(seen, ({ event, subject, passedOver }) =>
    JSON.stringify([subject.kind, event.reason, shapeOf(event.message ?? ''), passedOver]),
  );
  return [...alike.values()]
    .flatMap((same) => {
      const [newest] = same.toSorted((a, b) => lastSeen(b.event) - lastSeen(a.event));
      if (!newest) return [];
      const { event, subject, passedOver } = newest;
      return [
        {
          workload,
          kind: subject.kind,
          name: subject.name,
          objects: new Set(same.map(({ subject: { name } }) => name)).size,
          reason: event.reason ?? '',
          message: event.message ?? '',
          count: same.reduce((sum, one) => sum + timesSeen(one.event), 0),
          lastSeen: lastSeen(event),
          ...(passedOver ? { passedOver } : {}),
        },
      ];
    })
    .toSorted((a, b) => b.lastSeen - a.lastSeen);
}

/** What an event may be about, and since when that is well: ms, undefined where it is not. */
interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly wellSince: number | undefined;
  /** Since when it has a node. */
  readonly scheduledAt?: number | undefined;
}

function subjectsOf({ workload, replicaSet, pods }: Patient): Map<string, Subject> {
  // A pod that has ended (evicted, lost with its node) has been replaced, and stays only to be read.
  const ready = pods.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded').map(readyAt);
  const isComplete = rolloutStatus(workload).kind === 'complete' && ready.every((at) => at !== undefined);
  // Without any pod that is wanted there is nothing that could still be in trouble.
  const wellSince = isComplete
    ? Math.max(...(ready as number[]), ready.length > 0 ? 0 : Number.POSITIVE_INFINITY)
    : undefined;
  const entry = (object: KubeObject, kind: string, more: Omit<Subject, 'kind' | 'name'>) =>
    [object.metadata.uid, { kind, name: object.metadata.name, ...more }] as const;
  return new Map([
    entry(workload, workload.kind, { wellSince }),
    ...(replicaSet ? [entry(replicaSet, 'ReplicaSet', { wellSince })] : []),
    ...pods.map((pod) => entry(pod, 'Pod', { wellSince: readyAt(pod), scheduledAt: trueSince(pod, 'PodScheduled') })),
  ]);
}

function readyAt(pod: PodObject): number | undefined {
  return isReady(pod) ? trueSince(pod, 'Ready') : undefined;
}

function trueSince(pod: PodObject, type: string): number | undefined {
  const condition = pod.status?.conditions?.find((one) => one.type === type);
  const at = condition?.status === 'True' ? Date.parse(condition.lastTransitionTime ?? '') : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function passedOverBy(event: EventObject, subject: Subject, ignore: readonly string[]): PassedOver | undefined {
  const reason = event.reason ?? '';
  if (ignore.includes(reason)) return 'ignored';
  if (CHRONIC.includes(reason) || (reason === 'FailedMount' && CACHE_SYNC.test(event.message ?? ''))) return 'harmless';
  const overcome = [subject.wellSince, reason === 'FailedScheduling' ? subject.scheduledAt : undefined];
  // The API cuts most times to whole seconds: within one of them the event came before what it was waited for.
  return overcome.some((at) => at !== undefined && wholeSecond(lastSeen(event)) <= wholeSecond(at))
    ? 'healed'
    : undefined;
}

function wholeSecond(ms: number): number {
  return Number.isFinite(ms) ? Math.floor(ms / 1000) * 1000 : ms;
}

/** The message without what differs from pod to pod and from try to try. */
function shapeOf(message: string): string {
  return message
    .slice(0, 500)
    .replace(/^\(combined from similar events\): /, '')
    .replace(/"[^"]*"|\S*\d\S*/g, '#');
}
