import { RollbackError } from '../errors.ts';
import { tr } from '../tr.ts';

/** What is known of a backup before it is read. Times in ms since the epoch. */
export interface BackupCandidate {
  readonly name: string;
  readonly modifiedAt?: number;
  readonly bytes?: number;
}

export interface BackupFacts {
  /** When the bad release began; a backup made after it may hold what it did to the data. */
  readonly badReleaseAt?: number;
  readonly maxAgeMs?: number;
  readonly now: number;
}

export interface BackupChoice<T extends BackupCandidate> {
  readonly backup: T;
  /** When it was made, as far as that is known. */
  readonly madeAt?: number;
  readonly why: 'only-one' | 'newest' | 'newest-before-bad-release';
  /** Candidates that were passed over, newest first, each with its reason. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
}

const DAY = 24 * 60 * 60_000;
/** A name carries the wall clock of some machine: its zone is not known. Zones reach from -12 to +14 hours. */
const ZONE = 14 * 60 * 60_000;

/**
 * The newest backup that was made before the bad release. When a backup was made is its time of modification; a date in its
 * name is compared with it, and where the two are more than a day apart neither is believed: a copied old file looks new
 * by its time, a renamed one by its name, and either mistake restores the wrong data.
 *
 * Which migration head a dump has is known only once it is loaded; the caller compares it in the side database.
 * @throws BACKUP_NOT_FOUND, BACKUP_AMBIGUOUS, BACKUP_TOO_OLD, BACKUP_TOO_NEW, each with the list of what is there.
 */
export function chooseBackup<T extends BackupCandidate>(candidates: readonly T[], facts: BackupFacts): BackupChoice<T> {
  if (candidates.length === 0)
    throw new RollbackError(
      'BACKUP_NOT_FOUND',
      tr`there is no backup`,
      tr`Look at backup-path, or set backup-command.`,
    );
  const ordered = [...candidates].sort((one, other) => (other.modifiedAt ?? -1) - (one.modifiedAt ?? -1));
  const inTime: T[] = [];
  const passedOver: { name: string; why: string }[] = [];
  for (const one of ordered) {
    const madeAt = one.modifiedAt;
    if (facts.badReleaseAt !== undefined && madeAt !== undefined && madeAt >= facts.badReleaseAt)
      passedOver.push({
        name: one.name,
        why: tr`made ${iso(madeAt)}, after the bad release of ${iso(facts.badReleaseAt)}`,
      });
    else if (madeAt !== undefined && madeAt > facts.now + ZONE)
      passedOver.push({ name: one.name, why: tr`its time ${iso(madeAt)} lies in the future` });
    else inTime.push(one);
  }
  const [backup, next] = inTime;
  if (!backup)
    throw new RollbackError(
      'BACKUP_TOO_NEW',
      facts.badReleaseAt === undefined
        ? tr`no backup predates the bad release: ${list(ordered)}`
        : tr`no backup predates the bad release of ${iso(facts.badReleaseAt)}: ${list(ordered)}`,
      tr`Name an older backup with backup-path. If one of these was made before the release and only copied later, restore its time: touch -d TIME FILE`,
    );
  refuseAmbiguous(backup, next, inTime);
  refuseContradiction(backup, facts);
  const madeAt = backup.modifiedAt;
  if (facts.maxAgeMs !== undefined && madeAt === undefined)
    throw new RollbackError(
      'BACKUP_TOO_OLD',
      tr`the age of ${backup.name} is not known, and max-backup-age is set`,
      tr`Name a place that tells when the backup was made, or leave max-backup-age out.`,
    );
  if (facts.maxAgeMs !== undefined && madeAt !== undefined && facts.now - madeAt > facts.maxAgeMs)
    throw new RollbackError(
      'BACKUP_TOO_OLD',
      tr`${backup.name} is ${hours(facts.now - madeAt)} old; at most ${hours(facts.maxAgeMs)} are allowed: ${list(ordered)}`,
      tr`Raise max-backup-age, if that much data may be given up, or name another backup.`,
    );
  return {
    backup,
    ...(madeAt === undefined ? {} : { madeAt }),
    why: candidates.length === 1 ? 'only-one' : passedOver.length > 0 ? 'newest-before-bad-release' : 'newest',
    passedOver: [
      ...passedOver,
      ...inTime.slice(1).map((one) => ({ name: one.name, why: tr`older than ${backup.name}` })),
    ],
  };
}

function refuseAmbiguous(
  backup: BackupCandidate,
  next: BackupCandidate | undefined,
  all: readonly BackupCandidate[],
): void {
  if (!next) return;
  const unknown = all.filter((one) => one.modifiedAt === undefined);
  if (unknown.length > 0 || backup.modifiedAt === next.modifiedAt)
    throw new RollbackError(
      'BACKUP_AMBIGUOUS',
      unknown.length > 0
        ? tr`it is not known when these were made: ${list(unknown)}`
        : tr`several backups are equally new: ${list(all.filter((one) => one.modifiedAt === backup.modifiedAt))}`,
      tr`Name one: backup-path: ${backup.name}`,
    );
}

function refuseContradiction(backup: BackupCandidate, facts: BackupFacts): void {
  const named = dateInName(backup.name);
  if (!named || backup.modifiedAt === undefined) return;
  const [from, to] = named;
  const apart = backup.modifiedAt < from ? from - backup.modifiedAt : Math.max(0, backup.modifiedAt - to);
  if (apart > DAY)
    throw new RollbackError(
      'BACKUP_AMBIGUOUS',
      tr`${backup.name} has ${iso(from).slice(0, 10)} in its name, and was written ${iso(backup.modifiedAt)}: which of the two is true is not known`,
      tr`If the name is right: touch -d ${iso(from)} FILE. If the time is right, give the file another name.`,
    );
  // The clock of the name may be of any zone; only a name that is surely later than the bad release tells.
  if (facts.badReleaseAt !== undefined && from - ZONE >= facts.badReleaseAt)
    throw new RollbackError(
      'BACKUP_TOO_NEW',
      tr`${backup.name} names a time after the bad release of ${iso(facts.badReleaseAt)}`,
      tr`Name an older backup with backup-path.`,
    );
}

/** Within a word of digits nothing is a date: `20261123` is one, `120261123` is none. */
const DATE =
  /(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?:[-_T. ]*([01]\d|2[0-3])[-_:.h]?([0-5]\d)(?:[-_:.]?([0-5]\d))?)?(?!\d)/g;

/** The time that a file's name tells, as a span in UTC: a moment, or a whole day. Undefined where there is none, or more than one. */
export function dateInName(name: string): readonly [number, number] | undefined {
  const found = [...(name.split('/').at(-1) ?? '').matchAll(DATE)];
  const [match] = found;
  if (!match || found.length > 1) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  if (new Date(at).getUTCDate() !== Number(day)) return undefined;
  return [at, hour === undefined ? at + DAY : at];
}

function list(backups: readonly BackupCandidate[]): string {
  const shown = backups
    .slice(0, 10)
    .map((one) => `${one.name} (${one.modifiedAt === undefined ? tr`time unknown` : iso(one.modifiedAt)})`);
  return `${shown.join(', ')}${backups.length > 10 ? tr` and ${backups.length - 10} more` : ''}`;
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function hours(ms: number): string {
  const value = ms / 3_600_000;
  return value >= 48 ? tr`${Math.floor(value / 24)} d` : `${Math.round(value * 10) / 10} h`;
}
