import type { CauseRule } from '../core/finding.ts';
import { pullFindings } from './reading/pulls.ts';

/** The image is not pulled, in words that fit none of the other causes (a full disk, a damaged layer). Values: image. */
export const imagePullFailed: CauseRule = {
  cause: 'image-pull-failed',
  detect: (patient) => pullFindings(patient, 'image-pull-failed', (image) => ({ image })),
};
