import type { Evidence, Outcome } from '../core/outcome.ts';
import { incidentMarker } from '../core/post-mortem.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { VerdictContext } from '../ports/context.ts';
import type { FoundIssue, IssueMark, WrittenIssue } from '../ports/github.ts';
import { defineTellingStep } from './contract.ts';
import { type Answer, answerOf } from './records/answer.ts';
import { mayShowDetails } from './records/details.ts';
import { NOT_ON_GITHUB, nothingToRecord, postMortemNotWanted } from './records/wanted.ts';

/** By it, and by the marker, the issue is found again. */
const LABEL = 'post-mortem';

/**
 * One issue for the incident, with what the runs found, a due date and who holds the post-mortem. All runs of the incident write into the same one,
 * also the one that takes the rollback back. A GitHub that says no or nothing is shown, and changes nothing of the rollback.
 */
export const planPostMortem = defineTellingStep({
  meta: {
    id: 'plan-post-mortem',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    needs: [],
  },

  async plan({ config, run }) {
    const reason = postMortemNotWanted(config) ?? (run.repository === '' ? NOT_ON_GITHUB : undefined);
    return reason ? { kind: 'skipped', reason } : { kind: 'check' };
  },

  async tell(ctx) {
    const reason = postMortemNotWanted(ctx.config) ?? nothingToRecord(ctx);
    if (reason) return { status: 'skipped', reason };
    const mark: IssueMark = { marker: incidentMarker(ctx.incident), label: LABEL };
    const [found, details] = await Promise.all([find(ctx, mark), mayShowDetails(ctx)]);
    if ('failure' in found) return { status: 'failed', failure: found.failure, evidence: [] };
    if (ctx.report.outcome === 'no-op' && !found.value)
      return { status: 'skipped', reason: said('skipped.nothing-to-record') };
    return write(ctx, mark, found.value, details);
  },
});

/** The issue of the earlier runs of this incident. The first run has none to look for. */
async function find(ctx: VerdictContext, mark: IssueMark): Promise<Answer<FoundIssue | undefined>> {
  if (ctx.incident === ctx.run.id) return { value: undefined };
  return answerOf(ctx, ctx.records.findIssue(mark, ctx));
}

async function write(
  ctx: VerdictContext,
  mark: IssueMark,
  before: FoundIssue | undefined,
  details: boolean,
): Promise<Outcome> {
  const { labels, assignees, dueInDays } = ctx.config.records;
  const { title, body, due } = ctx.texts.postMortem(ctx.report, {
    incident: ctx.incident,
    dueInDays,
    details,
    ...(before ? { before: before.body } : {}),
  });
  const written = await answerOf(ctx, ctx.records.keepIssue({ ...mark, title, body, labels, assignees }, ctx));
  if ('failure' in written) return { status: 'failed', failure: written.failure, evidence: [] };
  const issue = written.value;
  ctx.aboutRecords({ issueUrl: issue.url, ...(due === undefined ? {} : { due }) });
  ctx.log.info(tr`post-mortem: ${issue.url}`);
  return {
    status: 'passed',
    evidence: [
      { subject: tr`post-mortem`, observed: observed(issue), expected: tr`one issue for this incident` },
      ...(due === undefined ? [] : [fact(tr`due`, due, tr`${dueInDays} days after the incident began`)]),
      ...(issue.dropped.length > 0
        ? [
            fact(
              tr`labels and assignees`,
              tr`not taken by GitHub: ${issue.dropped.join(', ')}`,
              tr`taken, where it knows them`,
            ),
          ]
        : []),
    ],
  };
}

function observed({ number, url, was, closed }: WrittenIssue): string {
  const how = {
    created: tr`created`,
    updated: tr`brought up to date`,
    unchanged: tr`up to date already`,
    edited: tr`left as it is, since the part that the action writes was removed from it`,
  }[was];
  const others = closed.length > 0 ? tr`; doubles closed: ${closed.map((one) => `#${one}`).join(', ')}` : '';
  return tr`issue #${number} ${how}, ${url}${others}`;
}

const fact = (subject: string, observedNow: string, expected: string): Evidence => ({
  subject,
  observed: observedNow,
  expected,
});
