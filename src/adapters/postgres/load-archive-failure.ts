import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { printable } from './failure.ts';
import type { Server } from './server.ts';

/**
 * What the server may have said that names objects, never values of rows. pg_restore passes on no SQLSTATE, so that what a function raised
 * cannot be told from what the server itself says; only these are shown.
 */
const SHOWN: readonly RegExp[] = [
  /^(?:role|relation|table|type|schema|function|operator|collation|language|extension|tablespace|constraint|index|sequence|publication|subscription|server|text search \w+|access method|operator (?:class|family)) .{0,200} (?:does not exist|already exists|is not available)/,
  /^(?:permission denied|must be (?:owner|member|superuser|able)|unrecognized configuration parameter|could not create unique index|could not open extension control file|could not access file) .{0,200}$/,
  /^(?:duplicate key value violates unique constraint|insert or update on table|update or delete on table|check constraint|new row for relation|null value in column) .{0,200}$/,
  /^(?:could not (?:extend|write to) file|could not load library|out of (?:memory|shared memory)|canceling statement due to|temporary file size exceeds|encoding conversion from) .{0,200}$/,
  /^(?:invalid input syntax for type [\w ]+|invalid byte sequence for encoding "\w+"|(?:missing data for column|extra data after last expected column).{0,80})/,
];

/** What ended pg_restore, with the object that it was at. */
export function archiveFailure(said: string, code: number | null, side: string, server: Server): RollbackError {
  const lines = said.split('\n');
  const first = lines.find((line) => / error: /.test(line)) ?? '';
  const table = /COPY failed for table (".*?"): /.exec(first)?.[1];
  // Up to the first value: an archive may hold INSERTs.
  const command = /^Command was:\s*([^('$\n]*)/m.exec(said)?.[1]?.trim();
  const place = table ? tr` (rows of ${printable(table, 80)})` : command ? ` (${printable(command, 120)})` : '';
  const message = /(?:ERROR|FATAL): {1,2}(.*)$/.exec(first)?.[1] ?? '';
  if (/No space left on device|could not extend file/.test(said))
    return new RollbackError(
      'DATABASE_FULL',
      tr`Could not load "${side}"${place}: the server has no space left.`,
      tr`Free space on the server, or move the database to a tablespace with room; a restore needs about 2.5 times the size of the plain dump.`,
    );
  if (
    /connection to server|server closed the connection|terminating connection|SSL connection has been closed/.test(said)
  )
    return new RollbackError(
      'DATABASE_UNREACHABLE',
      tr`pg_restore lost ${server.address.host}:${server.address.port} while it loaded "${side}"${place}.`,
      tr`Wait until the server takes connections again, then run again: a run goes on where the last one stopped.`,
    );
  const shown = SHOWN.map((pattern) => pattern.exec(message)?.[0]).find((text) => text !== undefined);
  const why = shown ?? (message === '' ? tr`pg_restore ended with ${code ?? tr`a signal`}` : tr`the server refused it`);
  return new RollbackError(
    'LOAD_FAILED',
    tr`The backup could not be loaded by pg_restore${place}: ${printable(why)}.`,
    hintFor(why, server.address.user),
  );
}

/** Lines of warnings, without what they quote. */
export const warningsOf = (said: string): string[] =>
  [...new Set(said.split('\n').filter((line) => /^pg_restore: warning: /.test(line)))]
    .slice(0, 50)
    .map((line) => printable(line.replace(/^pg_restore: /, ''), 200));

function hintFor(why: string, user: string): string {
  if (/^(?:permission denied|must be)/.test(why))
    return tr`The live database was not touched. Load as a user that may do this (now "${user}"), or make the backup with \`pg_dump --no-owner --no-privileges\`.`;
  if (/does not exist|is not available|extension control file/.test(why))
    return tr`The live database was not touched. Create or install on the server what the backup needs (a role, a tablespace, an extension), then run again.`;
  return tr`The live database was not touched. The log of the server has the whole message. Choose another backup (\`backup-path\`), or restore this one by hand into an empty database to see more.`;
}
