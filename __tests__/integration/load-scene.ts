import { connectDatabase, type Database } from '../../src/adapters/postgres/index.ts';
import type { DatabaseState } from '../../src/core/database/database.ts';
import type { DumpItem } from '../../src/core/database/dump.ts';
import { readDump } from '../../src/core/database/dump-reader.ts';
import type { Postgres, Role } from '../../testbed/postgres.ts';

/** A restore in the making: a live database and an empty side one. */
export interface Scene {
  readonly live: DatabaseState;
  readonly side: DatabaseState;
  readonly database: Database;
}

let counter = 0;

/** Names of one restore are unique, as those of two runs are. */
export async function prepare(
  server: Postgres,
  options: { readonly sql?: string; readonly role?: Role; readonly name?: string } = {},
): Promise<Scene> {
  const name = await server.createDatabase(options);
  const database = connectDatabase({ url: server.url(name, options.role ?? 'owner') });
  const live = await describe(database, name);
  const side = await database.createSide(`${name}_rb_${++counter}`, live, `test ${process.pid} ${counter}`);
  return { live, side, database };
}

export async function describe(database: Database, name: string): Promise<DatabaseState> {
  const state = await database.describe(name);
  if (!state) throw new Error(`there is no database ${name}`);
  return state;
}

/** In pieces of this many bytes, as a file is read. */
export function itemsOf(dump: string | Buffer, pieceBytes = 64 * 1024): AsyncGenerator<DumpItem> {
  const bytes = Buffer.from(dump);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return readDump(pieces());
}

export const never = new AbortController().signal;

/** What was thrown, for assertions on its parts. */
export async function thrownBy(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  try {
    await work;
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('it was expected to fail, and did not');
}
