import type { CauseRule } from '../core/finding.ts';
import { perContainer, waitingFor } from './reading/containers.ts';
import { containerEvents, eventText } from './reading/events.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';

/** The image reference cannot be read as one (an upper-case letter, a space, an empty variable). Values: image. Fatal. */
export const invalidImageName: CauseRule = {
  cause: 'invalid-image-name',
  detect: (patient) =>
    perContainer(patient, (seen) => {
      const message = waitingFor(seen, 'InvalidImageName');
      if (message === undefined) return undefined;
      const { pod, spec } = seen;
      return named(patient, 'invalid-image-name', {
        values: { image: spec.image ?? '' },
        evidence: [message, ...containerEvents(patient, pod, spec.name, 'InspectFailed').map(eventText)],
        command: kubectl(patient, 'describe', 'pod', pod.metadata.name),
        pod: pod.metadata.name,
        container: spec.name,
        fatal: true,
      });
    }),
};
