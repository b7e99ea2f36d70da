import type { DatabaseState, TablePrice } from '../../core/database/database.ts';
import { priceOf, rowsGivenUp } from '../../core/database/price.ts';
import { tableName } from '../../core/database/table-name.ts';
import { RollbackError } from '../../core/errors.ts';
import type { DatabaseRecord } from '../../core/ledger.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { said } from '../../core/said.ts';
import type { Planned } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import { orderOf } from './order.ts';
import { liveOf } from './plan-restore.ts';
import { type Price, refuseTooHigh } from './price.ts';

/** Undo of a restore is the same swap back, by OID: what was written since then stays in the database that leaves. */
export async function planTakeBack(ctx: ReadContext): Promise<Planned<RestoreChange>> {
  const { database, situation } = ctx;
  const record = situation.undoes?.database;
  if (!database && record?.loaded) throw withoutAddress(record);
  if (!database || !record) return { kind: 'skipped', reason: said('skipped.no-restore') };
  const live = await liveOf(database, record.name);
  if (live.oid === record.liveOid) {
    const left = await database.describe(record.side);
    const isOpen = record.sideOid !== undefined && left?.oid === record.sideOid && left.allowsConnections;
    // Never swapped, or taken back already; a run that was killed may have left the other one open.
    if (record.loaded !== true || !isOpen) return { kind: 'no-op', reason: said('skipped.at-target') };
    return { kind: 'change', change: await changeOf(ctx, record, live, undefined, true) };
  }
  const kept = await database.describe(record.kept);
  if (live.oid !== record.sideOid || kept?.oid !== record.liveOid) throw impossible(record, live, kept);
  const price = await priceOfTakingBack(ctx, record);
  ctx.aboutDatabase({ price, kept: { name: kept.name, oid: kept.oid }, live: { oid: live.oid, is: 'restored' } });
  refuseTooHigh(ctx, price);
  if (price.rowsGivenUp > 0) ctx.note(said('note.writes-since', { rows: price.rowsGivenUp }));
  return { kind: 'change', change: await changeOf(ctx, record, live, price, false) };
}

/**
 * Rows written since the restore, from the rows that were loaded and the server's statistics since then. The kept database is closed, and a plan
 * changes nothing, so the two are not compared row by row.
 */
async function priceOfTakingBack(ctx: ReadContext, record: DatabaseRecord): Promise<Price> {
  const now = (await ctx.database?.changes(record.name, {})) ?? [];
  const after = priceOf(now, record.keptRows ?? {});
  // Too many tables to be recorded: what the numbers of rows prove is all that is known.
  if (!record.loadedRows) return { tables: after, rowsGivenUp: rowsGivenUp(after), basis: 'at-least' };
  const loaded = new Map(Object.entries(record.loadedRows).map(([table, rows]) => [tableName(table), rows]));
  const tables = after.map((table): TablePrice => {
    const { rowsNow, changes } = table;
    const before = loaded.get(tableName(table.table));
    if (before === undefined) return { ...table, givenUp: rowsNow };
    // The load itself counts as inserted; a server that crashed since then begins to count anew.
    const inserted = Math.max(0, changes.inserted - before);
    const givenUp = Math.max(0, rowsNow - before, inserted + changes.updated);
    return { ...table, changes: { ...changes, inserted }, givenUp };
  });
  return { tables, rowsGivenUp: rowsGivenUp(tables), basis: 'at-least' };
}

async function changeOf(
  ctx: ReadContext,
  record: DatabaseRecord,
  live: DatabaseState,
  price: Price | undefined,
  isSwapped: boolean,
): Promise<RestoreChange> {
  const { first } = await orderOf(ctx);
  return {
    kind: 'take-back',
    summary: isSwapped
      ? [tr`database ${record.name}: taken back already; close ${record.side}`]
      : [tr`database ${record.name}: give the name back to ${record.kept}; keep the restored one as ${record.side}`],
    ...(first === 'workloads' ? { after: ['undo-workloads'] } : {}),
    live: { name: record.name, oid: isSwapped ? (record.sideOid ?? live.oid) : live.oid },
    side: { name: record.kept, oid: record.liveOid },
    kept: record.side,
    isSwapped,
    marker: '',
    ...(price ? { price } : {}),
    order: first,
  };
}

/** The workloads alone would come back to a database that is not theirs. */
function withoutAddress({ name, kept }: DatabaseRecord): RollbackError {
  return new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`the rollback restored database "${name}" as well, and this run has no address of its server`,
    tr`Give it as the other run had it: \`database-url\`, or PGHOST and the other variables; the database before is kept as "${kept}".`,
  );
}

function impossible(record: DatabaseRecord, live: DatabaseState, kept: DatabaseState | undefined): RollbackError {
  return new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`database "${record.name}" has OID ${live.oid}, expected ${record.sideOid ?? tr`none`} (the restored one), and "${record.kept}" has OID ${kept?.oid ?? tr`none`}, expected ${record.liveOid} (the one before): somebody renamed or dropped one of them`,
    tr`Look at what is there: psql -c "SELECT oid, datname FROM pg_database ORDER BY 2"`,
  );
}
