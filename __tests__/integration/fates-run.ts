import type { WorkloadRef } from '../../src/core/kubernetes.ts';
import type { Report } from '../../src/core/report.ts';
import { waitFor } from '../../testbed/condition.ts';
import { fate, type PodTemplate } from '../../testbed/fates/index.ts';
import { broken, tagged, web } from './fates-cases.ts';
import type { Manifest, RollbackOptions, Scene } from './scene.ts';

export interface LogLine {
  /** ms since the epoch. */
  readonly at: number;
  readonly line: string;
}

/** A run, with the time of each line of its log. */
export async function timed(
  scene: Scene,
  workloads: readonly WorkloadRef[],
  options: RollbackOptions = {},
): Promise<{ report: Report; lines: readonly LogLine[] }> {
  const lines: LogLine[] = [];
  const onLog = (line: string) => {
    lines.push({ at: Date.now(), line });
    options.onLog?.(line);
  };
  return { report: await scene.rollback(workloads, { ...options, onLog }), lines };
}

/**
 * A release that meets the failure, and a good one over it: rolling back leads to the failure. What stands beside the workload
 * comes last, so that it does not hinder the way there.
 */
export async function brokenBefore(
  scene: Scene,
  id: string,
  {
    speed,
    maxSurge = 1,
    template = broken(id, speed),
  }: { speed?: number; maxSurge?: number; template?: PodTemplate } = {},
): Promise<void> {
  const spec = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } } };
  await scene.apply(web(scene, template, spec));
  await scene.until('Deployment', 'web', 'the first release is there', isBegun);
  await scene.deploy(web(scene, tagged('v2'), spec));
  await noPodsOf(scene);
  await scene.apply(...((fate(id).objects?.(scene.namespace, { replicas: 2 }) ?? []) as Manifest[]));
}

function isBegun({ metadata, status }: { metadata: Manifest; status?: Manifest }): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) && (status?.updatedReplicas ?? 0) > 0;
}

/** Waits until a container of that image has ended with an error. */
export async function untilCrashed(scene: Scene, image: string): Promise<void> {
  const path = `/api/v1/namespaces/${scene.namespace}/pods`;
  const isCrashed = ({ spec, status }: Manifest) =>
    spec.containers[0].image === image && (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;
  await waitFor(
    `${image} to crash`,
    async () => (await scene.cluster.api.call('GET', path)).body.items.some(isCrashed),
    { timeoutMs: 60_000 },
  );
}

/** Waits until the pods of the first release are gone: they would count in a quota. */
async function noPodsOf(scene: Scene): Promise<void> {
  await scene.until('Deployment', 'web', 'has two pods', ({ status }) => status?.replicas === 2);
}

const HIDDEN: Readonly<Record<string, string>> = {
  'v4-missing-secret': 'secrets',
  'v4b-missing-secret-volume': 'secrets',
  'v4c-missing-configmap': 'configmaps',
  'v10-quota': 'resourcequotas',
};

/** What preflight would refuse is met by a user who may not look: the run then learns it from the pods alone. */
export async function blindTo(scene: Scene, id: string): Promise<RollbackOptions> {
  const hidden = HIDDEN[id];
  return hidden === undefined ? {} : { kubeconfig: await userWithout(scene, hidden) };
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'pods',
    'pods/log',
    'events',
    'configmaps',
    'secrets',
    'serviceaccounts',
    'persistentvolumeclaims',
    'resourcequotas',
  ],
  apps: ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'controllerrevisions'],
  autoscaling: ['horizontalpodautoscalers'],
  policy: ['poddisruptionbudgets'],
  'coordination.k8s.io': ['leases'],
};

/** Kubeconfig of a user who may do everything in the namespace except with one resource. */
async function userWithout(scene: Scene, resource: string): Promise<string> {
  const { namespace, cluster } = scene;
  const name = `without-${resource}-${namespace}`;
  const metadata = { name, namespace };
  const rules = Object.entries(GROUPS).map(([group, resources]) => ({
    apiGroups: [group],
    resources: resources.filter((one) => one !== resource),
    verbs: ['*'],
  }));
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
  await scene.apply(
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects },
  );
  const kubeconfig = await cluster.kubeconfigFor({ name, namespace });
  await waitFor(
    `the rights of ${name}`,
    async () =>
      (await cluster.kubectl(['-n', namespace, 'auth', 'can-i', 'patch', 'deployments'], { kubeconfig })).code === 0,
    { timeoutMs: 20_000 },
  );
  return kubeconfig;
}
