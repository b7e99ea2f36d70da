import type { PodTemplate, WorkloadRef } from './kubernetes.ts';
import type { Change, Plan } from './step.ts';

/** One workload of the group that goes to another template. */
export interface UndoMember {
  readonly ref: WorkloadRef;
  readonly uid: string;
  /** Hashes as of `templateHash`. */
  readonly from: string;
  readonly to: string;
  /** The template to write: stored, cleaned and normalised by a server-side dry run. */
  readonly template: PodTemplate;
  /** The template that is left: kept in the journal, so that the rollback can be taken back. */
  readonly before: PodTemplate;
  /** The Deployment was paused when the plan was made. */
  readonly paused: boolean;
  readonly fromImages: readonly string[];
  readonly toImages: readonly string[];
  readonly toRevision?: number;
}

/** What `undo-workloads` would do. */
export interface UndoChange extends Change {
  readonly members: readonly UndoMember[];
}

/** The change of `undo-workloads` in a plan; no members where nothing goes anywhere. */
export function undoMembersOf(plan: Plan): readonly UndoMember[] {
  const planned = plan.steps.find((step) => step.step === 'undo-workloads')?.planned;
  return planned?.kind === 'change' ? (planned.change as UndoChange).members : [];
}

/** The plan as it may be shown and stored: without the templates, which may hold secrets as literal values. The revisions hold them. */
export function withoutTemplates(plan: Plan): Plan {
  const steps = plan.steps.map((step) => {
    if (step.planned.kind !== 'change' || step.step !== 'undo-workloads') return step;
    const change = step.planned.change as UndoChange;
    const members = change.members.map(({ template: _template, before: _before, ...rest }) => rest);
    return { ...step, planned: { ...step.planned, change: { ...change, members } } };
  });
  return { ...plan, steps };
}
