import type { CauseRule } from '../core/finding.ts';
import { perContainer } from './reading/containers.ts';
import { eventText } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { probeKill, probeRequest } from './reading/probes.ts';

/**
 * The kubelet kills the container because its liveness or startup probe fails. Values: probe, request, restarts. Not
 * fatal: a probe may pass once what it asks for is there.
 */
export const livenessKill: CauseRule = {
  cause: 'liveness-kill',
  detect: (patient) =>
    perContainer(patient, (seen) => {
      const { pod, spec, status } = seen;
      if (seen.role === 'init' || status.ready || status.state?.terminated?.reason === 'OOMKilled') return undefined;
      const kill = probeKill(patient, seen);
      if (!kill) return undefined;
      const { probe, failures } = kill;
      return named(patient, 'liveness-kill', {
        values: {
          probe,
          request: probeRequest(probe === 'liveness' ? spec.livenessProbe : spec.startupProbe),
          restarts: status.restartCount,
        },
        evidence: [...failures, ...kill.events].map(eventText),
        command: kubectl(patient, 'logs', pod.metadata.name, '-c', spec.name, '--previous', '--tail=50'),
        pod: pod.metadata.name,
        container: spec.name,
      });
    }),
};
