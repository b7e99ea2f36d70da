import type { PodObject } from '../core/kubernetes.ts';
import { isReady } from '../core/rollout.ts';
import type { Route, RouteRule } from '../core/route.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { namedOnRoute } from './route/named.ts';
import { destinationsOf, selectorOf, selectorText, selects, type Tried, triedServices } from './route/services.ts';

/** A pod that became Ready is in the EndpointSlices a moment later; who is Ready for longer and is not there, is kept out. */
const LAG_MS = 10_000;

/**
 * No pod behind a Service is ready to be asked: its EndpointSlices have no ready address. Values: service, pods (that it selects), ready (of
 * them). Where the EndpointSlices may not be read, the pods themselves are asked.
 */
export const serviceWithoutEndpoints: RouteRule = {
  cause: 'service-without-endpoints',
  detect: (route) =>
    triedServices(route).flatMap((tried) => {
      const selector = selectorOf(tried.service);
      if (!selector) return [];
      const [destination] = destinationsOf(route, selector);
      // A Service of somebody else is not what a check by URL is about.
      if (!tried.isNamed && !destination) return [];
      const pods = route.pods.filter(({ metadata }) => selects(selector, metadata.labels));
      const ready = pods.filter(isReady);
      const addresses = addressesOf(route, tried);
      if ((addresses?.ready ?? ready.length) > 0 || ready.some((pod) => isFresh(pod, route.now))) return [];
      const name = `service/${tried.service.metadata.name}`;
      const labels = selectorText(selector);
      return [
        namedOnRoute('service-without-endpoints', {
          object: name,
          workload: destination?.ref,
          values: { service: name, pods: pods.length, ready: ready.length },
          evidence: [
            tr`${name}: selector ${labels}`,
            addresses ? tr`EndpointSlices: ${addresses.ready} of ${addresses.all} addresses ready` : undefined,
            ...pods.map(podText),
          ],
          command:
            pods.length === 0
              ? kubectl(route, 'get', 'pods', '--show-labels')
              : kubectl(route, 'describe', 'pods', '-l', labels),
        }),
      ];
    }),
};

function addressesOf(
  { slices }: Route,
  { service }: Tried,
): { readonly ready: number; readonly all: number } | undefined {
  if (!slices) return undefined;
  const endpoints = slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.terminating !== true);
  // `ready` that is not said counts as ready (discovery/v1).
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  const count = (of: typeof endpoints) => new Set(of.flatMap(({ addresses }) => addresses ?? [])).size;
  return { ready: count(ready), all: count(endpoints) };
}

function readyCondition(pod: PodObject) {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready');
}

function isFresh(pod: PodObject, now: number): boolean {
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '');
  return Number.isNaN(since) || now - since < LAG_MS;
}

function podText(pod: PodObject): string {
  const condition = readyCondition(pod);
  const why = [condition?.reason, condition?.message].filter(Boolean).join(': ');
  return `pod/${pod.metadata.name}: ${isReady(pod) ? 'Ready' : tr`not Ready`}${why ? ` (${why})` : ''}`;
}
