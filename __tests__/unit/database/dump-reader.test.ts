import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { DumpItem } from '../../../src/core/database/dump.ts';
import { readDump } from '../../../src/core/database/dump-reader.ts';
import { codeOf, pieces, textOf } from './dump-pieces.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/dumps/${name}`, import.meta.url));

/** Statements with their places, and the rows of each table in one piece. */
async function contentOf(bytes: Uint8Array, size: number) {
  const content: unknown[] = [];
  let rows: Uint8Array[] = [];
  for await (const item of readDump(pieces(bytes, size))) {
    if (item.kind === 'rows') rows.push(Buffer.from(item.bytes));
    else if (item.kind === 'rows-end') {
      content.push({ rows: Buffer.concat(rows).toString('utf8'), count: item.count });
      rows = [];
    } else content.push(item.statement);
  }
  return content as { sql?: string; line?: number; offset?: number; rows?: string; count?: number; copy?: unknown }[];
}

const statementsOf = async (body: string, size = 65536) =>
  (await contentOf(Buffer.from(textOf(body)), size)).flatMap((one) => (one.sql === undefined ? [] : [one.sql]));

describe('reading a dump', () => {
  it.each(['hostile.sql', 'hostile.inserts.sql', 'hostile.rows-per-insert.sql', 'hostile.clean.sql', 'small.sql'])(
    'gives the same items of %s whatever the sizes of the chunks',
    async (name) => {
      const bytes = fixture(name);
      const whole = await contentOf(bytes, bytes.length);
      expect(whole.length).toBeGreaterThan(15);
      for (const size of [1, 2, 3, 7, 64, 4096]) expect(await contentOf(bytes, size)).toEqual(whole);
    },
  );

  it('knows where each statement stands', async () => {
    const bytes = fixture('hostile.sql');
    const text = bytes.toString('utf8');
    for (const { sql, line, offset } of await contentOf(bytes, 65536)) {
      if (sql === undefined || line === undefined || offset === undefined) continue;
      expect(bytes.subarray(offset).toString('utf8').startsWith(sql)).toBe(true);
      expect(text.split('\n')[line - 1]).toContain(sql.split('\n')[0]);
    }
  });

  it('reads hostile rows as rows', async () => {
    const content = await contentOf(fixture('hostile.sql'), 65536);
    const line = content.findIndex((one) => one.sql?.startsWith('COPY public.one_column'));
    expect(content[line + 1]).toEqual({
      rows: '\\\\.\n\n\\\\\n.\n\\\\\\\\.\n\\\\N\n\\N\na\\n\\\\.\n',
      count: 8,
    });
    const columns = content.findIndex((one) => one.sql === 'COPY public.no_columns  FROM stdin');
    expect(content[columns + 1]).toEqual({ rows: '\n', count: 1 });
  });

  it.each([
    ["SELECT 'a;b', 'it''s;';", ["SELECT 'a;b', 'it''s;'"]],
    ["SELECT E'\\';', 'x\\';", ["SELECT E'\\';', 'x\\'"]],
    ["SELECT E'a''b\\';';", ["SELECT E'a''b\\';'"]],
    ["SELECT E'a'\n  'b\\';';", ["SELECT E'a'\n  'b\\';'"]],
    ["SELECT name'\\';", ["SELECT name'\\'"]],
    ['SELECT "a;""b";', ['SELECT "a;""b"']],
    ['SELECT $$a;$b$;$$; SELECT $b$;$$;$b $b$;', ['SELECT $$a;$b$;$$', 'SELECT $b$;$$;$b $b$']],
    ['SELECT $a$;$$a$;', ['SELECT $a$;$$a$']],
    ['SELECT $é$;$é$;', ['SELECT $é$;$é$']],
    ['SELECT a$b$, 1; SELECT $1;', ['SELECT a$b$, 1', 'SELECT $1']],
    ['SELECT 1 -- ; \' " $$ /*\n+ 1;', ['SELECT 1 -- ; \' " $$ /*\n+ 1']],
    [
      "SELECT 1 /* ; /* ' */ ; */ + 1; /* top; /* nested */ */ SELECT 2;",
      ["SELECT 1 /* ; /* ' */ ; */ + 1", 'SELECT 2'],
    ],
    ['SELECT 1 - 1, 1 / 1, 2 * 2, 1 */**/ 1;', ['SELECT 1 - 1, 1 / 1, 2 * 2, 1 */**/ 1']],
    [
      'CREATE RULE r AS ON DELETE TO t DO (DELETE FROM a; DELETE FROM b);',
      ['CREATE RULE r AS ON DELETE TO t DO (DELETE FROM a; DELETE FROM b)'],
    ],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 1 AS end; END; SELECT 2;',
      [
        'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 1 AS end; END',
        'SELECT 2',
      ],
    ],
    [
      'CREATE TABLE t (begin int, atomic int); CREATE FUNCTION begin() AS $$;$$;',
      ['CREATE TABLE t (begin int, atomic int)', 'CREATE FUNCTION begin() AS $$;$$'],
    ],
    ['BEGIN; SELECT 1; COMMIT;', ['BEGIN', 'SELECT 1', 'COMMIT']],
    [';; SELECT 1 ;', ['SELECT 1']],
  ])('ends statements where they end: %s', async (body, expected) => {
    for (const size of [1, 5, 65536]) expect(await statementsOf(body, size)).toEqual(expected);
  });

  it('attaches the header to the next statement only', async () => {
    const body =
      '--\n-- Name: a; Type: b; Type: TABLE; Schema: public; Owner: o\n--\n\nCREATE TABLE x ();\n\nALTER TABLE x OWNER TO o;';
    const [first, second] = await contentOf(Buffer.from(textOf(body)), 65536);
    expect(first).toMatchObject({ header: { name: 'a; Type: b', type: 'TABLE', schema: 'public', owner: 'o' } });
    expect(second).not.toHaveProperty('header');
  });

  it('D24: marks the line of a newer pg_dump, and nothing that only looks like it', async () => {
    const marks = async (body: string) =>
      (await contentOf(Buffer.from(textOf(body)), 65536)).map((one) => (one as { needsMajor?: number }).needsMajor);
    expect(await marks('SET transaction_timeout = 0; SET lock_timeout = 0; SET transaction_timeout = 1;')).toEqual([
      17,
      undefined,
      undefined,
    ]);
  });

  it('marks what pg_dump -c drops', async () => {
    const items: DumpItem[] = [];
    for await (const item of readDump(pieces(fixture('small.clean.sql'), 65536))) items.push(item);
    const cleaning = items.flatMap((one) =>
      one.kind === 'statement' && one.statement.cleans ? [one.statement.sql] : [],
    );
    expect(cleaning).toEqual([
      'ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey',
      'DROP TABLE public.t',
      'DROP FUNCTION public.f()',
    ]);
  });
});

