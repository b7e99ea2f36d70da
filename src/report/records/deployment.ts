import type { Report } from '../../core/report.ts';
import { catalogueOf } from '../languages.ts';
import { oneLine } from '../neutral.ts';
import { headlineOf, isPlan } from '../verdict.ts';

export interface DeploymentText {
  readonly state: 'success' | 'failure' | 'error';
  /** At most 140 characters, as GitHub takes them. */
  readonly description: string;
}

/**
 * What the environment shall show. `success` only where health was proven; `error` where it is not known. Undefined where nothing was
 * deployed: plans and refusals.
 */
export function renderDeployment(report: Report): DeploymentText | undefined {
  if (isPlan(report) || report.discovery || report.outcome === 'refused' || report.outcome === 'planned')
    return undefined;
  const { headlines, records } = catalogueOf(report.language);
  const { key, icon } = headlineOf(report);
  // A run that was cancelled before it touched anything deployed nothing, either.
  if (key === 'cancelledUntouched') return undefined;
  return {
    state: icon === '✅' ? 'success' : icon === '❔' ? 'error' : 'failure',
    description: oneLine(records.deployment(headlines[key], report.namespace), 140),
  };
}
