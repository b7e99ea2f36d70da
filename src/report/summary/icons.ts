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

export function stateText({ words }: Catalogue, state: WorkloadState): string {
  switch (state) {
    case 'at-target':
      return `✅\u00a0${words.atTarget}`;
    case 'unchanged':
      return `✅\u00a0${words.unchanged}`;
    case 'would-change':
      return `✏️\u00a0${words.wouldChange}`;
    case 'stays':
      return `⏭️\u00a0${words.stays}`;
    case 'not-ready':
      return `❌\u00a0${words.notReady}`;
    case 'not-at-target':
      return `❌\u00a0${words.notAtTarget}`;
    case 'not-readable':
      return `❔\u00a0${words.notReadable}`;
  }
}
