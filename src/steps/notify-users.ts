import type { Config } from '../core/config.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import type { Report } from '../core/report.ts';
import { type Said, said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { VerdictContext } from '../ports/context.ts';
import { defineTellingStep } from './contract.ts';

/** Users get a maintenance notice by mail: where they have noticed something (`auto`), or where that was asked for (`always`). */
export const notifyUsers = defineTellingStep({
  meta: {
    id: 'notify-users',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    needs: [],
  },

  async plan({ config, receivers }) {
    const reason = unwanted(config, receivers.mail);
    return reason ? { kind: 'skipped', reason } : { kind: 'check' };
  },

  tell,
});

async function tell({ config, report, mail, texts, signal }: VerdictContext): Promise<Outcome> {
  const reason = unwanted(config, mail !== undefined) ?? unneeded(config, report);
  if (reason || !mail) return { status: 'skipped', reason: reason ?? said('skipped.nothing-to-do') };
  const { users, application = '' } = config.messages;
  const notice = texts.users(report, { application });
  // No address may stand in a report: they are counted.
  const { accepted, rejected } = await mail.send({ to: users, ...notice }, { signal });
  const evidence: Evidence = {
    subject: tr`mail to the users`,
    observed: tr`taken for ${accepted} of ${accepted + rejected} recipients: ${notice.subject}`,
    expected: tr`taken for ${accepted + rejected} of ${accepted + rejected} recipients`,
  };
  if (rejected === 0) return { status: 'passed', evidence: [evidence] };
  return {
    status: 'failed',
    evidence: [evidence],
    failure: {
      code: 'MESSAGE_FAILED',
      message: tr`the mail server refused ${rejected} of ${accepted + rejected} recipients; expected: none`,
      hint: tr`Tell them by hand, and take addresses that are gone out of \`messages: users\`. The log of the mail server names them`,
      causes: [],
    },
  };
}

/** Why no user is ever told with this configuration. */
function unwanted({ messages }: Config, hasMail: boolean): Said | undefined {
  if (messages.notifyUsers === 'never') return said('skipped.not-requested');
  if (messages.users.length === 0) return said('skipped.not-configured', { what: 'messages.users' });
  return hasMail ? undefined : said('skipped.not-configured', { what: 'smtp-url' });
}

/** Why users need not hear of this run. */
function unneeded({ messages }: Config, { outcome, downtimeSeconds }: Report): Said | undefined {
  const downtimeMs = downtimeSeconds === undefined ? undefined : Math.round(downtimeSeconds * 1000);
  if (downtimeMs !== undefined && downtimeMs >= messages.downtimeMs) return undefined;
  // Nothing was changed, and as far as anybody knows nothing was away.
  if (outcome === 'refused') return said('skipped.nothing-for-users');
  if (messages.notifyUsers === 'always') return undefined;
  return downtimeMs === undefined
    ? said('skipped.downtime-not-measured')
    : said('skipped.no-long-downtime', { downtime: downtimeMs, least: messages.downtimeMs });
}
