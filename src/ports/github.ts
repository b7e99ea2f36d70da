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
