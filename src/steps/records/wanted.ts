import type { Config } from '../../core/config.ts';
import { type Said, said } from '../../core/said.ts';
import type { VerdictContext } from '../../ports/context.ts';

const notConfigured = (what: string) => said('skipped.not-configured', { what });

/** Why the config asks for no post-mortem. */
export function postMortemNotWanted({ records }: Config): Said | undefined {
  return records.postMortem ? undefined : notConfigured('records.post-mortem');
}

/** Why the config asks for no record: there is no place for one. */
export function recordNotWanted({ records }: Config): Said | undefined {
  const hasPlace = records.postMortem || records.branch !== undefined || records.environment !== undefined;
  return hasPlace ? undefined : notConfigured('records');
}

/** Outside of GitHub there is no repository, and no token of a job. */
export const NOT_ON_GITHUB = notConfigured('github-token');

/** Why there is nothing to record of this run, whatever the config asks for. */
export function nothingToRecord({ report, records, incident, run }: VerdictContext): Said | undefined {
  if (!records.isConfigured) return NOT_ON_GITHUB;
  if (report.outcome === 'refused') return said('skipped.nothing-touched');
  // A no-op that belongs to a rollback of an earlier run is news of that incident; any other is none.
  return report.outcome === 'no-op' && incident === run.id ? said('skipped.nothing-to-record') : undefined;
}
