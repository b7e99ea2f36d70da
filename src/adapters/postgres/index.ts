import { tr } from '../../core/tr.ts';
import type { DatabaseReader, DatabaseWriter } from '../../ports/database.ts';
import { type Address, addressOf, type DatabaseOptions } from './address.ts';
import { findBlockers } from './blockers.ts';
import { quoteIdentifier } from './client.ts';
import { copyState } from './copy-state.ts';
import { describeDatabases } from './describe.ts';
import { findDamage } from './integrity.ts';
import { load } from './load.ts';
import { loadArchive } from './load-archive.ts';
import { databaseName } from './names.ts';
import { rowsMissing } from './rows-missing.ts';
import { type Reached, Server } from './server.ts';
import { createSide, dropHalf, dropSide, replaced } from './side.ts';
import { swap } from './swap.ts';
import { countRows, tableChanges } from './tables.ts';

export type { DatabaseOptions } from './address.ts';
export { stateDifferences } from './copy-state.ts';

export interface ConnectOptions extends DatabaseOptions {
  /**
   * Where the named host and port are reached from here (a port-forward to `service/NAME:PORT`). Asked before each connection, so that a
   * forward that broke can be opened anew.
   */
  readonly forward?: (host: string, port: number) => Promise<Reached>;
  /** RUNNER_TEMP: where a program of PostgreSQL finds the authority of the server. The system's folder unless told. */
  readonly temp?: string;
}

export type Database = DatabaseReader &
  DatabaseWriter & {
    /** Of the address, for messages: no password in it. */
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly user: string;
  };

/**
 * One PostgreSQL server (13 to 18) by the wire protocol, without psql and its meta-commands. Opens nothing yet: each call opens the
 * sessions that it needs, and closes them, so that nothing of ours stays on a database that is to be renamed.
 * @throws INPUT_INVALID when the address cannot be used
 */
export function connectDatabase(options: ConnectOptions): Database {
  const address = addressOf(options);
  const server = new Server(address, options.forward);
  /** What this run created, by OID: only that is dropped when a load fails. */
  const created = new Map<string, number>();
  const wholly = async <T>(side: string, loading: Promise<T>): Promise<T> => {
    try {
      return await loading;
    } catch (error) {
      const oid = created.get(side);
      throw oid === undefined ? error : await dropHalf(server, side, oid, error);
    }
  };

  return {
    ...shown(address),
    server: () => server.state(),
    async describe(database) {
      const { versionNumber } = await server.state();
      return server.inCatalogue(
        { doing: tr`describe`, database },
        async (session) => (await describeDatabases(session, 'd.datname = $1', [database], versionNumber))[0],
      );
    },
    async databasesLike(prefix) {
      const { versionNumber } = await server.state();
      return server.inCatalogue({ doing: tr`list databases like`, database: prefix }, (session) =>
        describeDatabases(session, 'starts_with(d.datname::text, $1)', [prefix], versionNumber),
      );
    },
    roles: () =>
      server.inCatalogue(
        { doing: tr`list the roles of`, database: address.database },
        async (session) =>
          new Set(
            (await session.query<{ name: string }>('SELECT rolname::text AS name FROM pg_roles')).map(
              ({ name }) => name,
            ),
          ),
      ),
    extensions: () =>
      server.inCatalogue(
        { doing: tr`list the extensions of`, database: address.database },
        async (session) =>
          new Set(
            (await session.query<{ name: string }>('SELECT name::text AS name FROM pg_available_extensions')).map(
              ({ name }) => name,
            ),
          ),
      ),
    blockers: (database) => findBlockers(server, database),
    rowCounts: (database, signal) =>
      server.within(database, { doing: tr`count the rows of`, grant: readAll(address) }, countRows, { signal }),
    changes: (database, since) =>
      server.within(database, { doing: tr`read the changes of`, grant: readAll(address) }, (session) =>
        tableChanges(session, since),
      ),
    queryValue: (database, sql, { timeoutMs }) =>
      server.within(
        database,
        { doing: tr`query` },
        async (session) => {
          await session.script(`SET statement_timeout = ${Math.max(1, Math.round(timeoutMs))}; BEGIN READ ONLY`);
          const [row] = await session.query(sql, [], timeoutMs + 5000);
          const [value] = Object.values(row ?? {});
          return value == null
            ? null
            : typeof value === 'object' && !(value instanceof Date)
              ? JSON.stringify(value)
              : value instanceof Date
                ? value.toISOString()
                : String(value);
        },
        { catalogOnly: false },
      ),
    rowsMissing: (from, to, compareOptions) => rowsMissing(server, from, to, compareOptions),
    integrity: (database, signal) =>
      server.within(database, { doing: tr`check`, grant: readAll(address) }, findDamage, { signal }),

    async createSide(name, like, marker) {
      const side = await createSide(server, name, like, marker);
      created.set(name, side.oid);
      return side;
    },
    load: (side, items, loadOptions) => wholly(side, load(server, side, items, loadOptions)),
    loadArchive: (side, archive, loadOptions) =>
      wholly(
        side,
        loadArchive(server, side, archive, { ...loadOptions, ...(options.temp ? { temp: options.temp } : {}) }),
      ),
    analyze: (side, signal) =>
      server.within(
        side,
        { doing: tr`analyse` },
        async (session) => {
          // Only its own tables: the catalogue's belong to somebody else, and each would be a warning.
          await session.script('SET statement_timeout = 0');
          const tables = await session.query<{ name: string }>(
            `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
               AND (pg_has_role(c.relowner, 'USAGE') OR (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database())) ORDER BY c.oid`,
          );
          if (tables.length > 0)
            await session.execute(`ANALYZE ${tables.map((table) => table.name).join(', ')}`, [], 0);
        },
        { signal },
      ),
    copyState: (from, to) => copyState(server, from, to),
    swap: (names, swapOptions) => swap(server, names, swapOptions),
    async setOpen(name, oid, open) {
      const quoted = databaseName(name);
      await server.inCatalogue({ doing: open ? tr`open` : tr`close`, database: name }, async (session) => {
        const [row] = await session.query<{ oid: number; open: boolean }>(
          'SELECT oid::bigint::float8 AS oid, datallowconn AS open FROM pg_database WHERE datname = $1',
          [name],
        );
        if (row?.oid !== oid) throw replaced(name, oid, row?.oid);
        if (row.open !== open) await session.execute(`ALTER DATABASE ${quoted} ALLOW_CONNECTIONS ${open}`);
      });
    },
    dropSide: (name, oid) => dropSide(server, name, oid),
  };
}

const shown = ({ database, host, port, user }: Address) => ({ name: database, host, port, user });
const readAll = ({ user }: Address) =>
  tr`GRANT pg_read_all_data TO ${quoteIdentifier(user)}; (or SELECT on each table)`;
