import type { WorkloadRef } from './kubernetes.ts';
import type { ChangedObject } from './references.ts';
import type { Change } from './step.ts';

/** What `restart-workloads` would do. */
export interface RestartWorkloadsChange extends Change {
  /** Readers that the run does not write otherwise. */
  readonly restart: readonly WorkloadRef[];
  /** Readers that get new pods by the rollback itself; they are restarted only where old pods of the target stay. */
  readonly folded: readonly WorkloadRef[];
  /** What this run changes. */
  readonly changed: readonly ChangedObject[];
}
