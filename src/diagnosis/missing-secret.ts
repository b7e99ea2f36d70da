import type { CauseRule } from '../core/finding.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { missingReferences, onePerContainer } from './reading/references.ts';

/**
 * A Secret that the release reads does not exist, be it for the environment (container state) or a volume (mount events
 * only). Values: name. Not fatal: it can be created. Contact security: they keep the copy that it comes back from.
 */
export const missingSecret: CauseRule = {
  cause: 'missing-secret',
  detect: (patient) =>
    onePerContainer(
      missingReferences(patient)
        .filter(({ missing }) => missing.kind === 'secret' && missing.key === undefined)
        .map(({ missing, pod, container, text }) =>
          named(patient, 'missing-secret', {
            values: { name: missing.name },
            evidence: [text],
            command: kubectl(patient, 'get', 'secrets'),
            pod,
            container,
          }),
        ),
    ),
};
