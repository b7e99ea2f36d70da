import { randomBytes } from 'node:crypto';
import { access, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { SafetyDump } from '../../ports/database.ts';
import { addressOf } from './address.ts';
import { quoteIdentifier } from './client.ts';
import { printable } from './failure.ts';
import { digestOfFile, syncFolder } from './file-digest.ts';
import type { ConnectOptions } from './index.ts';
import { fileName } from './names.ts';
import { programVersion, runProgram } from './program.ts';
import { databaseArgument, programConnection } from './program-connection.ts';
import { cancelled, endNamed, Server } from './server.ts';

export interface DumpPrograms {
  /** Path or name; `pg_dump` unless told. */
  readonly pgDump?: string;
  readonly pgRestore?: string;
}

/** A lock that stays (a migration that hangs) must not hold the rollback up. */
const LOCK_MS = 30_000;

/** @throws INPUT_INVALID when the address cannot be used. */
export function createSafetyDump(options: ConnectOptions, programs: DumpPrograms = {}): SafetyDump {
  const server = new Server(addressOf(options), options.forward);
  return new PgDump(server, { pgDump: 'pg_dump', pgRestore: 'pg_restore', ...programs }, options.temp);
}

class PgDump implements SafetyDump {
  readonly #server: Server;
  readonly #programs: Required<DumpPrograms>;
  readonly #temp: string | undefined;

  constructor(server: Server, programs: Required<DumpPrograms>, temp: string | undefined) {
    this.#server = server;
    this.#programs = programs;
    this.#temp = temp;
  }

  async check(folder: string, signal: AbortSignal): Promise<void> {
    const { versionNumber, version } = await this.#server.state();
    const major = Math.floor(versionNumber / 10_000);
    const install = tr`Install the client programs of PostgreSQL ${major} or newer on the runner, e.g. \`apt-get install postgresql-client-${major}\`.`;
    const dump = await programVersion(this.#programs.pgDump, install, signal);
    if (dump.major < major)
      throw new RollbackError(
        'DUMP_TOOL',
        tr`pg_dump ${dump.text} cannot dump PostgreSQL ${printable(version, 40)}: it is older than the server.`,
        install,
      );
    const restore = await programVersion(this.#programs.pgRestore, install, signal);
    if (restore.major < dump.major)
      throw new RollbackError(
        'DUMP_TOOL',
        tr`pg_restore ${restore.text} cannot read what pg_dump ${dump.text} writes.`,
        install,
      );
    await tryFolder(folder);
  }

  async dump(
    database: string,
    folder: string,
    { run, signal }: { readonly run: string; readonly signal: AbortSignal },
  ): Promise<{ readonly path: string; readonly bytes: number; readonly sha256: string }> {
    const purpose = { doing: tr`dump`, database };
    if (signal.aborted) throw cancelled(purpose);
    try {
      await this.check(folder, signal);
      // What is wrong with the address, the password or the name is said by our own client, in its words.
      await this.#server.within(database, purpose, async () => {}, { signal });
      return await this.#written(database, await freePath(folder, database, run), signal);
    } catch (error) {
      throw signal.aborted ? cancelled(purpose) : error;
    }
  }

  async #written(database: string, path: string, signal: AbortSignal) {
    const partial = `${path}.partial`;
    const sidecar = `${path}.sha256`;
    try {
      // pg_dump writes into the file that is there, and keeps its mode. It needs a file: to a pipe it writes no places of the tables.
      await onDisk(path, async () => (await open(partial, 'wx', 0o600)).close());
      await this.#pgDump(database, partial, signal);
      await this.#readWhole(partial, signal);
      const { sha256, bytes } = await onDisk(path, () => digestOfFile(partial, signal));
      await onDisk(path, async () => {
        // As sha256sum writes it. It comes first: what has its name has its hash too.
        await writeFile(sidecar, `${sha256}  ${basename(path)}\n`, { mode: 0o600, flag: 'wx', flush: true });
        await rename(partial, path);
        await syncFolder(path);
      });
      return { path, bytes, sha256 };
    } catch (error) {
      await Promise.all([partial, sidecar].map((left) => rm(left, { force: true }).catch(() => {})));
      throw error;
    }
  }

  async #pgDump(database: string, to: string, signal: AbortSignal): Promise<void> {
    const name = `tiered-rollback dump ${randomBytes(6).toString('hex')}`;
    const connection = await programConnection(
      this.#server,
      name,
      this.#temp === undefined ? {} : { temp: this.#temp },
    );
    let ended = false;
    try {
      const args = [
        '--format=custom',
        '--no-password',
        `--lock-wait-timeout=${LOCK_MS}`,
        `--file=${to}`,
        `--dbname=${databaseArgument(database)}`,
      ];
      const { code, said } = await runProgram(this.#programs.pgDump, args, { ...connection, signal });
      if (code !== 0) throw this.#failed(database, to, said, code);
      ended = true;
    } finally {
      await connection.close();
      // A process of the server that waits for a lock does not notice that its client is gone.
      if (!ended)
        await this.#server
          .inCatalogue({ doing: tr`end our sessions on`, database }, (session) => endNamed(session, name))
          .catch(() => {});
    }
  }

  #failed(database: string, to: string, said: string, code: number | null): RollbackError {
    const lines = said.split('\n').filter((line) => /error:|ERROR:|FATAL:/.test(line));
    const line = printable((lines[0] ?? '').replace(/^.*?error: /, '')) || tr`it ended with ${code ?? tr`a signal`}`;
    if (/No space left on device|Disk quota exceeded|File too large/.test(said)) return full(to, line);
    if (/canceling statement due to lock timeout/.test(said))
      return new RollbackError(
        'DATABASE_BUSY',
        tr`pg_dump of "${database}" waited ${LOCK_MS / 1000} s for a table that somebody has locked.`,
        tr`See who: SELECT pid, usename, application_name, query FROM pg_stat_activity WHERE datname = '${database.replaceAll("'", "''")}' AND pid IN (SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted);`,
      );
    if (/permission denied|must be owner|row-level security/.test(said))
      return new RollbackError(
        'DATABASE_PERMISSION',
        tr`User "${this.#server.address.user}" may not dump "${database}": ${line}.`,
        tr`GRANT pg_read_all_data TO ${quoteIdentifier(this.#server.address.user)}; (with row security also: ALTER ROLE ... BYPASSRLS)`,
      );
    if (/server version mismatch/.test(said))
      return new RollbackError(
        'DUMP_TOOL',
        `pg_dump: ${line}`,
        tr`Install the client programs of the major of the server.`,
      );
    if (/connection to server|server closed the connection|terminating connection/.test(said))
      return new RollbackError(
        'DATABASE_UNREACHABLE',
        tr`pg_dump of "${database}" lost the server: ${line}.`,
        tr`Look whether the server is up, then run again.`,
      );
    return new RollbackError(
      'DATABASE_ERROR',
      tr`pg_dump of "${database}" failed: ${line}.`,
      tr`The log of the server has the details; a table that cannot be read may be damaged.`,
    );
  }

  /** Every block is unpacked. An archive that this process had written a second ago is no crafted one: any pg_restore may read it. */
  async #readWhole(path: string, signal: AbortSignal): Promise<void> {
    const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
    const args = ['--format=custom', '--file=/dev/null', '--', path];
    const { code, said } = await runProgram(this.#programs.pgRestore, args, { environment, signal });
    if (code === 0 && said === '') return;
    throw new RollbackError(
      'DUMP_CORRUPT',
      tr`The dump that was just written to ${path} cannot be read: ${printable(said.trim().split('\n').at(-1) ?? '') || tr`pg_restore ended with ${code ?? tr`a signal`}`}.`,
      tr`Look at the disk of that folder; then run again.`,
    );
  }
}

/** Database and time, in the clock of the world: `224solutions_2026-11-23_094512Z_RUN.dump`. */
async function freePath(folder: string, database: string, run: string): Promise<string> {
  const at = new Date().toISOString().replace(/\..*$/, 'Z').replaceAll(':', '').replace('T', '_');
  const base = fileName(`${database.slice(0, 63)}_${at}_${run.slice(0, 60)}`);
  for (let count = 1; ; count++) {
    const path = join(folder, `${base}${count === 1 ? '' : `-${count}`}.dump`);
    const taken = await Promise.all(['', '.partial', '.sha256'].map((suffix) => isThere(`${path}${suffix}`)));
    if (!taken.includes(true)) return path;
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Rights alone do not tell (root, a disk that is mounted read-only): a file is written, and taken away. */
async function tryFolder(folder: string): Promise<void> {
  await onDisk(folder, async () => {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    const path = join(folder, `.tiered-rollback-${randomBytes(6).toString('hex')}`);
    try {
      await writeFile(path, 'x', { mode: 0o600, flag: 'wx' });
    } finally {
      await rm(path, { force: true });
    }
  });
}

async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code = tr`unknown error`, name } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || error instanceof RollbackError) throw error;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw full(path, code);
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      tr`The folder for the safety backup cannot be written: ${path} (${code}).`,
      code === 'ENOENT'
        ? tr`Create it where it outlives the runner (\`mkdir -p\`), or mount it.`
        : tr`Give the user of the runner the right to write there.`,
      { cause: error },
    );
  }
}

const full = (path: string, why: string) =>
  new RollbackError(
    'BACKUP_UNREADABLE',
    tr`There is no room for the safety backup: ${path} (${why}).`,
    tr`Free space there, or name another folder in \`safety-backup\`.`,
  );
