import * as z from 'zod';
import { tr } from '../../core/tr.ts';
import type { DeploymentRequest, WrittenDeployment } from '../../ports/github.ts';
import { call, type GithubConnection, noAnswer } from './call.ts';

const deploymentSchema = z.object({ id: z.int(), payload: z.unknown() });

const TASK = 'rollback';
const MAX_DESCRIPTION = 140;
const MAX_ENVIRONMENT = 255;

/** One deployment per run, and a status more for each state: what keeps them, to be called until it does not throw. @throws GithubRefusal, CANCELLED */
export function keepDeployment(
  connection: GithubConnection,
  request: DeploymentRequest,
  signal: AbortSignal,
): () => Promise<WrittenDeployment> {
  const environment = request.environment.slice(0, MAX_ENVIRONMENT);
  const description = bounded(request.description);
  // Still true when the status that follows was not taken at once.
  let made: number | undefined;
  return async () => {
    const found = made === undefined ? await find(connection, environment, request.run, signal) : undefined;
    const id = made ?? found ?? (await create(connection, { ...request, environment, description }, signal));
    if (found === undefined) made = id;
    await call(
      connection,
      'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      {
        deployment_id: id,
        state: request.state,
        description,
        environment,
        ...link('environment_url', request.environmentUrl),
        ...link('log_url', request.logUrl),
      },
      signal,
    );
    return { id, was: made === undefined ? 'found' : 'created' };
  };
}

async function find(connection: GithubConnection, environment: string, run: string, signal: AbortSignal) {
  const query = { environment, task: TASK, per_page: 100 };
  const listed = await call(connection, 'GET /repos/{owner}/{repo}/deployments', query, signal);
  const deployments = z.array(deploymentSchema).safeParse(listed.data);
  if (!deployments.success) throw noAnswer(tr`the answer is not one of GitHub`);
  return deployments.data.find(({ payload }) => runOf(payload) === run)?.id;
}

async function create(
  connection: GithubConnection,
  { run, environment, commit, description }: DeploymentRequest,
  signal: AbortSignal,
): Promise<number> {
  const answer = await call(
    connection,
    'POST /repos/{owner}/{repo}/deployments',
    {
      ref: commit,
      task: TASK,
      environment,
      description,
      // What was good once is put back as it was: neither merged with what came after nor held by checks that run today.
      auto_merge: false,
      required_contexts: [],
      payload: { tool: 'tiered-rollback', run },
    },
    signal,
  );
  const made = deploymentSchema.safeParse(answer.data);
  if (!made.success) throw noAnswer(tr`the answer is not one of GitHub`);
  return made.data.id;
}

/** GitHub gives a payload back as it was sent, or as the text of it. */
function runOf(payload: unknown): string | undefined {
  const parsed = z
    .object({ tool: z.literal('tiered-rollback'), run: z.string() })
    .safeParse(typeof payload === 'string' ? json(payload) : payload);
  return parsed.data?.run;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function link(name: 'environment_url' | 'log_url', url: string | undefined): object {
  return url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? { [name]: url } : {};
}

function bounded(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length > MAX_DESCRIPTION
    ? `${characters.slice(0, MAX_DESCRIPTION - 1).join('')}…`
    : characters.join('');
}
