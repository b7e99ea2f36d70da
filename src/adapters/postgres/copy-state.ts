import type { DatabaseState } from '../../core/database/database.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { isServerError, quoteIdentifier, quoteLiteral } from './client.ts';
import { describeDatabases } from './describe.ts';
import { printable, saidBy } from './failure.ts';
import type { Server } from './server.ts';
import type { Session } from './session.ts';
import { replaced } from './side.ts';

/** Their values are lists that the server quotes one by one: quoted again as a whole they would be one odd name. */
const LISTS = new Set([
  'search_path',
  'temp_tablespaces',
  'local_preload_libraries',
  'session_preload_libraries',
  'shared_preload_libraries',
  'unix_socket_directories',
]);

/**
 * What belongs to a database and is in no dump of it: who may connect, the connection limit, the settings (for all, and for a role
 * in it). Everything of `to` that `from` does not have is taken away, and both are compared afterwards. The comment is not
 * touched: `to` carries our marker, and the swap exchanges the comments. @throws DATABASE_PERMISSION naming the statement
 */
export async function copyState(server: Server, from: DatabaseState, to: DatabaseState): Promise<void> {
  const { versionNumber } = await server.state();
  await server.inCatalogue({ doing: tr`copy the settings to`, database: to.name }, async (session) => {
    const both = await describeDatabases(
      session,
      'd.oid::bigint = ANY($1::bigint[])',
      [[from.oid, to.oid]],
      versionNumber,
    );
    const source = both.find(({ oid }) => oid === from.oid);
    const target = both.find(({ oid }) => oid === to.oid);
    if (!source || source.name !== from.name) throw replaced(from.name, from.oid, source?.oid);
    if (!target || target.name !== to.name) throw replaced(to.name, to.oid, target?.oid);

    // All or nothing, and a second time changes nothing.
    await session.script('BEGIN');
    for (const sql of [
      ...aclStatements(await aclOf(session, source.oid), await aclOf(session, target.oid), target),
      `ALTER DATABASE ${quoteIdentifier(target.name)} CONNECTION LIMIT ${source.connectionLimit}`,
    ]) {
      await attempt(session, server, target, sql);
    }
    for (const { role } of target.settings)
      await attempt(session, server, target, `${subject(role, target)} RESET ALL`);
    for (const { role, config } of source.settings) {
      for (const entry of config) await copySetting(session, server, target, role, entry);
    }
    await session.script('COMMIT');

    const after = (await describeDatabases(session, 'd.oid::bigint = $1', [to.oid], versionNumber))[0] as DatabaseState;
    const differences = stateDifferences(source, after);
    if (differences.length > 0) {
      throw new RollbackError(
        'DATABASE_ERROR',
        tr`The settings of "${source.name}" did not all reach "${target.name}": ${differences.join('; ')}.`,
        tr`Compare them: SELECT d.datname, s.* FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase;`,
      );
    }
  });
}

/** What differs of all that a swap must not lose, one line each; the comment and the sizes apart. */
export function stateDifferences(a: DatabaseState, b: DatabaseState): string[] {
  const lines: string[] = [];
  const compare = (what: string, left: unknown, right: unknown) => {
    if (JSON.stringify(left) !== JSON.stringify(right))
      lines.push(tr`${what} ${JSON.stringify(right)} instead of ${JSON.stringify(left)}`);
  };
  for (const key of [
    'owner',
    'encoding',
    'collate',
    'ctype',
    'localeProvider',
    'locale',
    'tablespace',
    'connectionLimit',
  ] as const)
    compare(key, a[key], b[key]);
  compare(tr`rights`, a.acl, b.acl);
  compare(tr`settings`, sorted(a), sorted(b));
  return lines;
}

const sorted = ({ settings }: DatabaseState) =>
  settings.map(({ role, config }) => [role, config.toSorted()] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));

interface Grant {
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

function aclOf(session: Session, oid: number): Promise<Grant[]> {
  return session.query<{ grantee: string; privilege: string; grantable: boolean }>(
    `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee, a.privilege_type AS privilege, a.is_grantable AS grantable
     FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE d.oid::bigint = $1 ORDER BY 1, 2, 3`,
    [oid],
  );
}

function aclStatements(wanted: readonly Grant[], there: readonly Grant[], target: DatabaseState): string[] {
  const on = `ON DATABASE ${quoteIdentifier(target.name)}`;
  const text = ({ grantee, privilege, grantable }: Grant) => `${grantee} ${privilege} ${grantable}`;
  const want = new Set(wanted.map(text));
  const have = new Set(there.map(text));
  return [
    ...there
      .filter((grant) => !want.has(text(grant)))
      .map(({ grantee, privilege }) => `REVOKE ${privilege} ${on} FROM ${grantee} CASCADE`),
    ...wanted
      .filter((grant) => !have.has(text(grant)))
      .map(
        ({ grantee, privilege, grantable }) =>
          `GRANT ${privilege} ${on} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
      ),
  ];
}

const subject = (role: string, target: DatabaseState) =>
  role === ''
    ? `ALTER DATABASE ${quoteIdentifier(target.name)}`
    : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(target.name)}`;

async function copySetting(
  session: Session,
  server: Server,
  target: DatabaseState,
  role: string,
  entry: string,
): Promise<void> {
  const at = entry.indexOf('=');
  const name = entry.slice(0, at);
  const value = entry.slice(at + 1);
  const quoted = name.split('.').map(quoteIdentifier).join('.');
  const set = `${subject(role, target)} SET ${quoted}`;
  if (!LISTS.has(name)) return attempt(session, server, target, `${set} TO ${quoteLiteral(value)}`);
  // Byte by byte as it is: the value goes in as text, and the server stores what it holds.
  await attempt(
    session,
    server,
    target,
    `SELECT set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, true)`,
    `${set} FROM CURRENT`,
  );
}

async function attempt(
  session: Session,
  server: Server,
  target: DatabaseState,
  ...statements: string[]
): Promise<void> {
  const shown = statements.at(-1) as string;
  try {
    for (const sql of statements) await session.execute(sql);
  } catch (error) {
    if (!isServerError(error) || error.code !== '42501') throw error;
    throw new RollbackError(
      'DATABASE_PERMISSION',
      tr`User "${server.address.user}" may not carry over what "${target.name}" needs: ${saidBy(error)}.`,
      tr`As a superuser run: ${printable(shown, 200)}; or remove the setting from the live database, then run again.`,
    );
  }
}
