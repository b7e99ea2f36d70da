import type { Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { VerdictContext } from '../ports/context.ts';
import { defineTellingStep } from './contract.ts';

const NOT_CONFIGURED = said('skipped.not-configured', { what: 'slack-webhook-url' });
/** What the message links, so it comes after them. */
const RECORDS = ['plan-post-mortem', 'record-rollback'];

/**
 * The team's channel is told the verdict, whatever it is. `curl -X POST ... $SLACK_WEBHOOK_URL`, as the checklist has it, announces a stable
 * state that nobody has looked at.
 */
export const notifyTeam = defineTellingStep({
  meta: {
    id: 'notify-team',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    needs: RECORDS,
  },

  async plan({ receivers }) {
    return receivers.chat ? { kind: 'check' } : { kind: 'skipped', reason: NOT_CONFIGURED };
  },

  tell,
});

async function tell(ctx: VerdictContext): Promise<Outcome> {
  const { chat, report, config, texts, signal } = ctx;
  if (!chat) return { status: 'skipped', reason: NOT_CONFIGURED };
  const { application = report.namespace } = config.messages;
  const records = ctx.recorded();
  const text = texts.team(
    { ...report, ...(Object.keys(records).length > 0 ? { records } : {}) },
    { application, notRecorded: RECORDS.filter((step) => ctx.outcomeOf(step)?.status === 'failed') },
  );
  await chat.send(text, { signal });
  const [sentence = ''] = text.split('\n');
  return {
    status: 'passed',
    evidence: [
      { subject: tr`message to the team`, observed: tr`taken: ${sentence}`, expected: tr`taken by the receiver` },
    ],
  };
}
