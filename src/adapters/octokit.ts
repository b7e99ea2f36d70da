import type { GithubReader, GithubWriter, WorkflowRun } from '../ports/github.ts';
import { lazyOctokit } from './github/client.ts';

export interface GithubOptions {
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Run of this workflow: never listed, never cancelled. */
  readonly ownRunId: number;
  readonly apiUrl: string;
}

/** GitHub is never worth holding a rollback up. */
const TIMEOUT_MS = 3000;

/** The repository's workflow runs, by GitHub's REST API. A missing permission or a slow GitHub is an answer, never an error. */
export function createGithub(options: GithubOptions | undefined): GithubReader & GithubWriter {
  if (!options?.token || !options.repository.includes('/'))
    return { activeRuns: async () => undefined, cancelRun: async () => false };
  const [owner = '', repo = ''] = options.repository.split('/');
  const octokit = lazyOctokit(options);
  return {
    async activeRuns() {
      try {
        const api = (await octokit()).rest.actions;
        const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
        const pages = await Promise.all(
          (['in_progress', 'queued'] as const).map((status) =>
            api.listWorkflowRunsForRepo({ owner, repo, status, per_page: 50, request }),
          ),
        );
        return pages
          .flatMap((page) => page.data.workflow_runs)
          .filter((run) => run.id !== options.ownRunId)
          .map(
            (run): WorkflowRun => ({
              id: run.id,
              name: run.name ?? '',
              path: run.path,
              status: run.status ?? '',
              url: run.html_url,
            }),
          );
      } catch {
        return undefined;
      }
    },
    async cancelRun(id) {
      try {
        const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
        await (await octokit()).rest.actions.cancelWorkflowRun({ owner, repo, run_id: id, request });
        return true;
      } catch {
        return false;
      }
    },
  };
}
