import type { Contacts } from './config.ts';
import type { EventObject, PodObject, ReplicaSetObject, WorkloadObject, WorkloadRef } from './kubernetes.ts';

/** The causes that diagnosis can name. One file each in `diagnosis/`; texts in both catalogues of `report/`. */
export const CAUSES = [
  'image-not-found',
  'registry-unreachable',
  'image-pull-denied',
  'invalid-image-name',
  'crash-loop',
  'command-not-found',
  'init-crash',
  'missing-secret',
  'missing-config-map',
  'missing-key',
  'volume-not-mounted',
  'never-ready',
  'liveness-kill',
  'out-of-memory',
  'unschedulable',
  'quota-exceeded',
  'admission-denied',
  'stateful-set-stuck',
  'stuck-terminating',
  'evicted',
] as const;
export type Cause = (typeof CAUSES)[number];

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
