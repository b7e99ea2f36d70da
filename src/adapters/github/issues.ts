import * as z from 'zod';
import { hasMarker, ISSUE_BODY_LIMIT, ISSUE_TITLE_LIMIT, withGenerated } from '../../core/post-mortem.ts';
import { tr } from '../../core/tr.ts';
import type { FoundIssue, IssueMark, IssueRequest, WrittenIssue } from '../../ports/github.ts';
import { call, type GithubConnection, GithubRefusal, noAnswer } from './call.ts';

const issueSchema = z.object({
  number: z.int(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  body: z.string().nullish(),
  user: z.object({ login: z.string(), type: z.string() }).nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  pull_request: z.unknown().optional(),
});
type Issue = z.infer<typeof issueSchema>;

const PAGE = 100;
const MAX_PAGES = 3;
/** GitHub's own bounds of one issue. */
const MAX_ASSIGNEES = 10;
const MAX_LABELS = 100;

/** The issue that counts. @throws GithubRefusal, CANCELLED */
export async function findIssue(
  connection: GithubConnection,
  token: string,
  mark: IssueMark,
  signal: AbortSignal,
): Promise<FoundIssue | undefined> {
  const [first] = await marked(connection, token, mark, signal);
  return first ? { number: first.number, url: first.html_url, state: first.state, body: first.body ?? '' } : undefined;
}

/** What keeps the issue, to be called until it does not throw. @throws GithubRefusal, CANCELLED */
export function keepIssue(
  connection: GithubConnection,
  token: string,
  request: IssueRequest,
  signal: AbortSignal,
): () => Promise<WrittenIssue> {
  // What an attempt achieved is still true when its next request failed.
  let made: Issue | undefined;
  const dropped = new Set<string>();
  const closed = new Set<number>();
  const patch = (number: number, change: object) =>
    call(connection, 'PATCH /repos/{owner}/{repo}/issues/{issue_number}', { issue_number: number, ...change }, signal);
  return async () => {
    let there = await marked(connection, token, request, signal);
    if (there.length === 0 && !made) {
      made = await create(connection, request, dropped, signal);
      // Another run may have found nothing at the same moment.
      there = await marked(connection, token, request, signal);
    }
    // A list may be older than what was just made.
    const all = made && !there.some(({ number }) => number === made?.number) ? [...there, made].sort(byRank) : there;
    const [kept, ...others] = all;
    if (!kept) throw noAnswer(tr`the issue was made and is not shown`);
    for (const { number, state } of others) {
      if (state === 'closed') continue;
      await patch(number, { state: 'closed', state_reason: 'not_planned' });
      closed.add(number);
    }
    const result = { number: kept.number, url: kept.html_url, dropped: [...dropped], closed: [...closed] };
    if (kept.number === made?.number) return { ...result, was: 'created' };
    const body = withGenerated(kept.body ?? '', request.body, request.marker);
    if (body === undefined) return { ...result, was: 'edited' };
    if (body === (kept.body ?? '').replaceAll('\r\n', '\n')) return { ...result, was: 'unchanged' };
    await patch(kept.number, { body });
    return { ...result, was: 'updated' };
  };
}

async function create(
  connection: GithubConnection,
  request: IssueRequest,
  dropped: Set<string>,
  signal: AbortSignal,
): Promise<Issue> {
  const labels = [...new Set([request.label, ...request.labels])].slice(0, MAX_LABELS);
  const wanted = [...new Set(request.assignees)].slice(0, MAX_ASSIGNEES);
  const post = async (assignees: readonly string[]) =>
    parse(
      issueSchema,
      await call(
        connection,
        'POST /repos/{owner}/{repo}/issues',
        {
          title: request.title.slice(0, ISSUE_TITLE_LIMIT),
          body: request.body.slice(0, ISSUE_BODY_LIMIT),
          labels,
          assignees,
        },
        signal,
      ),
    );
  const issue = await post(wanted).catch((error: unknown) => {
    // Somebody who left must not keep the post-mortem from being written.
    const bad = error instanceof GithubRefusal ? error.invalid.filter(({ field }) => field === 'assignees') : [];
    if (bad.length === 0 || wanted.length === 0) throw error;
    const rest = wanted.filter((login) => !bad.some(({ value }) => value === login));
    return post(rest.length < wanted.length ? rest : []);
  });
  const taken = new Set([...labelsOf(issue), ...(issue.assignees ?? []).map(({ login }) => login)].map(lower));
  for (const one of [...labels, ...wanted]) if (!taken.has(lower(one))) dropped.add(one);
  return issue;
}

/**
 * All with that mark which we wrote, the one that counts first. Anybody can write the marker into an issue: it must have been written by this
 * token's user or by an app, and bear the label, which only those who may triage can give. Where the label was not taken, the newest
 * issues of this token's own user are looked through.
 */
async function marked(
  connection: GithubConnection,
  token: string,
  { marker, label }: IssueMark,
  signal: AbortSignal,
): Promise<Issue[]> {
  const login = await ownLogin(connection, token, signal);
  const isMarked = (issue: Issue) => issue.pull_request === undefined && hasMarker(issue.body ?? '', marker);
  const list = async (query: object, pages: number) => {
    const issues: Issue[] = [];
    for (let page = 1; page <= pages; page++) {
      const parameters = { ...query, state: 'all', sort: 'created', direction: 'desc', per_page: PAGE, page };
      const answer = await call(connection, 'GET /repos/{owner}/{repo}/issues', parameters, signal);
      const found = parse(z.array(issueSchema), answer);
      issues.push(...found);
      if (found.length < PAGE) break;
    }
    return issues.filter(isMarked);
  };
  const isOwn = ({ user }: Issue) => lower(user?.login ?? '') === lower(login);
  const labelled = (await list({ labels: label }, MAX_PAGES)).filter(
    (issue) =>
      (issue.user?.type === 'Bot' || isOwn(issue)) && labelsOf(issue).some((name) => lower(name) === lower(label)),
  );
  if (labelled.length > 0) return labelled.sort(byRank);
  const own = await list({ creator: login }, 1);
  return own.filter(isOwn).sort(byRank);
}

/** Open ones first, then the oldest: what every run takes for the one that counts. */
function byRank(a: Issue, b: Issue): number {
  return Number(a.state === 'closed') - Number(b.state === 'closed') || a.number - b.number;
}

/** Who the token is. Those of apps (`ghs_`, as the token of a job) may not ask. */
async function ownLogin(connection: GithubConnection, token: string, signal: AbortSignal): Promise<string> {
  if (token.startsWith('ghs_')) return JOB_LOGIN;
  try {
    return parse(z.object({ login: z.string() }), await call(connection, 'GET /user', {}, signal)).login;
  } catch (error) {
    if (error instanceof GithubRefusal && error.retryMs === undefined && [403, 404].includes(error.status))
      return JOB_LOGIN;
    throw error;
  }
}
const JOB_LOGIN = 'github-actions[bot]';

const labelsOf = ({ labels }: Pick<Issue, 'labels'>) =>
  labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? [])));

const lower = (text: string) => text.toLowerCase();

function parse<T>(schema: z.ZodType<T>, { data }: { readonly data: unknown }): T {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw noAnswer(tr`the answer is not one of GitHub`);
  return parsed.data;
}
