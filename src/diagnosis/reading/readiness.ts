import type { PodObject } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import { containersOf } from './containers.ts';
import { readinessGrace } from './probes.ts';

export function isReady(pod: PodObject): boolean {
  return pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

const STARTING = ['ContainerCreating', 'PodInitializing'];

/** Why a pod that is not Ready will not become so soon, in one line; undefined while it may just be starting. */
export function whyBlocked(pod: PodObject, now: number): string | undefined {
  const scheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status === 'False')
    return `${pod.metadata.name}: ${scheduled.reason ?? ''} ${scheduled.message ?? ''}`;
  for (const seen of containersOf(pod)) {
    const { state, restartCount, ready } = seen.status;
    const who = `${pod.metadata.name} ${seen.spec.name}`;
    if (state?.waiting?.reason && !STARTING.includes(state.waiting.reason)) {
      return `${who}: ${state.waiting.reason} ${state.waiting.message ?? ''}`;
    }
    if (state?.terminated && (seen.role === 'app' || state.terminated.exitCode !== 0)) {
      return tr`${who}: ${state.terminated.reason ?? tr`ended`}, exit ${state.terminated.exitCode}`;
    }
    if (ready || seen.role === 'init') continue;
    if (restartCount > 0 && state?.running) return tr`${who}: not ready, restarted ${restartCount} times`;
    const started = Date.parse(state?.running?.startedAt ?? '');
    if (now - started > readinessGrace(seen)) {
      return tr`${who}: not ready, running since ${state?.running?.startedAt ?? tr`an unknown time`}`;
    }
  }
  return undefined;
}
