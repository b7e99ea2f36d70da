import { ifAllowed } from '../../core/allowed.ts';
import type { CronJobObject, WorkloadObject, WorkloadRef } from '../../core/kubernetes.ts';
import type { ClusterReader } from '../../ports/cluster.ts';

/** Annotation of a workload that a run scaled to zero, with the number of pods that it had. */
export const FENCED_REPLICAS = 'tiered-rollback/fenced-replicas';
/** Annotation of a CronJob that a run suspended: `"true"`. */
export const FENCED = 'tiered-rollback/fenced';

/** What a run kept from writing and nobody brought back yet. */
export interface LeftFenced {
  readonly workloads: readonly {
    readonly ref: WorkloadRef;
    readonly uid: string;
    /** The number of pods that it had. */
    readonly replicas: number;
    /** The number that it asks for now; not 0 where somebody scaled it up meanwhile. */
    readonly now: number;
  }[];
  readonly cronJobs: readonly { readonly name: string; readonly uid: string }[];
}

/** Looks for it in the whole namespace, also beyond the group: the run that left it may have had another one. */
export async function leftFenced(cluster: ClusterReader): Promise<LeftFenced> {
  const [deployments, statefulSets, cronJobs] = await Promise.all([
    ifAllowed(cluster.list('Deployment')),
    ifAllowed(cluster.list('StatefulSet')),
    ifAllowed(cluster.list('CronJob')),
  ]);
  // What may not be listed was not stopped by us either.
  return leftFencedIn([...(deployments ?? []), ...(statefulSets ?? [])], cronJobs ?? []);
}

/** The same of objects that were read already. */
export function leftFencedIn(
  workloads: readonly WorkloadObject[],
  cronJobs: readonly CronJobObject[] = [],
): LeftFenced {
  return {
    workloads: workloads.flatMap(({ kind, metadata, spec }) => {
      const replicas = numberOf(metadata.annotations?.[FENCED_REPLICAS]);
      if (replicas === undefined || kind === 'DaemonSet') return [];
      return [{ ref: { kind, name: metadata.name }, uid: metadata.uid, replicas, now: spec.replicas ?? 1 }];
    }),
    cronJobs: cronJobs
      .filter(({ metadata }) => metadata.annotations?.[FENCED] === 'true')
      .map(({ metadata: { name, uid } }) => ({ name, uid })),
  };
}

/** Anybody may write an annotation: what is no sensible number brings nothing back. */
function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}
