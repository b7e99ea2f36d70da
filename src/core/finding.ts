import type { Contacts } from './config.ts';
import {
  type EventObject,
  type PodObject,
  type ReplicaSetObject,
  refText,
  type WorkloadObject,
  type WorkloadRef,
} from './kubernetes.ts';

/** The causes that diagnosis can name, most decisive first. One file each in `diagnosis/`; texts in both catalogues of `report/`. */
export const CAUSES = [
  'invalid-image-name',
  'missing-key',
  'command-not-found',
  'out-of-memory',
  'init-crash',
  'crash-loop',
  'liveness-kill',
  'missing-secret',
  'missing-config-map',
  'image-not-found',
  'image-pull-denied',
  'registry-unreachable',
  'image-pull-failed',
  'runs-as-root',
  'quota-exceeded',
  'admission-denied',
  'unschedulable',
  'volume-not-mounted',
  'stateful-set-stuck',
  'stuck-terminating',
  'evicted',
  'never-ready',
  'service-missing',
  'service-selector-mismatch',
  'service-port-mismatch',
  'service-without-endpoints',
  'name-not-resolved',
] as const;
export type Cause = (typeof CAUSES)[number];

/**
 * The values that a finding of each cause carries, all of them always: what the catalogue's sentence may say beside
 * workload, pod and container, which are fields of the finding itself. The comment gives an example of each.
 */
export const CAUSE_VALUES = {
  'invalid-image-name': ['image'], // registry.shop.example/Web:v3
  'missing-key': ['object', 'key'], // secret/web-db, PASSWORD
  'command-not-found': ['command'], // /usr/bin/gunicorn
  'out-of-memory': ['limit', 'restarts'], // 48Mi (none: no limit), 2
  'init-crash': ['exitCode', 'restarts'], // 3, 2
  'crash-loop': ['exitCode', 'restarts'], // 1, 2
  'liveness-kill': ['probe', 'request', 'restarts'], // liveness or startup, GET :8080/health, 2
  'missing-secret': ['name'], // web-db
  'missing-config-map': ['name'], // web-config
  'image-not-found': ['image'],
  'image-pull-denied': ['image', 'registry'], // ..., ghcr.io
  'registry-unreachable': ['image', 'registry'],
  'image-pull-failed': ['image'],
  'runs-as-root': ['image'],
  'quota-exceeded': ['quota', 'requested', 'used', 'limited'], // compute, pods=1, pods=2, pods=2
  'admission-denied': ['by', 'why'], // webhook policy.example.com, images must be signed
  unschedulable: ['why'], // 1 Insufficient cpu
  'volume-not-mounted': ['volume'], // data
  'stateful-set-stuck': ['blocker'], // web-2: the pod that the controller waits for
  'stuck-terminating': ['seconds'], // 95: since when it should be gone
  evicted: ['pods', 'why'], // 3, The node was low on resource: memory.
  'never-ready': ['request', 'seconds'], // GET :8080/health, 14: running for so long
  'service-missing': ['service'], // service/web
  'service-selector-mismatch': ['service', 'key', 'wanted', 'carried'], // service/web, version, v2, v1 (empty: no such label)
  'service-port-mismatch': ['from', 'leads', 'there'], // service/web port 80, http-alt, 8080 (http)
  'service-without-endpoints': ['service', 'pods', 'ready'], // service/web, 2, 0
  'name-not-resolved': ['host', 'check'], // shop.example, https://shop.example/health
} as const satisfies { readonly [C in Cause]: readonly string[] };
export type CauseValue<C extends Cause> = (typeof CAUSE_VALUES)[C][number];

/** A named cause with its proof. Naming a cause and giving up are two decisions: only `fatal` ends the wait. */
export interface Finding {
  readonly cause: Cause;
  /** Absent where the cause lies before any workload: a name that does not resolve, a Service that selects none. */
  readonly workload?: WorkloadRef;
  /** What it is about on the way to the pods: `service/web`, or a host. */
  readonly object?: string;
  readonly pod?: string;
  readonly container?: string;
  /** Values for the catalogue's sentence about this cause (image, key, exit code, ...). */
  readonly values: Readonly<Record<string, string | number>>;
  /** Lines as the cluster gave them: event text, state message, last log lines. Hostile; the renderer neutralises. */
  readonly evidence: readonly string[];
  /** The next command to type. */
  readonly command: string;
  /** Cannot heal by itself: no sense in waiting for the deadline. */
  readonly fatal: boolean;
  readonly contact: keyof Contacts;
}

/** What a finding is about, as a name: the workload, else the Service or the host. */
export function findingSubject({ workload, object }: Pick<Finding, 'workload' | 'object'>): string {
  return workload ? refText(workload) : (object ?? '');
}

/** Two findings with this in common are one: the later one has the newer numbers. */
export function findingKey(finding: Finding): string {
  return JSON.stringify([finding.cause, findingSubject(finding), finding.object, finding.container]);
}

/** All that diagnosis may look at for one workload: objects of the release that is judged, nothing else. */
export interface Patient {
  readonly namespace: string;
  readonly workload: WorkloadObject;
  /** Pods of the judged release that are not being deleted, newest first. */
  readonly pods: readonly PodObject[];
  /** Pods of other releases of the same workload, and those being deleted. */
  readonly otherPods: readonly PodObject[];
  /** ReplicaSet of the judged release (Deployment only). */
  readonly replicaSet?: ReplicaSetObject;
  /** Events about the workload, the ReplicaSet and those pods, newest first. */
  readonly events: readonly EventObject[];
  /** Since when this release is judged, ms since the epoch: older conditions and events are not believed. */
  readonly since: number;
  readonly now: number;
}

/** One cause: a pure rule. It returns one finding per workload and container at the most, not one per pod. */
export interface CauseRule {
  readonly cause: Cause;
  detect(patient: Patient): readonly Finding[];
}