describe('D9-D11: a dump that was cut off', () => {
  it.each(['small.sql', 'small.clean.sql', 'hostile.sql', 'hostile.inserts.sql'])(
    'is refused at every byte of %s up to its last word',
    async (name) => {
      const bytes = fixture(name);
      const complete = bytes.toString('latin1').trimEnd().length;
      for (let length = 0; length < complete; length++) {
        const code = await codeOf(readDump(pieces(bytes.subarray(0, length), 65536)));
        expect([length, code]).toEqual([length, expect.stringMatching(length === 0 ? /EMPTY/ : /^DUMP_TRUNCATED$/)]);
      }
      for (let length = complete; length <= bytes.length; length++)
        expect(await codeOf(readDump(pieces(bytes.subarray(0, length), 65536)))).toBe('none');
    },
  );

  it('is refused up to the end marker where pg_dump wrote no \\unrestrict', async () => {
    const bytes = Buffer.from(textOf('CREATE TABLE t ();'));
    const complete = bytes.toString('latin1').lastIndexOf('complete') + 'complete'.length;
    for (let length = 1; length < complete; length++)
      expect(await codeOf(readDump(pieces(bytes.subarray(0, length), 65536)))).toBe('DUMP_TRUNCATED');
    expect(await codeOf(readDump(pieces(bytes.subarray(0, complete), 65536)))).toBe('none');
  });

  it('says where: table, rows, line and byte', async () => {
    const bytes = fixture('small.sql');
    const cut = bytes.indexOf('2\ttwo') + 3;
    await expect(drain(readDump(pieces(bytes.subarray(0, cut), 9), { name: 'small.sql' }))).rejects.toThrow(
      /^small\.sql: the text ends too early: in the rows of public\.t, after 1 complete rows \(line \d+, byte \d+\)$/,
    );
  });

  it('is not taken in by an end marker in rows, texts or comments', async () => {
    const marker = '--\n-- PostgreSQL database dump complete\n--\n';
    for (const open of [
      `SELECT '\n${marker}`,
      `SELECT $$\n${marker}`,
      `/*\n${marker}`,
      `COPY t (a) FROM stdin;\n${marker}`,
      `SELECT 1\n${marker}`,
    ])
      expect(await codeOf(readDump(pieces(Buffer.from(`--\n-- PostgreSQL database dump\n--\n\n${open}`), 64)))).toBe(
        'DUMP_TRUNCATED',
      );
  });
});

