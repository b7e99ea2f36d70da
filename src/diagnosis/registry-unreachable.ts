import type { CauseRule } from '../core/finding.ts';
import { pullFindings, registryOf } from './reading/pulls.ts';

/** The node does not get an answer from the registry: name, network, certificate, or a fault there. Values: image, registry. */
export const registryUnreachable: CauseRule = {
  cause: 'registry-unreachable',
  detect: (patient) =>
    pullFindings(patient, 'registry-unreachable', (image) => ({ image, registry: registryOf(image) })),
};
