import { refText } from '../core/kubernetes.ts';
import { addedFields, mergesThreeWays, type Owner, ownerOf } from '../core/ownership.ts';
import { said } from '../core/said.ts';
import type { CheckItem } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { type UndoMember, undoMembersOf } from '../core/undo.ts';
import type { PreflightCheck } from './contract.ts';

/**
 * Nobody takes the rollback back behind our back: a GitOps controller would within seconds, and the run would have reported a success
 * (argoproj/argo-cd#5351, fluxcd/flux2#4676). Tools that only deploy are named, with what their next deployment will do.
 */
export const gitops: PreflightCheck = {
  id: 'gitops',
  async check({ config, situation }, plan) {
    return undoMembersOf(plan).flatMap((undo): CheckItem[] => {
      const subject = refText(undo.ref);
      const member = situation.members.find(({ ref }) => refText(ref) === subject);
      const owner = member && ownerOf(member.workload);
      if (!member || !owner) return [{ check: gitops.id, subject, severity: 'info' }];
      if (owner.puts === 'at-once') return [atOnce(subject, owner, config.allowGitops)];
      const note =
        owner.tool === 'helm'
          ? said('note.helm', helmValues(subject, owner, undo, mergesThreeWays(member.workload)))
          : said('note.next-deploy', { workload: subject, owner: owner.title });
      return [{ check: gitops.id, subject, severity: 'info', note }];
    });
  },
};

function atOnce(subject: string, owner: Owner, isAllowed: boolean): CheckItem {
  if (isAllowed) {
    const note = said('note.gitops-allowed', { workload: subject, owner: owner.title });
    return { check: gitops.id, subject, severity: 'warn', note };
  }
  return {
    check: gitops.id,
    subject,
    severity: 'refuse',
    failure: {
      code: 'GITOPS_OWNED',
      message: tr`${subject} is kept at its source's version by ${owner.title}, which would take the rollback back`,
      hint: owner.stop,
      causes: [],
    },
  };
}

const MAX_FIELDS = 8;

function helmValues(workload: string, owner: Owner, undo: UndoMember, isMerged: boolean): Record<string, string> {
  const fields = isMerged ? addedFields(undo.before, undo.template) : [];
  const shown = fields.slice(0, MAX_FIELDS).join(', ');
  const more = fields.length > MAX_FIELDS ? tr`, and ${fields.length - MAX_FIELDS} more` : '';
  return { workload, release: owner.name, ...(fields.length > 0 ? { fields: `${shown}${more}` } : {}) };
}
