import type { DatabaseState } from '../../core/database/database.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { quoteIdentifier, quoteLiteral } from './client.ts';
import { describeDatabases } from './describe.ts';
import { databaseName } from './names.ts';
import type { Server } from './server.ts';
import type { Session } from './session.ts';
import { ordinaryTables } from './tables.ts';

/**
 * Creates an empty database like `like` from template0. Nobody but its owner gets in until the state of the live one is copied to it:
 * a monitoring that visits every database would keep it from being renamed.
 *
 * What is there already under the name: with our marker it is a half load of ours and is made anew; without a comment and empty,
 * an earlier run was killed between two statements, and it is adopted; anything else is refused (DATABASE_EXISTS), never overwritten.
 */
export async function createSide(
  server: Server,
  name: string,
  like: DatabaseState,
  marker: string,
): Promise<DatabaseState> {
  const quoted = databaseName(name);
  const { versionNumber } = await server.state();
  const purpose = {
    doing: tr`create`,
    database: name,
    grant: tr`As a superuser: ALTER ROLE ${quoteIdentifier(server.address.user)} CREATEDB; GRANT ${quoteIdentifier(like.owner)} TO ${quoteIdentifier(server.address.user)};`,
  };
  const one = async (session: Session) =>
    (await describeDatabases(session, 'd.datname = $1', [name], versionNumber))[0];

  return server.inCatalogue(purpose, async (session) => {
    const [usual] = await describeDatabases(session, `d.datname = 'template0'`, [], versionNumber);
    const there = await one(session);
    if (there) {
      if (there.comment === marker) await drop(session, server, there);
      else if (there.comment !== undefined || !(await isEmpty(server, name))) throw taken(there);
    }
    // Creating copies files: as long as it takes. CONNECTION LIMIT 0 closes it until the next statement has shut it properly.
    if (!there || there.comment === marker)
      await session.execute(creation(quoted, like, versionNumber, usual?.tablespace), [], 0);
    await session.script(
      `REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC; COMMENT ON DATABASE ${quoted} IS ${quoteLiteral(marker)}; ALTER DATABASE ${quoted} CONNECTION LIMIT -1`,
    );
    return (await one(session)) as DatabaseState;
  });
}

/** Drops it when the OID is still that one; gone already is fine. Its sessions are ended. */
export async function dropSide(server: Server, name: string, oid: number): Promise<void> {
  databaseName(name);
  const { versionNumber } = await server.state();
  await server.inCatalogue({ doing: tr`drop`, database: name }, async (session) => {
    const [there] = await describeDatabases(session, 'd.datname = $1', [name], versionNumber);
    if (!there) return;
    if (there.oid !== oid) throw replaced(name, oid, there.oid);
    await drop(session, server, there);
  });
}

/** Half a load is of no use, and holds space that the live database may need. Gives the error of the load, and what remains to be done. */
export async function dropHalf(server: Server, name: string, oid: number, error: unknown): Promise<unknown> {
  if (error instanceof RollbackError && error.code === 'DATABASE_FULL') await emptyOut(server, name);
  try {
    await dropSide(server, name, oid);
    return error;
  } catch (left) {
    if (!(error instanceof RollbackError) || !(left instanceof RollbackError)) return error;
    return new RollbackError(
      error.code,
      tr`${error.message} What was loaded so far is still there, in "${name}": ${left.message}`,
      tr`${error.hint} To drop it by hand: \`dropdb --force ${name}\`.`,
      { cause: error.cause },
    );
  }
}

/**
 * On a full disk DROP DATABASE fails at its own checkpoint. Dropping a table gives its space back at once and needs none
 * itself, where TRUNCATE writes new, empty indexes.
 */
async function emptyOut(server: Server, name: string): Promise<void> {
  await server
    .within(name, { doing: tr`empty`, database: name }, async (session) => {
      for (const table of await ordinaryTables(session)) {
        await session.execute(`DROP TABLE IF EXISTS ${table.name} CASCADE`).catch((error) => {
          if (!session.isOpen) throw error;
        });
      }
    })
    .catch(() => {});
}

export const replaced = (name: string, expected: number, seen: number | undefined) =>
  new RollbackError(
    'OBJECT_REPLACED',
    tr`Database "${name}" is not the one it was: OID ${seen ?? tr`none`} instead of ${expected}.`,
    tr`Somebody created, dropped or renamed it meanwhile. Look at \`\\l\` in psql, then run again.`,
  );

/** FORCE ends sessions, but gives up at one that it may not end. */
async function drop(session: Session, _server: Server, there: DatabaseState): Promise<void> {
  await session.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(there.name)} WITH (FORCE)`, [], 0);
}

async function isEmpty(server: Server, name: string): Promise<boolean> {
  // Reads only: what is not ours is not changed, not even to look into it.
  return server
    .within(name, { doing: tr`look into`, database: name }, async (session) => {
      const [row] = await session.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_class WHERE oid >= 16384`,
      );
      return row?.count === 0;
    })
    .catch(() => false);
}

const taken = (there: DatabaseState) =>
  new RollbackError(
    'DATABASE_EXISTS',
    tr`Database "${there.name}" (OID ${there.oid}) is there already and is not ours${there.comment === undefined ? '' : tr` (its comment differs)`}.`,
    tr`Drop it once you know what it is: \`dropdb ${there.name}\`; then run again.`,
  );

/** template0 is the only one that takes another encoding or locale, and that nobody has put anything into. */
function creation(quoted: string, like: DatabaseState, version: number, usual: string | undefined): string {
  const parts = [
    `CREATE DATABASE ${quoted} OWNER ${quoteIdentifier(like.owner)} TEMPLATE template0 ENCODING ${quoteLiteral(like.encoding)}`,
    `LC_COLLATE ${quoteLiteral(like.collate)} LC_CTYPE ${quoteLiteral(like.ctype)}`,
  ];
  if (version >= 150000) {
    parts.push(`LOCALE_PROVIDER ${like.localeProvider}`);
    if (like.localeProvider === 'icu' && like.locale) parts.push(`ICU_LOCALE ${quoteLiteral(like.locale)}`);
    if (like.localeProvider === 'builtin' && like.locale) parts.push(`BUILTIN_LOCALE ${quoteLiteral(like.locale)}`);
  }
  // To name it asks for a right to it, to get the template's does not.
  if (like.tablespace !== usual) parts.push(`TABLESPACE ${quoteIdentifier(like.tablespace)}`);
  parts.push('CONNECTION LIMIT 0');
  return parts.join(' ');
}
