import { RollbackError } from '../../core/errors.ts';
import { refText } from '../../core/kubernetes.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { said } from '../../core/said.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { WriteContext } from '../../ports/context.ts';
import type { DatabaseWriter } from '../../ports/database.ts';
import { fence } from '../fence/fence.ts';
import { recordedDatabase } from './record.ts';

const SWAP_WITHIN_MS = 20_000;

/**
 * The point of no return, and itself one message: the live database gets the name under which it is kept, the other one the live name. Writers
 * are stopped before, where that is configured. Nothing is begun after the deadline: what was loaded waits for the next run.
 * @throws SWAP_*, DATABASE_BUSY, DATABASE_PERMISSION, DEADLINE_PASSED; the live database then serves unchanged (SWAP_UNKNOWN apart)
 */
export async function swapIn(ctx: WriteContext, change: RestoreChange): Promise<void> {
  const writer = writerOf(ctx);
  if (!change.isSwapped) {
    const sideOid = change.side.oid ?? recordedDatabase(ctx)?.sideOid;
    if (sideOid === undefined) throw new Error('the side database has no OID');
    refuseLate(ctx, change);
    if (ctx.config.database?.fenceWriters) await fence(ctx);
    const names = {
      live: change.live.name,
      liveOid: change.live.oid,
      side: change.side.name,
      sideOid,
      kept: change.kept,
    };
    const result = await writer.swap(names, { signal: ctx.signal, withinMs: SWAP_WITHIN_MS });
    if (!result.swapped) {
      ctx.aboutDatabase({ byHand: byHand(change) });
      throw (
        result.failure ??
        new RollbackError('SWAP_FAILED', result.reason ?? tr`the databases were not swapped`, tr`Run again.`)
      );
    }
    ctx.log.info(tr`database ${change.live.name}: swapped in ${result.durationMs} ms`);
  }
  await restartReaders(ctx, change);
}

/** Pods that started before the swap may hold prepared statements, caches and half a transaction of the database before. */
async function restartReaders(ctx: WriteContext, { order }: RestoreChange): Promise<void> {
  if (order !== 'workloads') return;
  const { members } = ctx.situation;
  const names = members.map(({ ref }) => refText(ref));
  if (ctx.config.database?.restartAfterSwap === false) {
    const command = kubectl(ctx.config.namespace, 'rollout', 'restart', ...names);
    ctx.note(said('note.not-restarted-after-swap', { workloads: names.join(', '), command }));
    return;
  }
  const at = new Date(ctx.clock.now()).toISOString();
  for (const { ref, workload } of members) {
    ctx.wrote(ref);
    const written = await ctx.write.cluster.restart(ref, workload.metadata.uid, at);
    ctx.wrote(ref, written.metadata.generation);
  }
  if (names.length > 0) ctx.note(said('note.restarted-after-swap', { workloads: names.join(', ') }));
}

function refuseLate(ctx: WriteContext, { live, side }: RestoreChange): void {
  if (ctx.clock.now() < ctx.irreversibleUntil) return;
  throw new RollbackError(
    'DEADLINE_PASSED',
    tr`"${side.name}" is loaded and verified, but the time for it has passed, so it was not swapped in. "${live.name}" serves unchanged.`,
    tr`Run again, with a longer \`timeout\` or without \`at-budget-end: stop\`: what was loaded is taken as it is.`,
  );
}

/** What a person with more rights can do where this run may not rename. */
function byHand({ live, side, kept }: RestoreChange): string[] {
  const id = (name: string) => `"${name.replaceAll('"', '""')}"`;
  return [
    tr`-- Stop what writes to ${id(live.name)}, then, as a superuser, connected to another database (psql -d postgres):`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('${live.name.replaceAll("'", "''")}', '${side.name.replaceAll("'", "''")}') AND pid <> pg_backend_pid();`,
    `BEGIN; ALTER DATABASE ${id(live.name)} RENAME TO ${id(kept)}; ALTER DATABASE ${id(side.name)} RENAME TO ${id(live.name)}; COMMIT;`,
  ];
}

export function writerOf(ctx: WriteContext): DatabaseWriter {
  if (!ctx.write.database) throw new Error('no database is configured');
  return ctx.write.database;
}
