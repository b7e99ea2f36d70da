import type { DatabaseState } from '../../core/database/database.ts';
import type { DumpManifest } from '../../core/database/dump.ts';
import { RollbackError } from '../../core/errors.ts';
import { said } from '../../core/said.ts';
import { tr } from '../../core/tr.ts';
import type { Backup, BackupReader } from '../../ports/backup.ts';
import type { SideParts } from './side-parts.ts';

/** WAL of a restore is about 1.5 times the text of the dump; more than this means that something keeps it from being reused. */
const WAL_PER_TEXT_BYTE = 4;
const WAL_LEAST_BYTES = 4e9;

export interface Loading {
  readonly backups: BackupReader;
  readonly backup: Backup;
  readonly manifest: DumpManifest;
  /** Whose the loaded objects are; undefined: of the user that connects. */
  readonly role: string | undefined;
  /** Makes the empty side database, anew where a load before failed. */
  readonly make: () => Promise<DatabaseState>;
}

/** Loads the proven backup into a new side database. @returns the database as it was made. @throws LOAD_FAILED, BACKUP_CHANGED, DATABASE_*, CANCELLED */
export async function loadBackup(parts: SideParts, loading: Loading): Promise<DatabaseState> {
  const { ctx, change } = parts;
  const from = ctx.clock.now();
  const side = (await loadByPgRestore(parts, loading)) ?? (await loadByItems(parts, loading));
  ctx.log.info(tr`database ${change.side.name}: loaded in ${ctx.clock.now() - from} ms`);
  return side;
}

/** Archives, several sessions at once. Undefined where that is not for this backup, server or pg_restore: then one stream does it. */
async function loadByPgRestore(parts: SideParts, loading: Loading): Promise<DatabaseState | undefined> {
  const { ctx, change, writer } = parts;
  const { backups, backup, manifest, make } = loading;
  if (backup.format === 'plain') return undefined;
  const archive = await backups.archive(backup, manifest, ctx.signal);
  const side = await make();
  try {
    const loaded = await writer.loadArchive(change.side.name, archive, optionsOf(parts, loading));
    if (!loaded) return undefined;
    tell(parts, loaded.notices);
    return side;
  } catch (error) {
    // pg_restore -j fails on some archives that are valid (a trigger that is disabled on one partition).
    if (!(error instanceof RollbackError) || error.code !== 'LOAD_FAILED') throw error;
    ctx.log.info(tr`pg_restore could not load it in parallel (${error.message}); loading it in one stream`);
    return undefined;
  }
}

async function loadByItems(parts: SideParts, loading: Loading): Promise<DatabaseState> {
  const { ctx, change, writer } = parts;
  const { backups, backup, manifest, make } = loading;
  const side = await make();
  const items = backups.items(backup, manifest, ctx.signal);
  const { notices } = await writer.load(change.side.name, items, optionsOf(parts, loading));
  tell(parts, notices);
  return side;
}

function optionsOf({ ctx }: SideParts, { manifest, role }: Loading) {
  return {
    signal: ctx.signal,
    walLimitBytes: Math.max(WAL_LEAST_BYTES, manifest.textBytes * WAL_PER_TEXT_BYTE),
    ...(role === undefined ? {} : { role }),
  };
}

function tell({ ctx }: SideParts, notices: readonly string[]): void {
  for (const text of notices) ctx.note(said('note.dump-notice', { text }));
}
