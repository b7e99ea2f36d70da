import type { CommandCheck } from '../core/config.ts';
import { formatDuration } from '../core/duration.ts';
import { type Failure, failuresOf } from '../core/errors.ts';
import type { Evidence } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { tr } from '../core/tr.ts';
import type { CommandResult } from '../ports/commands.ts';
import type { ReadContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';

/** Test suites are heavy, and a runner has few cores: more at once would only make each time out. */
const AT_ONCE = 4;
/** Nothing useful ends sooner. */
const LEAST_MS = 1000;
const SHOWN_LINES = 10;

/** What became of one command. */
interface Ran {
  readonly evidence: Evidence;
  readonly failure?: Failure;
}

/**
 * The project's own checks (connection to the database, critical services) end with 0. They begin once the pods are ready, so that none is red
 * only because the application was still starting. Required: what the project itself calls broken is not stable.
 */
export const runCommands = defineStep({
  meta: {
    id: 'run-commands',
    tiers: ['rapid', 'complete', 'secure'],
    required: true,
    needs: [
      'undo-workloads',
      'restart-workloads',
      'unblock-pods',
      'restore-database',
      'rollback-migrations',
      'check-pods',
      'check-health',
    ],
  },

  async plan({ config: { commands } }) {
    return commands.length > 0
      ? { kind: 'check', summary: commands.map(({ run }) => run) }
      : { kind: 'skipped', reason: said('skipped.not-configured', { what: 'commands' }) };
  },

  async apply() {},

  async verify(ctx) {
    const before = ['undo-workloads', 'check-pods'].find((id) => ctx.outcomeOf(id)?.status === 'failed');
    if (before !== undefined) return { status: 'skipped', reason: said('skipped.blocked', { step: before }) };
    const all = await atMost(AT_ONCE, ctx.config.commands, (check) => runOne(ctx, check));
    ctx.signal.throwIfAborted();
    const evidence = all.map((one) => one.evidence);
    const [failure, ...more] = all.flatMap((one) => one.failure ?? []);
    if (failure) {
      const causes = [...failure.causes, ...more.map(({ message }) => message)];
      return { status: 'failed', evidence, failure: { ...failure, causes } };
    }
    const [first, ...rest] = evidence;
    return first
      ? { status: 'passed', evidence: [first, ...rest] }
      : { status: 'skipped', reason: said('skipped.not-configured', { what: 'commands' }) };
  },
});

async function runOne(ctx: ReadContext, { run, timeoutMs: own }: CommandCheck): Promise<Ran> {
  const left = ctx.deadline - ctx.clock.now();
  const expected = tr`exit code 0 within ${formatDuration(own)}`;
  const failed = (observed: string, message: string, hint: string, causes: readonly string[] = []): Ran => ({
    evidence: { subject: run, observed, expected },
    failure: { code: 'COMMAND_FAILED', message: tr`${run}: ${message}`, hint, causes },
  });
  const longer = tr`Give the run more time (\`timeout\`, now ${formatDuration(ctx.config.timeoutMs)}), or run it by hand on the runner, in the workspace: ${run}`;
  if (left < LEAST_MS)
    return failed(tr`not started`, tr`not started, as the time of the run was over; expected: ${expected}`, longer);

  const timeoutMs = Math.min(own, left);
  let result: CommandResult;
  try {
    result = await ctx.commands.look(run, { timeoutMs, signal: ctx.signal, withDatabase: true });
  } catch (error) {
    ctx.signal.throwIfAborted();
    // The database that it should get the address of cannot be reached: that is what is to be told.
    const [failure] = failuresOf(error);
    if (!failure) throw error;
    return { evidence: { subject: run, observed: `${tr`not started`} | ${failure.message}`, expected }, failure };
  }
  const lines = result.lines.filter((line) => line !== '').slice(-SHOWN_LINES);
  const ended = endOf(result, timeoutMs);
  ctx.log.info(`${run}: ${ended}, ${formatDuration(result.durationMs)}`);
  const observed = [`${ended}, ${formatDuration(result.durationMs)}`, ...lines.slice(-3)].join(' | ');
  if (result.exitCode === 0) return { evidence: { subject: run, observed, expected } };
  const isCut = result.timedOut && timeoutMs < own;
  const output = lines.length > 0 ? tr`; it said: ${lines.slice(-3).join(' | ')}` : '';
  return failed(
    observed,
    tr`${ended}${isCut ? tr`, which was all that was left of the time of the run` : ''}; expected: ${expected}${output}`,
    isCut ? longer : tr`Run it by hand on the runner, in the workspace${databaseHint(ctx)}: ${run}`,
    lines,
  );
}

function endOf({ exitCode, timedOut }: CommandResult, timeoutMs: number): string {
  if (timedOut) return tr`did not end within ${formatDuration(timeoutMs)}`;
  return exitCode === undefined ? tr`ended by a signal` : tr`exit code ${exitCode}`;
}

const databaseHint = ({ config }: ReadContext) => (config.database ? tr`, with DATABASE_URL set` : '');

/** Results in the order of the items, with at most so many under way. */
async function atMost<T, R>(count: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
  return items.map((_, index) => results.get(index) as R);
}
