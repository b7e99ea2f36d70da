import type { RestoreChange } from '../../core/restore.ts';
import { said } from '../../core/said.ts';
import type { WriteContext } from '../../ports/context.ts';
import { exactPrice, isCompared } from './price.ts';
import { writerOf } from './swap-in.ts';

/**
 * The last look at the database before: the rows that it has and the live one has not are counted again, now that nobody writes there, and
 * written to files where that is configured; then it is closed to connections. It is never dropped by a run.
 */
export async function closeKept(ctx: WriteContext, change: RestoreChange): Promise<void> {
  const { database } = ctx;
  if (!database) return;
  const [live, kept] = await Promise.all([database.describe(change.live.name), database.describe(change.kept)]);
  if (!live || !kept || kept.oid !== change.live.oid || live.oid === kept.oid) return;
  ctx.aboutDatabase({
    live: { oid: live.oid, is: change.kind === 'take-back' ? 'before' : 'restored' },
    kept: { name: kept.name, oid: kept.oid },
  });
  try {
    if (change.price && kept.allowsConnections && !ctx.signal.aborted) await countAgain(ctx, change, kept.sizeBytes);
  } finally {
    await writerOf(ctx).setOpen(kept.name, kept.oid, false);
  }
  ctx.note(said('note.kept-database', { name: kept.name }));
}

async function countAgain(ctx: WriteContext, change: RestoreChange, sizeBytes: number): Promise<void> {
  const { exportRows } = ctx.config.database ?? {};
  const { price } = change;
  if (!price || !isCompared(ctx, sizeBytes, 'after')) return;
  // What an undo gives up is what was written since the restore. Row by row the restored rows, too, differ from the broken ones that come back:
  // they are among what is exported, and no loss.
  const isUndo = change.kind === 'take-back';
  if (isUndo && exportRows === undefined) return;
  const exact = await exactPrice(ctx, price, change.kept, change.live.name, true);
  ctx.aboutDatabase({ price: isUndo ? { ...price, exported: exact.exported ?? [] } : exact });
  if (exact.exported?.length)
    ctx.note(said('note.rows-exported', { rows: exact.rowsGivenUp, folder: exportRows ?? '' }));
}
