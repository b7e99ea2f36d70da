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
  readonly what: string;
  readonly hint: string;
}

const OTHERS: readonly Other[] = [
  { begins: ['PK\u0003\u0004'], what: 'a zip file', hint: 'Unpack it first.' },
  { begins: ['BZh'], what: 'bzip2 data', hint: 'Unpack it first (bunzip2), or compress with gzip or zstd.' },
  { begins: ['\u00fd7zXZ'], what: 'xz data', hint: 'Unpack it first (unxz), or compress with gzip or zstd.' },
  { begins: ['\u0004"M\u0018'], what: 'lz4 data', hint: 'Unpack it first (lz4 -d), or compress with gzip or zstd.' },
  { begins: ['Salted__', 'U2FsdGVk'], what: 'encrypted by openssl', hint: 'Decrypt it with `backup-command`.' },
  { begins: ['age-encryption'], what: 'encrypted by age', hint: 'Decrypt it with `backup-command`.' },
  {
    begins: ['-----BEGIN PGP', '\u0085', '\u008c'],
    what: 'encrypted by PGP',
    hint: 'Decrypt it with `backup-command`.',
  },
  { begins: ['SQLite format 3'], what: 'a SQLite database', hint: 'Name a file that pg_dump wrote.' },
  {
    begins: ['<!doctype', '<!DOCTYPE', '<html', '<HTML', '<?xml'],
    what: 'a web page',
    hint: 'The address needs a login, or is not that of the file itself.',
  },
  {
    begins: ['-- MySQL dump', '-- MariaDB dump', '/*!', '/*M!'],
    what: 'a dump of MySQL or MariaDB',
    hint: 'Name a file that pg_dump wrote.',
  },
  { begins: ['version https://git-lfs'], what: 'a pointer of Git LFS', hint: 'Check out with `lfs: true`.' },
];

/** What else a file is, in words, with what to do. */
export function foreignKind(head: Buffer): Pick<Other, 'what' | 'hint'> | undefined {
  const text = head.toString('latin1').trimStart();
  return OTHERS.find(({ begins }) => begins.some((begin) => text.startsWith(begin)));
}
