import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { type Activity, nameOf, SESSIONS } from './blockers.ts';
import { isServerError, quoteLiteral } from './client.ts';
import { ConnectionLost, saidBy, serverName } from './failure.ts';
import { databaseName } from './names.ts';
import { endSession, type Server } from './server.ts';
import type { Session } from './session.ts';
import { replaced } from './side.ts';

/** The server itself waits 5 s for sessions to leave; while it does, newcomers wait too. */
const ATTEMPT_MS = 6000;
const ATTEMPTS = 3;
const END_EVERY_MS = 20;
/** How often to look for a moment without sessions, about a millisecond apart. */
const EMPTYING_TURNS = 50;
/** How long to look for the server after it was lost in the middle: a restart, or a failover. */
const DECIDE_MS = 30_000;

export interface SwapNames {
  readonly live: string;
  readonly liveOid: number;
  readonly side: string;
  readonly sideOid: number;
  readonly kept: string;
}

export interface SwapOptions {
  readonly signal: AbortSignal;
  /** For all attempts together; one attempt that is under way comes to its end. */
  readonly withinMs: number;
  /** How long to look for a server that was lost in the middle. */
  readonly decideMs?: number;
}

export interface SwapResult {
  readonly swapped: boolean;
  readonly reason?: string;
  /** Why not, as an error to be thrown or shown: DATABASE_BUSY with who stays, DATABASE_PERMISSION, ... */
  readonly failure?: RollbackError;
  readonly durationMs: number;
}

/**
 * live -> kept, side -> live, in ONE simple-query message: one implicit transaction, with no moment in which a client that dies
 * could leave it open. A second connection ends the sessions on both databases meanwhile. The comments change places too, so that the live
 * one's stays with the live name. Whether it happened is read from the OIDs, never from the answer.
 * @throws OBJECT_REPLACED when a name is not the OID it was, SWAP_UNKNOWN when the server stays away, CANCELLED before anything was sent
 */
export async function swap(server: Server, names: SwapNames, options: SwapOptions): Promise<SwapResult> {
  for (const name of [names.live, names.side, names.kept]) databaseName(name);
  const startedAt = performance.now();
  const purpose = {
    doing: tr`rename`,
    database: names.live,
    grant: tr`As a superuser: ALTER ROLE ${databaseName(server.address.user)} CREATEDB; and make it (a member of) the owner of the database.`,
  };
  const since = () => Math.round(performance.now() - startedAt);
  const catalogue = await server.maintenance([names.live, names.side, names.kept]).catch((error) => {
    throw server.failure(error, { ...purpose, doing: tr`connect to` }, options.signal);
  });
  if (catalogue === undefined) {
    const failure = new RollbackError(
      'DATABASE_PERMISSION',
      tr`User "${server.address.user}" may connect to no other database than "${names.live}", and a session cannot rename the database that it is in.`,
      `GRANT CONNECT ON DATABASE postgres TO ${databaseName(server.address.user)};`,
    );
    return { swapped: false, reason: failure.message, failure, durationMs: since() };
  }

  let last: { failure: RollbackError; retry: boolean } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const state = await decide(server, catalogue, names, options);
    if (state.swapped) return { swapped: true, durationMs: since() };
    if (state.problem) throw state.problem;
    if (last && (!last.retry || options.signal.aborted)) break;
    const left = options.withinMs - since();
    if (left <= 0) break;
    last = await attemptSwap(
      server,
      catalogue,
      names,
      purpose,
      options.signal,
      Math.min(ATTEMPT_MS, Math.max(left, 100)),
    );
  }
  // The last word is the catalogue's, whatever the last attempt was told.
  const state = await decide(server, catalogue, names, options);
  if (state.swapped) return { swapped: true, durationMs: since() };
  const failure = last?.failure ?? failed(tr`there was no time left`);
  return { swapped: false, reason: failure.message, failure, durationMs: since() };
}

