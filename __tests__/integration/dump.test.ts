import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BackupReaderOptions, createBackupReader } from '../../src/adapters/backup/index.ts';
import type { DumpManifest } from '../../src/core/database/dump.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';

const signal = new AbortController().signal;
const SCHEMA = `
  CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, total numeric);
  INSERT INTO orders (note, total) SELECT E'\\\\.\\n' || repeat('x', n % 50), n FROM generate_series(1, 5000) AS n;
  CREATE TABLE "Lines; odd" (id integer REFERENCES orders (id), data bytea);
  INSERT INTO "Lines; odd" SELECT n, decode(md5(n::text), 'hex') FROM generate_series(1, 300) AS n;
  CREATE TABLE log (at date) PARTITION BY RANGE (at);
  CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO log SELECT '2026-01-01'::date + n FROM generate_series(0, 99) AS n;
  CREATE UNLOGGED TABLE nothing ();
  CREATE FUNCTION f(n integer) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN 'a;' END; END;
  CREATE VIEW v AS SELECT count(*) AS n FROM orders;
  SELECT lo_from_bytea(0, '\\x5c2e');
`;
const ROWS = { 'public.orders': 5000, 'public."Lines; odd"': 300, 'public.log_2026': 100, 'public.nothing': 0 };

let server: Postgres;
let folder: string;
let database: string;
beforeAll(async () => {
  server = await sharedPostgres();
  database = await server.createDatabase({ sql: SCHEMA });
  folder = await mkdtemp(join(tmpdir(), 'dumps-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function dumped(name: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await server.run('pg_dump', ['-f', join(folder, name), ...args], { database });
  expect([code, stderr.replace(/^pg_dump: (?!error).*\n/gm, '')]).toEqual([0, '']);
  return join(folder, name);
}

async function proving(path: string, options: Partial<BackupReaderOptions> = {}): Promise<DumpManifest> {
  const reader = createBackupReader({
    path,
    workspace: folder,
    temp: folder,
    signal,
    pgRestore: { program: server.tool('pg_restore'), allowVulnerable: true },
    ...options,
  });
  try {
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
    // What is loaded is what was proven.
    let statements = 0;
    for await (const item of reader.items(backup, manifest, signal)) if (item.kind === 'statement') statements++;
    expect(statements).toBe(manifest.statements);
    return manifest;
  } finally {
    await reader.close();
  }
}

describe('what the real pg_dump writes is proven', () => {
  it.each([
    ['plain', []],
    ['inserts', ['--inserts']],
    ['rows-per-insert', ['--rows-per-insert=100', '--column-inserts', '--on-conflict-do-nothing']],
    ['clean', ['-c', '--if-exists']],
    ['no-owner', ['-O', '-x', '--no-comments', '--no-security-labels', '--no-tablespaces']],
    ['verbose', ['-v']],
    ['quoted', ['--quote-all-identifiers', '--disable-dollar-quoting', '--disable-triggers']],
    ['load-via-partition-root', ['--load-via-partition-root']],
    ['gzip', ['-Z', '6']],
    ['custom', ['-Fc']],
    ['tar', ['-Ft']],
    ['directory', ['-Fd', '-j', '2']],
  ])('%s', async (name, args) => {
    const manifest = await proving(await dumped(name, ...args));
    expect(manifest).toMatchObject({
      format: ['custom', 'tar', 'directory'].includes(name) ? name : 'plain',
      unsafe: [],
      tablesWithoutData: [],
      serverMajor: expect.any(Number),
      encoding: 'UTF8',
    });
    const rows = Object.entries(manifest.rows);
    const total = rows.reduce((sum, [, count]) => sum + count, 0);
    expect(total).toBe(5400);
    if (name !== 'quoted' && name !== 'load-via-partition-root') expect(manifest.rows).toEqual(ROWS);
  });
});

describe('D16: archives that are damaged', () => {
  const refusedOrWhole = async (path: string) => {
    try {
      return (await proving(path)).rows;
    } catch (error) {
      return (error as { code?: string }).code ?? error;
    }
  };

  it.each(['custom', 'tar'])('cut: %s', async (name) => {
    const whole = await readFile(await dumped(`${name}-whole`, `-F${name[0]}`));
    const path = join(folder, `${name}-cut`);
    let refused = 0;
    for (let length = 6; length < whole.length; length += Math.ceil(whole.length / 60)) {
      await writeFile(path, whole.subarray(0, length));
      const outcome = await refusedOrWhole(path);
      if (typeof outcome === 'string') {
        refused++;
        expect([length, outcome]).toEqual([length, expect.stringMatching(/^DUMP_/)]);
      } else expect([length, outcome]).toEqual([length, ROWS]);
    }
    expect(refused).toBeGreaterThan(40);
  });

  it('a directory that lacks a file, or has one that is cut, or a link', async () => {
    const whole = await dumped('whole', '-Fd');
    for (const name of await readdir(whole)) {
      const path = join(folder, `lacks-${name}`);
      await cp(whole, path, { recursive: true });
      await rm(join(path, name));
      expect([name, await refusedOrWhole(path)]).toEqual([
        name,
        expect.stringMatching(name === 'toc.dat' ? /^BACKUP_NOT_FOUND$/ : /^DUMP_CORRUPT$/),
      ]);
      const bytes = await readFile(join(whole, name));
      await writeFile(join(path, name), bytes.subarray(0, bytes.length - 3));
      expect([name, await refusedOrWhole(path)]).toEqual([name, expect.stringMatching(/^DUMP_/)]);
    }
    const path = join(folder, 'nested');
    await cp(whole, path, { recursive: true });
    await mkdir(join(path, 'folder'));
    expect(await refusedOrWhole(path)).toBe('BACKUP_UNSAFE');
  });

  it('a hostile text in an archive goes through the same proof', async () => {
    const path = await dumped('only-schema', '-Fc', '-s');
    expect(await refusedOrWhole(path)).toBe('DUMP_EMPTY');
    const create = await dumped('with-create', '-C');
    expect(await refusedOrWhole(create)).toBe('DUMP_FOREIGN');
  });
});

describe('D17: a pg_restore that crafted archives can make run code', () => {
  const fake = async (version: string) => {
    const program = join(folder, `pg_restore-${version}`);
    await writeFile(
      program,
      `#!/bin/sh\n[ "$1" = --version ] && echo 'pg_restore (PostgreSQL) ${version} (Debian)' && exit\nexit 1\n`,
    );
    await chmod(program, 0o755);
    return program;
  };
  it.each([
    ['13.99', 'DUMP_TOOL'],
    ['14.24', 'DUMP_TOOL'],
    ['14.25', 'DUMP_CORRUPT'],
    ['15.19', 'DUMP_TOOL'],
    ['15.20', 'DUMP_CORRUPT'],
    ['16.15', 'DUMP_TOOL'],
    ['17.12', 'DUMP_CORRUPT'],
    ['18.6', 'DUMP_TOOL'],
    ['18.10', 'DUMP_CORRUPT'],
    ['19.0', 'DUMP_CORRUPT'],
  ])('%s: %s', async (version, code) => {
    const path = await dumped('for-tool', '-Fc');
    const program = await fake(version);
    await expect(proving(path, { pgRestore: { program } })).rejects.toMatchObject({ code });
  });

  it('is not asked for where the dump is plain, and named where it is missing', async () => {
    const program = join(folder, 'no-such-program');
    await expect(proving(await dumped('for-tool', '-Fc'), { pgRestore: { program } })).rejects.toMatchObject({
      code: 'DUMP_TOOL',
      message: expect.stringContaining('not run on this runner'),
    });
    expect((await proving(await dumped('plain-again'), { pgRestore: { program } })).rows).toEqual(ROWS);
  });
});
