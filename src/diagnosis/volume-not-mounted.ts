import type { CauseRule } from '../core/finding.ts';
import { tr } from '../core/tr.ts';
import { perWorkload } from './reading/containers.ts';
import { eventText } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { mountFailures } from './reading/mounts.ts';
import { named } from './reading/named.ts';
import { missingReference } from './reading/references.ts';

/** A volume is not attached or mounted; only events say so. Values: volume. A missing Secret or ConfigMap has a cause of its own. */
export const volumeNotMounted: CauseRule = {
  cause: 'volume-not-mounted',
  detect: (patient) =>
    perWorkload(patient, (pod) => {
      const failures = mountFailures(patient, pod);
      const newest = failures[0];
      if (!newest || failures.some((event) => missingReference(event.message ?? '', pod))) return undefined;
      return named(patient, 'volume-not-mounted', {
        values: { volume: volumeIn(newest.message ?? '') },
        evidence: failures.map(eventText),
        command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
        pod: pod.metadata.name,
      });
    }),
};

function volumeIn(message: string): string {
  const match = /for volume "([^"]{1,253})"/.exec(message) ?? /unmounted volumes=\[([^\]]{1,253})\]/.exec(message);
  return match?.[1] ?? tr`unknown`;
}