describe('D18: commands of psql at the top level', () => {
  it.each([
    '\\! touch /tmp/x',
    '\\i other.sql',
    "\\copy t from '/etc/passwd'",
    '\\gexec',
    '\\set x 1',
    '\\.',
    '\\restrict abc; ls',
    '\\o |sh',
  ])('%s is refused with its line', async (command) => {
    for (const text of [`SELECT 1;\n${command}\n`, `SELECT 1\n${command}\n;`]) {
      const reading = drain(readDump(pieces(Buffer.from(textOf(text)), 64)));
      await expect(reading).rejects.toMatchObject({ code: 'DUMP_UNSAFE', message: expect.stringContaining('line 8 ') });
    }
  });

  it('D22: \\connect names the option that made it', async () => {
    await expect(
      drain(readDump(pieces(Buffer.from(textOf('SELECT 1;\n\\connect other\n')), 64))),
    ).rejects.toMatchObject({
      code: 'DUMP_FOREIGN',
      message: expect.stringContaining('--create'),
    });
  });
});

describe('D19: \\restrict and \\unrestrict', () => {
  const dump = (open: string, close: string, middle = '') =>
    Buffer.from(
      `--\n-- PostgreSQL database dump\n--\n\n${open}\nCREATE TABLE t ();\n${middle}\n--\n-- PostgreSQL database dump complete\n--\n\n${close}\n`,
    );
  it.each([
    ['\\restrict abc', '\\unrestrict abc', 'none'],
    ['\\restrict abc', '', 'DUMP_TRUNCATED'],
    ['\\restrict abc', '\\unrestrict abd', 'DUMP_UNSAFE'],
    ['', '\\unrestrict abc', 'DUMP_UNSAFE'],
    ['\\restrict abc', '\\unrestrict `id`', 'DUMP_UNSAFE'],
    ['\\restrict abc', "\\unrestrict :'x'", 'DUMP_UNSAFE'],
    ['\\restrict $(id)', '\\unrestrict $(id)', 'DUMP_UNSAFE'],
    ['\\restrict abc\n\\restrict abc', '\\unrestrict abc', 'DUMP_UNSAFE'],
    ['\\restrict abc', '\\unrestrict abc\n\\unrestrict abc', 'DUMP_UNSAFE'],
    ['\\restrict abc', '\\unrestrict abc\nSELECT 1;', 'DUMP_FOREIGN'],
  ])('%s ... %s: %s', async (open, close, code) => {
    for (const size of [1, 4096]) expect(await codeOf(readDump(pieces(dump(open, close), size)))).toBe(code);
  });
  it('does not end before the end', async () => {
    expect(await codeOf(readDump(pieces(dump('\\restrict abc', '', '\\unrestrict abc\n'), 64)))).toBe('DUMP_FOREIGN');
  });
});

