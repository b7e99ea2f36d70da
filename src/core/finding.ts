import type { Contacts } from './config.ts';
import type { EventObject, PodObject, ReplicaSetObject, WorkloadObject, WorkloadRef } from './kubernetes.ts';

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
} as const satisfies { readonly [C in Cause]: readonly string[] };
export type CauseValue<C extends Cause> = (typeof CAUSE_VALUES)[C][number];

/** A named cause with its proof. Naming a cause and giving up are two decisions: only `fatal` ends the wait. */
export interface Finding {
  readonly cause: Cause;
  readonly workload: WorkloadRef;
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
