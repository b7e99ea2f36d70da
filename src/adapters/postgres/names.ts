import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { quoteIdentifier } from './client.ts';

/** NAMEDATALEN - 1: longer names are cut by the server in silence, and two may become one. */
export const MAX_NAME_BYTES = 63;

/** Always quoted: digits first, capitals and keywords then need no rule of their own. @throws INPUT_INVALID */
export function databaseName(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_NAME_BYTES || name.includes('\0')) {
    throw new RollbackError(
      'INPUT_INVALID',
      tr`"${name.slice(0, 80)}" cannot be the name of a database: it has ${bytes} bytes, and 1 to ${MAX_NAME_BYTES} are possible.`,
      tr`Check the name of the database in \`database-url\` or in the config file.`,
    );
  }
  return quoteIdentifier(name);
}

/**
 * A name of the server as the name of a file: it may hold slashes, dots that lead out of the folder, control characters. Two names may become
 * one. At most 200 bytes, so that a suffix has room.
 */
export function fileName(name: string): string {
  const safe = name.replace(/[^\p{L}\p{N}_.-]/gu, '_').replace(/^[.-]/, '_');
  return Buffer.byteLength(safe) <= 200
    ? safe
    : Buffer.from(safe)
        .subarray(0, 200)
        .toString()
        .replace(/\ufffd$/, '');
}
