import { RollbackError } from '../core/errors.ts';
import { badReleaseAt } from '../core/incident.ts';
import { refText } from '../core/kubernetes.ts';
import {
  changeRecord,
  type RollbackMember,
  type RollbackRecord,
  recordIntent,
  recordUndone,
  recordVerified,
} from '../core/ledger.ts';
import type { Report } from '../core/report.ts';
import type { Situation } from '../core/situation.ts';
import type { Plan } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { type UndoMember, undoMembersOf } from '../core/undo.ts';
import type { Step } from '../steps/contract.ts';
import { migrationHead } from '../steps/database/migration-head.ts';
import { configDigest } from './config-digest.ts';
import { Journal } from './journal.ts';
import { updateLedger } from './ledger-store.ts';
import type { RunState } from './state.ts';

/** The intent, once, before the first change: what a second run goes on from, from any machine. */
export async function recordBefore(state: RunState, steps: readonly Step[], plan: Plan): Promise<Journal | undefined> {
  const { cluster, log, run: identity, clock } = state.parts;
  const { situation } = state;
  if (!situation || !isRecorded(steps, plan)) return undefined;
  const at = new Date(clock.now()).toISOString();
  const record = await recordOf(state, situation, plan, at);
  const sequence = situation.ledger.ledger.journals ?? 0;
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
    if (situation.ledger.access !== 'full') return undefined;
    state.recorder = recorderOf(state);
    return journal;
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
  const { ledger, undoes } = state.situation ?? {};
  try {
    if (ledger?.access === 'full' && (report.outcome === 'succeeded' || report.outcome === 'no-op')) {
      const isNew = report.outcome === 'succeeded' && report.rolledBack;
      const name = state.parts.config.database?.name;
      const head = isNew && name !== undefined ? await migrationHead(state.context(), name) : undefined;
      if (undoes && undoes.undoneAt === undefined) {
        await updateLedger(cluster.reader, cluster.writer, ledger, (old) => recordUndone(old, undoes, at));
      } else if (!undoes && isNew) {
        await updateLedger(cluster.reader, cluster.writer, ledger, (old) => recordVerified(old, identity.id, at, head));
      }
    }
  } catch (error) {
    log.warn(
      tr`the ledger does not say yet that this was verified: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  await journal?.close(report.outcome, at);
}

function isRecorded(steps: readonly Step[], plan: Plan): boolean {
  return steps.some(
    ({ meta }) => meta.recorded && plan.steps.find(({ step }) => step === meta.id)?.planned.kind === 'change',
  );
}

/** A run that goes on with an incident carries its record on: the last record alone must tell what was done, and what undo takes back. */
async function recordOf(state: RunState, situation: Situation, plan: Plan, at: string): Promise<RollbackRecord> {
  const { run: identity, config } = state.parts;
  const { incident, undoes } = situation;
  const going = await Promise.all(undoMembersOf(plan).map((member) => memberOf(state, situation, member)));
  const isGoing = (other: RollbackMember) => going.some((one) => one.kind === other.kind && one.name === other.name);
  const bad = badReleaseAt(situation.choice, incident);
  return {
    run: identity.id,
    url: identity.url,
    actor: identity.actor,
    reason: config.reason,
    at,
    tier: config.tier,
    members: [...going, ...(incident?.members ?? []).filter((one) => !isGoing(one))],
    ...(incident ? { incident: incident.incident ?? incident.run } : {}),
    ...(bad === undefined || undoes ? {} : { badReleaseAt: new Date(bad).toISOString() }),
    ...carried(incident),
    ...(undoes ? { undoes: undoes.run } : {}),
  };
}

/** What the runs of the incident before this one did, apart from the workloads. */
function carried(
  incident: RollbackRecord | undefined,
): Pick<RollbackRecord, 'database' | 'secrets' | 'manifests' | 'flags' | 'migrationsBefore'> {
  const { database, secrets, manifests, flags, migrationsBefore } = incident ?? {};
  return {
    ...(database ? { database } : {}),
    ...(secrets ? { secrets } : {}),
    ...(manifests ? { manifests } : {}),
    ...(flags ? { flags } : {}),
    ...(migrationsBefore === undefined ? {} : { migrationsBefore }),
  };
}

async function memberOf(state: RunState, situation: Situation, member: UndoMember): Promise<RollbackMember> {
  const { salt } = situation.ledger.ledger;
  const fromConfig =
    salt === undefined ? undefined : await configDigest(state.parts.cluster.reader, member.before, salt);
  // Only resumed or freed: where it came from is what the run before recorded.
  const before = situation.incident?.members.find((one) => refText({ ...one }) === refText(member.ref));
  const from = member.from === member.to && before ? before : undefined;
  return {
    kind: member.ref.kind,
    name: member.ref.name,
    uid: member.uid,
    from: from?.from ?? member.from,
    to: member.to,
    ...(member.toRevision === undefined ? {} : { toRevision: member.toRevision }),
    fromImages: from?.fromImages ?? member.fromImages,
    toImages: member.toImages,
    ...(fromConfig === undefined ? {} : { fromConfig }),
  };
}

/** One change after the other: steps that run side by side record into the same ledger. */
function recorderOf(state: RunState): NonNullable<RunState['recorder']> {
  const { cluster, run } = state.parts;
  let last: Promise<unknown> = Promise.resolve();
  return (change) => {
    const next = last.then(async () => {
      const { situation } = state;
      if (!situation) return;
      const ledger = await updateLedger(cluster.reader, cluster.writer, situation.ledger, (old) =>
        changeRecord(old, run.id, change),
      );
      state.situation = { ...situation, ledger };
    });
    last = next.catch(() => {});
    return next;
  };
}
