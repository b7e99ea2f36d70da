import { refText } from '../core/kubernetes.ts';
import { isOfRevision, matchesSelector, podsByController, podsOfMember } from '../core/pods.ts';
import { type Said, said } from '../core/said.ts';
import { kubectl } from '../core/shell.ts';
import type { MemberChoice, Situation } from '../core/situation.ts';
import type { CheckItem } from '../core/step.ts';
import { type UndoMember, undoMembersOf } from '../core/undo.ts';
import type { PreflightCheck } from './contract.ts';

/** There is a release to go back to, and what stands in the way of the controllers taking every pod there is named. */
export const target: PreflightCheck = {
  id: 'target',
  async check({ config, situation }, plan) {
    const { choice } = situation;
    if (choice.kind === 'refused') {
      const { failure } = choice;
      return [{ check: target.id, subject: `namespace/${config.namespace}`, severity: 'refuse', failure }];
    }
    const byController = podsByController(situation.pods);
    return undoMembersOf(plan).flatMap((undo): CheckItem[] => {
      const subject = refText(undo.ref);
      const member = choice.members.find((one) => refText(one.member.ref) === subject);
      const notes = member ? notesOf(member, undo, situation, config.namespace, byController) : [];
      const base = { check: target.id, subject, severity: 'info' } as const;
      return notes.length > 0 ? notes.map((note) => ({ ...base, note })) : [base];
    });
  },
};

function notesOf(
  choice: MemberChoice,
  undo: UndoMember,
  situation: Situation,
  namespace: string,
  byController: ReturnType<typeof podsByController>,
): Said[] {
  const { workload, ref } = choice.member;
  const name = refText(ref);
  const notes: Said[] = [];
  const limit = workload.spec.revisionHistoryLimit;
  if (limit !== undefined && limit <= 1) notes.push(said('note.history-limit', { workload: name, limit }));
  if (workload.spec.updateStrategy?.type === 'OnDelete') {
    const pods = podsToDelete(choice, byController);
    const command = kubectl(namespace, 'delete', 'pod', ...(pods.length > 0 ? pods : ['POD']));
    notes.push(said('note.on-delete', { workload: name, command }));
  }
  const partition = workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (ref.kind === 'StatefulSet' && partition > 0) notes.push(said('note.partition', { workload: name, partition }));
  for (const { metadata, spec } of situation.autoscalers ?? []) {
    if (spec.scaleTargetRef.kind !== ref.kind || spec.scaleTargetRef.name !== ref.name) continue;
    notes.push(
      said('note.hpa', { workload: name, name: metadata.name, min: spec.minReplicas ?? 1, max: spec.maxReplicas }),
    );
  }
  for (const { metadata, spec } of situation.disruptionBudgets ?? []) {
    if (!matchesSelector(undo.template.metadata?.labels, spec.selector)) continue;
    notes.push(said('note.pdb', { workload: name, name: metadata.name }));
  }
  return notes;
}

/** Names of the pods that do not run the target yet; a person deletes them one by one, so a few are enough to see how. */
function podsToDelete(choice: MemberChoice, byController: ReturnType<typeof podsByController>): string[] {
  if (choice.kind !== 'go') return [];
  return podsOfMember(choice.member, byController)
    .filter((pod) => !isOfRevision(pod, choice.member, choice.to))
    .slice(0, 5)
    .map((pod) => pod.metadata.name);
}
