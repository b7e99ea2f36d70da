import { failuresOf, RollbackError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Report, RunOutcome } from '../core/report.ts';
import { said } from '../core/said.ts';
import type { StepReport } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { VerdictContext } from '../ports/context.ts';
import type { Step } from '../steps/contract.ts';
import { withSteps } from './conclude.ts';
import { inOrder } from './order.ts';
import { skipReason } from './plan.ts';
import type { RunState } from './state.ts';

const OUTCOME: Readonly<Record<RunOutcome, () => string>> = {
  succeeded: () => tr`succeeded`,
  failed: () => tr`failed`,
  partial: () => tr`partial`,
  'no-op': () => tr`no-op`,
  cancelled: () => tr`cancelled`,
  planned: () => tr`planned`,
  refused: () => tr`refused`,
};
const HEALTHY = { true: () => tr`true`, false: () => tr`false`, unknown: () => tr`unknown` };

/** All receivers together, with their retries. */
const WITHIN_MS = 120_000;
/** What others wait for: a GitHub that hangs must not keep the message from the team. */
const NEEDED_WITHIN_MS = 60_000;

/**
 * Tells the world of the verdict: messages and records. The verdict stands; what becomes of telling it is added to the report. A plan tells
 * nobody, and a run that was cancelled has no time to.
 */
export async function tellVerdict(state: RunState, steps: readonly Step[], verdict: Report): Promise<Report> {
  const telling = steps.filter((step) => step.tell !== undefined);
  if (state.parts.config.mode === 'plan' || telling.length === 0) return verdict;
  // Whoever watches the log need not wait for receivers.
  state.parts.log.info(tr`verdict: ${OUTCOME[verdict.outcome]()}, healthy: ${HEALTHY[`${verdict.healthy}`]()}`);
  state.parts.log.phase(tr`Tell`);
  const report = state.parts.redact(verdict);
  const told = new Map<string, StepReport>();
  const within = (ms: number) => AbortSignal.any([state.parts.signal, AbortSignal.timeout(ms)]);
  const [signal, neededSignal] = [within(WITHIN_MS), within(NEEDED_WITHIN_MS)];
  await inOrder(telling, async (step) => {
    const { id } = step.meta;
    const startedAt = state.parts.clock.now();
    const isNeeded = telling.some(({ meta }) => meta.needs.includes(id));
    const outcome = await tellOne(step, contextOf(state, report, isNeeded ? neededSignal : signal), state.isCancelled);
    state.outcomes.set(id, outcome);
    told.set(id, {
      step: id,
      required: step.meta.required || state.parts.config.requiredChecks.includes(id),
      outcome,
      changed: false,
      ...(outcome.status === 'skipped' ? {} : { startedAt: new Date(startedAt).toISOString() }),
      durationMs: outcome.status === 'skipped' ? 0 : state.parts.clock.now() - startedAt,
    });
  });
  return withSteps(
    state,
    verdict,
    telling.flatMap((step) => told.get(step.meta.id) ?? []),
  );
}

async function tellOne(step: Step, ctx: VerdictContext, isCancelled: boolean): Promise<Outcome> {
  const skipped = skipReason(ctx.config, step);
  if (skipped) return { status: 'skipped', reason: skipped };
  if (isCancelled) return { status: 'skipped', reason: said('skipped.cancelled') };
  try {
    return (await step.tell?.(ctx)) ?? { status: 'skipped', reason: said('skipped.nothing-to-do') };
  } catch (error) {
    const isLate = ctx.signal.aborted && ctx.signal.reason?.name === 'TimeoutError';
    const [failure] = failuresOf(isLate ? outOfTime(error) : error);
    if (!failure) throw error;
    ctx.log.warn(`${step.meta.id}: ${failure.message}`);
    return { status: 'failed', failure, evidence: [] };
  }
}

/** For whoever was told to stop by the clock, it looks like a run that was cancelled. */
const outOfTime = (cause: unknown) =>
  new RollbackError(
    'MESSAGE_FAILED',
    tr`there was no time left to tell of the verdict: a receiver before this one, or this one, did not answer`,
    tr`Tell by hand what the report says`,
    { cause },
  );

function contextOf(state: RunState, report: Report, signal: AbortSignal): VerdictContext {
  const { config, run, clock, log, chat, mail, records, texts } = state.parts;
  // What takes a rollback back belongs to the incident of that rollback.
  const { incident = state.situation?.undoes } = state.situation ?? {};
  return {
    config,
    run,
    report,
    incident: incident?.incident ?? incident?.run ?? run.id,
    ...(chat ? { chat } : {}),
    ...(mail ? { mail } : {}),
    records,
    texts,
    clock,
    log,
    signal,
    outcomeOf: (step) => state.outcomes.get(step),
    recorded: () => state.records,
    aboutRecords: (part) => {
      state.records = { ...state.records, ...part };
    },
  };
}
