import pLimit from 'p-limit';
import { RollbackError } from '../../core/errors.ts';
import { type CountedLog, logLines, spanOf } from '../../core/log-errors.ts';
import { type LogPattern, PatternTooSlow } from '../../core/log-pattern.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { LogPlace } from './places.ts';

/** Logs are worth a moment of a rollback, not more: what has not arrived by then is left out. */
const WITHIN_MS = 5000;
const ONE_WITHIN_MS = 2000;
/** Fewer than a connection pool has, so that a kubelet that hangs holds nobody up. */
const AT_ONCE = 3;
const LINES = 500;
const BYTES = 128 * 1024;

/** What the logs of some containers say. */
export interface LogSample {
  /** By workload, as `deployment/web`. */
  readonly logs: ReadonlyMap<string, readonly CountedLog[]>;
  /** Workloads of which something was to be read and nothing was. */
  readonly unread: ReadonlySet<string>;
  readonly read: number;
  readonly of: number;
  /** Why something was not read, where that is known. */
  readonly failure?: RollbackError;
  readonly isTooSlow: boolean;
}

/**
 * Counts error lines in the logs of these containers, all within five seconds. Bounded in number, lines, bytes and time; never follows a log and
 * never throws.
 *
 * @param most how many containers are looked at.
 */
export async function sampleLogs(
  ctx: ReadContext,
  pattern: LogPattern,
  places: readonly LogPlace[],
  most: number,
): Promise<LogSample> {
  const logs = new Map<LogPlace, CountedLog>();
  const gone = new Set<LogPlace>();
  const limit = pLimit(AT_ONCE);
  const stop = new AbortController();
  let failure: RollbackError | undefined;
  let isTooSlow = false;
  const wanted = places.slice(0, most);
  const work = wanted.map((place) =>
    limit(async () => {
      if (stop.signal.aborted || isTooSlow || failure?.code === 'CLUSTER_FORBIDDEN') return;
      try {
        const log = await countErrors(ctx, place, pattern);
        if (stop.signal.aborted) return;
        if (log) logs.set(place, log);
        else gone.add(place);
      } catch (error) {
        if (error instanceof PatternTooSlow) isTooSlow = true;
        else if (error instanceof RollbackError) failure ??= error;
        else throw error;
      }
    }),
  );
  const late = ctx.clock.sleep(WITHIN_MS, AbortSignal.any([ctx.signal, stop.signal])).catch(() => {});
  try {
    await Promise.race([Promise.all(work), late]);
  } finally {
    stop.abort();
  }
  const byWorkload = Map.groupBy(logs, ([{ workload }]) => workload);
  return {
    logs: new Map([...byWorkload].map(([workload, all]) => [workload, all.map(([, log]) => log)])),
    unread: new Set(places.map(({ workload }) => workload).filter((workload) => !byWorkload.has(workload))),
    read: logs.size,
    of: wanted.length - gone.size,
    ...(failure ? { failure } : {}),
    isTooSlow,
  };
}

/** Undefined where the pod went before its log was read: nothing is known of it then. */
async function countErrors(ctx: ReadContext, place: LogPlace, pattern: LogPattern): Promise<CountedLog | undefined> {
  const { pod, container, sinceSeconds, askedMs } = place;
  const options = { tailLines: LINES, maxBytes: BYTES, timestamps: true, timeoutMs: ONE_WITHIN_MS };
  const answer = await ctx.cluster.logs(pod, container, { ...options, sinceSeconds });
  if (answer.length === 0 && ctx.view.get('Pod', pod)?.metadata.uid !== place.uid) return undefined;
  const bytes = answer.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const lines = logLines(answer);
  const found = pattern.matching(lines.map(({ text }) => text));
  const last = lines[found.at(-1) ?? -1];
  return {
    pod,
    container,
    errors: found.length,
    ms: spanOf(lines, askedMs, answer.length >= LINES || bytes >= BYTES),
    ...(last ? { last } : {}),
  };
}
