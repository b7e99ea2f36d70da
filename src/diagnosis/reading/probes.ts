import type { Patient } from '../../core/finding.ts';
import type { EventObject, Probe } from '../../core/kubernetes.ts';
import type { Seen } from './containers.ts';
import { containerEvents, isFresh, lastSeen, timesSeen } from './events.ts';

/** Times are cut to whole seconds, so a span between two of them may be a second too long. */
const ROUNDING_MS = 1000;

/** ms until a probe that never passes has failed for good: initialDelaySeconds + periodSeconds * failureThreshold. */
function failsAfter(probe: Probe | undefined): number {
  if (!probe) return 0;
  return ((probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10) * failuresAllowed(probe)) * 1000;
}

/** failureThreshold, default 3. */
export function failuresAllowed(probe: Probe | undefined): number {
  return probe?.failureThreshold ?? 3;
}

/** ms from the start of the container in which not being ready says nothing: the startup probe's time, then readiness's. */
export function readinessGrace(seen: Seen): number {
  return failsAfter(seen.spec.startupProbe) + failsAfter(seen.spec.readinessProbe) + ROUNDING_MS;
}

/** What a probe asks, as one would type it: `GET :8080/health`, `tcp :5432`, `grpc :50051`, `exec pg_isready`. */
export function probeRequest(probe: Probe | undefined): string {
  if (probe?.httpGet) return `GET :${probe.httpGet.port ?? ''}${probe.httpGet.path ?? '/'}`;
  if (probe?.tcpSocket) return `tcp :${probe.tcpSocket.port ?? ''}`;
  if (probe?.grpc) return `grpc :${probe.grpc.port ?? ''}`;
  return `exec ${probe?.exec?.command?.join(' ') ?? ''}`.trim();
}

/** SIGTERM handled, SIGKILL after the grace period, SIGTERM not handled. */
export const KILL_EXITS: readonly number[] = [0, 137, 143];

export interface ProbeKill {
  readonly probe: 'liveness' | 'startup';
  /** The kills, or the failures that stand in for them. */
  readonly events: readonly EventObject[];
  /** What the probe got for an answer. */
  readonly failures: readonly EventObject[];
}

/**
 * Whether the kubelet killed this container for a failed probe. The container itself does not show it: an application
 * that handles SIGTERM leaves `Completed`, exit 0. Only the Killing event says so (pkg/kubelet/kuberuntime: "Container X
 * failed liveness probe, will be restarted"); where normal events are not at hand, enough failures before a restart do.
 */
export function probeKill(patient: Patient, seen: Seen): ProbeKill | undefined {
  const { pod, spec, status } = seen;
  if (!spec.livenessProbe && !spec.startupProbe) return undefined;
  const unhealthy = containerEvents(patient, pod, spec.name, 'Unhealthy');
  const last = lastExit(seen);
  const lastStart = Date.parse(last?.startedAt ?? '') || 0;
  // An end by its own doing is not explained by a kill of an earlier run; one that looks like a kill is, as its event may be late.
  const looksKilled = last !== undefined && KILL_EXITS.includes(last.exitCode);
  for (const probe of ['liveness', 'startup'] as const) {
    const failures = unhealthy.filter((event) => event.message?.toLowerCase().startsWith(`${probe} probe`));
    const kills = containerEvents(patient, pod, spec.name, 'Killing').filter((event) =>
      event.message?.includes(`failed ${probe} probe`),
    );
    const restarted = status.restartCount > 0 && isFresh(patient, last?.finishedAt);
    const allowed = failuresAllowed(probe === 'liveness' ? spec.livenessProbe : spec.startupProbe);
    const enough = failures.reduce((sum, event) => sum + timesSeen(event), 0) >= allowed;
    const events = kills.length > 0 ? kills : restarted && enough ? failures : [];
    if (events.some((event) => looksKilled || lastSeen(event) >= lastStart)) return { probe, events, failures };
  }
  return undefined;
}

function lastExit(seen: Seen) {
  return seen.status.state?.terminated ?? seen.status.lastState?.terminated;
}
