import { RollbackError } from '../../core/errors.ts';
import type { PodMetrics } from '../../core/pod-usage.ts';
import { tr } from '../../core/tr.ts';
import { NoAnswer, refusalOf, unreachable } from './failure.ts';
import type { ObjectClient } from './object-client.ts';
import { printable } from './printable.ts';
import { segment } from './resources.ts';

const API = '/apis/metrics.k8s.io/v1beta1';
/** Some ten thousand pods. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * What the metrics API says of the pods of the namespace; undefined where none is installed. Asked once: who waits for metrics asks again.
 * @throws METRICS_UNAVAILABLE, CLUSTER_FORBIDDEN, CLUSTER_UNREACHABLE, CANCELLED
 */
export async function podMetrics(
  client: ObjectClient,
  signal: AbortSignal,
): Promise<readonly PodMetrics[] | undefined> {
  const purpose = client.purpose('list', 'pods.metrics.k8s.io');
  const ask = async (path: string) => {
    try {
      return await client.transport.attempt({ method: 'GET', path, purpose, signal, maxBytes: MOST_BYTES });
    } catch (error) {
      if (error instanceof NoAnswer) throw unreachable(error, client.transport.server, 0, purpose);
      throw error;
    }
  };
  const answer = await ask(`${API}/namespaces/${segment(client.namespace)}/pods`);
  if (answer.status === 404) return undefined;
  if (answer.status === 403) {
    // Who may not read it is told so also where there is nothing to read; discovery is open to all.
    const discovery = await ask(API);
    if (discovery.status === 404) return undefined;
    throw client.error(answer, purpose);
  }
  if (answer.status !== 200) {
    const why = printable(refusalOf(answer).message ?? '', 300);
    throw new RollbackError(
      'METRICS_UNAVAILABLE',
      why === ''
        ? tr`The metrics API is registered and does not answer: ${answer.status}.`
        : tr`The metrics API is registered and does not answer: ${answer.status} "${why}".`,
      tr`See why: kubectl describe apiservice v1beta1.metrics.k8s.io; most often: kubectl -n kube-system logs deployment/metrics-server --tail=20`,
    );
  }
  const { items } = client.parsed<{ items?: PodMetrics[] | null }>(answer, purpose);
  return (items ?? []).filter((one) => typeof one?.metadata?.name === 'string');
}
