import { formatDuration } from '../../core/duration.ts';
import { type Failure, failuresOf } from '../../core/errors.ts';
import {
  FIRST_METRICS_MS,
  isMeasurable,
  type PodUsage,
  startedAt,
  usageEvidence,
  usageOf,
} from '../../core/pod-usage.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import { podsOfGroup } from '../group-pods.ts';
import type { Part } from './parts.ts';
import type { Patience } from './patience.ts';

/** A metrics server that is only being moved to another node answers again by then. */
const UNAVAILABLE_MS = 30_000;
const LOOK_EVERY_MS = 1000;

type Look =
  | { readonly kind: 'read'; readonly usage: readonly PodUsage[] }
  | { readonly kind: 'absent' }
  /** No answer came in the time that there was. */
  | { readonly kind: 'late' }
  | { readonly kind: 'error'; readonly failure: Failure };

/** The metrics API answers for each pod of the group, as `kubectl top pods` shows it. Pods that have just begun are waited for. */
export async function checkPodMetrics(ctx: ReadContext, patience: Patience, waits: boolean): Promise<Part> {
  const since = ctx.clock.now();
  for (;;) {
    const look = await lookAt(ctx, patience);
    const now = ctx.clock.now();
    const goesOn = waits && now < waitUntil(look, since) && (await patience.sleep(LOOK_EVERY_MS));
    if (!goesOn) return partOf(ctx, look, now);
  }
}

async function lookAt(ctx: ReadContext, { signal }: Patience): Promise<Look> {
  try {
    const metrics = await ctx.cluster.podMetrics(signal);
    if (!metrics) return { kind: 'absent' };
    return { kind: 'read', usage: usageOf(podsOfGroup(ctx).filter(isMeasurable), metrics) };
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (signal.aborted) return { kind: 'late' };
    const [failure] = failuresOf(error);
    if (!failure) throw error;
    return { kind: 'error', failure };
  }
}

/** ms since the epoch until which the next look may show something else. */
function waitUntil(look: Look, since: number): number {
  if (look.kind === 'error') {
    return look.failure.code === 'METRICS_UNAVAILABLE' || look.failure.code === 'CLUSTER_UNREACHABLE'
      ? since + UNAVAILABLE_MS
      : 0;
  }
  if (look.kind !== 'read') return 0;
  const missing = look.usage.filter((one) => one.kind === 'missing').map(({ pod }) => startedAt(pod));
  // The clocks of nodes and runner may differ: never longer than one that began with this check.
  return missing.length === 0 ? 0 : Math.min(Math.max(...missing), since) + FIRST_METRICS_MS;
}

function partOf(ctx: ReadContext, look: Look, now: number): Part {
  const top = kubectl(ctx.config.namespace, 'top', 'pods');
  if (look.kind === 'absent') {
    const failure: Failure = {
      code: 'METRICS_UNAVAILABLE',
      message: tr`the cluster has no metrics API (metrics.k8s.io/v1beta1); expected: what \`kubectl top pods\` asks`,
      hint: tr`Install metrics-server (https://github.com/kubernetes-sigs/metrics-server), or leave this out: \`skip-steps: check-metrics\`. To look: kubectl get apiservices v1beta1.metrics.k8s.io`,
      causes: [],
    };
    return { status: 'unknown', failure, evidence: [noAnswer(tr`not installed`)] };
  }
  if (look.kind === 'late') {
    const failure: Failure = {
      code: 'METRICS_UNAVAILABLE',
      message: tr`the metrics API did not answer in the time that was left for it; expected: CPU and memory of each pod`,
      hint: tr`Look yourself: ${top}`,
      causes: [],
    };
    return { status: 'unknown', failure, evidence: [noAnswer(tr`no answer`)] };
  }
  if (look.kind === 'error') {
    const { failure } = look;
    // The API server itself says that what it asks is gone; all else says nothing about the monitoring.
    const status = failure.code === 'METRICS_UNAVAILABLE' ? 'failed' : 'unknown';
    return { status, failure, evidence: [noAnswer(tr`no answer`)] };
  }
  const { usage } = look;
  const evidence = usageEvidence(usage);
  const missing = usage.flatMap((one) => (one.kind === 'missing' ? [one.pod] : []));
  const [first] = missing;
  if (!first) return { status: 'passed', evidence };
  const names = missing
    .slice(0, 5)
    .map((pod) => `pod/${pod.metadata.name}`)
    .join(', ');
  const youngest = Math.max(0, now - Math.max(...missing.map(startedAt)));
  const isYoung = missing.every((pod) => now - startedAt(pod) < FIRST_METRICS_MS);
  return {
    status: isYoung ? 'unknown' : 'failed',
    evidence,
    failure: {
      code: 'METRICS_UNAVAILABLE',
      message: isYoung
        ? tr`${missing.length} of ${usage.length} pods began ${formatDuration(youngest)} ago and have no metrics yet: ${names}; expected: CPU and memory of each, which takes up to ${formatDuration(FIRST_METRICS_MS)}`
        : tr`the metrics API has nothing about ${missing.length} of ${usage.length} pods: ${names}; expected: CPU and memory of each within ${formatDuration(FIRST_METRICS_MS)} after its start`,
      hint: isYoung
        ? tr`Look again in a minute: ${top}`
        : tr`Look again: ${top}; kubectl -n kube-system logs deployment/metrics-server --tail=20`,
      causes: [],
    },
  };
}

const noAnswer = (observed: string) => ({
  subject: 'kubectl top pods',
  observed,
  expected: tr`CPU and memory of each pod`,
});
