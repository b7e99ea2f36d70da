import { createHash, randomBytes } from 'node:crypto';
import type { OpenApi, Operation } from './openapi.ts';

export type Level = 'read' | 'write';

/** Whose token it is and what it may do. */
export interface Identity {
  readonly login: string;
  /** `Bot`: the token of a job or of an app, refused with 403. `User`: a token of a person, refused with 404. */
  readonly type: 'Bot' | 'User';
  readonly issues?: Level;
  readonly deployments?: Level;
  readonly contents?: Level;
  readonly actions?: Level;
  /** False: labels and assignees are silently dropped, as for who may not push. */
  readonly mayTriage?: boolean;
}

/** The token of a job that may write all records. */
export const WORKFLOW_BOT: Identity = {
  login: 'github-actions[bot]',
  type: 'Bot',
  issues: 'write',
  deployments: 'write',
  contents: 'write',
};

export interface StoredIssue {
  readonly number: number;
  readonly author: Pick<Identity, 'login' | 'type'>;
  readonly createdAt: string;
  title: string;
  body: string;
  labels: string[];
  assignees: string[];
  state: 'open' | 'closed';
  stateReason: string | null;
}

export interface StoredDeployment {
  readonly id: number;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: unknown;
  readonly autoMerge: boolean;
  readonly requiredContexts: readonly string[] | undefined;
  readonly creator: string;
  readonly statuses: Readonly<Record<string, unknown>>[];
}

/** A run of a workflow. */
export interface StoredRun {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly html_url: string;
}

export interface StoredFile {
  readonly content: string;
  /** What git calls the content. */
  readonly sha: string;
}

