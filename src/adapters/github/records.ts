import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Recorded, RecordPermission, RecordReader, RecordWriter } from '../../ports/github.ts';
import { attempts } from '../attempts.ts';
import { cancelled, type GithubConnection, GithubRefusal } from './call.ts';
import { lazyOctokit } from './client.ts';
import { findCommit } from './commits.ts';
import { keepDeployment } from './deployments.ts';
import { commitFile } from './files.ts';
import { findIssue, keepIssue } from './issues.ts';
import { isPublic } from './visibility.ts';

export interface GithubRecordOptions {
  /** Empty: every record is answered with the permission that it would need. */
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly apiUrl: string;
  readonly clock: Clock;
  /** One request, ms. */
  readonly attemptMs?: number;
  /** One record with all its requests and waits, ms. */
  readonly budgetMs?: number;
}

/** Without an answer the records say less, and nothing else is lost. */
const QUESTION_MS = 5000;
const ATTEMPT_MS = 10_000;
const BUDGET_MS = 15_000;

/**
 * Records of a rollback by GitHub's REST API: issue, deployment, file. Whatever fails is asked for again as a whole, beginning with a look at
 * what is there, so that an answer which was lost on the way does not make a second record.
 * https://docs.github.com/en/rest
 */
export function createGithubRecords(options: GithubRecordOptions): RecordReader & RecordWriter {
  const { token, clock, attemptMs = ATTEMPT_MS, budgetMs = BUDGET_MS } = options;
  const [owner = '', repo = ''] = options.repository.split('/');
  const connection: GithubConnection = { octokit: lazyOctokit(options), owner, repo, clock, attemptMs };

  /** It is asked for by several records of one run. */
  let known: boolean | undefined;
  const isConfigured = token !== '' && owner !== '' && repo !== '';

  const tried = <T>(once: () => Promise<T>, most: number, signal: AbortSignal): Promise<T> =>
    attempts(
      async () => {
        try {
          return { done: await once() };
        } catch (error) {
          if (error instanceof GithubRefusal && error.retryMs !== undefined)
            return { failed: error, afterMs: error.retryMs };
          throw error;
        }
      },
      { clock, budgetMs: most, signal },
    );

  /** What the records would say better with; undefined where GitHub does not tell. */
  const asked = async <T>(once: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
    if (!isConfigured) return undefined;
    try {
      return await tried(once, Math.min(QUESTION_MS, budgetMs), signal);
    } catch (error) {
      if (error instanceof GithubRefusal) return undefined;
      throw signal.aborted && !(error instanceof RollbackError) ? cancelled() : error;
    }
  };

  const recorded = async <T>(
    what: string,
    permission: RecordPermission,
    signal: AbortSignal,
    once: () => Promise<T>,
  ): Promise<Recorded<T>> => {
    if (!isConfigured)
      return notPermitted(what, permission, token === '' ? tr`there is no token` : tr`the repository is not known`);
    try {
      return { kind: 'done', value: await tried(once, budgetMs, signal) };
    } catch (error) {
      if (error instanceof GithubRefusal) return refused(what, permission, error);
      throw signal.aborted && !(error instanceof RollbackError) ? cancelled() : error;
    }
  };

  return {
    isConfigured,
    isPublic: async ({ signal }) => {
      known ??= await asked(() => isPublic(connection, signal), signal);
      return known;
    },
    findCommit: (names, { signal }) => asked(() => findCommit(connection, names, signal), signal),
    findIssue: (mark, { signal }) =>
      recorded(tr`The post-mortem was not looked for`, 'issues: write', signal, () =>
        findIssue(connection, token, mark, signal),
      ),
    keepIssue: (request, { signal }) => {
      const once = keepIssue(connection, token, request, signal);
      return recorded(tr`The post-mortem was not written`, 'issues: write', signal, once);
    },
    keepDeployment: (request, { signal }) => {
      const once = keepDeployment(connection, request, signal);
      return recorded(tr`The deployment was not recorded`, 'deployments: write', signal, once);
    },
    commitFile: (request, { signal }) => {
      const once = commitFile(connection, request, signal);
      return recorded(tr`The record of the rollback was not committed`, 'contents: write', signal, once);
    },
  };
}

/** GitHub hides what a token may not see: 404 is as good as 403, unless the answer says what is missing. */
function refused<T>(what: string, permission: RecordPermission, refusal: GithubRefusal): Recorded<T> {
  const { status, message, retryMs } = refusal;
  const isLimit = retryMs !== undefined;
  const isNamed = /archived|branch .* not found|no commit found|protected branch|rule violation/i.test(message);
  if ((status === 403 || status === 404) && !isLimit && !isNamed) return notPermitted(what, permission, message);
  const failure = new RollbackError(
    'GITHUB_FAILED',
    isLimit && status === 0 ? tr`${what}: ${message}.` : tr`${what}: GitHub refused, ${message}.`,
    hintFor(refusal),
  );
  return { kind: 'failed', failure: failure.toFailure() };
}

function hintFor({ status, message, retryMs }: GithubRefusal): string {
  if (status === 401)
    return tr`Give \`github-token\` a token that is valid; left out, it is that of the job (\`github.token\`).`;
  if (status === 410) return tr`Switch issues on in the settings of the repository, or leave the post-mortem out.`;
  if (/branch .* not found|no commit found for the ref/i.test(message))
    return tr`Make the branch, then run again; running again is safe: git push origin HEAD:refs/heads/BRANCH`;
  if (/protected branch|rule violation|pull request/i.test(message))
    return tr`Name a branch that may be pushed to, or let the token bypass the rule.`;
  if (/no ref found/i.test(message)) return tr`Name a commit that was pushed to this repository.`;
  if (retryMs !== undefined) return tr`Run again later; running again is safe, and makes no second record.`;
  return tr`Correct what the message names, then run again; running again makes no second record.`;
}

function notPermitted<T>(what: string, permission: RecordPermission, reason: string): Recorded<T> {
  const failure = new RollbackError(
    'GITHUB_PERMISSION',
    tr`${what}: the token lacks "${permission}" (${reason}).`,
    tr`Add this to the job, beside the permissions that it has (other tokens: the same permission), then run again:\npermissions:\n  ${permission}`,
  );
  return { kind: 'not-permitted', permission, failure: failure.toFailure() };
}
