import { RollbackError } from './errors.ts';
import { partOf } from './incident.ts';
import { refText } from './kubernetes.ts';
import type { Ledger, RollbackRecord } from './ledger.ts';
import { said } from './said.ts';
import type { Choice, Member, MemberChoice } from './situation.ts';
import { tr } from './tr.ts';

/**
 * The rollback that `mode: undo` takes back: the last one, or the one that is named. Asked for again it is the same one: what was taken back
 * is found done, and nobody is sent further back.
 * @throws UNDO_IMPOSSIBLE where there is none, or a later one stands before the one that was named
 */
export function rollbackToTakeBack(ledger: Ledger, wanted: string | undefined): RollbackRecord {
  const [newest] = ledger.rollbacks;
  const last = ledger.rollbacks.find((record) => record.run === (newest?.undoes ?? newest?.run));
  if (!last) {
    throw new RollbackError(
      'UNDO_IMPOSSIBLE',
      tr`the ledger of this namespace records no rollback`,
      tr`kubectl get configmap tiered-rollback-ledger -o yaml; or roll the workloads on by a deployment`,
    );
  }
  if (wanted === undefined || wanted === last.run || wanted === last.incident) return last;
  const known = ledger.rollbacks.map(({ run, at, undoes }) => `${run} (${at}${undoes ? tr`, itself an undo` : ''})`);
  const isOlder = ledger.rollbacks.some((record) => record.run === wanted);
  throw new RollbackError(
    'UNDO_IMPOSSIBLE',
    isOlder
      ? tr`run ${wanted} cannot be taken back: ${last.run} of ${last.at} came after it`
      : tr`the ledger records no run ${wanted}; recorded are: ${known.slice(0, 5).join(', ')}`,
    tr`Take back the last one: \`run: ${last.run}\`, or leave \`run\` out.`,
  );
}

/** Each workload of the record goes back to what it ran before; one that was deployed since is refused, not overwritten. */
export function chooseTakeBack(members: readonly Member[], record: RollbackRecord): Choice {
  try {
    return { kind: 'chosen', members: members.map((member) => takeBack(member, record)) };
  } catch (error) {
    if (error instanceof RollbackError) return { kind: 'refused', failure: error.toFailure() };
    throw error;
  }
}

function takeBack(member: Member, record: RollbackRecord): MemberChoice {
  const part = partOf(record, member);
  const name = refText(member.ref);
  if (!part) return { kind: 'stay', member, why: said('note.stays-not-named', { workload: name }), notes: [] };
  if (member.hash === part.from) return { kind: 'stay', member, why: said('skipped.at-target'), notes: [] };
  if (member.hash !== part.to) {
    throw new RollbackError(
      'UNDO_IMPOSSIBLE',
      tr`${name} runs template ${member.hash}, which is neither what ${record.run} rolled back to (${part.to}) nor what ran before it (${part.from}): it was deployed since`,
      tr`Nothing is overwritten. kubectl rollout history ${name}`,
    );
  }
  const to = member.revisions.find((revision) => revision.hash === part.from);
  if (!to) {
    throw new RollbackError(
      'UNDO_IMPOSSIBLE',
      tr`${name}: the release that ran before ${record.run} (${part.fromImages.join(', ')}) is not kept any more (revisionHistoryLimit ${member.workload.spec.revisionHistoryLimit ?? 10})`,
      tr`Deploy that release again with your deployment.`,
    );
  }
  return { kind: 'go', member, to, notes: [] };
}
