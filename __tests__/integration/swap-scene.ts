import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/adapters/postgres/index.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { describe } from './load-scene.ts';

export { Writers } from '../../testbed/application/writers.ts';

/** Two databases that differ in one row, ready to change places. */
export interface SwapScene {
  readonly database: Database;
  readonly names: {
    readonly live: string;
    readonly liveOid: number;
    readonly side: string;
    readonly sideOid: number;
    readonly kept: string;
  };
}

/** Names as hard as they come: digits first, capitals, a quote and a space. */
export async function prepareSwap(
  server: Postgres,
  database: (live: string) => Database,
  base = `224 "Sol'${randomBytes(3).toString('hex')}`,
): Promise<SwapScene> {
  const live = await server.createDatabase({
    name: base,
    sql: `CREATE TABLE which (name text); INSERT INTO which VALUES ('old'); CREATE TABLE writes (id text)`,
  });
  const side = await server.createDatabase({
    name: `${base}_rb`,
    sql: `CREATE TABLE which (name text); INSERT INTO which VALUES ('restored'); CREATE TABLE writes (id text)`,
  });
  await server.query(
    'postgres',
    `COMMENT ON DATABASE "${live.replaceAll('"', '""')}" IS 'about live'; COMMENT ON DATABASE "${side.replaceAll('"', '""')}" IS 'marker'`,
  );
  const connected = database(live);
  const [{ oid: liveOid }, { oid: sideOid }] = await Promise.all([
    describe(connected, live),
    describe(connected, side),
  ]);
  return { database: connected, names: { live, liveOid, side, sideOid, kept: `${base}_kept` } };
}

/** The two legal states, and nothing else. */
export async function stateOf(server: Postgres, { names }: SwapScene): Promise<'unchanged' | 'swapped' | 'neither'> {
  const rows = await server.query<{ name: string; oid: number }>(
    'postgres',
    'SELECT datname::text AS name, oid::int AS oid FROM pg_database WHERE oid = ANY($1::oid[])',
    [[names.liveOid, names.sideOid]],
  );
  const nameOf = (oid: number) => rows.find((row) => row.oid === oid)?.name;
  if (nameOf(names.liveOid) === names.live && nameOf(names.sideOid) === names.side) return 'unchanged';
  if (nameOf(names.sideOid) === names.live && nameOf(names.liveOid) === names.kept) return 'swapped';
  return 'neither';
}

/** Which of the two a client meets under the live name. */
export async function whichIs(server: Postgres, name: string): Promise<string> {
  return (await server.query(name, 'SELECT name FROM which'))[0].name;
}

export const writesIn = async (server: Postgres, database: string) =>
  (await server.query(database, 'SELECT id FROM writes')).map(({ id }: { id: string }) => id);
