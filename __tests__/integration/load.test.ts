import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import type { DumpItem } from '../../src/core/database/dump.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { CORPUS } from './load-corpus.ts';
import { itemsOf, never, prepare, thrownBy } from './load-scene.ts';

let server: Postgres;
beforeAll(async () => {
  server = await sharedPostgres();
});

async function statementsOf(
  ...statements: (string | Partial<Extract<DumpItem, { kind: 'statement' }>['statement']>)[]
) {
  return statements.map(
    (one, index): DumpItem => ({
      kind: 'statement',
      statement: { line: index + 1, offset: 0, sql: '', ...(typeof one === 'string' ? { sql: one } : one) },
    }),
  );
}

async function* given(items: Promise<readonly DumpItem[]> | readonly DumpItem[]): AsyncGenerator<DumpItem> {
  yield* await items;
}

// That it is what psql makes of the same file is shown in corpus.test.ts.
describe('a loaded dump', () => {
  let source: string;
  beforeAll(async () => {
    source = await server.createDatabase({ sql: CORPUS });
  });

  it('D46: has statistics after ANALYZE', async () => {
    const { side, database } = await prepare(server);
    await database.load(side.name, itemsOf(await server.pgDump(source)), { signal: never });
    await database.analyze(side.name, never);
    const [row] = await server.query(
      side.name,
      `SELECT reltuples::int AS n FROM pg_class WHERE oid = 'app.users'::regclass`,
    );
    expect(row.n).toBe(500);
    expect(await database.integrity(side.name, never)).toEqual(['constraint later of app.empty is not valid']);
  });

  it('counts what it loads, as it loads', async () => {
    const { side, database } = await prepare(server);
    const seen: number[] = [];
    const { rows } = await database.load(side.name, itemsOf(await server.pgDump(source)), {
      signal: never,
      onProgress: (n) => seen.push(n),
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(Object.values(rows).reduce((sum, n) => sum + n, 0));
    expect(rows['"we ird; -- Name"."select ""x"" \\. $$"']).toBe(1);
  });
});

describe('loading', () => {
  it('D24: leaves out what only a newer server knows, and says so', async () => {
    const { side, database } = await prepare(server);
    const items = statementsOf(
      { sql: 'SET transaction_timeout = 0', needsMajor: 99 },
      'CREATE TABLE public.t (i integer)',
    );
    const { notices } = await database.load(side.name, given(items), { signal: never });
    expect(notices).toEqual(['left out, as this server does not know it: SET transaction_timeout = 0']);
  });

  it('names the line, the state and no value of a row', async () => {
    const { side, database } = await prepare(server);
    const items: DumpItem[] = [
      ...(await statementsOf('CREATE TABLE public.t (i integer)', {
        sql: 'COPY public.t (i) FROM stdin',
        line: 17,
        copy: { table: 'public.t' },
      })),
      { kind: 'rows', bytes: Buffer.from('1\nsecret-value\n') },
      { kind: 'rows-end', count: 2 },
    ];
    const error = await thrownBy(database.load(side.name, given(items), { signal: never }));
    expect(error.code).toBe('LOAD_FAILED');
    expect(error.message).toContain(
      'line 17 (rows of public.t): invalid input syntax for type integer (SQLSTATE 22P02)',
    );
    expect(`${error.message}${error.hint}`).not.toContain('secret-value');
    // Half a load is of no use.
    expect(await database.describe(side.name)).toBeUndefined();
  });

  it('names the line of the one INSERT of many that fails', async () => {
    const { side, database } = await prepare(server);
    const items = statementsOf(
      'CREATE TABLE public.t (i integer PRIMARY KEY)',
      ...Array.from({ length: 700 }, (_, i) => `INSERT INTO public.t VALUES (${i === 650 ? 3 : i})`),
    );
    const error = await thrownBy(database.load(side.name, given(items), { signal: never }));
    expect(error.message).toContain('line 652');
    expect(error.message).toContain('23505');
  });

  it('lets no second command ride in a statement', async () => {
    const { side, database } = await prepare(server);
    const error = await thrownBy(
      database.load(side.name, given(statementsOf('SELECT 1; SELECT 2')), { signal: never }),
    );
    expect(error.message).toContain('42601');
  });

  it('finds rows that did not arrive', async () => {
    const { side, database } = await prepare(server);
    const items: DumpItem[] = [
      ...(await statementsOf('CREATE TABLE public.t (i integer)', {
        sql: 'COPY public.t (i) FROM stdin',
        copy: { table: 'public.t' },
      })),
      { kind: 'rows', bytes: Buffer.from('1\n2\n') },
      { kind: 'rows-end', count: 3 },
    ];
    expect((await thrownBy(database.load(side.name, given(items), { signal: never }))).message).toContain(
      'the server stored 2 rows of 3',
    );
  });

  it('D25: names a role that is missing', async () => {
    const { side, database } = await prepare(server);
    const error = await thrownBy(
      database.load(
        side.name,
        given(statementsOf('CREATE TABLE t (i integer)', 'ALTER TABLE t OWNER TO nobody_here')),
        { signal: never },
      ),
    );
    expect([error.code, error.message.includes('role "nobody_here" does not exist')]).toEqual(['LOAD_FAILED', true]);
  });

  it('as a superuser can take the rights of the owner only', async () => {
    const { side } = await prepare(server);
    const database = connectDatabase({ url: server.url(side.name, 'postgres') });
    await database.load(side.name, given(statementsOf('CREATE TABLE public.t (i integer)')), {
      signal: never,
      role: 'owner',
    });
    expect(
      await server.query(side.name, `SELECT tableowner::text AS owner FROM pg_tables WHERE tablename = 't'`),
    ).toEqual([{ owner: 'owner' }]);
    const error = await thrownBy(
      database.load(side.name, given(statementsOf(`COPY public.t FROM PROGRAM 'id'`)), {
        signal: never,
        role: 'owner',
      }),
    );
    expect(error.message).toContain('42501');
  });
});
