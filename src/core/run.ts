/** Who runs, where and why: shown in every report and recorded in lock, journal and ledger. */
export interface RunIdentity {
  /** `RUN_ID-ATTEMPT-RANDOM` of the workflow run, or `local-RANDOM` outside of GitHub. Safe as a Kubernetes name. */
  readonly id: string;
  /** Link to the workflow run; empty outside of GitHub. */
  readonly url: string;
  readonly actor: string;
  readonly repository: string;
  readonly commit: string;
  readonly workflow: string;
  readonly reason: string;
}
