import { getExecOutput } from '@actions/exec';
import { tr } from '../core/tr.ts';

const WITHIN_MS = 10_000;

/**
 * What `PROGRAM --version` prints, without a shell and without any variable of ours.
 * @throws Error where it is not on the path, ends with an error, or says nothing in time. The reason of the abort.
 */
export async function versionOf(program: string, signal: AbortSignal): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => {});
  const timer = setTimeout(() => reject(new Error(tr`it said nothing within ${WITHIN_MS / 1000} s`)), WITHIN_MS);
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const { stdout } = await Promise.race([getExecOutput(`"${program}"`, ['--version'], { env, silent: true }), late]);
    return stdout;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
