import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import type { DumpManifest } from '../../src/core/database/dump.ts';
import { refuseMisfit } from '../../src/steps/database/fits-server.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';
import { describe as describeDatabase } from './load-scene.ts';

let server: Postgres;
let live: string;
beforeAll(async () => {
  server = await sharedPostgres();
  live = await server.createDatabase({ sql: 'CREATE TABLE users (); CREATE TABLE orders ()' });
});

const MANIFEST: DumpManifest = {
  format: 'plain',
  sha256: '0'.repeat(64),
  bytes: 1,
  textBytes: 1,
  rows: { 'public.users': 1, 'public.orders': 1 },
  tablesWithoutData: [],
  roles: ['owner'],
  extensions: ['plpgsql'],
  schemas: [],
  unsafe: [],
  cleans: false,
  statements: 1,
  largestStatement: 1,
};

async function faultsOf(part: Partial<DumpManifest>) {
  const database = connectDatabase({ url: server.url(live) });
  const parts = {
    database,
    server: await database.server(),
    live: await describeDatabase(database, live),
    liveTables: ['public.users', 'public.orders'],
  };
  return (await refuseMisfit('a.sql', { ...MANIFEST, ...part }, parts)).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

describe('what a dump needs of the server', () => {
  it('is there, also for a dump of an older major', async () => {
    expect(await faultsOf({ serverMajor: 9 })).toEqual([]);
  });

  it.each([
    [
      'D23: a dump of a newer major',
      { serverMajor: 99 },
      /^DUMP_FOREIGN: a\.sql was made of PostgreSQL 99; the server is \d+/,
    ],
    ['D25: roles', { roles: ['owner', 'gone'] }, /^DATABASE_ERROR: a\.sql needs role .*: gone$/],
    [
      'D26: an extension',
      { extensions: ['plpgsql', 'not_there'] },
      /^DATABASE_ERROR: a\.sql needs extension .*: not_there$/,
    ],
    ["D29: another application's dump", { rows: { 'public.x': 1 } }, /^DUMP_FOREIGN: a\.sql has 0 of the 2 tables/],
  ])('%s is named before anything is created', async (_name, part, message) => {
    expect(await faultsOf(part)).toEqual([expect.stringMatching(message)]);
  });
});
