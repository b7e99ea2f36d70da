import { systemClock } from '../../src/adapters/clock.ts';
import { createGithubRecords } from '../../src/adapters/github/records.ts';
import type { Config } from '../../src/core/config.ts';
import { ERROR_LINE } from '../../src/core/log-errors.ts';
import type { Parts } from '../../src/engine/state.ts';
import { TEXTS } from '../../src/texts.ts';

/** Nothing but the workloads is looked at, and nobody is told. */
export const QUIET_CONFIG: Pick<
  Config,
  'commands' | 'metrics' | 'alerts' | 'logs' | 'events' | 'messages' | 'records' | 'atBudgetEnd'
> = {
  commands: [],
  metrics: [],
  alerts: { matchers: [], silence: false },
  logs: { errors: ERROR_LINE },
  events: { ignore: [] },
  messages: { notifyUsers: 'auto', users: [], downtimeMs: 60_000 },
  records: { postMortem: true, labels: [], assignees: [], dueInDays: 5, details: false },
  atBudgetEnd: 'continue',
};

/** Records without a token: each is answered with the permission that it needs, and nothing is sent. */
export const QUIET_PARTS: Pick<Parts, 'records' | 'texts' | 'redact'> = {
  records: createGithubRecords({ token: '', repository: '', apiUrl: '', clock: systemClock }),
  texts: TEXTS,
  redact: (report) => report,
};
