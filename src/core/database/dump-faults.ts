import type { ErrorCode } from '../errors.ts';
import { tr } from '../tr.ts';

/** What can be wrong with the text of a dump; line and byte are added where it is found. */
export interface Fault {
  readonly code: ErrorCode;
  readonly what: () => string;
  readonly hint: () => string;
}

const AGAIN = () => tr`Take another backup.`;
const ONE_DATABASE = () => tr`Take a backup of one database without -C (--create): pg_dump DATABASE > FILE.`;

export const FAULTS = {
  empty: { code: 'DUMP_EMPTY', what: () => tr`the file is empty`, hint: AGAIN },
  byteOrderMark: {
    code: 'DUMP_CORRUPT',
    what: () => tr`the file begins with a byte-order mark: something rewrote it after pg_dump`,
    hint: () => tr`Let pg_dump write the file itself (pg_dump -f FILE), not the redirection of PowerShell.`,
  },
  carriageReturn: {
    code: 'DUMP_CORRUPT',
    what: () => tr`lines end in CR LF: the file went through a text conversion, which also changes texts in the rows`,
    hint: () => tr`Take the file again in binary mode, or let pg_dump write it itself (pg_dump -f FILE).`,
  },
  // Sparse files after a crash, UTF-16, archives under a wrong name.
  zeroByte: { code: 'DUMP_CORRUPT', what: () => tr`a zero byte stands in the text`, hint: AGAIN },
  notSql: { code: 'DUMP_CORRUPT', what: () => tr`what stands there is not SQL`, hint: AGAIN },
  notUtf8: { code: 'DUMP_CORRUPT', what: () => tr`the statement is not valid UTF-8`, hint: AGAIN },
  tooLong: {
    code: 'DUMP_CORRUPT',
    what: () => tr`the statement is longer than any that is loaded (64 MiB)`,
    hint: () => tr`A quote may be left open there; if the statement is meant so, dump without --inserts.`,
  },
  rowLikeEnd: {
    code: 'DUMP_CORRUPT',
    what: () => tr`a row begins like the end of the rows`,
    hint: () => tr`Take another backup. pg_dump writes no such row.`,
  },
  notDump: {
    code: 'DUMP_FOREIGN',
    what: () => tr`the text does not begin as pg_dump begins one ("-- PostgreSQL database dump")`,
    hint: () => tr`Name a file that pg_dump wrote.`,
  },
  notAscii: {
    code: 'DUMP_FOREIGN',
    what: () => tr`the statement has letters in another encoding than UTF-8`,
    hint: () => tr`Take the backup again: pg_dump --encoding=UTF8.`,
  },
  copyOptions: {
    code: 'DUMP_FOREIGN',
    what: () => tr`COPY FROM stdin has options, which pg_dump does not write`,
    hint: () => tr`Take the backup with pg_dump.`,
  },
  wholeServer: {
    code: 'DUMP_FOREIGN',
    what: () => tr`this is a dump of a whole server (pg_dumpall)`,
    hint: ONE_DATABASE,
  },
  connects: {
    code: 'DUMP_FOREIGN',
    what: () => tr`it goes over to another database: the dump was made with --create, or of a whole server`,
    hint: ONE_DATABASE,
  },
  moreFollows: {
    code: 'DUMP_FOREIGN',
    what: () => tr`more follows after the end of the dump`,
    hint: () => tr`One file must hold one dump of one database; take them apart.`,
  },
  secondDump: {
    code: 'DUMP_FOREIGN',
    what: () => tr`a second dump follows after the first`,
    hint: () => tr`One file must hold one dump of one database; take them apart.`,
  },
} as const satisfies Record<string, Fault>;

/** @param where in the text, in words. */
export function truncatedFault(where: string): Fault {
  return {
    code: 'DUMP_TRUNCATED',
    what: () => tr`the text ends too early: ${where}`,
    hint: () => tr`Take another backup; this one was cut off.`,
  };
}

export function metaFault(command: string, where: string): Fault {
  return {
    code: 'DUMP_UNSAFE',
    what: () => tr`${where} stands the psql command ${command}, which no dump of one database needs`,
    hint: () => tr`Do not use this file before somebody has found out who wrote that line.`,
  };
}

/**
 * The encodings of clients in which a byte of a character can look like ASCII (a backslash, for one): byte-wise reading is not safe there.
 * https://www.postgresql.org/docs/current/multibyte.html: those that are no server encodings.
 */
const UNREADABLE_ENCODINGS: ReadonlySet<string> = new Set([
  'BIG5',
  'GBK',
  'GB18030',
  'JOHAB',
  'SJIS',
  'SHIFT_JIS_2004',
  'UHC',
]);

/** What a statement makes of the two settings that change how the text is read: the encoding that it sets, or what is wrong with it. */
export function readingSetting(sql: string): { readonly encoding?: string; readonly fault?: Fault } | undefined {
  if (!/^(?:SET|RESET|DO)\b/i.test(sql) && !/^SELECT\b.*set_config/is.test(sql)) return undefined;
  if (/standard_conforming_strings/i.test(sql) && sql !== 'SET standard_conforming_strings = on')
    return {
      fault: {
        code: 'DUMP_UNSAFE',
        what: () => tr`it changes standard_conforming_strings, and with it where strings end`,
        hint: () => tr`Take the backup again: PGOPTIONS='-c standard_conforming_strings=on' pg_dump ...`,
      },
    };
  if (!/client_encoding|^SET\s+(?:(?:SESSION|LOCAL)\s+)?NAMES\b/i.test(sql)) return undefined;
  const encoding = /^SET client_encoding = '([A-Za-z0-9_]+)'$/.exec(sql)?.[1]?.toUpperCase();
  if (encoding !== undefined && !UNREADABLE_ENCODINGS.has(encoding)) return { encoding };
  return {
    fault: {
      code: 'DUMP_FOREIGN',
      what: () =>
        encoding === undefined
          ? tr`it sets the encoding in an unusual way, in which the text cannot be read safely`
          : tr`it sets the encoding ${encoding}, in which the text cannot be read safely`,
      hint: () => tr`Take the backup again: pg_dump --encoding=UTF8.`,
    },
  };
}
