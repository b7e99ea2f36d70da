import type { EndpointSliceObject } from '../../core/kubernetes.ts';
import type { DnsState } from '../../core/route.ts';
import { tr } from '../../core/tr.ts';
import type { ObjectClient } from './object-client.ts';
import { pathOf } from './resources.ts';

/**
 * Ready addresses behind the cluster's DNS. CoreDNS goes by the name of its forerunner: Service kube-dns in kube-system, as kubeadm and most
 * vendors have it. Undefined where that may not be read (mostly), or is not there.
 */
export async function clusterDns(client: ObjectClient): Promise<DnsState | undefined> {
  try {
    const { items } = await client.json<{ items?: readonly EndpointSliceObject[] | null }>({
      path: pathOf('EndpointSlice', 'kube-system'),
      query: { labelSelector: 'kubernetes.io/service-name=kube-dns' },
      what: tr`endpointslices of kube-system`,
    });
    const endpoints = (items ?? []).flatMap((slice) => slice.endpoints ?? []);
    if ((items ?? []).length === 0) return undefined;
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    const count = (of: typeof endpoints) => new Set(of.flatMap(({ addresses }) => addresses ?? [])).size;
    return { ready: count(ready), addresses: count(endpoints) };
  } catch {
    // It is said beside a cause, and decides nothing.
    return undefined;
  }
}
