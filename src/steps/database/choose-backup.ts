import { type BackupChoice, type BackupFacts, chooseBackup } from '../../core/database/backup-choice.ts';
import type { DumpManifest } from '../../core/database/dump.ts';
import { type ErrorCode, RollbackError, RollbackErrors } from '../../core/errors.ts';
import { badReleaseAt } from '../../core/incident.ts';
import type { DatabaseReport } from '../../core/report.ts';
import { said } from '../../core/said.ts';
import { tr } from '../../core/tr.ts';
import type { Backup } from '../../ports/backup.ts';
import type { ReadContext } from '../../ports/context.ts';

export interface ChosenBackup {
  readonly backup: Backup;
  readonly manifest: DumpManifest;
  readonly madeAt?: string;
  readonly report: NonNullable<DatabaseReport['backup']>;
}

/** Finds the backups, chooses the right one by its rule, and reads it whole: complete, harmless, and the one that was expected. @throws BACKUP_*, DUMP_* */
export async function chooseAndProve(ctx: ReadContext): Promise<ChosenBackup> {
  const { backup: reader, config, situation, clock, signal, log } = ctx;
  const { database } = config;
  if (!reader || !database) throw new Error('no backup is configured');
  const found = await reader.find();
  const bad = badReleaseAt(situation.choice, situation.incident);
  const facts: BackupFacts = {
    now: clock.now(),
    ...(bad === undefined ? {} : { badReleaseAt: bad }),
    ...(database.backup?.maxAgeMs === undefined ? {} : { maxAgeMs: database.backup.maxAgeMs }),
  };
  const choice = chooseBackup(found, facts);
  const from = clock.now();
  const manifest = await reader
    .prove(choice.backup, { signal, allowUnsafe: database.allowUnsafeDump })
    .catch((error: unknown) => {
      throw withNext(error, nextOf(choice.backup, found, facts));
    });
  log.info(
    tr`backup ${choice.backup.name}: complete, ${manifest.textBytes} bytes of SQL read in ${clock.now() - from} ms`,
  );
  if (choice.backup.sha256 === undefined) ctx.note(said('note.integrity', { backup: choice.backup.name }));
  const report = reportOf(choice, manifest);
  ctx.aboutDatabase({ backup: report });
  return {
    backup: choice.backup,
    manifest,
    report,
    ...(report.madeAt === undefined ? {} : { madeAt: report.madeAt }),
  };
}

/** The backup that the same rule would choose if this one was not there. It is named, not taken: how much older it may be is for a person to say. */
function nextOf(backup: Backup, found: readonly Backup[], facts: BackupFacts): string | undefined {
  try {
    return chooseBackup(
      found.filter((other) => other !== backup),
      facts,
    ).backup.name;
  } catch {
    return undefined;
  }
}

/** Codes that say that this file cannot be restored, and nothing of any other. */
const BAD_FILE: readonly ErrorCode[] = [
  'BACKUP_CHANGED',
  'DUMP_EMPTY',
  'DUMP_TRUNCATED',
  'DUMP_CORRUPT',
  'DUMP_FOREIGN',
  'DUMP_UNSAFE',
];

function withNext(error: unknown, next: string | undefined): unknown {
  if (next === undefined) return error;
  const also = (one: RollbackError) =>
    BAD_FILE.includes(one.code)
      ? new RollbackError(one.code, one.message, tr`${one.hint} The next newest: backup-path: ${next}`, {
          cause: one.cause,
        })
      : one;
  if (error instanceof RollbackError) return also(error);
  if (!(error instanceof RollbackErrors)) return error;
  const [first, ...others] = error.errors.map(also);
  return first ? new RollbackErrors([first, ...others]) : error;
}

function reportOf(choice: BackupChoice<Backup>, manifest: DumpManifest): NonNullable<DatabaseReport['backup']> {
  const { backup, madeAt, why, passedOver } = choice;
  return {
    name: backup.name,
    ...(madeAt === undefined ? {} : { madeAt: new Date(madeAt).toISOString() }),
    bytes: manifest.bytes,
    sha256: manifest.sha256,
    integrity: backup.sha256 === undefined ? 'not-proven' : 'proven',
    why,
    passedOver,
  };
}
