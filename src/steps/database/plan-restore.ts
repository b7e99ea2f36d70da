import type { DatabaseState } from '../../core/database/database.ts';
import { keptName, leftoverPrefixes, markerOf, restoreTag, sideName } from '../../core/database/names.ts';
import type { TableNow } from '../../core/database/price.ts';
import { RollbackError, RollbackErrors } from '../../core/errors.ts';
import type { DatabaseRecord } from '../../core/ledger.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { said } from '../../core/said.ts';
import type { Situation } from '../../core/situation.ts';
import type { Planned } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { DatabasePlace, DatabaseReader } from '../../ports/database.ts';
import { type ChosenBackup, chooseAndProve } from './choose-backup.ts';
import { refuseMisfit } from './fits-server.ts';
import { orderOf } from './order.ts';
import { estimatedMs, estimatePrice, type Price, refuseTooHigh, tablesNow } from './price.ts';
import { recordedDatabase } from './record.ts';

/** Where this incident stands with the database, read from its OIDs. */
type Progress =
  | { readonly kind: 'new' }
  /** Loaded beside, not live yet. */
  | { readonly kind: 'loaded'; readonly record: DatabaseRecord; readonly sideOid: number }
  /** Live. `closed`: nothing at all is left to do. */
  | { readonly kind: 'swapped'; readonly record: DatabaseRecord; readonly sideOid: number; readonly closed: boolean };

const planned = new WeakMap<Situation, Promise<Planned<RestoreChange>>>();

/** What a restore would do: which backup, at which price, in which order; or that it was done in this incident. Asked by several steps, decided once. */
export function planRestore(ctx: ReadContext): Promise<Planned<RestoreChange>> {
  const plan = planned.get(ctx.situation) ?? decide(ctx);
  planned.set(ctx.situation, plan);
  return plan;
}

async function decide(ctx: ReadContext): Promise<Planned<RestoreChange>> {
  const { database, config } = ctx;
  const name = config.database?.name;
  if (!database || !ctx.backup || name === undefined)
    return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'database.backup' }) };
  const [server, live, chosen] = await Promise.all([database.server(), liveOf(database, name), chooseAndProve(ctx)]);
  const progress = await progressOf(ctx, live, chosen);
  if (progress.kind === 'swapped' && progress.closed) {
    const { run, at } = ctx.situation.incident ?? { run: '', at: '' };
    return { kind: 'no-op', reason: said('skipped.already-restored', { backup: chosen.backup.name, run, at }) };
  }
  let price: Price | undefined;
  if (progress.kind !== 'swapped') {
    const now = await tablesNow(ctx, name, chosen.madeAt);
    const liveTables = now.map(({ table }) => table);
    const { manifest, backup } = chosen;
    const [first, ...rest] = await refuseMisfit(backup.name, manifest, { server, live, liveTables, database });
    if (first) throw new RollbackErrors([first, ...rest]);
    price = priceOfRestore(ctx, chosen, now);
  }
  if (price) refuseTooHigh(ctx, price);
  await nameLeftovers(ctx, database, name, progress);
  return { kind: 'change', change: await changeOf(ctx, live, chosen, progress, price) };
}

/** @throws DATABASE_NOT_FOUND */
export async function liveOf(database: DatabaseReader & DatabasePlace, name: string): Promise<DatabaseState> {
  const live = await database.describe(name);
  if (live) return live;
  throw new RollbackError(
    'DATABASE_NOT_FOUND',
    tr`there is no database "${name}" on ${database.host}:${database.port}`,
    tr`List them: psql -h ${database.host} -p ${database.port} -U ${database.user} -l`,
  );
}

function priceOfRestore(ctx: ReadContext, { manifest, madeAt }: ChosenBackup, now: readonly TableNow[]): Price {
  const price: Price = {
    ...estimatePrice(now, manifest.rows),
    ...(madeAt === undefined ? {} : { ageMs: Math.max(0, ctx.clock.now() - Date.parse(madeAt)) }),
    estimatedMs: estimatedMs(manifest.textBytes),
  };
  ctx.aboutDatabase({ price });
  return price;
}

/** Decided by OID and by the hash of the backup, never by a name: names move, and a file of the same name may hold something else. */
async function progressOf(ctx: ReadContext, live: DatabaseState, { manifest }: ChosenBackup): Promise<Progress> {
  const record = recordedDatabase(ctx);
  if (!record || record.sideOid === undefined || record.name !== live.name) return { kind: 'new' };
  if (record.backup.sha256 !== manifest.sha256) return { kind: 'new' };
  const { sideOid } = record;
  if (live.oid === sideOid) {
    const kept = await ctx.database?.describe(record.kept);
    const closed = !(kept?.oid === record.liveOid && kept.allowsConnections);
    return { kind: 'swapped', record, sideOid, closed };
  }
  if (live.oid !== record.liveOid || record.loaded !== true) return { kind: 'new' };
  const side = await ctx.database?.describe(record.side);
  return side?.oid === sideOid ? { kind: 'loaded', record, sideOid } : { kind: 'new' };
}

async function changeOf(
  ctx: ReadContext,
  live: DatabaseState,
  { backup, manifest, madeAt }: ChosenBackup,
  progress: Progress,
  price: Price | undefined,
): Promise<RestoreChange> {
  const { incident } = ctx.situation;
  const tag = restoreTag(incident?.incident ?? incident?.run ?? ctx.run.id, manifest.sha256);
  const order = await orderOf(ctx);
  const known = progress.kind === 'new' ? undefined : progress;
  const side = known?.record.side ?? sideName(live.name, tag);
  const kept = known?.record.kept ?? keptName(live.name, tag);
  ctx.note(
    said(order.first === 'database' ? 'note.order-database-first' : 'note.order-workloads-first', { why: order.why }),
  );
  const from = madeAt === undefined ? backup.name : tr`${backup.name} of ${madeAt}`;
  return {
    kind: known ? 'swap' : 'load',
    summary: known
      ? [
          known.kind === 'swapped'
            ? tr`database ${live.name}: restored already; close ${kept}`
            : tr`database ${live.name}: swap in ${side}, loaded from ${from} already; keep the live one as ${kept}`,
        ]
      : [tr`database ${live.name}: restore ${from} beside it, then swap; keep the live one as ${kept}`],
    ...(order.first === 'workloads' ? { after: ['undo-workloads'] } : {}),
    live: { name: live.name, oid: known?.kind === 'swapped' ? known.record.liveOid : live.oid },
    side: { name: side, ...(known ? { oid: known.sideOid } : {}) },
    kept,
    isSwapped: known?.kind === 'swapped',
    marker: markerOf(tag, manifest.sha256),
    backup: { name: backup.name, sha256: manifest.sha256, ...(madeAt === undefined ? {} : { madeAt }) },
    ...(price ? { price } : {}),
    order: order.first,
  };
}

/** Databases of restores before this one take space, and nobody but a person may drop them. */
async function nameLeftovers(
  ctx: ReadContext,
  database: DatabaseReader,
  name: string,
  progress: Progress,
): Promise<void> {
  const found = await Promise.all(leftoverPrefixes(name).map((prefix) => database.databasesLike(prefix)));
  const own = progress.kind === 'new' ? [] : [progress.record.side, progress.record.kept];
  const names = found.flat().flatMap((one) => (own.includes(one.name) ? [] : [one.name]));
  if (names.length > 0) ctx.note(said('note.leftovers', { names: names.slice(0, 20).join(', ') }));
}
