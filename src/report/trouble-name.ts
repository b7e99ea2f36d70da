import { type Catalogue, checkText, stepText } from './catalogue.ts';
import type { Trouble } from './verdict.ts';

/** What a trouble is about: the step, the check, or the run itself. An id that no catalogue knows is not neutral yet. */
export function troubleName(catalogue: Catalogue, trouble: Trouble): string {
  if (trouble.step !== undefined) return stepText(catalogue, trouble.step).title;
  if (trouble.check !== undefined) return checkText(catalogue, trouble.check);
  return catalogue.words.whole;
}
