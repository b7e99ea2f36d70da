import type { ClusterReader } from '../ports/cluster.ts';

const TAIL_LINES = 20;
/** What the API prints, with success, when the kubelet has removed that container already. */
const NO_LOG = /^unable to retrieve container logs/;

/**
 * Last lines of a container that is or was broken: of its present instance, else of the one before; once more of the present one, which
 * may have begun to print, or have ended, meanwhile. Never throws.
 */
export async function lastLines(cluster: ClusterReader, pod: string, container: string): Promise<readonly string[]> {
  for (const previous of [false, true, false]) {
    try {
      const lines = await cluster.logs(pod, container, { tailLines: TAIL_LINES, previous });
      if (lines.some((line) => line.trim() !== '') && !NO_LOG.test(lines[0] ?? '')) return lines;
    } catch {
      // No log is no failure of the rollback: the container never ran, or logs may not be read (said by preflight).
    }
  }
  return [];
}
