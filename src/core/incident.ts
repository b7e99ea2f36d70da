import type { Ledger, RollbackMember, RollbackRecord } from './ledger.ts';
import type { Choice, Member } from './situation.ts';
import { timelineOf } from './timeline.ts';

/**
 * The rollback that this run goes on with: the last one that was decided, as long as what runs is its work or what is left to do of it. A
 * release that was deployed since is another incident, whatever the names of its backup and databases are.
 */
export function incidentOf(members: readonly Member[], choice: Choice, ledger: Ledger): RollbackRecord | undefined {
  const [record] = ledger.rollbacks;
  if (!record || record.undoes !== undefined || record.undoneAt !== undefined || choice.kind === 'refused')
    return undefined;
  const isItsWork = members.every((member) => {
    const part = partOf(record, member);
    if (!part) return !goes(choice, member);
    return member.hash === part.to || (member.hash === part.from && goes(choice, member));
  });
  return isItsWork ? record : undefined;
}

/** When the bad release began, as far as the cluster tells; ms since the epoch. A backup must have been made before it. */
export function badReleaseAt(choice: Choice, incident: RollbackRecord | undefined): number | undefined {
  if (incident?.badReleaseAt !== undefined) return Date.parse(incident.badReleaseAt);
  if (choice.kind === 'refused') return undefined;
  const starts = choice.members.flatMap((one) => {
    if (one.kind !== 'go') return [];
    const { current, startedAt } = timelineOf(one.member.workload, one.member.revisions, one.member.hash);
    // What was never rolled out has only the moment in which it was written.
    const at = current ? startedAt.from : startedAt.to;
    return Number.isFinite(at) && at > 0 ? [at] : [];
  });
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

/** The record's part for one workload of the group. */
export function partOf(record: RollbackRecord, { ref }: Pick<Member, 'ref'>): RollbackMember | undefined {
  return record.members.find(({ kind, name }) => kind === ref.kind && name === ref.name);
}

function goes(choice: Choice & { readonly kind: 'chosen' }, member: Member): boolean {
  return choice.members.some((one) => one.kind === 'go' && one.member === member);
}
