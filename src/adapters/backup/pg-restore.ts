import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { versionOf } from '../program-version.ts';

/**
 * The first minor of each major without CVE-2026-116314: before it, a crafted archive makes pg_restore run code of its author.
 * Majors that are no longer maintained were never repaired.
 */
const FIXED: ReadonlyMap<number, number> = new Map([
  [14, 25],
  [15, 20],
  [16, 16],
  [17, 12],
  [18, 7],
]);

export interface PgRestore {
  /** Path or name of the program. */
  readonly program: string;
  /** Takes a program with the known vulnerability: only for archives whose author is trusted. */
  readonly allowVulnerable: boolean;
}

/** @returns its version, like `15.20`. @throws DUMP_TOOL: not there, or vulnerable. */
export async function checkPgRestore(tool: PgRestore, signal: AbortSignal): Promise<string> {
  let text: string;
  try {
    text = await versionOf(tool.program, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new RollbackError(
      'DUMP_TOOL',
      tr`the backup is an archive, and pg_restore does not run on this runner (${(error as Error).message.slice(0, 200)})`,
      tr`Install the PostgreSQL client programs, or take plain backups: pg_dump --format=plain.`,
      { cause: error },
    );
  }
  const [, version, major, minor] = /\(PostgreSQL\) ((\d+)\.(\d+))/.exec(text) ?? [];
  const isFixed = Number(major) > 18 || Number(minor) >= (FIXED.get(Number(major)) ?? Number.POSITIVE_INFINITY);
  if (!isFixed && !tool.allowVulnerable)
    throw new RollbackError(
      'DUMP_TOOL',
      tr`pg_restore ${version ?? tr`of unknown version`} runs code from a crafted archive (CVE-2026-116314); expected 14.25, 15.20, 16.16, 17.12, 18.7 or newer`,
      tr`Update the PostgreSQL client programs, or take plain backups: pg_dump --format=plain.`,
    );
  return version ?? '';
}

/**
 * The archive as the text of a plain dump; nothing is connected to.
 * @param source a descriptor that is held, or the path of a directory archive.
 * @throws DUMP_CORRUPT with the last line that pg_restore wrote, DUMP_TOOL when it is too old for the archive.
 */
export async function* archiveText(
  tool: PgRestore,
  source: { readonly descriptor: number } | { readonly directory: string },
  format: 'custom' | 'tar' | 'directory',
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const letter = { custom: 'c', tar: 't', directory: 'd' }[format];
  const args = ['-f', '-', '-F', letter, ...('directory' in source ? ['--', source.directory] : [])];
  // A new description of the same file: it has its own position, and the path is not resolved again.
  const input = 'descriptor' in source ? await open(`/proc/self/fd/${source.descriptor}`, 'r') : undefined;
  const child = spawn(tool.program, args, {
    env: environment(),
    stdio: [input?.fd ?? 'ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<{ code: number | null; error?: unknown }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code) => resolve({ code }));
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const { code, error } = await ended;
    signal.throwIfAborted();
    if (code === 0 && said === '') return;
    const line = said.trim().split('\n').at(-1) ?? '';
    if (/unsupported version/.test(said))
      throw new RollbackError(
        'DUMP_TOOL',
        tr`${name}: ${line}`,
        tr`The archive was made by a newer pg_dump: install the client programs of that major.`,
        { cause: error },
      );
    throw new RollbackError(
      'DUMP_CORRUPT',
      tr`${name} is not a complete archive: ${line || tr`pg_restore ended with ${String(code)}`}`,
      tr`Take another backup.`,
      { cause: error },
    );
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    await ended;
    await input?.close();
  }
}

/** None of ours: no password, no PG* settings. */
function environment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
}
