import * as z from 'zod';
import { tr } from '../../core/tr.ts';
import { call, type GithubConnection, noAnswer } from './call.ts';

const repositorySchema = z.object({ private: z.boolean() });

/**
 * Whether everybody may read the repository. Every token may ask that of its own (`metadata: read`, which cannot be taken away); one for members
 * of an enterprise (`internal`) is called private by GitHub. @throws GithubRefusal, CANCELLED
 */
export async function isPublic(connection: GithubConnection, signal: AbortSignal): Promise<boolean> {
  const { data } = await call(connection, 'GET /repos/{owner}/{repo}', {}, signal);
  const repository = repositorySchema.safeParse(data);
  if (!repository.success) throw noAnswer(tr`the answer is not one of GitHub`);
  return !repository.data.private;
}