/** Undefined: the server said that it is done. */
async function attemptSwap(
  server: Server,
  catalogue: string,
  names: SwapNames,
  purpose: { doing: string; database: string; grant: string },
  signal: AbortSignal,
  limitMs: number,
): Promise<{ failure: RollbackError; retry: boolean } | undefined> {
  let mover: Session | undefined;
  let control: Session | undefined;
  let ending: Ending | undefined;
  let sent = false;
  try {
    mover = await server.open(catalogue, { name: 'tiered-rollback swap' });
    control = await server.open(catalogue, { name: 'tiered-rollback control' });
    // Should this machine freeze now, the server undoes what is open within 2 s.
    await mover.script(
      `SET lock_timeout = ${limitMs}; SET statement_timeout = ${limitMs}; SET idle_in_transaction_session_timeout = 2000; SET synchronous_commit = on`,
    );
    const sql = await message(control, names);
    signal.throwIfAborted();
    sent = true;
    const answer = mover.script(sql, limitMs + 2000);
    ending = endSessions(control, names, mover.pid);
    await answer;
    return undefined;
  } catch (error) {
    if (!sent) throw server.failure(error, purpose, signal);
    await ending?.stop();
    const stay = ending?.staying ?? [];
    // The server may still be at it. It must have come to its end before anybody reads the names.
    if (mover && !mover.isOpen) {
      const { pid } = mover;
      await (control?.isOpen ? endSession(control, pid, limitMs) : server.terminate(pid, limitMs)).catch(() => {});
    }
    return sorted(error, names, stay, purpose, server);
  } finally {
    await ending?.stop();
    await Promise.all([mover?.close(), control?.close()]);
  }
}

function sorted(
  error: unknown,
  names: SwapNames,
  stay: readonly Activity[],
  purpose: { doing: string; database: string; grant: string },
  server: Server,
): { failure: RollbackError; retry: boolean } {
  if (isServerError(error) && /^(55006|55P03|57014)$/.test(error.code)) {
    const who = stay.length > 0 ? tr` Who stays: ${stay.slice(0, 10).map(nameOf).join('; ')}.` : '';
    return {
      retry: true,
      failure: new RollbackError(
        'DATABASE_BUSY',
        tr`"${names.live}" could not be renamed: ${saidBy(error)}.${who} It serves unchanged.`,
        stay[0]
          ? tr`End them, as a superuser: SELECT pg_terminate_backend(${stay[0].pid}); then run again: what was loaded is still there.`
          : tr`See what holds it: SELECT * FROM pg_prepared_xacts WHERE database = ${quoteLiteral(names.live)}; SELECT * FROM pg_stat_activity WHERE datname = ${quoteLiteral(names.live)}; then run again.`,
      ),
    };
  }
  if (error instanceof ConnectionLost)
    return { retry: true, failure: failed(tr`the connection was lost, and the server undid it`) };
  const failure = server.failure(error, purpose);
  return { retry: failure.code === 'DATABASE_UNREACHABLE', failure };
}

const failed = (why: string) =>
  new RollbackError(
    'SWAP_FAILED',
    tr`The restored database could not take the place of the live one: ${why}.`,
    tr`The live database serves unchanged. Run again: what was loaded is still there.`,
  );

/** What one message says. The side database of an undo is the one that was kept, and closed: it is opened in the same moment. */
async function message(control: Session, names: SwapNames): Promise<string> {
  const rows = await control.query<{ oid: number; comment: string | null; open: boolean }>(
    `SELECT oid::bigint::float8 AS oid, shobj_description(oid, 'pg_database') AS comment, datallowconn AS open FROM pg_database WHERE oid::bigint = ANY($1::bigint[])`,
    [[names.liveOid, names.sideOid]],
  );
  const live = rows.find(({ oid }) => oid === names.liveOid);
  const side = rows.find(({ oid }) => oid === names.sideOid);
  const [liveName, sideName, keptName] = [names.live, names.side, names.kept].map(databaseName);
  const text = (comment: string | null | undefined) => (comment == null ? 'NULL' : quoteLiteral(comment));
  return [
    ...(await emptying(control, names)),
    `ALTER DATABASE ${liveName} RENAME TO ${keptName}`,
    `ALTER DATABASE ${sideName} RENAME TO ${liveName}`,
    ...(side?.open === false ? [`ALTER DATABASE ${liveName} ALLOW_CONNECTIONS true`] : []),
    `COMMENT ON DATABASE ${liveName} IS ${text(live?.comment)}`,
    `COMMENT ON DATABASE ${keptName} IS ${text(side?.comment)}`,
  ].join('; ');
}

/**
 * Ends the sessions on both databases until there is none, and lets the rename begin in that moment. Without it the rename looks once,
 * finds somebody who is about to leave, and looks again 100 ms later, while nobody gets in (`CountOtherDBBackends` in procarray.c).
 * Whoever stays is left to the rename's own waiting, and so is an autovacuum worker, which only the rename may end.
 */
