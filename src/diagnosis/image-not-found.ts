import type { CauseRule } from '../core/finding.ts';
import { pullFindings } from './reading/pulls.ts';

/** The registry answers that it has no such image or tag. Values: image. */
export const imageNotFound: CauseRule = {
  cause: 'image-not-found',
  detect: (patient) => pullFindings(patient, 'image-not-found', (image) => ({ image })),
};
