import { formatDuration } from '../../core/duration.ts';
import type { Failure } from '../../core/errors.ts';
import { refText } from '../../core/kubernetes.ts';
import { judgeLogs, type LogVerdict } from '../../core/log-errors.ts';
import { LogPattern } from '../../core/log-pattern.ts';
import type { Evidence, Outcome } from '../../core/outcome.ts';
import { said } from '../../core/said.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import { evidenceLine } from '../../diagnosis/reading/evidence.ts';
import type { ClusterView } from '../../ports/cluster.ts';
import type { ReadContext } from '../../ports/context.ts';
import { missingPart } from '../missing-part.ts';
import { placesAfter, placesBefore } from './places.ts';
import { type LogSample, sampleLogs } from './sample.ts';

/** For the information alone; a limit that is configured is held against every workload of a group that size. */
const MOST = 30;
const MOST_WITH_LIMIT = 600;
const MOST_ROWS = 20;

interface Begun {
  readonly sample: Promise<LogSample>;
  /** One that proved too slow is not tried again. */
  readonly pattern: LogPattern;
}
/** By the view through which the run sees the cluster: a run that reads the world anew has another. */
const begun = new WeakMap<ClusterView, Begun>();

/** Looks at the logs of what runs now, beside all else: its pods are gone soon after. A dry run compares nothing. */
export function beginWithLogs(ctx: ReadContext): void {
  if (ctx.config.mode === 'plan') return;
  const pattern = new LogPattern(ctx.config.logs.errors);
  const sample = sampleLogs(ctx, pattern, placesBefore(ctx), mostOf(ctx));
  // Who planned may never come to verify.
  sample.catch(() => {});
  begun.set(ctx.view, { sample, pattern });
}

/**
 * Adds what the logs say to pods that passed. Only a limit that is configured makes them fail, or unknown where it could not be held against
 * anything; what could not be read is told otherwise.
 */
export async function withLogs(
  ctx: ReadContext,
  passed: Extract<Outcome, { readonly status: 'passed' }>,
): Promise<Outcome> {
  const before = begun.get(ctx.view);
  const pattern = before?.pattern ?? new LogPattern(ctx.config.logs.errors);
  const after = await sampleLogs(ctx, pattern, placesAfter(ctx), mostOf(ctx));
  const earlier = (await before?.sample) ?? NOTHING;
  tellUnread(ctx, after, earlier);
  const { maxIncrease } = ctx.config.logs;
  const judged = ctx.situation.members.flatMap(({ ref }) => {
    const workload = refText(ref);
    const logs = after.logs.get(workload);
    if (!logs) return [];
    return [{ workload, verdict: judgeLogs(earlier.logs.get(workload) ?? [], logs, maxIncrease) }];
  });
  const rows = judged
    .toSorted((a, b) => b.verdict.errors - b.verdict.before - (a.verdict.errors - a.verdict.before))
    .slice(0, MOST_ROWS)
    .map(({ workload, verdict }) => rowOf(workload, verdict, maxIncrease));
  const [first, ...rest] = passed.evidence;
  const evidence: [Evidence, ...Evidence[]] = [first, ...rest, ...rows];
  for (const { workload, verdict } of judged) if (verdict.kind === 'rose') tellRise(ctx, workload, verdict);
  if (maxIncrease === undefined) return { status: 'passed', evidence };

  const above = judged.filter(({ verdict }) => verdict.kind === 'above-limit');
  const [worst] = above.filter(({ workload }) => !earlier.unread.has(workload));
  if (worst) {
    return { status: 'failed', evidence, failure: tooMany(ctx, worst.workload, worst.verdict, maxIncrease) };
  }
  const isUnproven = above.length > 0 || after.unread.size > 0;
  return isUnproven
    ? { status: 'unknown', evidence, failure: notCompared(ctx, above.length > 0 ? earlier : after) }
    : { status: 'passed', evidence };
}

