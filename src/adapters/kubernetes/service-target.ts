import { RollbackError } from '../../core/errors.ts';
import type { PodObject, ServiceObject, ServicePort } from '../../core/kubernetes.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ObjectClient } from './object-client.ts';

/** Where a port of a Service leads: one port of one pod. */
export interface ServiceTarget {
  readonly pod: string;
  readonly uid: string;
  readonly port: number;
}

/**
 * The Ready pod and the port behind a Service, as `kubectl port-forward service/NAME` finds them.
 * @param port number or name of a port of the Service
 * @param last UID of the pod of the time before: it is taken again while it is Ready, because two sessions must not end in two servers.
 * @throws DATABASE_UNREACHABLE: what is missing on the way; CLUSTER_*
 */
export async function serviceTarget(
  client: ObjectClient,
  service: string,
  port: string,
  last?: string,
): Promise<ServiceTarget> {
  const found = await client.get('Service', service);
  const shown = `service/${service}`;
  const { namespace } = client;
  if (!found)
    throw unreachable(tr`${shown} does not exist in namespace "${namespace}"`, kubectl(namespace, 'get', 'services'));
  if (found.spec?.type === 'ExternalName')
    throw unreachable(
      tr`${shown} is a name for a server outside of the cluster (ExternalName)`,
      kubectl(namespace, 'get', shown, '-o', 'jsonpath={.spec.externalName}'),
      tr`use that host`,
    );
  const selector = Object.entries(found.spec?.selector ?? {});
  if (selector.length === 0)
    throw unreachable(
      tr`${shown} selects no pods (its endpoints are kept by hand), so that nothing can be forwarded to`,
      kubectl(namespace, 'get', 'endpointslices', '-l', `kubernetes.io/service-name=${service}`),
      tr`use the address there as host`,
    );
  const wanted = servicePort(found, service, port, namespace);
  const labels = selector.map(([key, value]) => `${key}=${value}`).join(',');
  const { items } = await client.list('Pod', { labelSelector: labels });
  const ready = items.filter(isServing).sort(byAge);
  const pod = ready.find(({ metadata }) => metadata.uid === last) ?? ready[0];
  if (!pod)
    throw unreachable(
      tr`none of the ${items.length} pods behind ${shown} is Ready (selector ${labels})`,
      kubectl(namespace, 'get', 'pods', '-l', labels),
    );
  return { pod: pod.metadata.name, uid: pod.metadata.uid, port: podPort(found, wanted, pod, service, namespace) };
}

function servicePort(found: ServiceObject, service: string, port: string, namespace: string): ServicePort {
  const ports = (found.spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const wanted = ports.find((one) => (/^\d+$/.test(port) ? one.port === Number(port) : one.name === port));
  if (wanted) return wanted;
  const there = ports.map((one) => `${one.port}${one.name ? ` (${one.name})` : ''}`).join(', ');
  throw unreachable(
    tr`service/${service} has no TCP port ${JSON.stringify(port.slice(0, 63))}; it has ${there || tr`none`}`,
    kubectl(namespace, 'describe', 'service', service),
  );
}

/** kubectl: LookupContainerPortNumberByServicePort. A headless Service has no port of its own to translate from. */
function podPort(
  found: ServiceObject,
  { port, targetPort }: ServicePort,
  pod: PodObject,
  service: string,
  namespace: string,
): number {
  if (found.spec?.clusterIP === 'None' || targetPort === undefined || targetPort === 0) return port;
  if (typeof targetPort === 'number') return targetPort;
  const containers = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ];
  const named = containers
    .flatMap(({ ports }) => ports ?? [])
    .find(({ name, protocol = 'TCP' }) => name === targetPort && protocol === 'TCP');
  if (named) return named.containerPort;
  throw unreachable(
    tr`port ${port} of service/${service} leads to the port "${targetPort.slice(0, 63)}", which pod/${pod.metadata.name} does not have`,
    kubectl(namespace, 'describe', 'pod', pod.metadata.name),
  );
}

const isServing = ({ metadata, status }: PodObject) =>
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Running' &&
  (status.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

/** Oldest first: the order must not change when a pod comes. */
const byAge = (one: PodObject, other: PodObject) =>
  (one.metadata.creationTimestamp ?? '').localeCompare(other.metadata.creationTimestamp ?? '') ||
  one.metadata.name.localeCompare(other.metadata.name);

const unreachable = (what: string, look: string, next?: string) =>
  new RollbackError(
    'DATABASE_UNREACHABLE',
    tr`The database cannot be reached: ${what}.`,
    next === undefined ? tr`Look: \`${look}\`; then run again.` : tr`Look: \`${look}\`; ${next}, then run again.`,
  );
