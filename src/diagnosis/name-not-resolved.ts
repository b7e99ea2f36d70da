import type { Route, RouteRule } from '../core/route.ts';
import { shellWord } from '../core/shell.ts';
import { tr } from '../core/tr.ts';
import { kubectl } from './reading/kubectl.ts';
import { namedOnRoute } from './route/named.ts';
import { insideName } from './route/services.ts';

/** Where nearly every cluster has its DNS, be it CoreDNS or kube-dns: the name is part of what kubeadm and others promise. */
const DNS_NAMESPACE = 'kube-system';
const DNS_LABEL = 'k8s-app=kube-dns';

/**
 * The runner finds no address for a host: that of a check's URL, or of the proxy before it. Values: host, check. What the cluster's own DNS
 * shows is said beside it where it may be read: it answers for a runner inside of the cluster.
 */
export const nameNotResolved: RouteRule = {
  cause: 'name-not-resolved',
  detect: (route) => {
    const failed = route.checks.flatMap((check) =>
      check.at.kind === 'url' && check.last.silence === 'name-not-resolved'
        ? [{ check, host: check.last.host ?? new URL(check.at.url).hostname }]
        : [],
    );
    const hosts = Map.groupBy(failed, ({ host }) => host);
    return [...hosts].map(([host, checks]) =>
      namedOnRoute('name-not-resolved', {
        object: host,
        values: { host, check: checks[0]?.check.name ?? '' },
        evidence: [
          ...checks.map(({ check }) => `GET ${check.name}: ${check.last.observed}`),
          dnsText(route),
          insideText(host, route),
        ],
        command: `nslookup ${shellWord(host)}; ${kubectl({ namespace: DNS_NAMESPACE }, 'get', 'pods,endpointslices', '-l', DNS_LABEL)}`,
      }),
    );
  },
};

function dnsText({ dns }: Route): string | undefined {
  if (!dns) return undefined;
  return tr`DNS of the cluster (service/kube-dns in ${DNS_NAMESPACE}): ${dns.ready} of ${dns.addresses} addresses ready`;
}

/** `web.shop.svc` means something inside of the cluster only. */
function insideText(host: string, { namespace, services }: Route): string | undefined {
  const inside = insideName(host);
  if (!inside) return undefined;
  const isKnown = inside.namespace === namespace && services !== undefined;
  if (isKnown && !services.some(({ metadata }) => metadata.name === inside.name))
    return tr`namespace ${namespace} has no Service ${inside.name}`;
  return tr`${host} is a name inside of the cluster; from outside of the cluster ask service/${inside.name}:PORT/PATH instead`;
}
