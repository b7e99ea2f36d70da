import type { AlertMatcher } from '../core/alerts.ts';
import { formatDuration } from '../core/duration.ts';
import type { Evidence, Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import type { Change } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import type { FiringAlert } from '../ports/alerts.ts';
import type { ReadContext } from '../ports/context.ts';
import { firingEvidence, firingFailure, matchersText } from './alerts/firing.ts';
import { endOwnSilences, MARGIN_MS, silenceAlerts, silenceNow, within } from './alerts/silence.ts';
import { defineStep } from './contract.ts';

export interface SilenceChange extends Change {
  readonly matchers: readonly AlertMatcher[];
}

/** An alert ends when its rule is evaluated next and Prometheus has told of it: a minute each by default, seldom less. */
const RESOLVE_MS = 2 * 60_000;
const LOOK_EVERY_MS = 2000;

/**
 * The application's alerts are silenced while the run lasts, then none fires and the silence is gone: what the checklist calls "Alertes
 * désactivées". A silence alone would end the incident blind, so those that are silenced count as firing. An Alertmanager that does not
 * answer holds nothing up.
 */
export const checkAlerts = defineStep<SilenceChange>({
  meta: {
    id: 'check-alerts',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: false,
    aside: true,
    needs: ['check-pods', 'check-health'],
  },

  async plan({ config, alerts }) {
    if (!alerts) return { kind: 'skipped', reason: said('skipped.not-configured', { what: 'alertmanager-url' }) };
    const { matchers, silence } = config.alerts;
    if (!silence) return { kind: 'check' };
    const most = formatDuration(config.timeoutMs + MARGIN_MS);
    const summary = [tr`alerts with ${matchersText(matchers)}: silenced until the run is verified, ${most} at most`];
    return { kind: 'change', change: { summary, matchers } };
  },

  prepare: (ctx, { matchers }) => silenceAlerts(ctx, matchers),

  async apply() {},

  async verify(ctx, change) {
    const { matchers } = ctx.config.alerts;
    const silence = change && (await silenceNow(ctx, matchers));
    const evidence: readonly Evidence[] = silence ? [silence] : [];
    const since = ctx.clock.now();
    const firing = await afterResolving(ctx, matchers, since);
    if (firing.length > 0) {
      const failure = firingFailure(firing, matchers, formatDuration(ctx.clock.now() - since));
      return { status: 'failed', failure, evidence: [...firingEvidence(firing, matchers), ...evidence] };
    }
    const none = {
      subject: tr`alerts with ${matchersText(matchers)}`,
      observed: tr`none fires`,
      expected: tr`none fires`,
    };
    if (change && !silence) return neverSilenced(none);
    return { status: 'passed', evidence: [none, ...evidence] };
  },

  release: (ctx, { matchers }) => endOwnSilences(ctx, matchers),
});

/** What fires once those that end with the bad release had their time to. Where the application is not well, they have no reason to. */
async function afterResolving(
  ctx: ReadContext,
  matchers: readonly AlertMatcher[],
  since: number,
): Promise<readonly FiringAlert[]> {
  const isWell = ['check-pods', 'check-health'].every((step) => {
    const status = ctx.outcomeOf(step)?.status;
    return status !== 'failed' && status !== 'unknown';
  });
  const giveUpAt = isWell ? Math.min(ctx.deadline, since + RESOLVE_MS) : since;
  for (;;) {
    const firing = await within(ctx, async (signal) => (await ctx.alerts?.firing(matchers, { signal })) ?? []);
    const left = giveUpAt - ctx.clock.now();
    if (firing.length === 0 || left <= 0) return firing;
    await ctx.clock.sleep(Math.min(LOOK_EVERY_MS, left), ctx.signal);
  }
}

/** Apply knows better why; this is for one that was made and is not known to Alertmanager any more. */
function neverSilenced(none: Evidence): Outcome {
  return {
    status: 'failed',
    failure: {
      code: 'ALERTS_UNAVAILABLE',
      message: tr`Alertmanager has no silence of this run: alerts were not silenced while it lasted`,
      hint: 'amtool --alertmanager.url URL silence query --expired --created-by tiered-rollback',
      causes: [],
    },
    evidence: [
      none,
      { subject: tr`silence of this run`, observed: tr`none`, expected: tr`active until the run is verified` },
    ],
  };
}
