import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSafetyDump } from '../../src/adapters/postgres/safety-dump.ts';
import { dateInName } from '../../src/core/database/backup-choice.ts';
import { Authority } from '../../testbed/certificates.ts';
import { waitFor } from '../../testbed/condition.ts';
import { startDatabaseProxy } from '../../testbed/postgres/proxy.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { type Postgres, startPostgres } from '../../testbed/postgres.ts';
import { CORPUS } from './load-corpus.ts';
import { never, thrownBy } from './load-scene.ts';

let server: Postgres;
let base: string;
beforeAll(async () => {
  server = await sharedPostgres();
  base = await mkdtemp(join(tmpdir(), 'safety-'));
});
afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

const emptyFolder = () => mkdtemp(join(base, 'folder-'));
const programs = () => ({ pgDump: server.tool('pg_dump'), pgRestore: server.tool('pg_restore') });
const dumping = (url: string, more: Partial<Parameters<typeof createSafetyDump>[0]> = {}) =>
  createSafetyDump({ url, temp: base, ...more }, programs());
const SMALL = 'CREATE TABLE t AS SELECT i, md5(i::text) AS m FROM generate_series(1, 1000) i';

/** A program that says another version, or is another program. */
async function script(name: string, text: string): Promise<string> {
  const path = join(await emptyFolder(), name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

const sessions = async (database: string) =>
  (await server.query('postgres', 'SELECT FROM pg_stat_activity WHERE datname = $1', [database])).length;

describe('a safety dump', () => {
  it.each(['224solutions', 'odd name=x', `it's "q" \\ ; é`, 'postgresql://x', '-Fp', '../../up', '$(touch x)'])(
    'of %j is whole, has its hash beside it, and is for nobody else',
    async (wanted) => {
      const drop = `DROP DATABASE IF EXISTS "${wanted.replaceAll('"', '""')}" WITH (FORCE)`;
      await server.query('postgres', drop);
      const name = await server.createDatabase({ name: wanted, sql: wanted === '224solutions' ? CORPUS : SMALL });
      const folder = await emptyFolder();
      const { path, bytes, sha256 } = await dumping(server.url(name)).dump(name, folder, {
        run: '12345-1',
        signal: never,
      });
      const content = await readFile(path);
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
      expect((await readdir(folder)).sort()).toEqual([basename(path), `${basename(path)}.sha256`]);
      for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
      const { stdout } = await promisify(execFile)('sha256sum', ['-c', `${basename(path)}.sha256`], { cwd: folder });
      expect(stdout).toContain('OK');
      // A later run finds out when it was made.
      expect(Math.abs((dateInName(basename(path))?.[0] ?? 0) - Date.now())).toBeLessThan(120_000);
      if (wanted === '224solutions')
        expect(basename(path)).toMatch(/^224solutions_\d{4}-\d\d-\d\d_\d{6}Z_12345-1\.dump$/);
      // It restores to the same.
      const copy = await server.createDatabase({ options: 'TEMPLATE template0' });
      const { code, stderr } = await server.run('pg_restore', ['-d', copy, '-e', path], { database: copy });
      expect([code, stderr]).toEqual([0, '']);
      const [one, other] = [await server.pgDump(name), await server.pgDump(copy)].map((text) =>
        text.replace(/^\\(un)?restrict .*$/gm, ''),
      );
      expect(other).toBe(one);
      expect(await sessions(name)).toBe(0);
      // Its name is one that others may want, too.
      await server.query('postgres', drop);
    },
  );

  it('is another file the second time', async () => {
    const name = await server.createDatabase({ sql: SMALL });
    const folder = await emptyFolder();
    const one = await dumping(server.url(name)).dump(name, folder, { run: 'r', signal: never });
    const other = await dumping(server.url(name)).dump(name, folder, { run: 'r', signal: never });
    expect(one.path).not.toBe(other.path);
    expect(await readdir(folder)).toHaveLength(4);
  });

  it('goes where the server is reached, with the TLS that was asked for', async () => {
    const authority = await Authority.create('database');
    const tls = await authority.issue({ commonName: 'postgres', hosts: ['db.example.com'] });
    await using secure = await startPostgres({ tls });
    const name = await secure.createDatabase({ sql: SMALL });
    await using proxy = await startDatabaseProxy(secure);
    const forward = async () => ({ host: 'localhost', port: proxy.port });
    const url = secure.url(name).replace(/@.*?\//, '@db.example.com:5432/');
    const folder = await emptyFolder();
    const verified = dumping(`${url}?sslmode=verify-full`, { forward, ca: authority.certificate });
    await verified.dump(name, folder, { run: 'tls', signal: never });
    expect(await readdir(folder)).toHaveLength(2);
    // An authority of the runner does not know it.
    expect(
      await thrownBy(
        dumping(`${url}?sslmode=verify-full`, { forward }).dump(name, folder, { run: 'x', signal: never }),
      ),
    ).toMatchObject({ code: 'DATABASE_CERTIFICATE' });
    expect((await readdir(base)).filter((left) => left.includes('tls'))).toEqual([]);
  });
});

describe('a safety dump that cannot be had', () => {
  let name: string;
  beforeAll(async () => {
    name = await server.createDatabase({ sql: SMALL });
  });
  const failing = async (dump: ReturnType<typeof createSafetyDump>, folder: string, database = name) => {
    const error = await thrownBy(dump.dump(database, folder, { run: 'r', signal: never }));
    const text = `${error.message} ${error.hint}`;
    for (const password of Object.values(server.connection.passwords)) expect(text).not.toContain(password);
    return error;
  };

  it('for a wrong password, or a database that is not there', async () => {
    const folder = await emptyFolder();
    const wrong = server.url(name).replace(/:[^:@]*@/, ':wrong@');
    expect(await failing(dumping(wrong), folder)).toMatchObject({ code: 'DATABASE_UNAUTHORIZED' });
    expect(await failing(dumping(server.url(name)), folder, 'not there')).toMatchObject({ code: 'DATABASE_NOT_FOUND' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('for a right that is missing', async () => {
    const folder = await emptyFolder();
    const error = await failing(dumping(server.url(name, 'app')), folder);
    expect(error).toMatchObject({ code: 'DATABASE_PERMISSION', message: expect.stringContaining('permission denied') });
    expect(error.hint).toContain('pg_read_all_data');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['is not there', async () => join(await emptyFolder(), 'missing'), 'ENOENT'],
    ['is a file', async () => script('file', ''), 'ENOTDIR'],
    // Also root cannot write there.
    ['takes no file', async () => '/proc', 'ENOENT'],
  ])('for a folder that %s', async (_name, folder, code) => {
    const error = await thrownBy(dumping(server.url(name)).check(await folder(), never));
    expect(error).toMatchObject({ code: 'BACKUP_UNREADABLE', message: expect.stringContaining(code) });
  });

  it('for a folder that is full', async () => {
    const folder = await emptyFolder();
    // What a full disk is to pg_dump: /dev/full.
    const pgDump = await script(
      'pg_dump',
      `[ "$1" = --version ] && exec ${server.tool('pg_dump')} --version
for a do case $a in --file=*) ;; *) set -- "$@" "$a";; esac; shift; done; exec ${server.tool('pg_dump')} "$@" --file=/dev/full`,
    );
    const dump = createSafetyDump({ url: server.url(name) }, { ...programs(), pgDump });
    expect(await failing(dump, folder)).toMatchObject({
      code: 'BACKUP_UNREADABLE',
      message: expect.stringContaining('no room'),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('for a pg_dump that is older than the server, or missing: both are named, and what to install', async () => {
    const folder = await emptyFolder();
    const old = await script('pg_dump', `echo 'pg_dump (PostgreSQL) 9.6.24 (Debian)'`);
    const dump = createSafetyDump({ url: server.url(name) }, { ...programs(), pgDump: old });
    const error = await failing(dump, folder);
    expect(error.code).toBe('DUMP_TOOL');
    expect(error.message).toMatch(/pg_dump 9\.6\.24 cannot dump PostgreSQL \d+/);
    expect(error.hint).toMatch(/postgresql-client-\d+/);
    const missing = createSafetyDump({ url: server.url(name) }, { pgDump: join(folder, 'none'), pgRestore: 'none' });
    expect(await failing(missing, folder)).toMatchObject({
      code: 'DUMP_TOOL',
      message: expect.stringContaining('not run on this runner'),
    });
  });

  it('for one that is cut: what was written is read whole before it has its name', async () => {
    const folder = await emptyFolder();
    const pgDump = await script(
      'pg_dump',
      `${server.tool('pg_dump')} "$@" || exit
for a do case $a in --file=*) truncate -s -20 "\${a#--file=}";; esac; done`,
    );
    const dump = createSafetyDump({ url: server.url(name) }, { ...programs(), pgDump });
    expect(await failing(dump, folder)).toMatchObject({ code: 'DUMP_CORRUPT' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('because it was cancelled, in the middle: no file, no process, no session is left', async () => {
    const busy = await server.createDatabase({ sql: SMALL });
    const folder = await emptyFolder();
    await mkdir(folder, { recursive: true });
    const locker = await server.client(busy);
    await locker.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    const abort = new AbortController();
    const failed = thrownBy(dumping(server.url(busy)).dump(busy, folder, { run: 'r', signal: abort.signal }));
    await waitFor(
      'it waits for the lock',
      async () =>
        (
          await server.query(
            'postgres',
            `SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND application_name ~ '^tiered-rollback dump'`,
            [busy],
          )
        ).length === 1,
      { timeoutMs: 20_000 },
    );
    abort.abort();
    expect((await failed).code).toBe('CANCELLED');
    expect(await readdir(folder)).toEqual([]);
    await waitFor('only the locker is left', async () => (await sessions(busy)) === 1, { timeoutMs: 5000 });
    await locker.end();
  });
});
