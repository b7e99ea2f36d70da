import { tr } from '../../core/tr.ts';
import type { VerdictContext } from '../../ports/context.ts';
import { answerOf } from './answer.ts';
import type { Part } from './deployment.ts';
import { mayShowDetails } from './details.ts';

/** The record of this run in Markdown, committed to the branch. */
export async function commitRecord(ctx: VerdictContext): Promise<Part> {
  const { branch } = ctx.config.records;
  if (branch === undefined) return undefined;
  const { issueUrl } = ctx.recorded();
  const details = await mayShowDetails(ctx);
  const about = { details, ...(issueUrl === undefined ? {} : { postMortemUrl: issueUrl }) };
  const record = ctx.texts.record(ctx.report, about);
  const answer = await answerOf(ctx, ctx.records.commitFile({ branch, ...record }, ctx));
  if ('failure' in answer) return answer;
  const { url, was } = answer.value;
  if (url !== '') ctx.aboutRecords({ recordUrl: url });
  const how = { created: tr`committed`, updated: tr`committed anew`, unchanged: tr`there already` }[was];
  return {
    evidence: {
      subject: tr`branch ${branch}`,
      observed: `${record.path} ${how}${url === '' ? '' : `, ${url}`}`,
      expected: tr`the record of this rollback`,
    },
  };
}
