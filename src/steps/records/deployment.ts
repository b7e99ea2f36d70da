import { commitNames } from '../../core/deployed-commit.ts';
import { type Failure, RollbackError } from '../../core/errors.ts';
import type { Evidence } from '../../core/outcome.ts';
import { tr } from '../../core/tr.ts';
import type { VerdictContext } from '../../ports/context.ts';
import { answerOf, unlessLate } from './answer.ts';

/** What became of one record: proof, or why it is missing. Undefined where none is asked for. */
export type Part = { readonly evidence: Evidence } | { readonly failure: Failure } | undefined;

/**
 * A deployment on the environment with the status of the verdict. All runs of an incident give the same deployment another status: the release is
 * the same; only what takes it back deploys another one.
 */
export async function keepDeployment(ctx: VerdictContext): Promise<Part> {
  const { environment } = ctx.config.records;
  const text = environment === undefined ? undefined : ctx.texts.deployment(ctx.report);
  if (environment === undefined || !text) return undefined;
  const commit = await deployedCommit(ctx);
  if (commit === undefined) {
    const missing = new RollbackError(
      'GITHUB_FAILED',
      tr`The deployment was not recorded on ${environment}: the commit of the run is not known.`,
      tr`GITHUB_SHA must be set, as the runner sets it.`,
    );
    return { failure: missing.toFailure() };
  }
  const run = ctx.config.mode === 'undo' ? ctx.run.id : ctx.incident;
  const request = { run, environment, commit: commit.sha, logUrl: ctx.run.url, ...text };
  const answer = await answerOf(ctx, ctx.records.keepDeployment(request, ctx));
  if ('failure' in answer) return answer;
  const { id, was } = answer.value;
  ctx.aboutRecords({ deployment: id });
  const how = was === 'created' ? tr`created` : tr`found`;
  return {
    evidence: {
      subject: tr`environment ${environment}`,
      observed: tr`deployment ${id} ${how}, status ${text.state}, commit ${commit.sha.slice(0, 12)} (${commit.of})`,
      expected: tr`the verdict as the status of a deployment`,
    },
  };
}

/** The commit of the release that runs now, where its images name it; else that of the workflow. */
async function deployedCommit(ctx: VerdictContext): Promise<{ readonly sha: string; readonly of: string } | undefined> {
  const names = commitNames(ctx.report);
  const sha = names.length > 0 ? await unlessLate(ctx, ctx.records.findCommit(names, ctx)) : undefined;
  if (sha !== undefined) return { sha, of: tr`as the images name it` };
  return ctx.run.commit === ''
    ? undefined
    : { sha: ctx.run.commit, of: tr`of this workflow run; the images name none` };
}
