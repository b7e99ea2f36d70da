import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGunzip, createZstdDecompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBackupReader } from '../../src/adapters/backup/index.ts';
import type { Database } from '../../src/adapters/postgres/index.ts';
import { tableName } from '../../src/core/database/table-name.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { MORE } from './corpus-more.ts';
import { randomSql } from './corpus-random.ts';
import { CORPUS } from './load-corpus.ts';
import { never, prepare } from './load-scene.ts';

const KEY = '--restrict-key=test';
const SOURCES: Readonly<Record<string, string>> = { objects: CORPUS, more: MORE };

interface Case {
  readonly source: string;
  readonly args?: readonly string[];
  /** Done to the file afterwards. */
  readonly compress?: 'gzip' | 'zstd' | 'two gzip members';
  /** Written through a pipe: pg_dump then cannot note where in the file a table's rows lie. */
  readonly piped?: true;
  readonly jobs?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  plain: { source: 'objects' },
  'with INSERTs': { source: 'objects', args: ['--inserts'] },
  'with INSERTs that name columns': { source: 'objects', args: ['--column-inserts'] },
  'with 7 rows per INSERT': { source: 'objects', args: ['--rows-per-insert=7'] },
  'with INSERTs of many rows, columns and conflicts': {
    source: 'objects',
    args: ['--column-inserts', '--rows-per-insert=1000', '--on-conflict-do-nothing'],
  },
  'that cleans first': { source: 'objects', args: ['-c'] },
  'that cleans first, if exists': { source: 'objects', args: ['-c', '--if-exists'] },
  'that cleans first, with INSERTs': { source: 'objects', args: ['-c', '--if-exists', '--inserts'] },
  'without owners': { source: 'objects', args: ['--no-owner'] },
  'without rights': { source: 'objects', args: ['-x'] },
  'without owners, rights, comments, publications': {
    source: 'objects',
    args: ['-O', '-x', '--no-comments', '--no-publications', '--no-security-labels', '--no-tablespaces'],
  },
  'that quotes every name': { source: 'objects', args: ['--quote-all-identifiers'] },
  'without dollar quotes': { source: 'objects', args: ['--disable-dollar-quoting'] },
  'that says more': { source: 'objects', args: ['-v'] },
  'with rows by the root of their partitions': { source: 'objects', args: ['--load-via-partition-root'] },
  'of one schema': { source: 'objects', args: ['-n', 'app'] },
  'without the rows of a table': { source: 'objects', args: ['--exclude-table-data=app.serial'] },
  'compressed by gzip': { source: 'objects', compress: 'gzip' },
  'compressed by gzip in two members': { source: 'objects', compress: 'two gzip members' },
  'compressed by zstd': { source: 'objects', args: ['--inserts'], compress: 'zstd' },
  'compressed by pg_dump': { source: 'objects', args: ['-Z', '9'] },
  'custom archive': { source: 'objects', args: ['-Fc'] },
  'custom archive, not compressed, one session': { source: 'objects', args: ['-Fc', '-Z0'], jobs: 1 },
  'custom archive through a pipe': { source: 'objects', args: ['-Fc'], piped: true },
  'custom archive with INSERTs': { source: 'objects', args: ['-Fc', '--inserts'] },
  'directory archive': { source: 'objects', args: ['-Fd', '-j2'], jobs: 4 },
  'tar archive': { source: 'objects', args: ['-Ft'] },
  'more kinds: plain': { source: 'more' },
  'more kinds: INSERTs': { source: 'more', args: ['--inserts'] },
  'more kinds: cleaning, every name quoted': { source: 'more', args: ['-c', '--if-exists', '--quote-all-identifiers'] },
  // In more sessions than one pg_restore disables a trigger of a partition before it makes it.
  'more kinds: custom archive': { source: 'more', args: ['-Fc'], jobs: 1 },
  'more kinds: directory archive': { source: 'more', args: ['-Fd'], jobs: 1 },
  'at random: 1': { source: 'random 1' },
  'at random: 2': { source: 'random 2', args: ['--inserts'] },
  'at random: 3': { source: 'random 3', args: ['-c', '--if-exists'], compress: 'zstd' },
  'at random: 4': { source: 'random 4', args: ['-Fc'] },
  'at random: 5': { source: 'random 5', args: ['--quote-all-identifiers', '--rows-per-insert=3'] },
  'at random: 6': { source: 'random 6', args: ['-Ft'] },
  'at random: 7': { source: 'random 7', args: ['-O', '-x'], compress: 'gzip' },
};

