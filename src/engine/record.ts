import { RollbackError } from '../core/errors.ts';
import { type RollbackRecord, recordIntent, recordVerified } from '../core/ledger.ts';
import type { Report } from '../core/report.ts';
import type { Plan } from '../core/step.ts';
import { undoMembersOf } from '../core/undo.ts';
import { configDigest } from './config-digest.ts';
import { Journal } from './journal.ts';
import { updateLedger } from './ledger-store.ts';
import type { RunState } from './state.ts';

/** The intent, once, before the first change: what a second run goes on from, from any machine. */
export async function recordBefore(state: RunState, plan: Plan): Promise<Journal | undefined> {
  const { cluster, log, run: identity, clock, config } = state.parts;
  const { situation } = state;
  const going = undoMembersOf(plan);
  if (!situation || going.length === 0) return undefined;
  const at = new Date(clock.now()).toISOString();
  const { salt } = situation.ledger.ledger;
  const members = await Promise.all(
    going.map(async (member) => {
      const fromConfig = salt === undefined ? undefined : await configDigest(cluster.reader, member.before, salt);
      return {
        kind: member.ref.kind,
        name: member.ref.name,
        uid: member.uid,
        from: member.from,
        to: member.to,
        ...(member.toRevision === undefined ? {} : { toRevision: member.toRevision }),
        fromImages: member.fromImages,
        toImages: member.toImages,
        ...(fromConfig === undefined ? {} : { fromConfig }),
      };
    }),
  );
  const sequence = situation.ledger.ledger.journals ?? 0;
  const record: RollbackRecord = {
    run: identity.id,
    url: identity.url,
    actor: identity.actor,
    reason: config.reason,
    at,
    members,
  };
  const journal = new Journal({ reader: cluster.reader, writer: cluster.writer, log }, identity, plan, at, sequence);
  try {
    const [ledger] = await Promise.all([
      situation.ledger.access === 'full'
        ? updateLedger(cluster.reader, cluster.writer, situation.ledger, (ledger) => ({
            ...recordIntent(ledger, record),
            journals: sequence + 1,
          }))
        : situation.ledger,
      situation.ledger.access === 'full' ? journal.open() : undefined,
    ]);
    state.situation = { ...situation, ledger };
    return situation.ledger.access === 'full' ? journal : undefined;
  } catch (error) {
    if (!(error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN')) throw error;
    // The workloads themselves carry the quarantine then, in the same write as the template.
    state.situation = { ...situation, ledger: { ...situation.ledger, access: 'none' } };
    return undefined;
  }
}

/** What became of it: a target that was verified is known as such from now on. Never throws. */
export async function recordAfter(
  state: RunState,
  report: Report,
  journal: Journal | undefined,
  at: string,
): Promise<void> {
  const { cluster, log, run: identity } = state.parts;
  const ledger = state.situation?.ledger;
  try {
    const isVerified = report.outcome === 'succeeded' && report.rolledBack;
    if (isVerified && ledger?.access === 'full') {
      await updateLedger(cluster.reader, cluster.writer, ledger, (old) => recordVerified(old, identity.id, at));
    }
  } catch (error) {
    log.warn(
      `the ledger does not say yet that this was verified: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  await journal?.close(report.outcome, at);
}
