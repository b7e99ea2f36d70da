import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectDatabase } from '../src/adapters/postgres/index.ts';
import { startPostgres } from '../testbed/postgres.ts';
import { ratios, show, spread } from './statistics.ts';

/**
 * Restoring a plain dump, proof and counts included, against `psql -f` of the same file, in turn; then the swap under four clients that reconnect:
 * the longest time in which none of them got an answer. `npm run bench:restore [-- ROWS ROUNDS SWAPS]`. Printed only: the numbers are those of the machine.
 */
const [rows = 400_000, rounds = 3, swaps = 20] = process.argv.slice(2).map(Number);
/** What `restore-once.js` prints. */
interface Once {
  readonly seconds: number;
  readonly megabytes: number;
}

const signal = new AbortController().signal;
await using server = await startPostgres({ settings: { fsync: 'on', shared_buffers: '512MB' } });
const folder = await mkdtemp(join(tmpdir(), 'bench-restore-'));
const root = join(import.meta.dirname, '..');
// Below the root, so that packages are found.
await mkdir(join(root, 'build'), { recursive: true });
const built = await mkdtemp(join(root, 'build', 'bench-'));
try {
  const project = ['-p', join(root, 'tsconfig.build.json')];
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), [...project, '--outDir', built]);
  const live = await server.createDatabase({ name: 'live', sql: schema(rows) });
  const dump = join(folder, 'live.sql');
  const { bin, passwords } = server.connection;
  const env = { PATH: process.env['PATH'] ?? '', PGPASSWORD: passwords.owner };
  const run = (program: string, args: readonly string[]) =>
    promisify(execFile)(join(bin, program), ['-h', server.host, '-p', String(server.port), '-U', 'owner', ...args], {
      env,
      maxBuffer: 64e6,
    });
  await run('pg_dump', ['-d', live, '-f', dump]);
  console.log(`dump of ${((await stat(dump)).size / 1e6).toFixed(0)} MB, ${rows} rows, ${rounds} rounds in turn`);

  const seconds: { psql: number[]; ours: number[] } = { psql: [], ours: [] };
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    const target = await server.createDatabase({ name: `psql_${round}` });
    seconds.psql.push(await timed(() => run('psql', ['-X', '-q', '-d', target, '-f', dump])));
    const once = await restoreOnce(live, dump, `side_${round}`);
    seconds.ours.push(once.seconds);
    memory = Math.max(memory, once.megabytes);
    await server.query('postgres', `DROP DATABASE "${target}" WITH (FORCE)`);
    await server.query('postgres', `DROP DATABASE "side_${round}" WITH (FORCE)`);
  }
  console.log(`psql -f            ${show(spread(seconds.psql), 2, ' s')}`);
  console.log(`ours, with proof   ${show(spread(seconds.ours), 2, ' s')}, its process at most ${memory.toFixed(0)} MB`);
  console.log(`psql / ours        ${show(ratios(seconds.psql, seconds.ours), 2, ' x')}`);
  console.log(
    `longest time without an answer, ${swaps} swaps: ${show(spread(await gaps(live, dump, swaps)), 0, ' ms')}`,
  );
} finally {
  for (const made of [folder, built]) await rm(made, { recursive: true, force: true });
}

/** In a process of its own that runs JavaScript, as the action does: a compiler in it would count as its memory. */
async function restoreOnce(live: string, dump: string, side: string): Promise<Once> {
  const script = join(import.meta.dirname, 'restore-once.js');
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    built,
    server.url(live),
    live,
    dump,
    side,
    folder,
  ]);
  return JSON.parse(stdout) as Once;
}

/** ms of each swap in which no client of four got an answer. */
async function gaps(live: string, dump: string, times: number): Promise<number[]> {
  await restoreOnce(live, dump, 'side');
  const database = connectDatabase({ url: server.url(live) });
  let answered = performance.now();
  let longest = 0;
  let isOver = false;
  const clients = Array.from({ length: 4 }, async () => {
    for (let client: Awaited<ReturnType<typeof server.client>> | undefined; ; ) {
      if (isOver) return client?.end();
      try {
        client ??= await server.client(live, 'owner');
        await client.query('SELECT count(*) FROM orders WHERE id < 100');
        longest = Math.max(longest, performance.now() - answered);
        answered = performance.now();
      } catch {
        await client?.end().catch(() => {});
        client = undefined;
      }
    }
  });
  const found: number[] = [];
  for (let time = 0; time < times; time++) {
    const [now, other] = await Promise.all([database.describe(live), database.describe('side')]);
    if (!now || !other) throw new Error('a database is missing');
    longest = 0;
    const names = { live, liveOid: now.oid, side: 'side', sideOid: other.oid, kept: 'swapped_out' };
    const { swapped, reason } = await database.swap(names, { signal, withinMs: 20_000 });
    if (!swapped) throw new Error(reason);
    await server.query('postgres', 'ALTER DATABASE swapped_out RENAME TO side');
    const seen = answered;
    while (answered === seen) await new Promise((resolve) => setImmediate(resolve));
    found.push(longest);
  }
  isOver = true;
  await Promise.all(clients);
  return found;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

function schema(count: number): string {
  return `
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE);
INSERT INTO customers SELECT i, 'customer ' || i, 'c' || i || '@example.com' FROM generate_series(1, ${Math.ceil(count / 10)}) i;
CREATE TABLE orders (id bigint PRIMARY KEY, customer integer REFERENCES customers, total numeric(12,2), at timestamptz, note text, body jsonb);
INSERT INTO orders SELECT i, 1 + i % ${Math.ceil(count / 10)}, i * 1.25, '2026-01-01'::timestamptz + i * interval '1 minute', md5(i::text) || md5((i + 1)::text), jsonb_build_object('k', i, 't', md5(i::text)) FROM generate_series(1, ${count}) i;
CREATE INDEX ON orders (customer); CREATE INDEX ON orders (at); CREATE INDEX ON orders USING gin (body);`;
}
