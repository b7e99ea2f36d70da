import type { HealthCheck } from '../../core/config.ts';
import { RollbackError } from '../../core/errors.ts';
import { type ObjectKind, type ObjectOf, WORKLOAD_KINDS, type WorkloadObject } from '../../core/kubernetes.ts';
import type { ProbeReport } from '../../core/report.ts';
import type { FailedCheck, Route } from '../../core/route.ts';
import type { Situation } from '../../core/situation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterReader, ClusterView } from '../../ports/cluster.ts';

/** What is needed to look at the way to the pods. */
export interface RouteParts {
  readonly cluster: ClusterReader;
  readonly view: ClusterView;
  readonly situation: Pick<Situation, 'members'>;
  readonly namespace: string;
  readonly clock: Clock;
}

/** The checks whose last answer was wrong; one without any answer yet is not known to fail. */
export function failedChecks(checks: readonly HealthCheck[], reports: readonly ProbeReport[]): FailedCheck[] {
  return checks.flatMap(({ name, at }, index) => {
    const report = reports[index];
    return report && report.samples > 0 && !report.last.ok ? [{ name, at, last: report.last }] : [];
  });
}

/** Reads Services and EndpointSlices of the namespace, two requests for any number of checks. What may not be read is undefined. */
export async function readRoute(
  { cluster, view, situation, namespace, clock }: RouteParts,
  checks: readonly FailedCheck[],
): Promise<Route> {
  const isUnresolved = checks.some(({ last }) => last.silence === 'name-not-resolved');
  const [services, slices, dns] = await Promise.all([
    listed(cluster, 'Service'),
    listed(cluster, 'EndpointSlice'),
    isUnresolved ? cluster.clusterDns() : undefined,
  ]);
  const workloads = WORKLOAD_KINDS.flatMap((kind) => held(view, kind));
  const live = situation.members.flatMap(({ ref }) =>
    workloads.filter(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name),
  );
  return {
    namespace,
    checks,
    services,
    slices,
    group: live.map((workload) => ({
      ref: { kind: workload.kind, name: workload.metadata.name },
      labels: labelsOf(workload),
      spec: workload.spec.template.spec,
    })),
    templates: workloads.map(labelsOf),
    pods: view
      .all('Pod')
      .filter(
        ({ metadata, status }) =>
          metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
      ),
    dns,
    now: clock.now(),
  };
}

function labelsOf({ spec }: WorkloadObject): Readonly<Record<string, string>> {
  return spec.template.metadata?.labels ?? {};
}

/** Undefined where it may not be listed: what is not known is not guessed. */
async function listed<K extends ObjectKind>(
  cluster: ClusterReader,
  kind: K,
): Promise<readonly ObjectOf[K][] | undefined> {
  try {
    return await cluster.list(kind);
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}

/** A view holds the kinds of the group only. */
function held<K extends ObjectKind>(view: ClusterView, kind: K): readonly ObjectOf[K][] {
  try {
    return view.all(kind);
  } catch {
    return [];
  }
}
