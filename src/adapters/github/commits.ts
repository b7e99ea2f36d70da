import * as z from 'zod';
import { tr } from '../../core/tr.ts';
import { call, type GithubConnection, GithubRefusal, noAnswer } from './call.ts';

const commitSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) });

/** The commit that the first of these names stands for which the repository knows. @throws GithubRefusal, CANCELLED */
export async function findCommit(
  connection: GithubConnection,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const ref of names) {
    try {
      const { data } = await call(connection, 'GET /repos/{owner}/{repo}/commits/{ref}', { ref, per_page: 1 }, signal);
      const commit = commitSchema.safeParse(data);
      if (!commit.success) throw noAnswer(tr`the answer is not one of GitHub`);
      return commit.data.sha;
    } catch (error) {
      // 404: no such tag, or not to be seen. 422: no such commit, or more than one with these digits.
      if (!(error instanceof GithubRefusal) || ![404, 422].includes(error.status)) throw error;
    }
  }
  return undefined;
}