const NOTHING: LogSample = { logs: new Map(), unread: new Set(), read: 0, of: 0, isTooSlow: false };

function mostOf({ config }: ReadContext): number {
  return config.logs.maxIncrease === undefined ? MOST : MOST_WITH_LIMIT;
}

function rowOf(workload: string, verdict: LogVerdict, maxIncrease: number | undefined): Evidence {
  const { errors, ms, before: asBefore, kind, newest } = verdict;
  const last = kind === 'as-before' || !newest?.last ? '' : tr`, last: ${evidenceLine(newest.last.text)}`;
  return {
    subject: tr`logs of ${workload}`,
    observed: tr`${errors} error lines in ${formatDuration(ms)}${last}`,
    expected:
      maxIncrease !== undefined
        ? tr`at most ${asBefore + maxIncrease} (as before: ${asBefore}, max-increase: ${maxIncrease})`
        : errors > asBefore
          ? tr`as before: ${asBefore} (no limit)`
          : tr`at most as before: ${asBefore}`,
  };
}

function tellRise(ctx: ReadContext, workload: string, verdict: LogVerdict): void {
  ctx.note(
    said('note.log-errors-rose', {
      workload,
      errors: verdict.errors,
      seconds: Math.round(verdict.ms / 1000),
      before: verdict.before,
      command: commandOf(ctx, workload, verdict),
    }),
  );
}

/** The log with the last error line, as far back as it was looked at. */
function commandOf({ config }: ReadContext, workload: string, { newest, ms }: LogVerdict): string {
  const since = `--since=${Math.ceil(ms / 1000) + 60}s`;
  return newest
    ? kubectl(config.namespace, 'logs', newest.pod, '-c', newest.container, since)
    : kubectl(config.namespace, 'logs', workload, '--all-containers', since);
}

function tooMany(ctx: ReadContext, workload: string, verdict: LogVerdict, maxIncrease: number): Failure {
  const { errors, ms, before: asBefore, newest } = verdict;
  return {
    code: 'LOG_ERRORS_ROSE',
    message: tr`${workload}: ${errors} error lines in ${formatDuration(ms)}, expected at most ${asBefore + maxIncrease}: ${asBefore} as before, and ${maxIncrease} by logs.max-increase`,
    hint: commandOf(ctx, workload, verdict),
    causes: newest?.last ? [evidenceLine(newest.last.text)] : [],
  };
}

/** Preflight has told already what a missing permission costs. */
function tellUnread(ctx: ReadContext, after: LogSample, earlier: LogSample): void {
  const sample = after.read < after.of ? after : earlier;
  if (sample.isTooSlow) {
    ctx.note(said('note.log-pattern-slow', { pattern: ctx.config.logs.errors }));
    return;
  }
  if (sample.read >= sample.of || sample.failure?.code === 'CLUSTER_FORBIDDEN') return;
  const why = sample.failure ? { why: sample.failure.message } : {};
  ctx.note(said('note.logs-not-read', { read: sample.read, of: sample.of, ...why }));
}

function notCompared({ config }: ReadContext, { failure, isTooSlow, read, of }: LogSample): Failure {
  if (failure?.code === 'CLUSTER_FORBIDDEN') return missingPart('logs', config.namespace);
  if (isTooSlow) {
    return {
      code: 'INPUT_INVALID',
      message: tr`logs.errors: the pattern ${config.logs.errors} takes too long; allowed: one without repetitions inside of repetitions`,
      hint: tr`Write the pattern in another way, or take logs.max-increase out, then run again`,
      causes: [],
    };
  }
  return {
    code: failure?.code ?? 'CLUSTER_ERROR',
    message: tr`logs.max-increase is configured, and the logs of only ${read} of ${of} containers could be looked at`,
    hint: failure?.hint ?? kubectl(config.namespace, 'get', 'pods', '-o', 'wide'),
    causes: failure ? [failure.message] : [],
  };
}
