import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { perContainer } from './reading/containers.ts';
import { containerEvents, eventText } from './reading/events.ts';
import { newestExit, OUTLIVED_MS } from './reading/exits.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/**
 * The container was killed for memory (reason OOMKilled; exit 137 alone is no proof). Values: limit, restarts. It is named
 * even when the next run is Ready: it often dies only after the rollout has counted it as available. Fatal once repeated.
 */
export const outOfMemory: CauseRule = {
  cause: 'out-of-memory',
  detect: (patient) =>
    perContainer(patient, (seen) => {
      const { pod, spec, status } = seen;
      // Memory takes as long to fill as the kubelet remembers a crash.
      const newest = newestExit(patient, seen, OUTLIVED_MS);
      if (newest?.exit.reason !== 'OOMKilled') return undefined;
      return named(patient, 'out-of-memory', {
        values: { limit: spec.resources?.limits?.['memory'] ?? tr`none`, restarts: status.restartCount },
        evidence: [
          tr`${spec.name}: OOMKilled, exit ${newest.exit.exitCode}, at ${newest.exit.finishedAt ?? tr`an unknown time`}`,
          newest.exit.message,
          ...containerEvents(patient, pod, spec.name, 'BackOff').map(eventText),
        ],
        command: kubectl(patient, 'top', 'pod', pod.metadata.name, '--containers'),
        pod: pod.metadata.name,
        container: spec.name,
        fatal: newest.repeated,
      });
    }),
};
