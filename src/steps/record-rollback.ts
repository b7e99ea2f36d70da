import type { Failure } from '../core/errors.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { VerdictContext } from '../ports/context.ts';
import { defineTellingStep } from './contract.ts';
import { keepDeployment, type Part } from './records/deployment.ts';
import { commitRecord } from './records/file.ts';
import { NOT_ON_GITHUB, nothingToRecord, recordNotWanted } from './records/wanted.ts';

/**
 * The rollback is written down where it is looked for: a deployment status on the environment, and the record of the run, committed to the branch
 * or else as a part of the post-mortem. What could be written stands, and what is missing is named.
 */
export const recordRollback = defineTellingStep({
  meta: {
    id: 'record-rollback',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    needs: ['plan-post-mortem'],
  },

  async plan({ config, run }) {
    const reason = recordNotWanted(config) ?? (run.repository === '' ? NOT_ON_GITHUB : undefined);
    return reason ? { kind: 'skipped', reason } : { kind: 'check' };
  },

  async tell(ctx) {
    const reason = recordNotWanted(ctx.config) ?? nothingToRecord(ctx);
    if (reason) return { status: 'skipped', reason };
    const [deployment, file] = await Promise.all([keepDeployment(ctx), commitRecord(ctx)]);
    return outcomeOf([deployment, file ?? inIssue(ctx)]);
  },
});

/** Without a branch the post-mortem has the record in it. */
function inIssue(ctx: VerdictContext): Part {
  const issue = ctx.outcomeOf('plan-post-mortem');
  const { issueUrl } = ctx.recorded();
  if (issue?.status === 'passed' && issueUrl !== undefined)
    return {
      evidence: {
        subject: tr`record`,
        observed: tr`part of the post-mortem, ${issueUrl}`,
        expected: tr`a record of this rollback`,
      },
    };
  return issue?.status === 'failed' ? { failure: issue.failure } : undefined;
}

function outcomeOf(parts: readonly Part[]): Outcome {
  const evidence = parts.flatMap((part): Evidence[] => (part && 'evidence' in part ? [part.evidence] : []));
  const [failure, ...more] = parts.flatMap((part): Failure[] => (part && 'failure' in part ? [part.failure] : []));
  if (failure) return { status: 'failed', failure: together(failure, more), evidence };
  const [first, ...rest] = evidence;
  if (!first) return { status: 'skipped', reason: said('skipped.nothing-to-record') };
  return { status: 'passed', evidence: [first, ...rest] };
}

/** Everything that is missing, with all that is to be done about it: what is to be pasted stands in the lines after the first, once. */
function together(failure: Failure, more: readonly Failure[]): Failure {
  if (more.length === 0) return failure;
  const all = [failure, ...more];
  const hints = all.map(({ hint }) => hint.split('\n'));
  const first = new Set(hints.map(([line = '']) => line));
  const paste = new Set(hints.flatMap(([, ...lines]) => lines));
  return {
    ...failure,
    message: all.map(({ message }) => message).join(' '),
    hint: [[...first].join(' '), ...paste].join('\n'),
    causes: all.flatMap(({ causes }) => causes),
  };
}
