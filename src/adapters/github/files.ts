import { createHash } from 'node:crypto';
import * as z from 'zod';
import { tr } from '../../core/tr.ts';
import type { CommittedFile, FileRequest } from '../../ports/github.ts';
import { call, type GithubConnection, GithubRefusal, noAnswer } from './call.ts';

const fileSchema = z.object({ type: z.literal('file'), sha: z.string(), html_url: z.string().nullable() });
const commitSchema = z.object({ content: z.object({ html_url: z.string() }) });

/** How often somebody else may have committed in between before it is given up. */
const MAX_CONFLICTS = 4;

/** What commits the file, to be called until it does not throw. @throws GithubRefusal, CANCELLED */
export function commitFile(
  connection: GithubConnection,
  { branch, path, content, message }: FileRequest,
  signal: AbortSignal,
): () => Promise<CommittedFile> {
  const bytes = Buffer.from(content, 'utf8');
  let conflicts = 0;
  return async () => {
    const there = await read(connection, path, branch, signal);
    // What is there already was committed by an attempt whose answer was lost, or by an earlier run.
    if (there?.sha === blobHash(bytes)) return { url: there.html_url ?? '', was: 'unchanged' };
    try {
      const answer = await call(
        connection,
        'PUT /repos/{owner}/{repo}/contents/{path}',
        { path, branch, message, content: bytes.toString('base64'), ...(there ? { sha: there.sha } : {}) },
        signal,
      );
      const made = commitSchema.safeParse(answer.data);
      if (!made.success) throw noAnswer(tr`the answer is not one of GitHub`);
      return { url: made.data.content.html_url, was: there ? 'updated' : 'created' };
    } catch (error) {
      if (!(error instanceof GithubRefusal) || !isConflict(error)) throw error;
      conflicts += 1;
      throw conflicts > MAX_CONFLICTS ? error : new GithubRefusal(error.status, error.message, { retryMs: 0 });
    }
  };
}

/** The file as it is on the branch; undefined where it is not there, or not to be seen. */
async function read(connection: GithubConnection, path: string, ref: string, signal: AbortSignal) {
  try {
    const answer = await call(connection, 'GET /repos/{owner}/{repo}/contents/{path}', { path, ref }, signal);
    const file = fileSchema.safeParse(answer.data);
    if (!file.success) throw new GithubRefusal(422, tr`${path} is there and is no file`);
    return file.data;
  } catch (error) {
    if (!(error instanceof GithubRefusal)) throw error;
    // A branch that is missing is named; else the answer to the commit tells what is wrong.
    if (error.status === 404 && !/no commit found/i.test(error.message)) return undefined;
    throw error;
  }
}

/** `FILE does not match SHA` and `is at SHA but expected SHA` (409), `"sha" wasn't supplied` (422): somebody was quicker. */
function isConflict({ status, message }: GithubRefusal): boolean {
  if (status === 422) return /"sha" wasn't supplied/i.test(message);
  return status === 409 && !/rule violation|protected branch|pull request/i.test(message);
}

/** What git calls the content. */
function blobHash(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}
