import type { MetricCheck } from '../../core/config.ts';
import { formatDuration } from '../../core/duration.ts';
import { type Failure, failuresOf } from '../../core/errors.ts';
import { badReleaseAt } from '../../core/incident.ts';
import { type Baseline, boundsText, type Judgement, judgeMetric, SCRAPE_MS, windowOf } from '../../core/metrics.ts';
import type { Evidence } from '../../core/outcome.ts';
import { isReady } from '../../core/rollout.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import type { MetricsReader } from '../../ports/metrics.ts';
import { podsOfGroup } from '../group-pods.ts';
import type { Part } from './parts.ts';
import type { Patience } from './patience.ts';

/** Between two looks at an answer that is not right yet. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;

interface Asked {
  readonly judgement: Judgement;
  readonly warnings: readonly string[];
}

/**
 * Each configured query is held to its bounds. An answer that is not right is asked for again until nothing of the time before the rollback is
 * in it any more: the range of the query (`[5m]`), and a minute in which each new pod is scraped, after the newest pod became ready.
 */
export async function checkQueries(ctx: ReadContext, patience: Patience, waits: boolean): Promise<Part[]> {
  const { metrics } = ctx;
  const { metrics: checks } = ctx.config;
  if (!metrics) return checks.map(unasked);
  if (checks.length === 0) return [await answers(ctx, metrics, patience)];
  const since = ctx.clock.now();
  return Promise.all(
    checks.map(async (check): Promise<Part> => {
      try {
        return await checkOne(ctx, metrics, check, { patience, waits, since });
      } catch (error) {
        ctx.signal.throwIfAborted();
        const [failure] = failuresOf(error);
        if (!failure) throw error;
        const unknown = patience.signal.aborted ? late(check) : failure;
        const evidence = { subject: check.name, observed: tr`no answer`, expected: boundsText(check) };
        return { status: 'unknown', failure: unknown, evidence: [evidence] };
      }
    }),
  );
}

/** A server that is named and asked nothing: whether it is there. */
async function answers(ctx: ReadContext, metrics: MetricsReader, { signal }: Patience): Promise<Part> {
  const expected = tr`an answer`;
  try {
    await metrics.query('vector(1)', { signal });
    return { status: 'passed', evidence: [{ subject: 'Prometheus', observed: tr`answers`, expected }] };
  } catch (error) {
    ctx.signal.throwIfAborted();
    const [failure] = failuresOf(error);
    if (!failure) throw error;
    return { status: 'unknown', failure, evidence: [{ subject: 'Prometheus', observed: tr`no answer`, expected }] };
  }
}

async function checkOne(
  ctx: ReadContext,
  metrics: MetricsReader,
  check: MetricCheck,
  { patience, waits, since }: { patience: Patience; waits: boolean; since: number },
): Promise<Part> {
  const { signal } = patience;
  const baseline = check.maxRatio === undefined ? undefined : await baselineOf(ctx, metrics, check, signal);
  const ask = async (): Promise<Asked> => {
    const { samples, warnings } = await metrics.query(check.query, { signal });
    return { judgement: judgeMetric(check, samples, baseline), warnings };
  };
  const window = windowOf(check.query) + SCRAPE_MS;
  let pause = FIRST_PAUSE_MS;
  let asked = await ask();
  for (;;) {
    const isSettled = ctx.clock.now() >= Math.min(rolledOutAt(ctx), since) + window;
    const { verdict } = asked.judgement;
    if (verdict === 'right' || isSettled || !waits || !canChange(check, asked, baseline)) {
      return partOf(check, asked, isSettled ? undefined : window);
    }
    if (!(await patience.sleep(pause))) return partOf(check, asked, window);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    const again = await ask().catch((error: unknown) => {
      // What was last seen says more than that the time was over.
      if (signal.aborted && !ctx.signal.aborted) return undefined;
      throw error;
    });
    if (!again) return partOf(check, asked, window);
    asked = again;
  }
}