let server: Postgres;
let folder: string;
const sources = new Map<string, Promise<string>>();
beforeAll(async () => {
  server = await sharedPostgres();
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Made once, and only read afterwards. */
function sourceOf(name: string): Promise<string> {
  const sql = SOURCES[name] ?? randomSql(Number(name.slice('random '.length)));
  const made = sources.get(name) ?? server.createDatabase({ sql });
  sources.set(name, made);
  return made;
}

async function dumped({ source, args = [], compress, piped }: Case, path: string): Promise<void> {
  const database = await sourceOf(source);
  const key = args.some((arg) => /^-F[dtc]/.test(arg)) ? [] : [KEY];
  if (piped) return throughPipe(database, args, path);
  const { code, stderr } = await server.run('pg_dump', ['-f', path, ...key, ...args], { database, role: 'owner' });
  expect([code, stderr.replace(/^pg_dump: (?!error).*\n/gm, '')]).toEqual([0, '']);
  if (!compress) return;
  const text = await readFile(path);
  const half = text.length >> 1;
  const bytes = {
    gzip: () => gzipSync(text),
    zstd: () => zstdCompressSync(text),
    'two gzip members': () => Buffer.concat([gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]),
  }[compress]();
  await writeFile(path, bytes);
}

async function throughPipe(database: string, args: readonly string[], path: string): Promise<void> {
  const env = { PATH: process.env['PATH'], PGDATABASE: server.url(database) };
  await promisify(execFile)('sh', ['-c', '"$0" -d "$PGDATABASE" "$@" | cat', server.tool('pg_dump'), ...args], {
    env,
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  }).then(({ stdout }) => writeFile(path, stdout));
}

/** By the programs of PostgreSQL themselves. */
async function restoredByThem(path: string, { args = [], compress }: Case): Promise<string> {
  const database = await server.createDatabase({ options: 'TEMPLATE template0' });
  if (args.some((arg) => /^-F/.test(arg))) {
    const { code, stderr } = await server.run('pg_restore', ['-e', '-d', database, path], { role: 'owner' });
    expect([code, stderr]).toEqual([0, '']);
    return database;
  }
  // psql goes on after errors, as it does without ON_ERROR_STOP: `-c` drops what an empty database does not have.
  const cleans = args.includes('-c');
  const text = await textOf(path, compress ?? (args.includes('-Z') ? 'gzip' : undefined));
  const { code, stderr } = await server.psql(database, text, { args: ['-v', `ON_ERROR_STOP=${cleans ? 0 : 1}`] });
  expect([code, cleans ? '' : stderr]).toEqual([0, '']);
  return database;
}

async function textOf(path: string, compress: Case['compress']): Promise<string> {
  const raw = createReadStream(path);
  const stream = compress === undefined ? raw : raw.pipe(compress === 'zstd' ? createZstdDecompress() : createGunzip());
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** The whole way of a restore: found, proven, loaded into a side database. */
async function restoredByUs(path: string, { jobs }: Case): Promise<{ side: string; database: Database }> {
  const { side, database } = await prepare(server);
  const pgRestore = { program: server.tool('pg_restore'), allowVulnerable: true };
  const reader = createBackupReader({ path, workspace: folder, temp: folder, signal: never, pgRestore });
  try {
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    const manifest = await reader.prove(backup, { signal: never, allowUnsafe: false });
    let loaded: Readonly<Record<string, number>> = {};
    if (backup.format === 'plain') {
      const items = reader.items(backup, manifest, never);
      loaded = (await database.load(side.name, items, { signal: never })).rows;
    } else {
      const archive = await reader.archive(backup, manifest, never);
      const options = { signal: never, ...(jobs === undefined ? {} : { jobs }) };
      expect(await database.loadArchive(side.name, archive, options)).toEqual({ notices: [] });
    }
    // The dump's own count, by what the server counts.
    const counted = byTable(await database.rowCounts(side.name, never));
    const told = { ...byTable(manifest.rows), ...byTable(loaded) };
    if (Object.keys(told).every((table) => table in counted)) expect({ ...counted, ...told }).toEqual(counted);
  } finally {
    await reader.close();
  }
  return { side: side.name, database };
}

const byTable = (rows: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(rows).map(([table, count]) => [tableName(table), count]));

describe('what we restore of a dump is what psql and pg_restore make of it', () => {
  it('in at least 30 cases', () => expect(Object.keys(CASES).length).toBeGreaterThanOrEqual(30));

  it.each(Object.entries(CASES))('%s', async (name, one) => {
    const path = join(folder, name.replace(/\W+/g, '-'));
    await dumped(one, path);
    const [theirs, { side }] = await Promise.all([restoredByThem(path, one), restoredByUs(path, one)]);
    const [expected, restored] = await Promise.all([theirs, side].map((of) => server.pgDump(of, { args: [KEY] })));
    expect(restored).toBe(expected);
    if (name === 'plain') expect(restored).toBe(await readFile(path, 'utf8'));
  });
});
