import type { ServiceObject } from '../core/kubernetes.ts';
import type { Destination, Route, RouteRule } from '../core/route.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { namedOnRoute } from './route/named.ts';
import { destinationsOf, POD_LABELS, selectorOf, selectorText, selects, triedServices } from './route/services.ts';

/**
 * A Service selects nothing, and the pods of a workload differ from what it asks for in one label. Values: service, key, wanted (by the
 * Service), carried (by the pods; empty without the label). A Service of something that only has no pods now is none of these: its workload
 * has the labels. Where no check names the Service it must also be the only one that the workload can be reached by.
 */
export const serviceSelectorMismatch: RouteRule = {
  cause: 'service-selector-mismatch',
  detect: (route) =>
    triedServices(route).flatMap(({ service, isNamed }) => {
      const selector = selectorOf(service);
      if (!selector || selectsAnything(route, selector)) return [];
      const near = nearest(route, service, selector, isNamed);
      if (!near) return [];
      const { destination, key } = near;
      const name = `service/${service.metadata.name}`;
      return [
        namedOnRoute('service-selector-mismatch', {
          object: name,
          workload: destination.ref,
          values: { service: name, key, wanted: selector[key] ?? '', carried: destination.labels[key] ?? '' },
          evidence: [
            tr`${name}: selector ${selectorText(selector)}`,
            tr`pods of ${destination.ref.kind.toLowerCase()}/${destination.ref.name}: labels ${selectorText(destination.labels)}`,
          ],
          command: kubectl(route, 'get', 'pods', '--show-labels'),
        }),
      ];
    }),
};

function selectsAnything({ pods, templates }: Route, selector: Readonly<Record<string, string>>): boolean {
  return (
    pods.some(({ metadata }) => selects(selector, metadata.labels)) ||
    templates.some((labels) => selects(selector, labels))
  );
}

/** The workload that the Service was meant for, and the one label that keeps it from it. */
function nearest(
  route: Route,
  service: ServiceObject,
  selector: Readonly<Record<string, string>>,
  isNamed: boolean,
): { readonly destination: Destination; readonly key: string } | undefined {
  const candidates = route.group.flatMap((destination) => {
    const different = Object.entries(selector).filter(([key, value]) => destination.labels[key] !== value);
    const [[key] = ['']] = different;
    if (different.length !== 1 || POD_LABELS.includes(key)) return [];
    const isNamesake = destination.ref.name === service.metadata.name;
    const isAlike = isNamesake || Object.keys(selector).length > 1 || (isNamed && route.group.length === 1);
    if (!isAlike || (!isNamed && isReachable(route, destination))) return [];
    return [{ destination, key, isNamesake }];
  });
  return candidates.find(({ isNamesake }) => isNamesake) ?? candidates[0];
}

/** Whether some other Service selects the workload's pods. */
function isReachable(route: Route, destination: Destination): boolean {
  return (route.services ?? []).some((service) => {
    const selector = selectorOf(service);
    return selector !== undefined && destinationsOf(route, selector).includes(destination);
  });
}
