import type { DatabaseState } from '../../core/database/database.ts';
import type { DumpManifest } from '../../core/database/dump.ts';
import { RollbackError } from '../../core/errors.ts';
import type { DatabaseRecord } from '../../core/ledger.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { tr } from '../../core/tr.ts';
import type { Backup, BackupReader } from '../../ports/backup.ts';
import type { WriteContext } from '../../ports/context.ts';
import { loadBackup } from './load-backup.ts';
import { migrationHead } from './migration-head.ts';
import { liveOf } from './plan-restore.ts';
import { priceBeforeSwap, refuseInvalid, refuseOtherHead, refuseOtherRows } from './prove-side.ts';
import { recordDatabase, recordedDatabase } from './record.ts';
import type { SideParts } from './side-parts.ts';

const MAX_TABLES_RECORDED = 500;

/**
 * Loads the backup into a database beside the live one and proves it: rows as the dump counts them, constraints, sequences, the project's own
 * checks, the migration head, the price. Nothing of production is touched; what fails here leaves the live database as it is.
 */
export async function loadSide(ctx: WriteContext, change: RestoreChange): Promise<void> {
  const { database, backup: backups, write } = ctx;
  if (!database || !write.database || !backups) throw new Error('no database is configured');
  const parts: SideParts = { ctx, change, reader: database, writer: write.database };
  const live = await liveOf(database, change.live.name);
  if (live.oid !== change.live.oid) throw stale(change, live.oid);
  const { backup, manifest } = await provenBackup(ctx, backups, change);
  const [server] = await Promise.all([database.server(), dropOther(parts)]);

  // The intent first: a run after a kill finds by it what was begun.
  const base: DatabaseRecord = {
    name: live.name,
    ...(server.systemIdentifier === undefined ? {} : { systemIdentifier: server.systemIdentifier }),
    liveOid: live.oid,
    side: change.side.name,
    kept: change.kept,
    backup: {
      name: backup.name,
      sha256: manifest.sha256,
      ...(change.backup?.madeAt ? { madeAt: change.backup.madeAt } : {}),
    },
  };
  await ctx.record((record) => ({ ...record, database: base }));
  const make = async (): Promise<DatabaseState> => {
    const made = await parts.writer.createSide(change.side.name, live, change.marker);
    await recordDatabase(ctx, { sideOid: made.oid }, base);
    return made;
  };
  // What the dump creates belongs to the owner of the live database, also where a superuser loads it.
  const role = live.owner === server.user ? undefined : live.owner;
  const side = await loadBackup(parts, { backups, backup, manifest, role, make });
  const rows = await refuseOtherRows(parts, manifest);
  await parts.writer.analyze(change.side.name, ctx.signal);
  await refuseInvalid(parts);
  await parts.writer.copyState(live, side);
  const price = await priceBeforeSwap(parts, live);
  const [headBefore, headAfter] = await Promise.all([
    migrationHead(ctx, live.name),
    migrationHead(ctx, change.side.name),
  ]);
  refuseOtherHead(parts, headAfter);
  const isRecorded = Object.keys(rows).length <= MAX_TABLES_RECORDED;
  await recordDatabase(
    ctx,
    {
      sideOid: side.oid,
      loaded: true,
      ...(headBefore === undefined ? {} : { headBefore }),
      ...(headAfter === undefined ? {} : { headAfter }),
      ...(isRecorded ? { loadedRows: rows } : {}),
      ...(isRecorded && price
        ? { keptRows: Object.fromEntries(price.tables.map((one) => [one.table, one.rowsNow])) }
        : {}),
    },
    base,
  );
}

/** The very bytes that the plan was made of. @throws BACKUP_CHANGED */
async function provenBackup(
  ctx: WriteContext,
  backups: BackupReader,
  change: RestoreChange,
): Promise<{ readonly backup: Backup; readonly manifest: DumpManifest }> {
  const backup = (await backups.find()).find(({ name }) => name === change.backup?.name);
  const allowUnsafe = ctx.config.database?.allowUnsafeDump ?? false;
  const manifest = backup && (await backups.prove(backup, { signal: ctx.signal, allowUnsafe }));
  if (manifest && manifest.sha256 === change.backup?.sha256) return { backup, manifest };
  throw new RollbackError(
    'BACKUP_CHANGED',
    tr`the backup ${change.backup?.name ?? ''} is not the one that was planned for (SHA-256 ${change.backup?.sha256 ?? ''})`,
    tr`Wait until nothing writes to it any more, then run again.`,
  );
}

/** What this incident loaded from another backup is of no use any more; only what it created, told by its OID, is dropped. */
async function dropOther({ ctx, change, reader, writer }: SideParts): Promise<void> {
  const record = recordedDatabase(ctx);
  if (!record || record.sideOid === undefined || record.side === change.side.name) return;
  const live = await reader.describe(record.name);
  const there = await reader.describe(record.side);
  if (there?.oid !== record.sideOid || live?.oid === record.sideOid || record.liveOid === record.sideOid) return;
  await writer.dropSide(record.side, record.sideOid);
}

const stale = ({ live }: RestoreChange, seen: number) =>
  new RollbackError(
    'PLAN_STALE',
    tr`database "${live.name}" has OID ${seen}, planned for ${live.oid}: another one has that name now`,
    tr`Run again: it plans anew.`,
  );
