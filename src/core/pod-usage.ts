import type { PodObject } from './kubernetes.ts';
import type { Evidence } from './outcome.ts';
import { parseQuantity } from './quota.ts';
import { tr } from './tr.ts';

/** What the metrics API says of one pod (metrics.k8s.io/v1beta1 PodMetrics), as far as rules read it. */
export interface PodMetrics {
  readonly metadata: { readonly name: string };
  /** RFC 3339; end of the window that was measured, by the clock of the node. */
  readonly timestamp?: string;
  readonly containers?: readonly {
    readonly name: string;
    readonly usage?: Readonly<Record<string, string>>;
  }[];
}

/**
 * How long a pod may be without metrics: metrics-server needs two looks at a container, 15 s apart unless told otherwise
 * (`--metric-resolution`), and the kubelet measures every 10 to 20 s itself.
 */
export const FIRST_METRICS_MS = 60_000;

const SHOWN_PODS = 20;
const NANO = 1_000_000_000n;
const MEBI = NANO * 1024n * 1024n;

/** A pod of the group, and what the metrics API says of it. */
export type PodUsage =
  | { readonly kind: 'measured'; readonly pod: PodObject; readonly cpu: string; readonly memory: string }
  /** `seen`: an older pod of the same name was measured, or not everything was. */
  | { readonly kind: 'missing'; readonly pod: PodObject; readonly seen?: string };

/** Whether metrics can be asked for: the pod runs and is not on its way out. */
export function isMeasurable(pod: PodObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && pod.status?.phase === 'Running';
}

/** Usage of each pod, in their order. Metrics from before a pod began (a StatefulSet's pod has the name of the one before it) count for nothing. */
export function usageOf(pods: readonly PodObject[], metrics: readonly PodMetrics[]): PodUsage[] {
  const byName = new Map(metrics.map((one) => [one.metadata.name, one]));
  return pods.map((pod) => {
    const found = byName.get(pod.metadata.name);
    if (!found) return { kind: 'missing', pod };
    const at = Date.parse(found.timestamp ?? '');
    if (!(at >= startedAt(pod))) {
      return {
        kind: 'missing',
        pod,
        seen: tr`only metrics of ${found.timestamp ?? tr`no time`}, from before it began`,
      };
    }
    const containers = found.containers ?? [];
    const cpu = sumOf(containers.map(({ usage }) => usage?.['cpu']));
    const memory = sumOf(containers.map(({ usage }) => usage?.['memory']));
    if (cpu === undefined || memory === undefined)
      return { kind: 'missing', pod, seen: tr`metrics without CPU or memory` };
    return { kind: 'measured', pod, cpu: `${up(cpu, NANO / 1000n)}m`, memory: `${memory / MEBI}Mi` };
  });
}

/** ms since the epoch at which a pod began: by its node's clock, as its metrics, else by the API server's. */
export function startedAt({ status, metadata }: PodObject): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp);
}

/** How many have metrics, then each pod as `kubectl top pods` shows it; those without come first. */
export function usageEvidence(usage: readonly PodUsage[]): readonly [Evidence, ...Evidence[]] {
  const measured = usage.filter((one) => one.kind === 'measured');
  const missing = usage.filter((one) => one.kind === 'missing');
  const shown = [...missing, ...measured].slice(0, SHOWN_PODS);
  return [
    {
      subject: 'kubectl top pods',
      observed: tr`metrics of ${measured.length}/${usage.length} pods`,
      expected: tr`metrics of ${usage.length}/${usage.length} pods`,
    },
    ...shown.map((one) => ({
      subject: `pod/${one.pod.metadata.name}`,
      observed: one.kind === 'measured' ? tr`CPU ${one.cpu}, memory ${one.memory}` : (one.seen ?? tr`no metrics`),
      expected: tr`CPU and memory`,
    })),
  ];
}

/** Undefined where a container has no amount, or there is no container. */
function sumOf(amounts: readonly (string | undefined)[]): bigint | undefined {
  const parsed = amounts.map((text) => (text === undefined ? undefined : parseQuantity(text)));
  if (parsed.length === 0 || parsed.includes(undefined)) return undefined;
  return parsed.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n);
}

/** As kubectl, which rounds millicores up and mebibytes down. */
function up(amount: bigint, unit: bigint): bigint {
  return (amount + unit - 1n) / unit;
}
