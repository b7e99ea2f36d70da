import { type AlertMatcher, areSameMatchers } from '../../core/alerts.ts';
import { formatDuration } from '../../core/duration.ts';
import { RollbackError } from '../../core/errors.ts';
import type { Evidence } from '../../core/outcome.ts';
import type { RunIdentity } from '../../core/run.ts';
import { said } from '../../core/said.ts';
import { shellWord } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { AlertReader, AlertWriter, Silence } from '../../ports/alerts.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';

/** The last step may end after the deadline (nothing is cut), and the silence is given back after that. */
export const MARGIN_MS = 10 * 60_000;
/** Alertmanager counts a beginning in the past as now: so a clock that is a little ahead delays nothing. */
const AHEAD_MS = 5 * 60_000;
/** Nothing waits longer for it than the workloads do. */
const WITHIN_MS = 8000;

/** What this process made: for words where the server can not be asked any more. */
const made = new WeakMap<RunIdentity, LeftSilence>();

export interface Alerts {
  readonly reader: AlertReader;
  readonly writer: AlertWriter;
}

export const time = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * One silence for all attempts of this workflow run: an earlier one that is still there is extended, not doubled.
 *
 * @throws ALERTS_UNAVAILABLE, also after 8 s; CANCELLED
 */
export async function silenceAlerts(ctx: WriteContext, matchers: readonly AlertMatcher[]): Promise<void> {
  const alerts = alertsOf(ctx);
  const endsAt = ctx.deadline + MARGIN_MS;
  const id = await within(ctx, async (signal) => {
    const [there] = living(await alerts.reader.ownSilences({ signal }), matchers);
    if (there) {
      made.set(ctx.run, there);
      return there.endsAt >= endsAt ? there.id : alerts.writer.extend(there.id, endsAt, { signal });
    }
    const request = { matchers, startsAt: ctx.clock.now() - AHEAD_MS, endsAt, comment: commentOf(ctx) };
    return alerts.writer.silence(request, { signal });
  });
  made.set(ctx.run, { id, endsAt });
  ctx.log.info(tr`alerts are silenced until ${time(endsAt)} at the latest (silence ${id})`);
}

/** The silence of this run as it is now, as evidence; undefined where none was ever made. */
export async function silenceNow(ctx: ReadContext, matchers: readonly AlertMatcher[]): Promise<Evidence | undefined> {
  const own = await within(ctx, async (signal) => (await ctx.alerts?.ownSilences({ signal })) ?? []);
  const [one] = living(own, matchers);
  const [over] = own.filter((silence) => areSameMatchers(silence.matchers, matchers));
  const expected = tr`active until the run is verified`;
  if (one) return { subject: tr`silence ${one.id}`, observed: tr`active until ${time(one.endsAt)}`, expected };
  return over && { subject: tr`silence ${over.id}`, observed: tr`ended at ${time(over.endsAt)}`, expected };
}

export interface LeftSilence {
  readonly id: string;
  /** ms since the epoch: it ends by itself then. */
  readonly endsAt: number;
}

export interface EndedSilences {
  readonly ended: readonly string[];
  readonly left: readonly LeftSilence[];
  /** Why something is left. */
  readonly cause?: unknown;
}

/**
 * Ends every silence that any attempt of this workflow run made with these matchers, and looks again. Jobs beside this one in the same
 * workflow run have matchers of their own.
 *
 * @param known is counted as left where Alertmanager can not be asked what there is
 * @throws ALERTS_UNAVAILABLE, CANCELLED where nothing is known of any
 */
export async function endSilences(
  { reader, writer }: Alerts,
  matchers: readonly AlertMatcher[],
  signal: AbortSignal,
  known?: LeftSilence,
): Promise<EndedSilences> {
  let own: readonly LeftSilence[] = known ? [known] : [];
  try {
    own = living(await reader.ownSilences({ signal }), matchers);
    if (own.length === 0) return { ended: [], left: [] };
    const asked = await Promise.allSettled(own.map(({ id }) => writer.expire(id, { signal })));
    const left = living(await reader.ownSilences({ signal }), matchers);
    const ended = own.map(({ id }) => id).filter((id) => left.every((one) => one.id !== id));
    if (left.length === 0) return { ended, left };
    const refused = asked.find((one) => one.status === 'rejected');
    return {
      ended,
      left,
      cause: refused?.reason ?? new Error(tr`Alertmanager took the request and shows it as active`),
    };
  } catch (cause) {
    if (own.length === 0) throw cause;
    return { ended: [], left: own, cause };
  }
}

/**
 * The same for the run of this context, as evidence. A note tells of what is left, as the step may have failed for another reason.
 *
 * @throws SILENCE_LEFT with its id, its end and the command to type; ALERTS_UNAVAILABLE where nothing is known of any
 */
export async function endOwnSilences(ctx: WriteContext, matchers: readonly AlertMatcher[]): Promise<Evidence[]> {
  const { ended, left, cause } = await endSilences(alertsOf(ctx), matchers, ctx.signal, made.get(ctx.run));
  const [last] = left;
  if (last) {
    const silences = left.map(({ id }) => id).join(', ');
    ctx.note(said('note.silence-left', { silences, until: time(last.endsAt), command: expireCommand(left) }));
    throw silenceLeft(left, cause);
  }
  return ended.map((id) => ({ subject: tr`silence ${id}`, observed: tr`ended`, expected: tr`ended after the run` }));
}

/** Waits for Alertmanager no longer than the run can spare. */
export async function within<T>(ctx: ReadContext, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(WITHIN_MS);
  try {
    return await ask(AbortSignal.any([ctx.signal, late]));
  } catch (error) {
    if (ctx.signal.aborted || !late.aborted) throw error;
    throw new RollbackError(
      'ALERTS_UNAVAILABLE',
      tr`Alertmanager gave no answer within ${formatDuration(WITHIN_MS)}.`,
      tr`Try it from the runner: amtool --alertmanager.url URL config show`,
      { cause: error },
    );
  }
}

/** With these matchers and not over, the one that lasts longest first. */
function living(silences: readonly Silence[], matchers: readonly AlertMatcher[]): Silence[] {
  return silences
    .filter((one) => one.state !== 'expired' && areSameMatchers(one.matchers, matchers))
    .sort((one, other) => other.endsAt - one.endsAt);
}

function alertsOf(ctx: WriteContext): Alerts {
  const { alerts: reader, write } = ctx;
  if (reader && write.alerts) return { reader, writer: write.alerts };
  throw new RollbackError('INTERNAL', tr`no Alertmanager is configured`, tr`Report this defect`);
}

/** For whoever wonders in Alertmanager why it is quiet. */
function commentOf({ config, run }: WriteContext): string {
  const who =
    config.mode === 'undo'
      ? tr`undo of a rollback of ${config.namespace} by ${run.actor}`
      : tr`rollback of ${config.namespace} by ${run.actor}`;
  return [who, config.reason, run.url].filter((part) => part !== '').join('; ');
}

/** What to say of silences that could not be ended. */
export function silenceLeft(left: readonly LeftSilence[], cause: unknown): RollbackError {
  const names = left.map(({ id, endsAt }) => tr`silence ${id}, which ends by itself at ${time(endsAt)}`).join('; ');
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RollbackError('SILENCE_LEFT', tr`alerts stay silenced by ${names}. ${why}`, expireCommand(left), {
    cause,
  });
}

/** Ids come from the server and end in a shell. */
function expireCommand(left: readonly LeftSilence[]): string {
  return `amtool --alertmanager.url URL silence expire ${left.map(({ id }) => shellWord(id)).join(' ')}`;
}