export interface Branch {
  readonly files: Map<string, StoredFile>;
  /** Newest last. */
  readonly commits: { readonly message: string; readonly path: string; readonly author: string }[];
  protected: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const DOCS = 'https://docs.github.com/rest';
export const error = (status: number, message: string, more: Fields = {}): Answer => ({
  status,
  body: { message, documentation_url: DOCS, status: String(status), ...more },
});
const invalid = (message: string, more: Fields = {}) => error(422, message, more);

export const blobHash = (content: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest('hex');

/** One repository as GitHub keeps it: what the action reads and writes of it, with GitHub's own rules and messages. */
export class Repository {
  readonly issues: StoredIssue[] = [];
  readonly deployments: StoredDeployment[] = [];
  readonly branches = new Map<string, Branch>();
  /** Commits that can be deployed. */
  readonly commits = new Set<string>();
  readonly workflowRuns: StoredRun[] = [];
  /** Tags of git, and the commits that they stand for. */
  readonly tags = new Map<string, string>();
  /** Logins that can be assigned. */
  readonly assignable = new Set<string>();
  isPublic = false;
  hasIssues = true;
  readonly #api: OpenApi;
  readonly #name: string;
  #ids = 1000;

  constructor(api: OpenApi, name: string) {
    this.#api = api;
    this.#name = name;
  }

  branch(name: string): Branch {
    const there = this.branches.get(name);
    if (there) return there;
    const made: Branch = { files: new Map(), commits: [], protected: false };
    this.branches.set(name, made);
    return made;
  }

  /** Somebody's issue, as they could write it. */
  addIssue(issue: Partial<StoredIssue> & { readonly author: StoredIssue['author'] }): StoredIssue {
    const made: StoredIssue = {
      number: this.issues.length + 1,
      createdAt: new Date().toISOString(),
      title: 'An issue',
      body: '',
      labels: [],
      assignees: [],
      state: 'open',
      stateReason: null,
      ...issue,
    };
    this.issues.push(made);
    return made;
  }

  /** Somebody's commit. */
  commit(branch: Branch, path: string, content: string, { message = 'Change', author = 'somebody' } = {}): StoredFile {
    const file = { content, sha: blobHash(content) };
    branch.files.set(path, file);
    branch.commits.push({ message, path, author });
    return file;
  }

  answer({ name, path }: Operation, query: URLSearchParams, body: Fields, who: Identity): Answer | undefined {
    switch (name) {
      case 'GET /user':
        // The token of a job belongs to no user.
        if (who.type === 'Bot') return error(403, 'Resource not accessible by integration');
        return {
          status: 200,
          body: {
            ...this.#api.example('private-user-response-with-public-and-private-profile-information'),
            login: who.login,
          },
        };
      case 'GET /repos/{owner}/{repo}/actions/runs':
        return this.#may(who, 'actions', 'read') ?? this.#listRuns(query);
      case 'GET /repos/{owner}/{repo}':
        return this.#answerRepository();
      case 'GET /repos/{owner}/{repo}/commits/{ref}':
        return this.#may(who, 'contents', 'read') ?? this.#commit(path['ref'] ?? '');
      case 'GET /repos/{owner}/{repo}/issues':
        return this.#may(who, 'issues', 'read') ?? this.#listIssues(query);
      case 'POST /repos/{owner}/{repo}/issues':
        return this.#may(who, 'issues', 'write') ?? this.#createIssue(body, who);
      case 'PATCH /repos/{owner}/{repo}/issues/{issue_number}':
        return this.#may(who, 'issues', 'write') ?? this.#updateIssue(Number(path['issue_number']), body);
      case 'GET /repos/{owner}/{repo}/deployments':
        return this.#may(who, 'deployments', 'read') ?? this.#listDeployments(query);
      case 'POST /repos/{owner}/{repo}/deployments':
        return this.#may(who, 'deployments', 'write') ?? this.#createDeployment(body, who);
      case 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses':
        return this.#may(who, 'deployments', 'write') ?? this.#addStatus(Number(path['deployment_id']), body);
      case 'GET /repos/{owner}/{repo}/contents/{path}':
        return this.#may(who, 'contents', 'read') ?? this.#readFile(path['path'] ?? '', query.get('ref') ?? 'main');
      case 'PUT /repos/{owner}/{repo}/contents/{path}':
        return this.#may(who, 'contents', 'write') ?? this.#writeFile(path['path'] ?? '', body, who);
      default:
        return undefined;
    }
  }

  #listRuns(query: URLSearchParams): Answer {
    const [example] = this.#api.example('workflow-run-paginated')['workflow_runs'] as object[];
    const found = this.workflowRuns.filter(({ status }) => !query.has('status') || query.get('status') === status);
    return {
      status: 200,
      body: { total_count: found.length, workflow_runs: found.map((run) => ({ ...example, ...run })) },
    };
  }

  #commit(ref: string): Answer {
    const tag = /^tags\/(.+)$/.exec(ref)?.[1];
    const sha = tag === undefined ? [...this.commits].find((one) => one.startsWith(ref)) : this.tags.get(tag);
    if (!sha) return invalid(`No commit found for SHA: ${ref}`);
    return { status: 200, body: { ...this.#api.example('commit'), files: [], sha } };
  }

  /** Every token may read that of a repository that it sees. */
  #answerRepository(): Answer {
    const { isPublic } = this;
    const visibility = isPublic ? 'public' : 'private';
    const { source: _s, parent: _p, ...example } = this.#api.example('full-repository-default-response');
    return {
      status: 200,
      body: { ...example, full_name: this.#name, language: null, private: !isPublic, visibility },
    };
  }

  #may(who: Identity, what: 'issues' | 'deployments' | 'contents' | 'actions', level: Level): Answer | undefined {
    const has = who[what];
    if (has === 'write' || has === level || (level === 'read' && this.isPublic)) return undefined;
    return who.type === 'Bot' ? error(403, 'Resource not accessible by integration') : error(404, 'Not Found');
  }

  #listIssues(query: URLSearchParams): Answer {
    const labels = query.get('labels')?.split(',') ?? [];
    const [creator, state] = [query.get('creator'), query.get('state') ?? 'open'];
    const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
    const found = this.issues
      .filter((issue) => labels.every((label) => issue.labels.some((one) => one.toLowerCase() === label.toLowerCase())))
      .filter((issue) => !creator || issue.author.login === creator)
      .filter((issue) => state === 'all' || issue.state === state)
      .reverse();
    return { status: 200, body: found.slice((page - 1) * size, page * size).map((issue) => this.#issue(issue)) };
  }

  #createIssue(body: Fields, who: Identity): Answer {
    if (!this.hasIssues) return error(410, 'Issues has been disabled in this repository.');
    const assignees = (body['assignees'] ?? []) as string[];
    const fault = this.#issueFault(body);
    if (fault) return fault;
    const stranger = assignees.find((login) => !this.assignable.has(login));
    if (stranger !== undefined && who.mayTriage !== false)
      return invalid('Validation Failed', {
        errors: [{ value: stranger, resource: 'Issue', field: 'assignees', code: 'invalid' }],
      });
    const mayTriage = who.mayTriage !== false;
    const issue = this.addIssue({
      author: who,
      title: String(body['title']),
      body: String(body['body'] ?? ''),
      labels: mayTriage ? [...((body['labels'] ?? []) as string[])] : [],
      assignees: mayTriage ? [...assignees] : [],
    });
    return { status: 201, body: this.#issue(issue) };
  }

  #updateIssue(number: number, body: Fields): Answer {
    const issue = this.issues.find((one) => one.number === number);
    if (!issue) return error(404, 'Not Found');
    const fault = this.#issueFault({ title: issue.title, ...body });
    if (fault) return fault;
    if (typeof body['body'] === 'string') issue.body = body['body'];
    if (body['state'] === 'open' || body['state'] === 'closed') {
      issue.state = body['state'];
      issue.stateReason = String(body['state_reason'] ?? 'completed');
    }
    return { status: 200, body: this.#issue(issue) };
  }

  #issueFault(body: Fields): Answer | undefined {
    const tooLong = (field: string, max: number) =>
      invalid('Validation Failed', {
        errors: [
          { resource: 'Issue', code: 'custom', field, message: `${field} is too long (maximum is ${max} characters)` },
        ],
      });
    if ([...String(body['title'])].length > 256) return tooLong('title', 256);
    if ([...String(body['body'] ?? '')].length > 65_536) return tooLong('body', 65_536);
    return undefined;
  }

  #issue(issue: StoredIssue): object {
    const {
      milestone: _m,
      pull_request: _p,
      repository: _r,
      closed_by: _c,
      pinned_comment: _n,
      ...example
    } = this.#api.example('issue');
    const user = (login: string, type = 'User') => ({ ...(example['user'] as object), login, type });
    const [label] = example['labels'] as object[];
    const assignees = issue.assignees.map((login) => user(login));
    return {
      ...example,
      number: issue.number,
      html_url: `https://github.com/${this.#name}/issues/${issue.number}`,
      state: issue.state,
      state_reason: issue.stateReason,
      title: issue.title,
      body: issue.body,
      user: user(issue.author.login, issue.author.type),
      labels: issue.labels.map((name) => ({ ...label, name })),
      assignees,
      assignee: assignees[0] ?? null,
      milestone: null,
      created_at: issue.createdAt,
      updated_at: issue.createdAt,
    };
  }

