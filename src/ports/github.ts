import type { Failure } from '../core/errors.ts';

/** A workflow run of this repository that may deploy while we roll back. */
export interface WorkflowRun {
  readonly id: number;
  readonly name: string;
  /** `.github/workflows/deploy.yml`. */
  readonly path: string;
  readonly status: string;
  readonly url: string;
}

/** Reads of the repository. Undefined where there is no token or the permission is missing: never an error of the rollback. */
export interface GithubReader {
  /** Runs of other workflows, queued or in progress, newest first. */
  activeRuns(): Promise<readonly WorkflowRun[] | undefined>;
}

export interface GithubWriter {
  /** False where it was not allowed. */
  cancelRun(id: number): Promise<boolean>;
}

/** What the token must be allowed to do, as a workflow writes it below `permissions:`. */
export type RecordPermission = 'issues: write' | 'deployments: write' | 'contents: write';

/** What became of a record. A missing permission and an ill GitHub are answers: a rollback never fails for them. */
export type Recorded<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Its hint has the `permissions:` lines to add. */
  | { readonly kind: 'not-permitted'; readonly permission: RecordPermission; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** How an issue of ours is told from others: by a line of its body (`incidentMarker`), a label, and by who wrote it. */
export interface IssueMark {
  /** A whole line. */
  readonly marker: string;
  readonly label: string;
}

export interface FoundIssue {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'closed';
  readonly body: string;
}

export interface IssueRequest extends IssueMark {
  readonly title: string;
  /** Has the marker; what may be replaced later ends with `GENERATED_END`. */
  readonly body: string;
  /** Beside `label`. */
  readonly labels: readonly string[];
  /** Logins. One that cannot be assigned is left out. */
  readonly assignees: readonly string[];
}

export interface WrittenIssue {
  readonly number: number;
  readonly url: string;
  /** `edited`: people removed our lines from it, so nothing was replaced. */
  readonly was: 'created' | 'updated' | 'unchanged' | 'edited';
  /** Labels and assignees that GitHub did not take. */
  readonly dropped: readonly string[];
  /** Issues with the same marker that were closed in favour of this one. */
  readonly closed: readonly number[];
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export interface DeploymentRequest {
  /** Id of the run: asked for again, its deployment gets another status, and no second one is made. */
  readonly run: string;
  readonly environment: string;
  /** The commit that is deployed now. */
  readonly commit: string;
  readonly state: DeploymentState;
  /** GitHub takes 140 characters; more is cut. */
  readonly description: string;
  /** http(s), else left out. */
  readonly environmentUrl?: string;
  /** http(s), else left out. */
  readonly logUrl?: string;
}

export interface WrittenDeployment {
  readonly id: number;
  readonly was: 'created' | 'found';
}

export interface FileRequest {
  /** Must be there: none is made. */
  readonly branch: string;
  /** From the root of the repository, as `recordPath` makes it. */
  readonly path: string;
  readonly content: string;
  readonly message: string;
}

export interface CommittedFile {
  readonly url: string;
  /** `unchanged`: it has this content already, nothing was committed. */
  readonly was: 'created' | 'updated' | 'unchanged';
}

type Until = { readonly signal: AbortSignal };

/** Reads of records. All methods throw CANCELLED, and nothing else. */
export interface RecordReader {
  /** False without a token or a repository: nothing can be recorded, and every question is answered without being asked. */
  readonly isConfigured: boolean;
  /** Whether everybody may read what is recorded; undefined where that could not be learnt. */
  isPublic(options: Until): Promise<boolean | undefined>;
  /** The commit that one of these names (`tags/v1.4`, the beginning of a hash) stands for in the repository; undefined where none is known. */
  findCommit(names: readonly string[], options: Until): Promise<string | undefined>;
  /** The issue with that mark that counts, open or closed: of several the oldest open one. Among the 300 newest with the label. */
  findIssue(mark: IssueMark, options: Until): Promise<Recorded<FoundIssue | undefined>>;
}

/** Writes of records; each may be repeated. All methods throw CANCELLED, and nothing else. */
export interface RecordWriter {
  /**
   * Makes the issue, or brings the part of it that is ours up to date; title, labels, assignees and state of one that is there are left to
   * people. Two runs at once end with one open issue, unless GitHub shows neither of them the other's: then the next run closes one.
   */
  keepIssue(request: IssueRequest, options: Until): Promise<Recorded<WrittenIssue>>;
  keepDeployment(request: DeploymentRequest, options: Until): Promise<Recorded<WrittenDeployment>>;
  /** One commit with one file. Read again where somebody else committed meanwhile. */
  commitFile(request: FileRequest, options: Until): Promise<Recorded<CommittedFile>>;
}
