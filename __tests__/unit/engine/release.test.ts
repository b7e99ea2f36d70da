import { describe, expect, it } from '@jest/globals';
import { RollbackError } from '../../../src/core/errors.ts';
import type { Evidence } from '../../../src/core/outcome.ts';
import type { Plan, StepReport } from '../../../src/core/step.ts';
import { releaseSteps, withReleased } from '../../../src/engine/release.ts';
import { RunState } from '../../../src/engine/state.ts';
import { defineStep, type Step } from '../../../src/steps/contract.ts';
import { badRelease, partsOf } from './harness.ts';

const GONE: Evidence = { subject: 'silence', observed: 'expired', expected: 'expired' };
const SEEN: Evidence = { subject: 'alerts', observed: 'none', expected: 'none' };

const holding = (release: () => Promise<readonly Evidence[]>): Step =>
  defineStep({
    meta: { id: 'check-alerts', tiers: ['rapid'], required: false, needs: [] },
    plan: async () => ({ kind: 'check' }),
    apply: async () => {},
    verify: async () => ({ status: 'passed', evidence: [SEEN] }),
    release,
  });

const plan = (kind: 'change' | 'check'): Plan => ({
  tier: 'rapid',
  digest: '',
  steps: [{ step: 'check-alerts', planned: kind === 'change' ? { kind, change: { summary: [] } } : { kind } }],
});

const VERIFIED: StepReport = {
  step: 'check-alerts',
  required: false,
  outcome: { status: 'passed', evidence: [SEEN] },
  changed: false,
  durationMs: 1,
};

async function stateOf(signal = new AbortController().signal) {
  const state = new RunState(partsOf(await badRelease(), { signal }), {
    report: () => [],
    streaks: () => [],
    sampled: async () => {},
  });
  state.situation = {} as RunState['situation'];
  state.view = {} as RunState['view'];
  return state;
}

describe('giving back what held until the run was verified', () => {
  it('adds what it saw to the evidence', async () => {
    const released = await releaseSteps(await stateOf(), [holding(async () => [GONE])], plan('change'));
    expect(withReleased([VERIFIED], released)[0]?.outcome).toEqual({ status: 'passed', evidence: [SEEN, GONE] });
  });

  it('makes the step fail where it fails', async () => {
    const stuck = holding(async () => {
      throw new RollbackError('ALERTS_UNAVAILABLE', 'the silence stays', 'amtool silence expire');
    });
    const released = await releaseSteps(await stateOf(), [stuck], plan('change'));
    expect(withReleased([VERIFIED], released)[0]?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'ALERTS_UNAVAILABLE' },
      evidence: [SEEN],
    });
  });

  it('happens in a cancelled run, too, with a signal of its own', async () => {
    let aborted: boolean | undefined;
    const step = defineStep({
      ...holding(async () => []),
      release: async (ctx) => {
        aborted = ctx.signal.aborted;
        return [];
      },
    });
    await releaseSteps(await stateOf(AbortSignal.abort()), [step], plan('change'));
    expect(aborted).toBe(false);
  });

  it('does nothing for a step that holds nothing', async () => {
    let asked = 0;
    const step = holding(async () => {
      asked += 1;
      return [];
    });
    await releaseSteps(await stateOf(), [step], plan('check'));
    expect(asked).toBe(0);
  });
});
