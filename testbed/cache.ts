import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder for what is brought or built once: `TIERED_ROLLBACK_TESTBED_CACHE`, else below `XDG_CACHE_HOME`. An empty or relative value of
 * that one means nothing (XDG Base Directory Specification).
 *
 * @param home stands in for `XDG_CACHE_HOME`
 */
export function cacheBase(environment: NodeJS.ProcessEnv, home = join(homedir(), '.cache')): string {
  const own = environment['TIERED_ROLLBACK_TESTBED_CACHE'];
  if (own) return resolve(own);
  const shared = environment['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(shared) ? shared : home, 'tiered-rollback', 'testbed');
}
