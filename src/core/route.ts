import type { HealthCheck } from './config.ts';
import type { Cause, Finding } from './finding.ts';
import type { Judgement } from './health.ts';
import type { EndpointSliceObject, PodObject, PodSpec, ServiceObject, WorkloadRef } from './kubernetes.ts';

/** A health check whose last answer was wrong, or that had none. */
export interface FailedCheck {
  readonly name: string;
  readonly at: HealthCheck['at'];
  readonly last: Judgement;
}

/** A workload of the group, as far as a Service can know it. */
export interface Destination {
  readonly ref: WorkloadRef;
  /** Labels of its pod template. */
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

/** Ready addresses behind the cluster's own DNS Service, and all of them. */
export interface DnsState {
  readonly ready: number;
  readonly addresses: number;
}

/** All that diagnosis may look at on the way from a health check to the pods of the group. */
export interface Route {
  readonly namespace: string;
  /** The checks that fail; at least one. */
  readonly checks: readonly FailedCheck[];
  /** Of the namespace; undefined where they may not be read. */
  readonly services: readonly ServiceObject[] | undefined;
  readonly slices: readonly EndpointSliceObject[] | undefined;
  readonly group: readonly Destination[];
  /** Label sets of the pod templates of all workloads that are known, of the group or not. */
  readonly templates: readonly Readonly<Record<string, string>>[];
  /** Pods of the namespace that have not ended and are not being deleted. */
  readonly pods: readonly PodObject[];
  /** Undefined where it may not be read, or is not where most clusters have it. */
  readonly dns: DnsState | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** One cause on the way: a pure rule. One finding per Service or host at the most, however many checks fail for it. */
export interface RouteRule {
  readonly cause: Cause;
  detect(route: Route): readonly Finding[];
}
