import type { Container, ServicePort } from '../core/kubernetes.ts';
import type { Destination, Route, RouteRule } from '../core/route.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { namedOnRoute } from './route/named.ts';
import { destinationsOf, selectorOf, type Tried, triedServices } from './route/services.ts';

/**
 * A port that leads nowhere: the check asks the Service for one that it does not have, or the Service's `targetPort` is one that no container
 * has. Values: from (`service/web port 80`), leads (the port that is not there), there (those that are). A number counts only where every
 * container says which ports it has: to say so is optional, and a container that says nothing may listen anywhere.
 */
export const servicePortMismatch: RouteRule = {
  cause: 'service-port-mismatch',
  detect: (route) =>
    triedServices(route).flatMap((tried) => {
      const selector = selectorOf(tried.service);
      if (!selector) return [];
      const ports = (tried.service.spec?.ports ?? []).filter(isTcp);
      const asked = tried.port === undefined ? ports : ports.filter((one) => isAsked(one, tried.port ?? ''));
      const name = `service/${tried.service.metadata.name}`;
      const [destination] = destinationsOf(route, selector);
      if (tried.port !== undefined && asked.length === 0)
        return [finding(route, tried, { from: name, leads: tried.port, there: portsText(ports) }, destination)];
      // A headless Service has no port of its own to lead from.
      if (!destination || tried.service.spec?.clusterIP === 'None') return [];
      const lost = asked.filter((port) => !isServed(port, destination.spec.containers, sidecars(destination)));
      // A second port, for metrics perhaps, says nothing about a check that does not name it.
      const [first] = lost;
      if (!first || lost.length < asked.length) return [];
      const there = declared(destination).map(
        ({ containerPort, name: called }) => `${containerPort}${called ? ` (${called})` : ''}`,
      );
      return [
        finding(
          route,
          tried,
          { from: `${name} port ${first.port}`, leads: String(first.targetPort), there: there.join(', ') },
          destination,
        ),
      ];
    }),
};

function finding(
  route: Route,
  { service }: Tried,
  values: { readonly from: string; readonly leads: string; readonly there: string },
  destination: Destination | undefined,
) {
  const name = `service/${service.metadata.name}`;
  return namedOnRoute('service-port-mismatch', {
    object: name,
    workload: destination?.ref,
    values,
    evidence: [
      tr`${name}: ports ${portsText(service.spec?.ports ?? [])}`,
      ...(destination?.spec.containers ?? []).map(
        ({ name: container, ports }) =>
          tr`container ${container}: ${(ports ?? []).map(({ containerPort, name: called }) => `${containerPort}${called ? ` (${called})` : ''}`).join(', ') || tr`says no port`}`,
      ),
    ],
    command: kubectl(route, 'describe', 'service', service.metadata.name),
  });
}

const isTcp = ({ protocol = 'TCP' }: { readonly protocol?: string }) => protocol === 'TCP';

function isAsked(port: ServicePort, asked: string): boolean {
  return /^\d+$/.test(asked) ? port.port === Number(asked) : port.name === asked;
}

function sidecars({ spec }: Destination): readonly Container[] {
  return (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
}

function declared(destination: Destination) {
  return [...destination.spec.containers, ...sidecars(destination)].flatMap(({ ports }) => ports ?? []).filter(isTcp);
}

/** Without a `targetPort` the pod's port has the same number. */
function isServed(port: ServicePort, containers: readonly Container[], beside: readonly Container[]): boolean {
  const target = port.targetPort === undefined || port.targetPort === 0 ? port.port : port.targetPort;
  const ports = [...containers, ...beside].flatMap((container) => container.ports ?? []).filter(isTcp);
  if (typeof target === 'string') return ports.some(({ name }) => name === target);
  return (
    containers.some((container) => (container.ports ?? []).length === 0) ||
    ports.some(({ containerPort }) => containerPort === target)
  );
}

function portsText(ports: readonly ServicePort[]): string {
  return ports
    .map(
      ({ port, name, targetPort }) =>
        `${port}${name ? ` (${name})` : ''}${targetPort === undefined ? '' : tr` to ${targetPort}`}`,
    )
    .join(', ');
}