/** The past does not change: without anything to compare with, no later answer is right. */
function canChange({ maxRatio }: MetricCheck, { judgement }: Asked, baseline: Baseline | undefined): boolean {
  return maxRatio === undefined || judgement.verdict !== 'unknown' || (baseline?.samples.length ?? 0) > 0;
}

/** When the newest pod of the group became ready, and nothing was written any more: the time from then on is all the target's. */
function rolledOutAt(ctx: ReadContext): number {
  const ready = podsOfGroup(ctx)
    .filter(isReady)
    .flatMap(({ status }) => (status?.conditions ?? []).filter(({ type }) => type === 'Ready'))
    .map(({ lastTransitionTime = '' }) => Date.parse(lastTransitionTime));
  // By the clock of the runner, as those of the nodes may be behind.
  const written = ctx.situation.members.map(({ ref }) => ctx.writtenAt(ref) ?? 0);
  return Math.max(0, ...written, ...ready.filter((time) => !Number.isNaN(time)));
}

/** Undefined where it is not known when the bad release began. */
async function baselineOf(
  { situation }: ReadContext,
  metrics: MetricsReader,
  { query }: MetricCheck,
  signal: AbortSignal,
): Promise<Baseline | undefined> {
  const at = badReleaseAt(situation.choice, situation.incident ?? situation.undoes);
  return at === undefined ? undefined : { at, samples: (await metrics.query(query, { signal, at })).samples };
}

/** @param unsettled the time that the query needs to have nothing of the bad release in it, where that is not over yet */
function partOf(check: MetricCheck, { judgement, warnings }: Asked, unsettled: number | undefined): Part {
  const { verdict, evidence: seen } = judgement;
  const warned: Evidence[] = warnings.slice(0, 3).map((warning) => ({
    subject: check.name,
    observed: tr`Prometheus warns: ${warning.slice(0, 300)}`,
    expected: tr`no warning`,
  }));
  const evidence = [...seen, ...warned];
  if (verdict === 'right') return { status: 'passed', evidence };
  const [worst] = seen;
  const isFailed = verdict === 'wrong' && unsettled === undefined;
  const early =
    verdict === 'wrong' && unsettled !== undefined
      ? tr`; up to ${formatDuration(unsettled)} after the rollout this may still be the bad release`
      : '';
  const failure: Failure = {
    code: verdict === 'wrong' ? 'METRICS_WRONG' : 'METRICS_UNAVAILABLE',
    message: tr`${worst?.subject ?? check.name}: ${worst?.observed ?? tr`no sample`}; expected: ${worst?.expected ?? boundsText(check)}${early}`,
    hint: hintFor(check, judgement, unsettled),
    causes: [],
  };
  return { status: isFailed ? 'failed' : 'unknown', failure, evidence };
}

function hintFor(check: MetricCheck, { verdict }: Judgement, unsettled: number | undefined): string {
  const page = tr`type the query into the "Query" page of Prometheus: ${check.query}`;
  if (verdict === 'wrong')
    return unsettled === undefined
      ? tr`Look where it comes from: ${page}`
      : tr`Look again in ${formatDuration(unsettled)}: ${page}`;
  return check.maxRatio === undefined
    ? tr`See whether the metric exists: ${page}`
    : tr`A ratio needs the same labels before and after: sum over those that change with the pods (\`sum by (job) (...)\`); ${page}`;
}

const unasked = (check: MetricCheck): Part => ({
  status: 'unknown',
  failure: {
    code: 'METRICS_UNAVAILABLE',
    message: tr`${check.name}: there is no Prometheus to ask; expected: ${boundsText(check)}`,
    hint: tr`Name it: \`prometheus-url: https://HOST\`.`,
    causes: [],
  },
  evidence: [{ subject: check.name, observed: tr`not asked`, expected: boundsText(check) }],
});

const late = (check: MetricCheck): Failure => ({
  code: 'METRICS_UNAVAILABLE',
  message: tr`${check.name}: Prometheus did not answer in the time that was left for it; expected: ${boundsText(check)}`,
  hint: tr`Type the query into the "Query" page of Prometheus: ${check.query}`,
  causes: [],
});
