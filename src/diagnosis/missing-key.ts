import type { CauseRule } from '../core/finding.ts';
import { kubectl } from './reading/kubectl.ts';
import { named } from './reading/named.ts';
import { missingReferences, onePerContainer } from './reading/references.ts';

/**
 * A Secret or ConfigMap is there but lacks a key that the release reads. Values: object (`secret/web-db`), key. Fatal:
 * who made the object decided on its keys. The command shows a Secret's key names and sizes, never its values.
 */
export const missingKey: CauseRule = {
  cause: 'missing-key',
  detect: (patient) =>
    onePerContainer(
      missingReferences(patient).flatMap(({ missing, pod, container, text }) => {
        if (missing.key === undefined) return [];
        const known = missing.name !== '';
        return [
          named(patient, 'missing-key', {
            values: { object: known ? `${missing.kind}/${missing.name}` : missing.kind, key: missing.key },
            evidence: [text],
            command: known
              ? kubectl(patient, 'describe', missing.kind, missing.name)
              : kubectl(patient, 'describe', 'pod', pod),
            pod,
            container,
            fatal: true,
            ...(missing.kind === 'secret' ? { contact: 'security' as const } : {}),
          }),
        ];
      }),
    ),
};