  #listDeployments(query: URLSearchParams): Answer {
    const is = (name: string, value: string) => !query.has(name) || query.get(name) === value;
    const found = this.deployments
      .filter((one) => is('environment', one.environment) && is('task', one.task) && is('ref', one.ref))
      .reverse();
    return {
      status: 200,
      body: found.slice(0, Number(query.get('per_page') ?? 30)).map((one) => this.#deployment(one)),
    };
  }

  #createDeployment(body: Fields, who: Identity): Answer {
    const ref = String(body['ref']);
    if (!this.commits.has(ref)) return invalid(`No ref found for: ${ref}`);
    const deployment: StoredDeployment = {
      id: this.#ids++,
      ref,
      task: String(body['task'] ?? 'deploy'),
      environment: String(body['environment'] ?? 'production'),
      description: String(body['description'] ?? ''),
      payload: body['payload'] ?? '',
      autoMerge: body['auto_merge'] !== false,
      requiredContexts: body['required_contexts'] as string[] | undefined,
      creator: who.login,
      statuses: [],
    };
    this.deployments.push(deployment);
    return { status: 201, body: this.#deployment(deployment) };
  }

  #addStatus(id: number, body: Fields): Answer {
    const deployment = this.deployments.find((one) => one.id === id);
    if (!deployment) return error(404, 'Not Found');
    const description = String(body['description'] ?? '');
    if ([...description].length > 140)
      return invalid('Validation Failed', {
        errors: [
          {
            resource: 'DeploymentStatus',
            code: 'custom',
            field: 'description',
            message: 'description is too long (maximum is 140 characters)',
          },
        ],
      });
    for (const name of ['environment_url', 'log_url'])
      if (body[name] !== undefined && !/^https?:\/\//.test(String(body[name])))
        return invalid('Validation Failed', {
          errors: [
            { resource: 'DeploymentStatus', code: 'custom', field: name, message: `${name} must use http(s) scheme` },
          ],
        });
    deployment.statuses.push(body);
    const example = this.#api.example('deployment-status');
    return { status: 201, body: { ...example, id: this.#ids++, ...body, deployment_id: undefined } };
  }

  #deployment({ id, ref, task, environment, description, payload }: StoredDeployment): object {
    const [example] = this.#api.example('deployment-items') as unknown as object[];
    return { ...example, id, ref, sha: ref, task, environment, description, payload };
  }

  #readFile(path: string, ref: string): Answer {
    const branch = this.branches.get(ref);
    if (!branch) return error(404, `No commit found for the ref ${ref}`);
    const file = branch.files.get(path);
    if (!file) return error(404, 'Not Found');
    return {
      status: 200,
      body: {
        ...this.#fileFields(path, file, ref),
        encoding: 'base64',
        content: Buffer.from(file.content).toString('base64'),
      },
    };
  }

