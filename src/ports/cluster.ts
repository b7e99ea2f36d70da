import type { AccessRule } from '../core/access.ts';
import type {
  CronJobObject,
  Json,
  KubeObject,
  ObjectKind,
  ObjectOf,
  PodTemplate,
  SecretObject,
  WorkloadObject,
  WorkloadRef,
} from '../core/kubernetes.ts';
import type { PodMetrics } from '../core/pod-usage.ts';
import type { DnsState } from '../core/route.ts';
import type { HttpAnswer } from './http.ts';
import type { ObjectReader, ObjectWriter } from './objects.ts';

export type { AccessRule };

export interface ClusterIdentity {
  readonly server: string;
  readonly context: string;
  /** UID of the namespace kube-system; absent where it may not be read. */
  readonly uid?: string;
  readonly version?: string;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/**
 * The objects of a namespace, listed once and kept current by one watch per kind, shared by all workloads.
 * A watch that breaks, expires (410) or goes silent is renewed with a new list: nobody waits on a lost event.
 */
export interface ClusterView {
  /** Current objects of the kind. @throws when the kind is not part of this view. */
  all<K extends ObjectKind>(kind: K): readonly ObjectOf[K][];
  get<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined;
  /** Increases with each change. */
  readonly version: number;
  /** Resolves when the view has changed since `version`, or after `maxMs`; rejects when aborted or the view failed for good. */
  changed(version: number, maxMs: number, signal: AbortSignal): Promise<void>;
  /** Kinds that the view should hold but may not read; they show as empty. */
  readonly missing: readonly ObjectKind[];
  close(): void;
}

/** A change of a workload's template: exact, guarded and leaving no field manager of ours behind. */
export interface TemplateChange {
  readonly ref: WorkloadRef;
  /** The object must still be this one. */
  readonly uid: string;
  /** Template that must still be there (hash as of `templateHash`); another one means that somebody else deployed. */
  readonly from: string;
  readonly template: PodTemplate;
  /** Annotations of the workload to set in the same write (null removes). */
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** Which lines of a log. All bounds hold together. */
export interface LogOptions {
  readonly tailLines: number;
  /** The instance before. */
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  /** Each line begins with its time (RFC 3339) and a space. */
  readonly timestamps?: boolean;
  /** At most so many bytes; the newest lines are left out then. */
  readonly maxBytes?: number;
  /** One attempt that takes at most so long, ms; without it the request is repeated as others are. */
  readonly timeoutMs?: number;
}

/** Reads of one namespace. All methods throw RollbackError only. A missing permission is CLUSTER_FORBIDDEN and names the rule. */
export interface ClusterReader extends ObjectReader {
  identity(): Promise<ClusterIdentity>;
  get<K extends ObjectKind>(kind: K, name: string): Promise<ObjectOf[K] | undefined>;
  list<K extends ObjectKind>(kind: K, options?: ListOptions): Promise<readonly ObjectOf[K][]>;
  /** Opens list and watch of the kinds; resolves once all lists are in. */
  view(kinds: readonly ObjectKind[], signal: AbortSignal): Promise<ClusterView>;
  /** One answer per rule, in order (SelfSubjectAccessReview). `unknown` where the review itself failed. */
  access(rules: readonly AccessRule[]): Promise<readonly ('allowed' | 'denied' | 'unknown')[]>;
  /** Server-side dry run of the change: the workload as it would be, defaults and webhooks applied. A dry run is a read. */
  dryRunTemplate(change: TemplateChange): Promise<WorkloadObject>;
  /** Last lines of one container's log; never follows. `previous` reads the instance before. */
  logs(pod: string, container: string, options: LogOptions): Promise<readonly string[]>;
  /** Endpoints of the cluster's own DNS (Service kube-dns in kube-system); undefined where they may not be read, or are elsewhere. Never throws. */
  clusterDns(): Promise<DnsState | undefined>;
  /**
   * What the metrics API (metrics.k8s.io) says of the pods of the namespace, as `kubectl top pods` shows it; undefined where none is installed.
   * Asked once. @throws METRICS_UNAVAILABLE where it is registered and does not answer
   */
  podMetrics(signal: AbortSignal): Promise<readonly PodMetrics[] | undefined>;
  /** GET through the API server's service proxy. */
  serviceGet(
    service: string,
    port: string,
    path: string,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<HttpAnswer>;
}

/** Writes of one namespace. Each is safe to repeat: after a lost answer the object is read again before anything is sent twice. */
export interface ClusterWriter extends ObjectWriter {
  /**
   * Sets the pod template and `paused: false` in one guarded write; replicas stay. last-applied is corrected, so that the next
   * `kubectl apply`, `kubectl apply --server-side` and `helm upgrade` work without force and yield their manifest.
   * @returns the workload as written, or as found when it has the template already.
   * @throws PLAN_STALE when the template is neither `from` nor the wanted one, OBJECT_REPLACED when the UID differs.
   */
  setTemplate(change: TemplateChange): Promise<WorkloadObject>;
  /** Pauses (true) or resumes (false) a Deployment; nothing when it is so already. */
  setPaused(ref: WorkloadRef, uid: string, paused: boolean): Promise<WorkloadObject>;
  /** A rollout restart: sets `restartedAt` on the template. */
  restart(ref: WorkloadRef, uid: string, at: string): Promise<WorkloadObject>;
  /**
   * Sets exactly these keys of a Secret; all others stay. Guarded by what was read of them: their old values must still be there. Who
   * owned a key still owns it, except that a key of `kubectl apply` is nobody's until its next run, as a new one is: no next deploy meets a
   * conflict. last-applied is left as it is (kubectl compares it with the next manifest, which then wins). An immutable Secret is deleted and created again with all it had, under
   * the same name. No value stands in any error. @throws PLAN_STALE when a key was changed since, OBJECT_REPLACED
   */
  setSecretKeys(
    secret: SecretObject,
    /** Text, or bytes, by key; a key that is null is removed. */
    values: Readonly<Record<string, SecretValue | null>>,
  ): Promise<SecretObject>;
  /** Creates a user's Secret whose keys are nobody's, so that the next deploy meets no conflict. Undefined when the name is taken. */
  createSecret(secret: NewSecret): Promise<SecretObject | undefined>;
  /** Sets `spec.replicas` and annotations (null removes) in one guarded write. DaemonSets cannot be scaled. @throws OBJECT_REPLACED, PLAN_STALE */
  scale(
    ref: WorkloadRef,
    uid: string,
    change: {
      readonly replicas: number;
      /** What must still be there, where the annotations speak about it. */
      readonly from?: number;
      readonly annotations: Readonly<Record<string, string | null>>;
    },
  ): Promise<WorkloadObject>;
  /** Sets `spec.suspend` and an annotation in one guarded write. @throws OBJECT_REPLACED */
  suspendCronJob(
    name: string,
    uid: string,
    change: { readonly suspend: boolean; readonly annotations: Readonly<Record<string, string | null>> },
  ): Promise<CronJobObject>;
  /** Deletes exactly this pod (UID precondition); a pod that is gone already is fine. `force` ends a pod that is stuck in termination. */
  deletePod(name: string, uid: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Creates an object of our own state (Lease, ConfigMap, Secret named `tiered-rollback*`). Undefined when the name is taken. */
  create<K extends OwnKind>(kind: K, object: OwnObject<K>): Promise<ObjectOf[K] | undefined>;
  /** Replaces it if its resourceVersion is still the given one; undefined when it is not (or the object is gone). */
  replace<K extends OwnKind>(
    kind: K,
    object: OwnObject<K> & { readonly metadata: { readonly resourceVersion: string } },
  ): Promise<ObjectOf[K] | undefined>;
  /** Deletes it (resourceVersion precondition when given); gone already is fine. */
  remove(kind: OwnKind, name: string, resourceVersion?: string): Promise<void>;
}

/** Plain text, or bytes that are none. */
export type SecretValue = string | Uint8Array;

/** A Secret to be created: all that a user may say of one. `data` is base64, as the API has it. */
export interface NewSecret {
  readonly metadata: Pick<KubeObject['metadata'], 'name' | 'labels' | 'annotations' | 'ownerReferences'>;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data: Readonly<Record<string, string>>;
}

export type OwnKind = 'Lease' | 'ConfigMap' | 'Secret';
/** An object to be written: kind and server-set metadata are filled in by the adapter. */
export type OwnObject<K extends OwnKind> = Omit<ObjectOf[K], keyof KubeObject> & {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
} & { readonly [key: string]: Json | object | undefined };
