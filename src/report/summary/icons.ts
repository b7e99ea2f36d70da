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
  return `${ICONS[status]} ${catalogue.statuses[status]}`;
}

export function stateText({ words }: Catalogue, state: WorkloadState): string {
  switch (state) {
    case 'at-target':
      return `✅ ${words.atTarget}`;
    case 'unchanged':
      return `✅ ${words.unchanged}`;
    case 'would-change':
      return `✏️ ${words.wouldChange}`;
    case 'stays':
      return `⏭️ ${words.stays}`;
    case 'not-ready':
      return `❌ ${words.notReady}`;
    case 'not-at-target':
      return `❌ ${words.notAtTarget}`;
    case 'not-readable':
      return `❔ ${words.notReadable}`;
  }
}
