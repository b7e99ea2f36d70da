import type { Patient } from '../../core/finding.ts';
import { tr } from '../../core/tr.ts';
import { eventsAbout, isFresh } from './events.ts';

/**
 * Why pods of the judged release were not created, newest first: the API server's own words. There is no pod to look at;
 * the ReplicaSet's condition and events say so, for a StatefulSet and a DaemonSet events of the workload alone.
 */
export function refusedPods(patient: Patient): string[] {
  if (!lacksPods(patient)) return [];
  const { replicaSet, workload } = patient;
  const onReplicaSet = (replicaSet?.status?.conditions ?? [])
    .filter((one) => one.type === 'ReplicaFailure' && one.status === 'True' && one.reason === 'FailedCreate')
    .map((one) => one.message ?? '');
  // The Deployment repeats the condition of any of its ReplicaSets, and keeps it for a while after.
  const onWorkload = (workload.status?.conditions ?? [])
    .filter((one) => one.type === 'ReplicaFailure' && one.status === 'True' && one.reason === 'FailedCreate')
    .filter((one) => isFresh(patient, one.lastUpdateTime ?? one.lastTransitionTime))
    .map((one) => one.message ?? '')
    .filter((message) => !replicaSet || message.includes(`"${replicaSet.metadata.name}-`));
  const events = [...(replicaSet ? [replicaSet] : []), ...(workload.kind === 'Deployment' ? [] : [workload])].flatMap(
    (object) => eventsAbout(patient, object, 'FailedCreate').map((event) => event.message ?? ''),
  );
  return [...onReplicaSet, ...onWorkload, ...events];
}

/** Whether pods are missing still: a refusal that has been overcome is no cause. */
function lacksPods(patient: Patient): boolean {
  const { workload, replicaSet, pods, otherPods } = patient;
  if (workload.kind === 'Deployment') {
    return !replicaSet || (replicaSet.status?.replicas ?? 0) < (replicaSet.spec.replicas ?? 1);
  }
  const wanted =
    workload.kind === 'StatefulSet' ? (workload.spec.replicas ?? 1) : workload.status?.desiredNumberScheduled;
  return wanted === undefined || pods.length + otherPods.length < wanted;
}

/** Quota, of what was asked, used and allowed, in the API server's notation (`pods=1,requests.cpu=2`). */
export interface QuotaRefusal {
  readonly quota: string;
  readonly requested: string;
  readonly used: string;
  readonly limited: string;
}

const QUOTA = /exceeded quota: ([^,]{1,253}), requested: (.{1,500}?), used: (.{1,500}?), limited: (.{1,500})/;

export function quotaRefusal(message: string): QuotaRefusal | undefined {
  const match = QUOTA.exec(message);
  if (!match) return undefined;
  const [, quota = '', requested = '', used = '', limited = ''] = match;
  return { quota, requested, used, limited };
}

/** Who refused a pod, and in which words. */
export interface Refusal {
  readonly by: string;
  readonly why: string;
}

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/admission webhook "([^"]{1,253})" denied the request:? ?(.*)/s, 'webhook'],
  [/failed calling webhook "([^"]{1,253})": (.*)/s, 'webhook'],
  [/violates PodSecurity "([^"]{1,100})": (.*)/s, 'PodSecurity'],
  [/ValidatingAdmissionPolicy '([^']{1,253})'.{0,300}? denied request: (.*)/s, 'ValidatingAdmissionPolicy'],
  [/failed quota: ([^:]{1,253}): (.*)/s, 'ResourceQuota'],
  [/error looking up service account ([^:]{1,300}): (.*)/s, 'ServiceAccount'],
  [/no PriorityClass with name (\S{1,253}) (was found)/, 'PriorityClass'],
  // LimitRange, and whatever else forbids or finds the pod invalid.
  [/ is (?:forbidden|invalid): ()(.*)/s, 'admission'],
];

/** A namespace that goes away refuses everything; quota has a cause of its own. */
const OTHER = /exceeded quota|is being terminated/;

export function admissionRefusal(message: string): Refusal | undefined {
  if (OTHER.test(message)) return undefined;
  for (const [pattern, what] of REFUSALS) {
    const match = pattern.exec(message);
    if (match) return { by: `${what} ${match[1] ?? ''}`.trim(), why: match[2] || tr`no explanation` };
  }
  return undefined;
}
