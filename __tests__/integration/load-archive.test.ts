import { appendFile, chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createBackupReader } from '../../src/adapters/backup/index.ts';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import type { DumpManifest } from '../../src/core/database/dump.ts';
import type { ArchiveFile, BackupReader } from '../../src/ports/backup.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { never, prepare, type Scene, thrownBy } from './load-scene.ts';

/** A database whose rows and index do in a copy what they do not do in itself. */
function trapped(then: string, use: string): Promise<string> {
  const name = `trapped_${process.pid}_${++counter}`;
  const check = `CREATE FUNCTION public.check_it(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF current_database() <> '${name}' THEN ${then} END IF; RETURN true; END $$;`;
  return server.createDatabase({ name, sql: `${SMALL} ${check} ${use}` });
}
const SMALL =
  'CREATE TABLE public.t (i integer PRIMARY KEY, s text); INSERT INTO public.t SELECT i, $$secret-value $$ || i FROM generate_series(1, 500) i;';

let server: Postgres;
let folder: string;
const readers: BackupReader[] = [];
beforeAll(async () => {
  server = await sharedPostgres();
  folder = await mkdtemp(join(tmpdir(), 'load-archive-'));
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

let counter = 0;
async function dumped(database: string, format = 'c'): Promise<string> {
  const path = join(folder, `archive-${++counter}`);
  const { code, stderr } = await server.run('pg_dump', [`-F${format}`, '-f', path], { database });
  expect([code, stderr]).toEqual([0, '']);
  return path;
}

async function proven(path: string, program = server.tool('pg_restore')) {
  const reader = createBackupReader({
    path,
    workspace: folder,
    temp: folder,
    signal: never,
    pgRestore: { program, allowVulnerable: true },
  });
  readers.push(reader);
  const [backup] = await reader.find();
  if (!backup) throw new Error('nothing found');
  const manifest: DumpManifest = await reader.prove(backup, { signal: never, allowUnsafe: true });
  return { reader, backup, manifest, archive: await reader.archive(backup, manifest, never) };
}

const sessions = async (database: string) =>
  (await server.query('postgres', 'SELECT FROM pg_stat_activity WHERE datname = $1', [database])).length;

/** Half a load is not there to be taken for a whole one, and nothing goes on. */
async function expectGone({ side, database, live }: Scene): Promise<void> {
  expect(await database.describe(side.name)).toBeUndefined();
  expect(await sessions(side.name)).toBe(0);
  expect((await database.describe(live.name))?.oid).toBe(live.oid);
}

async function failing(scene: Scene, archive: ArchiveFile, signal = never) {
  const error = await thrownBy(scene.database.loadArchive(scene.side.name, archive, { signal }));
  expect(`${error.message} ${error.hint}`).not.toContain('secret');
  for (const password of Object.values(server.connection.passwords)) expect(`${error.message}`).not.toContain(password);
  await expectGone(scene);
  return error;
}

describe('an archive', () => {
  it.each(['c', 'd', 't'])(
    'of format %s is the content that was proven, whatever has its name by now',
    async (format) => {
      const path = await dumped(await server.createDatabase({ sql: SMALL }), format);
      const { archive } = await proven(path);
      if (format !== 'd')
        await rename(await dumped(await server.createDatabase({ sql: 'CREATE TABLE other ()' }), format), path);
      const { side, database } = await prepare(server, { name: `odd '"\\ = name ${format}` });
      expect(await database.loadArchive(side.name, archive, { signal: never })).toEqual({ notices: [] });
      expect(await database.rowCounts(side.name, never)).toEqual({ 'public.t': 500 });
      await waitFor('nothing of ours is left', async () => (await sessions(side.name)) === 0, { timeoutMs: 5000 });
    },
  );

  it('D15: that is written to while it is loaded is not taken', async () => {
    const path = await dumped(await server.createDatabase({ sql: SMALL }));
    const { archive } = await proven(path);
    await appendFile(path, 'x');
    expect((await failing(await prepare(server), archive)).code).toBe('BACKUP_CHANGED');

    const directory = await dumped(await server.createDatabase({ sql: SMALL }), 'd');
    const one = await proven(directory);
    await appendFile(join(directory, 'toc.dat'), 'x');
    expect((await failing(await prepare(server), one.archive)).code).toBe('BACKUP_CHANGED');
    expect((await thrownBy(one.reader.archive(one.backup, one.manifest, never))).code).toBe('BACKUP_CHANGED');
  });

  it('D17: is not given to a pg_restore that crafted archives can make run code', async () => {
    const path = await dumped(await server.createDatabase({ sql: SMALL }));
    const { backup, manifest } = await proven(path);
    const program = join(folder, 'old-pg_restore');
    await writeFile(program, `#!/bin/sh\necho 'pg_restore (PostgreSQL) 15.19'\n`);
    await chmod(program, 0o755);
    const reader = createBackupReader({ path, workspace: folder, temp: folder, signal: never, pgRestore: { program } });
    readers.push(reader);
    const [found] = await reader.find();
    expect((await thrownBy(reader.archive(found ?? backup, manifest, never))).code).toBe('DUMP_TOOL');
  });

  it('D24: is left to the one-session load where this pg_restore says what the server does not know', async () => {
    const { archive } = await proven(await dumped(await server.createDatabase({ sql: SMALL })));
    const { side, database } = await prepare(server);
    const { versionNumber } = await database.server();
    const newer = database.loadArchive(side.name, { ...archive, major: 17 }, { signal: never });
    if (versionNumber < 170_000) expect(await newer).toBeUndefined();
    else expect(await newer).toEqual({ notices: [] });
  });

  it('that pg_restore cannot load in two sessions is loaded in one, from the same bytes', async () => {
    const source = await server.createDatabase({
      sql: `CREATE TABLE p (i int) PARTITION BY RANGE (i); CREATE TABLE p1 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER late AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE p1 DISABLE TRIGGER late`,
    });
    const { archive, reader, backup, manifest } = await proven(await dumped(source));
    const { side, live, database } = await prepare(server);
    try {
      await database.loadArchive(side.name, archive, { signal: never });
    } catch (error) {
      // It disables the trigger of the partition before it makes that of the whole (seen with 15.18).
      expect(error).toMatchObject({
        code: 'LOAD_FAILED',
        message: expect.stringContaining('ALTER TABLE public.p1 DISABLE'),
      });
      const again = await database.createSide(side.name, live, side.comment as string);
      await database.load(again.name, reader.items(backup, manifest, never), { signal: never });
    }
    expect(
      await server.query(side.name, `SELECT tgenabled::text AS enabled FROM pg_trigger WHERE tgrelid = 'p1'::regclass`),
    ).toEqual([{ enabled: 'D' }]);
  });

  it('as a superuser takes the rights of the owner only', async () => {
    const path = await dumped(await server.createDatabase({ sql: SMALL }));
    const { archive } = await proven(path);
    const { side } = await prepare(server);
    const database = connectDatabase({ url: server.url(side.name, 'postgres') });
    await database.loadArchive(side.name, archive, { signal: never, role: 'owner' });
    expect(
      await server.query(side.name, `SELECT tableowner::text AS owner FROM pg_tables WHERE tablename = 't'`),
    ).toEqual([{ owner: 'owner' }]);
  });
});

describe('an archive that cannot be loaded', () => {
  it('D25: for a role that is missing names it', async () => {
    await server.query('postgres', 'DROP ROLE IF EXISTS gone_soon; CREATE ROLE gone_soon');
    const source = await server.createDatabase({ sql: SMALL });
    await server.query(source, 'GRANT SELECT ON public.t TO gone_soon');
    const { archive } = await proven(await dumped(source));
    await server.query(source, 'DROP OWNED BY gone_soon');
    await server.query('postgres', 'DROP ROLE gone_soon');
    const error = await failing(await prepare(server), archive);
    expect(error).toMatchObject({
      code: 'LOAD_FAILED',
      message: expect.stringContaining('role "gone_soon" does not exist'),
    });
    expect(error.message).toContain('GRANT SELECT ON TABLE public.t TO gone_soon');
  });

  it('names the table, and no value of a row', async () => {
    const source = await trapped(`RAISE EXCEPTION 'no, %', t;`, 'ALTER TABLE public.t ADD CHECK (public.check_it(s))');
    const { archive } = await proven(await dumped(source));
    const error = await failing(await prepare(server), archive);
    expect(error).toMatchObject({ code: 'LOAD_FAILED', message: expect.stringContaining('rows of "t"') });
    expect(error.message).toContain('the server refused it');
  });

  it('for rights that are missing names the user', async () => {
    const source = await server.createDatabase({ sql: SMALL });
    await server.query(source, 'CREATE TABLE public.of_postgres ()');
    const error = await failing(await prepare(server), (await proven(await dumped(source))).archive);
    expect(error).toMatchObject({ code: 'LOAD_FAILED', message: expect.stringMatching(/must be .* "postgres"/) });
    expect(error.hint).toContain('"owner"');
  });

  it('because it was cancelled, or its sessions were ended, leaves no process, no session and no half', async () => {
    const source = await trapped('PERFORM pg_sleep(60);', 'CREATE INDEX slow ON public.t (public.check_it(s))');
    const { archive } = await proven(await dumped(source));
    const working = (side: string) =>
      waitFor(
        'it is at work',
        async () =>
          (
            await server.query(
              'postgres',
              `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name ~ '^tiered-rollback restore' AND state = 'active' AND query ~ 'INDEX'`,
              [side],
            )
          )[0]?.pid as number | undefined,
        { timeoutMs: 30_000, everyMs: 20 },
      );
    const scene = await prepare(server);
    const abort = new AbortController();
    const failed = failing(scene, archive, abort.signal);
    await working(scene.side.name);
    const at = performance.now();
    abort.abort();
    expect((await failed).code).toBe('CANCELLED');
    // A cancelled job has 7.5 s in all.
    expect(performance.now() - at).toBeLessThan(7500);

    const second = await prepare(server);
    const cut = failing(second, archive);
    await server.query('postgres', 'SELECT pg_terminate_backend($1)', [await working(second.side.name)]);
    expect((await cut).code).toBe('DATABASE_UNREACHABLE');
  });

  it('D7: stops before the WAL of the server is more than it may be', async () => {
    const source = await trapped('PERFORM pg_sleep(60);', 'CREATE INDEX slow ON public.t (public.check_it(s))');
    const { archive } = await proven(await dumped(source));
    const scene = await prepare(server);
    const database = connectDatabase({ url: server.url(scene.live.name, 'postgres') });
    expect(
      await thrownBy(database.loadArchive(scene.side.name, archive, { signal: never, walLimitBytes: 1 })),
    ).toMatchObject({ code: 'DATABASE_FULL' });
    expect(await sessions(scene.side.name)).toBe(0);
  });

  it('is not begun when it was cancelled before', async () => {
    const { archive } = await proven(await dumped(await server.createDatabase({ sql: SMALL })));
    expect((await failing(await prepare(server), archive, AbortSignal.abort())).code).toBe('CANCELLED');
  });
});
