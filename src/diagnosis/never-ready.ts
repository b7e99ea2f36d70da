import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { perContainer } from './reading/containers.ts';
import { containerEvents, eventText, lastSeen, timesSeen } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { failuresAllowed, probeRequest, readinessGrace } from './reading/probes.ts';
import { progressDeadlinePassed } from './reading/progress.ts';

/**
 * The container runs, but its readiness probe does not pass. Values: request, seconds (running so long). Every slow start
 * fails a probe or two, so it is named only after the time that the probes themselves allow, and after as many failures
 * as they allow; without events (they may not be readable) after twice that time, or once the progress deadline has passed.
 */
export const neverReady: CauseRule = {
  cause: 'never-ready',
  detect: (patient) => {
    const deadlinePassed = progressDeadlinePassed(patient);
    return perContainer(patient, (seen) => {
      const { pod, spec, status, role } = seen;
      const startedAt = status.state?.running?.startedAt;
      const probe = spec.readinessProbe ?? spec.startupProbe;
      if (role === 'init' || status.ready || !startedAt || !probe) return undefined;
      const from = Math.max(Date.parse(startedAt), lostReadinessAt(pod));
      const failures = containerEvents(patient, pod, spec.name, 'Unhealthy').filter(
        (event) => /^(?:Readiness|Startup) probe/.test(event.message ?? '') && lastSeen(event) >= from,
      );
      const elapsed = Math.max(patient.now, ...failures.map(lastSeen)) - from;
      const grace = readinessGrace(seen);
      const failed = failures.reduce((sum, event) => sum + timesSeen(event), 0);
      const proven = elapsed >= grace && failed >= failuresAllowed(spec.readinessProbe ?? spec.startupProbe);
      if (!proven && elapsed < 2 * grace && !deadlinePassed) return undefined;
      return named(patient, 'never-ready', {
        values: { request: probeRequest(probe), seconds: Math.floor(elapsed / 1000) },
        evidence: [...failures.map(eventText), tr`${spec.name}: not ready, running since ${startedAt}`],
        command: kubectl(patient, 'logs', pod.metadata.name, '-c', spec.name, '--tail=50'),
        pod: pod.metadata.name,
        container: spec.name,
      });
    });
  },
};

/** When the pod was last marked not Ready, ms; for one that never was Ready, about when it was created. */
function lostReadinessAt(pod: Parameters<typeof containerEvents>[1]): number {
  const ready = pod.status?.conditions?.find((one) => one.type === 'Ready');
  return ready?.status === 'False' && ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0;
}
