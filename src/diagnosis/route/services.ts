import type { ServiceObject } from '../../core/kubernetes.ts';
import { matchesSelector } from '../../core/pods.ts';
import type { Destination, FailedCheck, Route } from '../../core/route.ts';

/** A Service that a failing check may have gone through. */
export interface Tried {
  readonly service: ServiceObject;
  readonly check: FailedCheck;
  /** The check itself names it: then it is certain. */
  readonly isNamed: boolean;
  /** The port that the check asks it for, as number or name; absent where the check does not name it. */
  readonly port?: string;
}

/** Statuses of what stands before the pods (an ingress, a load balancer), when nobody behind it answers. */
const GATEWAY = [502, 503, 504];
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * The Services to look at, each once: those that a check names, then, for checks by URL, all that select pods. Which of them the URL leads to
 * only the ingress knows, so the rules ask more of these.
 */
export function triedServices(route: Route): Tried[] {
  const services = route.services ?? [];
  const checks = route.checks.filter(mayLieBehind);
  const named = checks.flatMap((check): Tried[] => {
    const asked = askedService(route, check);
    const service = services.find(({ metadata }) => metadata.name === asked?.name);
    return asked && service ? [{ service, check, isNamed: true, port: asked.port }] : [];
  });
  const byUrl = checks.find((check) => askedService(route, check) === undefined);
  const others = byUrl ? services.map((service): Tried => ({ service, check: byUrl, isNamed: false })) : [];
  const once = new Map<string, Tried>();
  for (const tried of [...named, ...others]) {
    const key = JSON.stringify([tried.service.metadata.name, tried.port]);
    const isKnown = !tried.isNamed && named.some(({ service }) => service === tried.service);
    if (!isKnown && !once.has(key)) once.set(key, tried);
  }
  return [...once.values()];
}

/** The Service that a check names: `service/NAME:PORT`, or a URL with its name inside of the cluster. */
export function askedService(
  { namespace }: Pick<Route, 'namespace'>,
  { at }: FailedCheck,
): { readonly name: string; readonly port: string } | undefined {
  if (at.kind === 'service') return { name: at.service, port: at.port };
  const { hostname, port, protocol } = new URL(at.url);
  const name = clusterName(hostname, namespace);
  return name === undefined ? undefined : { name, port: port || (DEFAULT_PORTS[protocol] ?? '') };
}

/** `web` of `web.shop.svc.cluster.local` or `web.shop.svc`, asked in the namespace shop. A bare `web` may be any host of the runner's network. */
export function clusterName(host: string, namespace: string): string | undefined {
  const inside = insideName(host);
  return inside?.namespace === namespace ? inside.name : undefined;
}

/** Service and namespace of a name that means something inside of a cluster only. */
export function insideName(host: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/.exec(host) ?? [];
  return name !== undefined && namespace !== undefined ? { name, namespace } : undefined;
}

/** Whether the answer can be that of a gateway which found nobody: an application that answers is found. */
function mayLieBehind({ last }: FailedCheck): boolean {
  if (last.status !== undefined) return GATEWAY.includes(last.status);
  return last.silence !== 'name-not-resolved' && last.silence !== 'certificate';
}

/** A Service that is only a name for another host, or whose endpoints somebody else keeps, selects nothing by design. */
export function selectorOf({ spec }: ServiceObject): Readonly<Record<string, string>> | undefined {
  if (spec?.type === 'ExternalName') return undefined;
  const selector = spec?.selector ?? {};
  return Object.keys(selector).length > 0 ? selector : undefined;
}

/** True when labels have all that the selector asks for. */
export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return matchesSelector(labels, { matchLabels: selector });
}

/** Labels that controllers give to single pods: no template has them, so none can be compared by them. */
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
export const POD_LABELS: readonly string[] = [
  POD_NAME,
  'apps.kubernetes.io/pod-index',
  'pod-template-hash',
  'controller-revision-hash',
];

/** Workloads of the group whose pods the Service selects, be it one pod of a StatefulSet. */
export function destinationsOf(route: Route, selector: Readonly<Record<string, string>>): Destination[] {
  const pod = selector[POD_NAME];
  return route.group.filter(({ ref, labels }) =>
    selects(selector, pod?.startsWith(`${ref.name}-`) ? { ...labels, [POD_NAME]: pod } : labels),
  );
}

/** `app=web,tier=front`: for commands and evidence. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
