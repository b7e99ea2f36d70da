import type { CauseRule } from '../core/finding.ts';
import { pullFindings, registryOf } from './reading/pulls.ts';

/** The registry refuses: no or wrong credentials, or too many pulls. Values: image, registry. */
export const imagePullDenied: CauseRule = {
  cause: 'image-pull-denied',
  detect: (patient) => pullFindings(patient, 'image-pull-denied', (image) => ({ image, registry: registryOf(image) })),
};
