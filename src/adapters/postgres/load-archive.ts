import { randomBytes } from 'node:crypto';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { ArchiveFile } from '../../ports/backup.ts';
import { watchWal } from './load.ts';
import { archiveFailure, warningsOf } from './load-archive-failure.ts';
import { HELD_FILE, runProgram } from './program.ts';
import { databaseArgument, programConnection } from './program-connection.ts';
import { cancelled, endNamed, type Server } from './server.ts';
import type { Session } from './session.ts';

export interface LoadArchiveOptions {
  readonly signal: AbortSignal;
  readonly jobs?: number;
  readonly walLimitBytes?: number;
  readonly role?: string;
  readonly temp?: string;
}

/** Two sessions make an archive 1.6 times as fast as one, four 1.5 to 1.8 times: the live database needs the server too. */
const JOBS = 2;

/**
 * Loads an archive by pg_restore. However it ends, nothing of it keeps running: its process group is killed, and its sessions, which no other
 * run has by name, are ended. See `DatabaseWriter.loadArchive`.
 */
export async function loadArchive(
  server: Server,
  side: string,
  archive: ArchiveFile,
  options: LoadArchiveOptions,
): Promise<{ readonly notices: readonly string[] } | undefined> {
  const purpose = { doing: tr`load`, database: side };
  const { versionNumber } = await server.state();
  // It begins with `SET transaction_timeout`, and --exit-on-error makes that the end.
  if (archive.major >= 17 && versionNumber < 170_000) return undefined;
  if (options.signal.aborted) throw cancelled(purpose);

  const name = `tiered-rollback restore ${randomBytes(6).toString('hex')}`;
  const connection = await programConnection(server, name, {
    ...(options.temp === undefined ? {} : { temp: options.temp }),
    settings: { synchronous_commit: 'off' },
  });
  let control: Session | undefined;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    // Opened first: when the load must be stopped, no free connection may be left.
    control = await server.open((await server.maintenance([side])) ?? server.address.database, {
      name: 'tiered-rollback control',
    });
    if (options.walLimitBytes !== undefined)
      timer = watchWal(control, options.walLimitBytes, (error) => stop.abort(error));
    const signal = AbortSignal.any([options.signal, stop.signal]);
    const { code, said } = await runProgram(archive.program, argumentsOf(side, archive, options), {
      environment: connection.environment,
      signal,
      ...('descriptor' in archive.source ? { descriptor: archive.source.descriptor } : {}),
    });
    if (code !== 0) throw archiveFailure(said, code, side, server);
    await archive.refuseChanged(signal);
    // All before was committed without waiting for the disk; one commit that waits brings it all there, as WAL is one sequence.
    await server.within(side, purpose, (session) =>
      session
        .script('SET synchronous_commit = on', 0)
        .then(() => session.script('BEGIN; SELECT txid_current(); COMMIT', 0)),
    );
    return { notices: warningsOf(said) };
  } catch (error) {
    const end = (session: Session) => endNamed(session, name);
    await (control?.isOpen ? end(control) : Promise.reject(error)).catch(() =>
      server.inCatalogue({ doing: tr`end our sessions on`, database: side }, end).catch(() => {}),
    );
    if (options.signal.aborted) throw cancelled(purpose);
    if (stop.signal.reason instanceof RollbackError) throw stop.signal.reason;
    throw server.failure(error, purpose);
  } finally {
    clearInterval(timer);
    await Promise.all([control?.close(), connection.close()]);
  }
}

function argumentsOf(side: string, { format, source }: ArchiveFile, { jobs = JOBS, role }: LoadArchiveOptions) {
  return [
    `--format=${format}`,
    '--exit-on-error',
    '--no-password',
    ...(format === 'tar' ? [] : [`--jobs=${jobs}`]),
    ...(role === undefined ? [] : [`--role=${role}`]),
    `--dbname=${databaseArgument(side)}`,
    '--',
    'directory' in source ? source.directory : HELD_FILE,
  ];
}
