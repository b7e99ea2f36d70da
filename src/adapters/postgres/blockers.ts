import type { Blocker } from '../../core/database/database.ts';
import { tr } from '../../core/tr.ts';
import { quoteIdentifier } from './client.ts';
import { printable } from './failure.ts';
import type { Server } from './server.ts';
import type { Session } from './session.ts';

/** Sessions on a database, and whether we may end them by the server's own rules. */
export const SESSIONS = `
  SELECT a.pid, a.datid, a.usename::text AS user, coalesce(a.application_name, '') AS application, a.backend_type AS type, coalesce(r.rolsuper, false) AS superuser,
         CASE WHEN me.rolsuper THEN true WHEN r.rolsuper OR a.usesysid IS NULL THEN false
              ELSE pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE') END AS ours
  FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me
  WHERE a.pid <> pg_backend_pid()`;

export interface Activity {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string;
  /** Null where we may not see it: another user's. */
  readonly type: string | null;
  readonly superuser: boolean;
  readonly ours: boolean;
}

/** As a person finds them again. */
export const nameOf = ({ pid, user, application, type }: Activity) =>
  tr`pid ${pid} (user ${user === null ? tr`none` : `"${printable(user, 63)}"`}, application "${printable(application, 64)}"${type === null || type === 'client backend' ? '' : `, ${type}`})`;

/** What would keep `database` from being renamed, or break by it. Reads only. */
export async function findBlockers(server: Server, database: string): Promise<Blocker[]> {
  const found: Blocker[] = [];
  const elsewhere = await server.maintenance([database]);
  if (elsewhere === undefined) {
    found.push({
      kind: 'connected-to-it',
      what: tr`"${database}" is the only database that user "${server.address.user}" may connect to, and a session cannot rename the database that it is in`,
      hint: `GRANT CONNECT ON DATABASE postgres TO ${quoteIdentifier(server.address.user)};`,
      fatal: true,
    });
  }
  const more = await server.within(
    elsewhere ?? database,
    { doing: tr`look for what blocks`, database },
    async (session) => [
      ...ofPooler(session, server),
      ...(await ofRights(session, server, database)),
      ...(await ofSettings(session, server, database)),
      ...(await ofSessions(session, server, database)),
      ...(await ofTransactions(session, database)),
      ...(await ofReplication(session, database)),
    ],
  );
  return [...found, ...more];
}

/** Settings of a session, the end of a session and a database that changes its name all mean something else behind a pooler. */
function ofPooler(session: Session, server: Server): Blocker[] {
  if (!session.isPooled) return [];
  return [
    {
      kind: 'pooler',
      what: tr`${server.address.host}:${server.address.port} is a connection pooler, not the server itself`,
      hint: tr`Give the address of the PostgreSQL server itself in \`database-url\`; the application may stay on the pooler.`,
      fatal: true,
    },
  ];
}

async function ofRights(session: Session, server: Server, database: string): Promise<Blocker[]> {
  const [row] = await session.query<{ owner: string; owns: boolean; creates: boolean; user: string }>(
    `SELECT pg_get_userbyid(d.datdba)::text AS owner, pg_has_role(d.datdba, 'USAGE') AS owns, r.rolcreatedb OR r.rolsuper AS creates, r.rolname::text AS user
     FROM pg_database d, pg_roles r WHERE d.datname = $1 AND r.rolname = current_user`,
    [database],
  );
  if (!row) return [];
  const user = quoteIdentifier(server.address.user);
  const found: Blocker[] = [];
  if (!row.owns) {
    found.push({
      kind: 'not-owner',
      what: tr`user "${row.user}" does not own "${database}" ("${row.owner}" does)`,
      hint: `GRANT ${quoteIdentifier(row.owner)} TO ${user};`,
      fatal: true,
    });
  }
  if (!row.creates)
    found.push({
      kind: 'no-createdb',
      what: tr`user "${row.user}" may not create or rename databases`,
      hint: `ALTER ROLE ${user} CREATEDB;`,
      fatal: true,
    });
  return found;
}

/** Who connects gets these from the database; a swap without them would change how the application runs. */
async function ofSettings(session: Session, server: Server, database: string): Promise<Blocker[]> {
  const rows = await session.query<{ role: string }>(
    `SELECT r.rolname::text AS role FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase JOIN pg_roles r ON r.oid = s.setrole, pg_roles me
     WHERE d.datname = $1 AND me.rolname = current_user AND NOT (me.rolsuper OR me.rolcreaterole OR r.rolname = me.rolname) ORDER BY 1`,
    [database],
  );
  return rows.map(({ role }) => ({
    kind: 'role-settings',
    what: tr`"${database}" has settings of its own for role "${printable(role, 63)}", which user "${server.address.user}" may not carry over`,
    hint: tr`Let the rollback connect as a user with CREATEROLE (from 16 on also with ADMIN OPTION on that role), or: ALTER ROLE ${quoteIdentifier(printable(role, 63))} IN DATABASE ${quoteIdentifier(database)} RESET ALL;`,
    fatal: true,
  }));
}

