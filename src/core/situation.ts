import type { Failure } from './errors.ts';
import type { HpaObject, PdbObject, PodObject, WorkloadObject, WorkloadRef } from './kubernetes.ts';
import type { Ledger, RollbackRecord } from './ledger.ts';
import type { CandidateReport } from './report.ts';
import type { Said } from './said.ts';
import type { Revision } from './workload.ts';

/** One workload of the group as it stood when the run read it. */
export interface Member {
  readonly ref: WorkloadRef;
  readonly workload: WorkloadObject;
  /** Newest number first. */
  readonly revisions: readonly Revision[];
  /** Hash of the template that the workload asks for now. */
  readonly hash: string;
}

/** What a run decided for one workload. */
export type MemberChoice =
  | {
      readonly kind: 'go';
      readonly member: Member;
      /** The release to go to. Its template is the stored one; the plan normalises it by a dry run. */
      readonly to: Revision;
      readonly notes: readonly Said[];
    }
  | { readonly kind: 'stay'; readonly member: Member; readonly why: Said; readonly notes: readonly Said[] };

/** What the whole group goes back to, chosen once. */
export type Choice =
  | { readonly kind: 'chosen'; readonly members: readonly MemberChoice[] }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** The ledger as read: `unreadable` and `unwritable` runs fall back to annotations of the workloads. */
export interface LedgerState {
  readonly ledger: Ledger;
  /** Undefined while no ledger exists yet. */
  readonly resourceVersion?: string;
  readonly access: 'full' | 'none';
}

/** The world as the run first read it: plan and preflight speak about this and nothing else. */
export interface Situation {
  /** ms since the epoch, by the clock of the runner. */
  readonly readAt: number;
  readonly members: readonly Member[];
  readonly pods: readonly PodObject[];
  /** Undefined where they may not be read. */
  readonly autoscalers: readonly HpaObject[] | undefined;
  readonly disruptionBudgets: readonly PdbObject[] | undefined;
  readonly ledger: LedgerState;
  readonly choice: Choice;
  /** The rollback that this run goes on with: same incident, same target. Undefined for a new incident. */
  readonly incident?: RollbackRecord;
  /** `mode: undo`: the rollback that is taken back. */
  readonly undoes?: RollbackRecord;
  readonly candidates: readonly CandidateReport[];
}
