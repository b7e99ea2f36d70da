import { RollbackError } from '../../core/errors.ts';
import type { ObjectKind } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';

export interface Resource {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const core = (plural: string, namespaced = true): Resource => ({ group: '', version: 'v1', plural, namespaced });
const of = (group: string, version: string, plural: string): Resource => ({ group, version, plural, namespaced: true });

/** Where each kind lives. Only versions that are stable since Kubernetes 1.23 or longer. */
export const RESOURCES: Readonly<Record<ObjectKind, Resource>> = {
  Namespace: core('namespaces', false),
  Deployment: of('apps', 'v1', 'deployments'),
  StatefulSet: of('apps', 'v1', 'statefulsets'),
  DaemonSet: of('apps', 'v1', 'daemonsets'),
  ReplicaSet: of('apps', 'v1', 'replicasets'),
  ControllerRevision: of('apps', 'v1', 'controllerrevisions'),
  Pod: core('pods'),
  Event: core('events'),
  ConfigMap: core('configmaps'),
  Secret: core('secrets'),
  Service: core('services'),
  EndpointSlice: of('discovery.k8s.io', 'v1', 'endpointslices'),
  ServiceAccount: core('serviceaccounts'),
  PersistentVolumeClaim: core('persistentvolumeclaims'),
  CronJob: of('batch', 'v1', 'cronjobs'),
  HorizontalPodAutoscaler: of('autoscaling', 'v2', 'horizontalpodautoscalers'),
  PodDisruptionBudget: of('policy', 'v1', 'poddisruptionbudgets'),
  ResourceQuota: core('resourcequotas'),
  Lease: of('coordination.k8s.io', 'v1', 'leases'),
};

export function apiVersionOf(kind: ObjectKind): string {
  const { group, version } = RESOURCES[kind];
  return group === '' ? version : `${group}/${version}`;
}

/** Path of the collection, or of one object; relative to the server. */
export function pathOf(kind: ObjectKind, namespace: string, name?: string): string {
  const { group, version, plural, namespaced } = RESOURCES[kind];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? `/namespaces/${segment(namespace)}` : '';
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${segment(name)}`}`;
}

/**
 * A name as one segment of a path. Names come from inputs and from the cluster: none may reach another path of the API.
 * @throws INPUT_INVALID
 */
export function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.length > 253) {
    throw new RollbackError(
      'INPUT_INVALID',
      tr`${JSON.stringify(name.slice(0, 40))} is not the name of a Kubernetes object.`,
      tr`Use the name that \`kubectl get\` shows.`,
    );
  }
  return encodeURIComponent(name);
}