  #writeFile(path: string, body: Fields, who: Identity): Answer {
    const name = String(body['branch'] ?? 'main');
    const branch = this.branches.get(name);
    if (!branch) return error(404, `Branch ${name} not found`);
    if (branch.protected)
      return error(409, 'Repository rule violations found\n\nChanges must be made through a pull request.\n\n');
    const there = branch.files.get(path);
    const { sha } = body;
    if (there && sha === undefined) return invalid('Invalid request.\n\n"sha" wasn\'t supplied.');
    if (there && sha !== there.sha) return error(409, `${path} does not match ${String(sha)}`);
    const content = Buffer.from(String(body['content']), 'base64').toString('utf8');
    const file = this.commit(branch, path, content, { message: String(body['message']), author: who.login });
    const example = this.#api.example('file-commit-example-for-creating-a-file');
    return {
      status: there ? 200 : 201,
      body: {
        content: this.#fileFields(path, file, name),
        commit: { ...(example['commit'] as object), sha: randomBytes(20).toString('hex'), message: body['message'] },
      },
    };
  }

  #fileFields(path: string, { content, sha }: StoredFile, ref: string): object {
    const self = `https://api.github.com/repos/${this.#name}/contents/${path}?ref=${ref}`;
    const html = `https://github.com/${this.#name}/blob/${ref}/${path}`;
    const git = `https://api.github.com/repos/${this.#name}/git/blobs/${sha}`;
    return {
      type: 'file',
      name: path.split('/').at(-1),
      path,
      sha,
      size: Buffer.byteLength(content),
      url: self,
      html_url: html,
      git_url: git,
      download_url: `https://raw.githubusercontent.com/${this.#name}/${ref}/${path}`,
      _links: { self, html, git },
    };
  }
}
