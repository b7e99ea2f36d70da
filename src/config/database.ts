import type { BackupConfig, DatabaseConfig, MigrationsConfig } from '../core/config.ts';
import type { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { SECTION_STEPS } from './available.ts';
import type { ParsedBackupPath } from './backup-path.ts';
import { invalid, show } from './faults.ts';
import type { Merged } from './merge.ts';
import { reaches } from './reach.ts';
import type { Values } from './schema.ts';
import type { Surroundings } from './surroundings.ts';

const KEPT_DATABASE = 'kept-database';
const MIGRATION_TIMEOUT_MS = 5 * 60_000;
/** The identifiers of a server are this long at most; it cuts off what is longer. */
const LONGEST_NAME = 63;

/** The rules about the database. What is missing counts only where this run would touch it. */
export function databaseFaults(merged: Merged, around: Surroundings): RollbackError[] {
  const always = [...duplicateFaults(merged), ...insecureFaults(merged)];
  if (!touchesDatabase(merged, around) || merged.faulty('database')) return always;
  const { faults, isGiven } = around.database;
  if (faults.length > 0) return [...always, ...faults];
  return [...always, ...(isGiven ? [] : addressMissing(merged)), ...nameFaults(merged, around)];
}

/** Whether the tier reaches the database, a step for it is left, and anything of it is configured. */
function touchesDatabase(merged: Merged, around: Surroundings): boolean {
  const { value, faulty } = merged;
  const isConfigured =
    around.database.byUrl ||
    backupOf(merged).places.length > 0 ||
    value('database') !== undefined ||
    faulty('backup-path') ||
    (value('safety-backup') !== KEPT_DATABASE && !faulty('safety-backup'));
  return isConfigured && reaches(merged, SECTION_STEPS.database);
}

function addressMissing(merged: Merged): RollbackError[] {
  // What an undo takes back decides whether it needs the database at all.
  if (merged.value('mode') === 'undo' || !merged.isWhole) return [];
  const what = backupOf(merged).places.length > 0 ? tr`a backup` : tr`a database`;
  return [
    invalid(
      tr`input database-url (or variable PGHOST)`,
      tr`is missing, and ${what} is configured; allowed: where the database is, and who connects`,
      tr`Pass \`database-url: \${{ secrets.DATABASE_URL }}\` in the \`with:\` of the step (postgresql://USER:PASSWORD@HOST:5432/DATABASE), or PGHOST, PGUSER, PGPASSWORD and PGDATABASE in its \`env:\`. To leave the database alone: \`skip-steps: ${SECTION_STEPS.database.join(' ')}\`.`,
    ),
  ];
}

function nameFaults({ value, where, isWhole }: Merged, { database }: Surroundings): RollbackError[] {
  const own = value('database')?.name;
  const [first, ...others] = [
    ...(own === undefined ? [] : [{ where: where('database', 'name'), name: own }]),
    ...database.names,
  ];
  if (!first) {
    if (value('mode') === 'undo' || !isWhole || !database.isGiven) return [];
    return [
      invalid(
        'database.name',
        tr`is missing, and the address names no database either; allowed: the one that serves the application`,
        tr`Type \`database: { name: NAME }\` in the config file, or let \`database-url\` end with /NAME.`,
      ),
    ];
  }
  const other = others.find(({ name }) => name !== first.name);
  if (other)
    return [
      invalid(
        first.where,
        tr`saw ${show(first.name)}, and ${other.where} names ${show(other.name)}; allowed: one database`,
        tr`Which of the two serves the application? Correct or take out the other.`,
      ),
    ];
  if (Buffer.byteLength(first.name) <= LONGEST_NAME) return [];
  return [
    invalid(
      first.where,
      tr`saw ${show(first.name)}; allowed: at most ${LONGEST_NAME} bytes`,
      tr`The server cuts longer names off: type the one that it shows (psql -l).`,
    ),
  ];
}

function duplicateFaults(merged: Merged): RollbackError[] {
  const { places, hashes } = backupOf(merged);
  return [places, hashes].flatMap(([first, second]) =>
    first && second
      ? [
          invalid(
            second.where,
            tr`stands beside ${first.where}; allowed: one of the two`,
            tr`Keep the one that is meant, and take the other out.`,
          ),
        ]
      : [],
  );
}

function insecureFaults(merged: Merged): RollbackError[] {
  const allowed = merged.value('allow-insecure') ?? [];
  return backupOf(merged)
    .places.filter(({ path }) => /^http:/i.test(path?.url ?? '') && !allowed.includes('http'))
    .map(({ where, path }) =>
      invalid(
        where,
        tr`saw ${show(path?.shown)}; allowed: https, because a dump that is changed on its way would be restored`,
        tr`Use https, or name \`http\` in allow-insecure.`,
      ),
    );
}

interface Place {
  readonly where: string;
  readonly path?: ParsedBackupPath;
  readonly command?: string;
}

/** Every answer to where the backup is, and to what its hash is: options, and the file's section unless an input replaces it. */
function backupOf({ value, where, fromInput, faulty }: Merged): {
  readonly places: readonly Place[];
  readonly hashes: readonly { readonly where: string; readonly sha256: string }[];
} {
  const isReplaced = fromInput('backup-path') || fromInput('backup-command');
  const section: NonNullable<Values['database']> = (faulty('database') ? undefined : value('database')) ?? {};
  const path = value('backup-path');
  const command = value('backup-command');
  const sha256 = value('backup-sha256');
  const inFile = isReplaced ? {} : section;
  const inFileSha256 = isReplaced || fromInput('backup-sha256') ? undefined : section['backup-sha256'];
  return {
    places: [
      ...(path ? [{ where: where('backup-path'), path }] : []),
      ...(command ? [{ where: where('backup-command'), command }] : []),
      ...(inFile.backup ? [{ where: where('database', 'backup'), path: inFile.backup }] : []),
      ...(inFile['backup-command']
        ? [{ where: where('database', 'backup-command'), command: inFile['backup-command'] }]
        : []),
    ],
    hashes: [
      ...(sha256 ? [{ where: where('backup-sha256'), sha256 }] : []),
      ...(inFileSha256 ? [{ where: where('database', 'backup-sha256'), sha256: inFileSha256 }] : []),
    ],
  };
}

export interface ResolvedDatabase {
  readonly database?: DatabaseConfig;
  /** Its name, also where this run touches it by no step: commands of the project get its address. */
  readonly name?: string;
  /** The backup's address with its credentials. Secret. */
  readonly backupUrl?: string;
  readonly sensitive: readonly string[];
}

/** The database as configured, once there is no fault. Absent where this run touches none. */
export function databaseOf(merged: Merged, around: Surroundings): ResolvedDatabase {
  const { value } = merged;
  const [place] = backupOf(merged).places;
  const sensitive = place?.path?.sensitive ?? [];
  const section = value('database') ?? {};
  const name = section.name ?? around.database.names[0]?.name;
  if (name === undefined) return { sensitive };
  if (!touchesDatabase(merged, around)) return { name, sensitive };
  const backup = backupConfig(merged);
  const migrations = section.migrations && migrationsConfig(section.migrations);
  const maxDataLoss = value('max-data-loss') ?? (around.isAutomatic ? 0 : undefined);
  const safetyBackup = value('safety-backup');
  const timestampColumn = section['timestamp-column'];
  const exportRows = section['export-rows'];
  const url = place?.path?.url;
  return {
    name,
    sensitive,
    ...(url === undefined ? {} : { backupUrl: url }),
    database: {
      name,
      checks: section.checks ?? [],
      schemaCompatible: value('schema-compatible') ?? false,
      restartAfterSwap: value('restart-after-swap') ?? true,
      fenceWriters: value('fence-writers') ?? false,
      allowUnsafeDump: value('allow-unsafe-dump') ?? false,
      ...(backup ? { backup } : {}),
      ...(timestampColumn === undefined ? {} : { timestampColumn }),
      ...(migrations ? { migrations } : {}),
      ...(maxDataLoss === undefined ? {} : { maxDataLoss }),
      ...(safetyBackup === undefined || safetyBackup === KEPT_DATABASE ? {} : { safetyBackup }),
      ...(exportRows === undefined ? {} : { exportRows }),
    },
  };
}

function backupConfig(merged: Merged): BackupConfig | undefined {
  const { places, hashes } = backupOf(merged);
  const [place] = places;
  if (!place) return undefined;
  const maxAgeMs = merged.value('max-backup-age');
  const [hash] = hashes;
  return {
    ...(place.path ? { path: place.path.shown } : {}),
    ...(place.command === undefined ? {} : { command: place.command }),
    ...(hash ? { sha256: hash.sha256 } : {}),
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
  };
}

function migrationsConfig({
  timeout = MIGRATION_TIMEOUT_MS,
  ...given
}: NonNullable<NonNullable<Values['database']>['migrations']>): MigrationsConfig {
  const { directory, tool, status, rollback, head, to } = given;
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(tool === undefined ? {} : { tool }),
    ...(status === undefined ? {} : { status }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(head === undefined ? {} : { head }),
    ...(to === undefined ? {} : { to }),
    timeoutMs: timeout,
  };
}
