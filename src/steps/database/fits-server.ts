import type { DatabaseState, ServerState } from '../../core/database/database.ts';
import type { DumpManifest } from '../../core/database/dump.ts';
import { tableName } from '../../core/database/table-name.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { DatabasePlace, DatabaseReader } from '../../ports/database.ts';

/** Below this share of common tables a dump is taken for another application's. */
const COMMON_TABLES = 0.5;
const MAX_NAMES = 10;

/**
 * Everything that the dump needs of the server, asked before anything is created; all that is missing is told together.
 * @param liveTables tables of the live database, by its spelling
 */
export async function refuseMisfit(
  name: string,
  manifest: DumpManifest,
  parts: {
    readonly server: ServerState;
    readonly live: DatabaseState;
    readonly liveTables: readonly string[];
    readonly database: DatabaseReader & DatabasePlace;
  },
): Promise<RollbackError[]> {
  const { server, live, liveTables, database } = parts;
  const [roles, extensions] = await Promise.all([database.roles(), database.extensions()]);
  const faults = [
    standby(server, database),
    newerMajor(name, manifest, server),
    missing(
      name,
      'role',
      manifest.roles.filter((role) => !roles.has(role)),
      (names) =>
        tr`As a superuser: ${names.map((role) => `CREATE ROLE ${quoted(role)};`).join(' ')} Or take the backup with pg_dump --no-owner --no-privileges.`,
    ),
    missing(
      name,
      'extension',
      manifest.extensions.filter((one) => !extensions.has(one)),
      (names) => tr`Install on the database server: ${names.join(', ')}; then run again.`,
    ),
    foreign(name, manifest, live, liveTables),
  ];
  return faults.filter((fault) => fault !== undefined);
}

function standby({ inRecovery }: ServerState, { host, port }: DatabasePlace): RollbackError | undefined {
  if (!inRecovery) return undefined;
  return new RollbackError(
    'DATABASE_ERROR',
    tr`the database server ${host}:${port} is a standby: nothing can be restored there`,
    tr`Name the primary in \`database-url\`.`,
  );
}

function newerMajor(name: string, { serverMajor }: DumpManifest, server: ServerState): RollbackError | undefined {
  const major = Math.floor(server.versionNumber / 10_000);
  if (serverMajor === undefined || serverMajor <= major) return undefined;
  return new RollbackError(
    'DUMP_FOREIGN',
    tr`${name} was made of PostgreSQL ${serverMajor}; the server is ${server.version}, which may not understand it`,
    tr`Name a backup of PostgreSQL ${major} or older, or upgrade the server first.`,
  );
}

function missing(
  name: string,
  what: 'role' | 'extension',
  names: readonly string[],
  hint: (names: readonly string[]) => string,
): RollbackError | undefined {
  if (names.length === 0) return undefined;
  const isOne = names.length === 1;
  const kind = what === 'role' ? (isOne ? tr`role` : tr`roles`) : isOne ? tr`extension` : tr`extensions`;
  const shown = names.slice(0, MAX_NAMES);
  const more = names.length > shown.length ? tr` and ${names.length - shown.length} more` : '';
  return new RollbackError(
    'DATABASE_ERROR',
    tr`${name} needs ${kind} that the server does not have: ${shown.join(', ')}${more}`,
    hint(shown),
  );
}

/** A dump of something else would replace the application's data by nothing. */
function foreign(
  name: string,
  { rows }: DumpManifest,
  live: DatabaseState,
  liveTables: readonly string[],
): RollbackError | undefined {
  const restored = new Set(Object.keys(rows).map(tableName));
  const common = liveTables.filter((table) => restored.has(tableName(table))).length;
  if (liveTables.length === 0 || common >= liveTables.length * COMMON_TABLES) return undefined;
  return new RollbackError(
    'DUMP_FOREIGN',
    tr`${name} has ${common} of the ${liveTables.length} tables of "${live.name}": it looks like the backup of another application`,
    tr`Name the right backup with \`backup-path\`. If it is the right one, restore it by hand into a database of another name and compare.`,
  );
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