async function ofSessions(session: Session, server: Server, database: string): Promise<Blocker[]> {
  const rows = await session.query<Activity>(
    `${SESSIONS} AND a.datname = $1 AND coalesce(a.backend_type, '') NOT IN ('autovacuum worker', 'parallel worker', 'walsender') ORDER BY a.pid`,
    [database],
  );
  const user = quoteIdentifier(server.address.user);
  return rows.flatMap((one): Blocker[] => {
    const worker = one.type !== null && one.type !== 'client backend';
    if (!worker && one.ours) return [];
    if (worker) {
      return [
        {
          kind: 'background-worker',
          what: tr`background worker on "${database}": ${nameOf(one)}`,
          hint: one.ours
            ? tr`It is ended by the swap; it may come back on the kept database.`
            : tr`Stop it first (pg_cron: cron.database_name; TimescaleDB: SELECT _timescaledb_functions.stop_background_workers();), or run as a superuser.`,
          fatal: !one.ours,
        },
      ];
    }
    return [
      {
        kind: 'superuser-session',
        what: tr`session that we may not end on "${database}": ${nameOf(one)}`,
        hint: one.superuser
          ? tr`Let its owner close it, or as a superuser: SELECT pg_terminate_backend(${one.pid});`
          : `GRANT pg_signal_backend TO ${user};`,
        fatal: true,
      },
    ];
  });
}

async function ofTransactions(session: Session, database: string): Promise<Blocker[]> {
  const rows = await session.query<{ gid: string; owner: string; age: string }>(
    `SELECT gid, owner::text AS owner, date_trunc('second', now() - prepared)::text AS age FROM pg_prepared_xacts WHERE database = $1 ORDER BY prepared`,
    [database],
  );
  return rows.map(({ gid, owner, age }) => ({
    kind: 'prepared-transaction',
    what: tr`prepared transaction '${printable(gid, 200)}' of "${printable(owner, 63)}", ${age} old`,
    hint: tr`Only its owner knows which: COMMIT PREPARED '${printable(gid, 200).replaceAll("'", "''")}'; or ROLLBACK PREPARED; in "${database}".`,
    fatal: true,
  }));
}

/** A logical slot follows the renamed database, so its consumer would read the kept one; a subscription's worker comes back there. */
async function ofReplication(session: Session, database: string): Promise<Blocker[]> {
  const slots = await session.query<{ name: string; plugin: string; active: boolean }>(
    `SELECT slot_name::text AS name, plugin::text AS plugin, active FROM pg_replication_slots WHERE database = $1 ORDER BY 1`,
    [database],
  );
  const senders = await session.query<Activity>(
    `${SESSIONS} AND a.datname = $1 AND a.backend_type = 'walsender' ORDER BY a.pid`,
    [database],
  );
  const subscriptions = await session.query<{ name: string; enabled: boolean }>(
    `SELECT s.subname::text AS name, s.subenabled AS enabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 ORDER BY 1`,
    [database],
  );
  return [
    ...slots.map(
      ({ name, plugin, active }): Blocker => ({
        kind: 'replication-slot',
        what: tr`logical replication slot "${printable(name, 63)}" (${printable(plugin, 63)}, ${active ? tr`in use` : tr`idle`})`,
        hint: tr`Its consumer must be set up anew on the restored database: stop it, then SELECT pg_drop_replication_slot('${printable(name, 63)}');`,
        fatal: true,
      }),
    ),
    ...senders.map(
      (one): Blocker => ({
        kind: 'walsender',
        what: tr`replication connection on "${database}": ${nameOf(one)}`,
        hint: tr`Stop the consumer (Debezium, a subscriber) first.`,
        fatal: true,
      }),
    ),
    ...subscriptions.map(
      ({ name, enabled }): Blocker => ({
        kind: 'subscription',
        what: tr`"${database}" subscribes by "${printable(name, 63)}"${enabled ? '' : tr` (disabled)`}`,
        hint: tr`In "${database}": ALTER SUBSCRIPTION ${quoteIdentifier(printable(name, 63))} DISABLE; and set it up anew on the restored database.`,
        fatal: enabled,
      }),
    ),
  ];
}
