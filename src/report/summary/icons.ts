import type { OutcomeStatus } from '../../core/outcome.ts';
import type { Catalogue } from '../catalogue.ts';
import type { WorkloadState } from '../verdict.ts';

export const ICONS: Readonly<Record<OutcomeStatus, string>> = {
  passed: '✅',
  failed: '❌',
  unknown: '❔',
  skipped: '⏭️',
};

/** Icon and word: a status is never told by a colour alone. */
export function statusText(catalogue: Catalogue, status: OutcomeStatus): string {
  return `${ICONS[status]}\u00a0${catalogue.statuses[status]}`;
}

const STATE_ICONS: Readonly<Record<WorkloadState, string>> = {
  'at-target': '✅',
  unchanged: '✅',
  'would-change': '✏️',
  stays: '⏭️',
  'not-ready': '❌',
  'not-at-target': '❌',
  'not-readable': '❔',
};

export function stateText(catalogue: Catalogue, state: WorkloadState): string {
  return `${STATE_ICONS[state]}\u00a0${stateWord(catalogue, state)}`;
}

/** The same for a page that has marks of its own. */
export function stateWord({ words }: Catalogue, state: WorkloadState): string {
  switch (state) {
    case 'at-target':
      return words.atTarget;
    case 'unchanged':
      return words.unchanged;
    case 'would-change':
      return words.wouldChange;
    case 'stays':
      return words.stays;
    case 'not-ready':
      return words.notReady;
    case 'not-at-target':
      return words.notAtTarget;
    case 'not-readable':
      return words.notReadable;
  }
}
