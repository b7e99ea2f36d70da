import { tr } from '../../core/tr.ts';
import type { Backup } from '../../ports/backup.ts';

/** Enough to see the mark of a tar file. */
export const HEAD_BYTES = 512;

/** By the first bytes, never by the name. */
export function compressionOf(head: Buffer): Backup['compression'] {
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4) {
    const magic = head.readUInt32LE(0);
    // RFC 8878: a frame, or a skippable one.
    if (magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  }
  return 'none';
}

/** Everything that is no archive counts as plain, until it is read. */
export function formatOf(head: Buffer): 'plain' | 'custom' | 'tar' {
  if (head.subarray(0, 5).toString('latin1') === 'PGDMP') return 'custom';
  if (head.length >= 265 && head.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  return 'plain';
}

interface Other {
  /** First bytes, as Latin-1. */
  readonly begins: readonly string[];
  readonly what: () => string;
  readonly hint: () => string;
}

const OTHERS: readonly Other[] = [
  { begins: ['PK\u0003\u0004'], what: () => tr`a zip file`, hint: () => tr`Unpack it first.` },
  {
    begins: ['BZh'],
    what: () => tr`bzip2 data`,
    hint: () => tr`Unpack it first (bunzip2), or compress with gzip or zstd.`,
  },
  {
    begins: ['\u00fd7zXZ'],
    what: () => tr`xz data`,
    hint: () => tr`Unpack it first (unxz), or compress with gzip or zstd.`,
  },
  {
    begins: ['\u0004"M\u0018'],
    what: () => tr`lz4 data`,
    hint: () => tr`Unpack it first (lz4 -d), or compress with gzip or zstd.`,
  },
  {
    begins: ['Salted__', 'U2FsdGVk'],
    what: () => tr`encrypted by openssl`,
    hint: () => tr`Decrypt it with \`backup-command\`.`,
  },
  { begins: ['age-encryption'], what: () => tr`encrypted by age`, hint: () => tr`Decrypt it with \`backup-command\`.` },
  {
    begins: ['-----BEGIN PGP', '\u0085', '\u008c'],
    what: () => tr`encrypted by PGP`,
    hint: () => tr`Decrypt it with \`backup-command\`.`,
  },
  { begins: ['SQLite format 3'], what: () => tr`a SQLite database`, hint: () => tr`Name a file that pg_dump wrote.` },
  {
    begins: ['<!doctype', '<!DOCTYPE', '<html', '<HTML', '<?xml'],
    what: () => tr`a web page`,
    hint: () => tr`The address needs a login, or is not that of the file itself.`,
  },
  {
    begins: ['-- MySQL dump', '-- MariaDB dump', '/*!', '/*M!'],
    what: () => tr`a dump of MySQL or MariaDB`,
    hint: () => tr`Name a file that pg_dump wrote.`,
  },
  {
    begins: ['version https://git-lfs'],
    what: () => tr`a pointer of Git LFS`,
    hint: () => tr`Check out with \`lfs: true\`.`,
  },
];

/** What else a file is, in words, with what to do. */
export function foreignKind(head: Buffer): { readonly what: string; readonly hint: string } | undefined {
  const text = head.toString('latin1').trimStart();
  const other = OTHERS.find(({ begins }) => begins.some((begin) => text.startsWith(begin)));
  return other && { what: other.what(), hint: other.hint() };
}
