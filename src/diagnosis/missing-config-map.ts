import type { CauseRule } from '../core/finding.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { missingReferences, onePerContainer } from './reading/references.ts';

/** A ConfigMap that the release reads does not exist. Values: name. Not fatal: it can be created. */
export const missingConfigMap: CauseRule = {
  cause: 'missing-config-map',
  detect: (patient) =>
    onePerContainer(
      missingReferences(patient)
        .filter(({ missing }) => missing.kind === 'configmap' && missing.key === undefined)
        .map(({ missing, pod, container, text }) =>
          named(patient, 'missing-config-map', {
            values: { name: missing.name },
            evidence: [text],
            command: kubectl(patient, 'get', 'configmaps'),
            pod,
            container,
          }),
        ),
    ),
};