async function emptying(control: Session, names: SwapNames): Promise<string[]> {
  const [language] = await control.query(`SELECT 1 FROM pg_language WHERE lanname = 'plpgsql'`);
  if (language === undefined) return [];
  const theirs = `${SESSIONS} AND a.datid::bigint IN (${names.liveOid}, ${names.sideOid}) AND a.backend_type IS DISTINCT FROM 'autovacuum worker'`;
  return [
    `DO $emptying$ DECLARE session record; is_empty boolean; BEGIN
       FOR turn IN 1..${EMPTYING_TURNS} LOOP
         PERFORM pg_stat_clear_snapshot();
         is_empty := true;
         FOR session IN ${theirs} LOOP
           is_empty := false;
           BEGIN
             IF session.ours THEN PERFORM pg_terminate_backend(session.pid); END IF;
           EXCEPTION WHEN insufficient_privilege THEN NULL;
           END;
         END LOOP;
         EXIT WHEN is_empty;
         PERFORM pg_sleep(0.001);
       END LOOP;
     END $emptying$`,
  ];
}

interface Ending {
  /** Those that were still there when it last looked. */
  readonly staying: readonly Activity[];
  stop(): Promise<void>;
}

/** Ends everybody on both databases, again and again: a client that reconnects is let in until the rename holds its lock. */
function endSessions(control: Session, names: SwapNames, mover: number): Ending {
  let stopped = false;
  let staying: readonly Activity[] = [];
  const untouchable = new Set<number>();
  const loop = async () => {
    while (!stopped && control.isOpen) {
      const rows = await control.query<Activity>(
        `${SESSIONS} AND a.datid::bigint = ANY($1::bigint[]) AND a.pid <> $2`,
        [[names.liveOid, names.sideOid], mover],
      );
      if (stopped) return;
      staying = rows;
      const pids = rows.filter(({ pid, ours }) => ours && !untouchable.has(pid)).map(({ pid }) => pid);
      for (const pid of pids) {
        await control.query('SELECT pg_terminate_backend($1)', [pid]).catch((error) => {
          // A right that is not what it seemed (a provider's own rules): it stays, and is named.
          if (!control.isOpen) throw error;
          untouchable.add(pid);
        });
      }
      await new Promise((resolve) => setTimeout(resolve, END_EVERY_MS));
    }
  };
  const done = loop().catch(() => {});
  return {
    get staying() {
      return staying;
    },
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** Reads which database has which name, for as long as it takes the server to come back. */
async function decide(
  server: Server,
  catalogue: string,
  names: SwapNames,
  { signal, decideMs = DECIDE_MS }: SwapOptions,
): Promise<{ swapped: boolean; problem?: RollbackError }> {
  const deadline = performance.now() + decideMs;
  for (;;) {
    try {
      const rows = await server.within(
        catalogue,
        { doing: tr`read the names around`, database: names.live },
        (session) =>
          session.query<{ name: string; oid: number }>(
            `SELECT datname::text AS name, oid::bigint::float8 AS oid FROM pg_database WHERE datname::text = ANY($1) OR oid::bigint = ANY($2::bigint[])`,
            [
              [names.live, names.side, names.kept],
              [names.liveOid, names.sideOid],
            ],
          ),
      );
      return judge(rows, names);
    } catch (error) {
      if (!(error instanceof RollbackError) || error.code !== 'DATABASE_UNREACHABLE') throw error;
      // A cancelled run has seconds left: it says what it does not know, and the next one looks.
      if (performance.now() > deadline || signal.aborted) {
        throw new RollbackError(
          'SWAP_UNKNOWN',
          tr`${serverName(server.address)} does not answer, so it is not known whether "${names.live}" is the restored database (OID ${names.sideOid}) or the one before (OID ${names.liveOid}).`,
          tr`When it answers again, run again: it is decided by the OID. By hand: SELECT datname, oid FROM pg_database WHERE oid IN (${names.liveOid}, ${names.sideOid});`,
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function judge(
  rows: readonly { name: string; oid: number }[],
  names: SwapNames,
): { swapped: boolean; problem?: RollbackError } {
  const oidOf = (name: string) => rows.find((row) => row.name === name)?.oid;
  if (oidOf(names.live) === names.sideOid && oidOf(names.kept) === names.liveOid) return { swapped: true };
  if (oidOf(names.live) !== names.liveOid)
    return { swapped: false, problem: replaced(names.live, names.liveOid, oidOf(names.live)) };
  if (oidOf(names.side) !== names.sideOid)
    return { swapped: false, problem: replaced(names.side, names.sideOid, oidOf(names.side)) };
  const taken = oidOf(names.kept);
  if (taken !== undefined) {
    return {
      swapped: false,
      problem: new RollbackError(
        'DATABASE_EXISTS',
        tr`"${names.kept}", the name for the database to be kept, is taken (OID ${taken}).`,
        tr`Choose another name, or rename the one that is there.`,
      ),
    };
  }
  return { swapped: false };
}
