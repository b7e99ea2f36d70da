import type { RestoreChange } from '../core/restore.ts';
import { said } from '../core/said.ts';
import { defineStep } from './contract.ts';
import { closeKept } from './database/close-kept.ts';
import { loadSide } from './database/load-side.ts';
import { planRestore } from './database/plan-restore.ts';
import { planTakeBack } from './database/plan-take-back.ts';
import { recordedDatabase } from './database/record.ts';
import { swapIn, writerOf } from './database/swap-in.ts';
import { verifyRestore } from './database/verify-restore.ts';
import { unfence } from './fence/fence.ts';

const SWAP_BACK_WITHIN_MS = 20_000;

/**
 * The right backup, proven complete, is restored beside the live database, verified, and swapped in by one message; the one before is kept.
 * `psql -f` into the live database, as the checklist has it, restores nothing where there are rows already, and exits with 0.
 */
export const restoreDatabase = defineStep<RestoreChange>({
  meta: {
    id: 'restore-database',
    tiers: ['complete', 'secure'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts', 'backup-database', 'restore-manifests'],
  },

  async plan(ctx) {
    if (ctx.config.mode === 'undo') return planTakeBack(ctx);
    if (ctx.database && ctx.config.database) return planRestore(ctx);
    return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'database' }) };
  },

  async prepare(ctx, change) {
    if (change.kind === 'load') await loadSide(ctx, change);
  },

  async apply(ctx, change) {
    await swapIn(ctx, change);
  },

  async finish(ctx, change) {
    if (ctx.config.database?.fenceWriters) await unfence(ctx);
    await closeKept(ctx, change);
  },

  verify: verifyRestore,

  async revert(ctx, change) {
    const { database } = ctx;
    const sideOid = change.side.oid ?? recordedDatabase(ctx)?.sideOid;
    const live = await database?.describe(change.live.name);
    if (sideOid === undefined || live?.oid !== sideOid) return;
    const names = {
      live: change.live.name,
      liveOid: sideOid,
      side: change.kept,
      sideOid: change.live.oid,
      kept: change.side.name,
    };
    const result = await writerOf(ctx).swap(names, { signal: ctx.signal, withinMs: SWAP_BACK_WITHIN_MS });
    if (result.failure) throw result.failure;
    await writerOf(ctx).setOpen(change.side.name, sideOid, false);
    ctx.aboutDatabase({ live: { oid: change.live.oid, is: 'before' }, kept: { name: change.side.name, oid: sideOid } });
  },
});