describe('D20: rows', () => {
  it('that look like commands are rows, whatever the table', async () => {
    const rows = 'DROP TABLE users;\n\\\\! id\n-- PostgreSQL database dump complete\n\\\\.\n';
    const content = await contentOf(Buffer.from(textOf(`COPY missing.table (a) FROM stdin;\n${rows}\\.\n`)), 3);
    expect(content.slice(1)).toEqual([{ rows, count: 4 }]);
  });

  it.each([
    ['COPY t (a) FROM stdin WITH (FORMAT csv);\n1\n\\.\n', 'DUMP_FOREIGN'],
    ['COPY t (a) FROM stdin; SELECT 1;\n1\n\\.\n', 'DUMP_CORRUPT'],
    ['COPY t (a) FROM stdin;\n\\.x\n\\.\n', 'DUMP_CORRUPT'],
    ['COPY t (a) FROM stdin;\r\n1\r\n\\.\r\n', 'DUMP_CORRUPT'],
    ['COPY t (a) FROM stdin;\n1\n\\.\r\n', 'DUMP_CORRUPT'],
  ])('in a form that pg_dump does not write are refused: %s', async (body, code) => {
    for (const size of [1, 65536]) expect(await codeOf(readDump(pieces(Buffer.from(textOf(body)), size)))).toBe(code);
  });
});

describe('a file that something rewrote', () => {
  it.each([
    ['CR LF', Buffer.from(textOf('SELECT 1;').replaceAll('\n', '\r\n'))],
    ['a byte-order mark', Buffer.from(`\ufeff${textOf('SELECT 1;')}`)],
    ['UTF-16', Buffer.from(`\ufeff${textOf('SELECT 1;')}`, 'utf16le')],
    ['a hole of zero bytes', Buffer.from(textOf("SELECT '\0\0';"))],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from(textOf('').slice(0, 36)), Buffer.from("\nSELECT '\xe9';\n", 'latin1')]),
    ],
    ['a carriage return that ends a comment', Buffer.from(textOf('-- harmless \rDROP TABLE users;'))],
  ])('%s is corrupt', async (_, bytes) => {
    for (const size of [1, 65536]) expect(await codeOf(readDump(pieces(bytes, size)))).toBe('DUMP_CORRUPT');
  });

  it.each([
    ['SET standard_conforming_strings = off;', 'DUMP_UNSAFE'],
    ["SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);", 'DUMP_UNSAFE'],
    ["SET client_encoding = 'GBK';", 'DUMP_FOREIGN'],
    ["SET NAMES 'SJIS';", 'DUMP_FOREIGN'],
    ["SET client_encoding = 'LATIN1';\nSELECT 'é';", 'DUMP_FOREIGN'],
    ["SET client_encoding = 'LATIN1';\nSELECT 'e';", 'none'],
  ])('a setting that changes how the text is read: %s %s', async (body, code) => {
    expect(await codeOf(readDump(pieces(Buffer.from(textOf(body)), 65536)))).toBe(code);
  });

  it('D29: is empty', async () => {
    expect(await codeOf(readDump(pieces(Buffer.alloc(0), 1)))).toBe('DUMP_EMPTY');
  });

  it.each([
    'SELECT 1;',
    '{"json": true}',
    '#!/bin/sh\n',
    'not a dump',
    '\\! id\n',
    '-- MySQL dump 10.13\n\nDROP TABLE x;',
  ])('D22: is no dump: %s', async (text) => {
    expect(await codeOf(readDump(pieces(Buffer.from(text), 2)))).toBe('DUMP_FOREIGN');
  });

  it('D22: is two dumps, or of a whole server', async () => {
    const one = textOf('CREATE TABLE t ();');
    expect(await codeOf(readDump(pieces(Buffer.from(one + one), 64)))).toBe('DUMP_FOREIGN');
    expect(await codeOf(readDump(pieces(Buffer.from(`${one}CREATE TABLE u ();\n`), 64)))).toBe('DUMP_FOREIGN');
    expect(await codeOf(readDump(pieces(fixture('cluster.sql'), 64)))).toBe('DUMP_FOREIGN');
  });

  it('holds no more than one statement, and that one bounded', async () => {
    const long = textOf(`SELECT '${'x'.repeat(5000)}';`);
    expect(await codeOf(readDump(pieces(Buffer.from(long), 100), { maxStatement: 4000 }))).toBe('DUMP_CORRUPT');
    expect(await codeOf(readDump(pieces(Buffer.from(long), 100), { maxStatement: 6000 }))).toBe('none');
  });
});

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}
