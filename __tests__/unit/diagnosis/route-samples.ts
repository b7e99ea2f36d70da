import { readFileSync } from 'node:fs';
import type { EndpointSliceObject, PodObject, ServiceObject, WorkloadObject } from '../../../src/core/kubernetes.ts';
import type { Destination, FailedCheck, Route } from '../../../src/core/route.ts';

interface Capture {
  readonly services: readonly ServiceObject[];
  readonly endpointSlices: readonly EndpointSliceObject[];
  readonly deployments: readonly WorkloadObject[];
  readonly pods: readonly PodObject[];
}

/** Read from a real control plane. */
export const SHOP = JSON.parse(
  readFileSync(new URL('../../fixtures/routes/shop.json', import.meta.url), 'utf8'),
) as Capture;

/** An hour after the capture: everything in it has settled. */
export const NOW = Math.max(...SHOP.pods.map(({ metadata }) => Date.parse(metadata.creationTimestamp))) + 3_600_000;

export function destination(name: string): Destination {
  const workload = SHOP.deployments.find(({ metadata }) => metadata.name === name);
  if (!workload) throw new Error(`no deployment/${name} in the capture`);
  const { template } = workload.spec;
  return { ref: { kind: 'Deployment', name }, labels: template.metadata?.labels ?? {}, spec: template.spec };
}

/** A check through a Service that got what the API server says where nobody answers. */
export function byService(address: string, last: Partial<FailedCheck['last']> = {}): FailedCheck {
  const [service = '', port = ''] = address.split(':');
  const status = last.status ?? 503;
  return {
    name: `service/${address}/health`,
    at: { kind: 'service', service, port, path: '/health' },
    last: { ok: false, observed: `status ${status}`, expected: 'status 200-299', status, ...last },
  };
}

export function byUrl(url: string, last: Partial<FailedCheck['last']> = { status: 503 }): FailedCheck {
  return {
    name: url,
    at: { kind: 'url', url },
    last: { ok: false, observed: 'wrong', expected: 'status 200-299', ...last },
  };
}

export interface RouteSample extends Partial<Omit<Route, 'services' | 'group'>> {
  /** Names of Services of the capture; all of them unless told. */
  readonly only?: readonly string[];
  readonly group?: readonly (string | Destination)[];
  readonly services?: Route['services'];
}

export function route(checks: readonly FailedCheck[], { only, group = ['web'], ...more }: RouteSample = {}): Route {
  return {
    namespace: 'shop',
    checks,
    services: SHOP.services.filter(({ metadata }) => only?.includes(metadata.name) ?? true),
    slices: SHOP.endpointSlices,
    group: group.map((one) => (typeof one === 'string' ? destination(one) : one)),
    templates: SHOP.deployments.map(({ spec }) => spec.template.metadata?.labels ?? {}),
    pods: SHOP.pods,
    dns: undefined,
    now: NOW,
    ...more,
  };
}
