import { describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import { RollbackError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Report } from '../../../src/core/report.ts';
import { refusedReport } from '../../../src/engine/refused-report.ts';
import { type Parts, RunState } from '../../../src/engine/state.ts';
import { tellVerdict } from '../../../src/engine/tell.ts';
import type { VerdictContext } from '../../../src/ports/context.ts';
import { defineStep, type Step } from '../../../src/steps/contract.ts';
import { badRelease, partsOf } from './harness.ts';

const NO_PROBE = { report: () => [], streaks: () => [], sampled: async () => {} };
const PASSED: Outcome = { status: 'passed', evidence: [{ subject: 'chat', observed: 'taken', expected: 'taken' }] };

function telling(id: string, tell: (ctx: VerdictContext) => Promise<Outcome>, needs: readonly string[] = []): Step {
  return defineStep({
    meta: { id, tiers: ['rapid', 'complete', 'secure', 'emergency'], required: false, needs },
    plan: async () => ({ kind: 'check' }),
    apply: async () => {
      throw new Error('nothing is to be applied');
    },
    verify: async () => {
      throw new Error('nothing is to be verified');
    },
    tell,
  });
}

async function stateOf(config: Partial<Config> = {}, more: Partial<Parts> = {}) {
  return new RunState({ ...partsOf(await badRelease(), config), ...more }, NO_PROBE);
}

function verdictOf(state: RunState, outcome: Report['outcome']): Report {
  const { run, config } = state.parts;
  return { ...refusedReport({ run, ...config, failures: [], startedAt: 0 }), outcome };
}

describe('telling the verdict', () => {
  it('goes in the order of needs, each seeing what came before, and adds its outcomes to the report', async () => {
    const state = await stateOf();
    const order: string[] = [];
    const steps = [
      telling(
        'notify-team',
        async (ctx) => {
          order.push(`team ${ctx.outcomeOf('plan-post-mortem')?.status} ${ctx.recorded().issueUrl}`);
          return PASSED;
        },
        ['plan-post-mortem'],
      ),
      telling('plan-post-mortem', async (ctx) => {
        order.push('issue');
        ctx.aboutRecords({ issueUrl: 'https://github.example/o/r/issues/1' });
        return PASSED;
      }),
    ];
    const report = await tellVerdict(state, steps, verdictOf(state, 'succeeded'));
    expect(order).toEqual(['issue', 'team passed https://github.example/o/r/issues/1']);
    expect(report.outcome).toBe('succeeded');
    expect(report.records).toEqual({ issueUrl: 'https://github.example/o/r/issues/1' });
    expect(report.steps.map(({ step, outcome }) => `${step} ${outcome.status}`)).toEqual([
      'notify-team passed',
      'plan-post-mortem passed',
    ]);
    const items = new Map(report.validation.map(({ id, outcome }) => [id, outcome.status]));
    expect(items.get('team-notified')).toBe('passed');
    expect(items.get('documentation-updated')).toBe('skipped');
  });

  it('does not change the verdict when a receiver fails', async () => {
    const state = await stateOf();
    const failing = telling('notify-team', async () => {
      throw new RollbackError('MESSAGE_FAILED', 'the receiver answers 500', 'Look at it');
    });
    const report = await tellVerdict(state, [failing], verdictOf(state, 'succeeded'));
    expect(report.outcome).toBe('succeeded');
    expect(report.validation.find(({ id }) => id === 'team-notified')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'MESSAGE_FAILED' },
    });
  });

  it.each(['notify-team', 'team-notified'])('turns a green run red where required-checks names %s', async (name) => {
    const state = await stateOf({ requiredChecks: [name] });
    const failing = telling('notify-team', async () => {
      throw new RollbackError('MESSAGE_FAILED', 'the receiver answers 500', 'Look at it');
    });
    expect((await tellVerdict(state, [failing], verdictOf(state, 'succeeded'))).outcome).toBe('failed');
    const told = telling('notify-team', async () => PASSED);
    expect((await tellVerdict(state, [told], verdictOf(state, 'succeeded'))).outcome).toBe('succeeded');
    expect((await tellVerdict(state, [failing], verdictOf(state, 'refused'))).outcome).toBe('refused');
  });

  it('tells nobody of a plan, and does not hold up a cancelled run', async () => {
    let told = 0;
    const step = telling('notify-team', async () => {
      told += 1;
      return PASSED;
    });
    const planning = await stateOf({ mode: 'plan' });
    expect((await tellVerdict(planning, [step], verdictOf(planning, 'planned'))).steps).toEqual([]);
    const cancelled = await stateOf({}, { signal: AbortSignal.abort() });
    const report = await tellVerdict(cancelled, [step], verdictOf(cancelled, 'cancelled'));
    expect(report.steps).toMatchObject([{ outcome: { status: 'skipped', reason: { key: 'skipped.cancelled' } } }]);
    expect(told).toBe(0);
  });

  it('leaves out what skip-steps names', async () => {
    const state = await stateOf({ skipSteps: ['notify-team'] });
    const step = telling('notify-team', async () => PASSED);
    const report = await tellVerdict(state, [step], verdictOf(state, 'succeeded'));
    expect(report.steps).toMatchObject([{ outcome: { status: 'skipped', reason: { key: 'skipped.waived' } } }]);
  });

  it('hands out the report without secrets only', async () => {
    const redact = (report: Report): Report => ({ ...report, namespace: '***' });
    const state = await stateOf({}, { redact });
    let seen = '';
    const step = telling('notify-team', async (ctx) => {
      seen = ctx.report.namespace;
      return PASSED;
    });
    const report = await tellVerdict(state, [step], verdictOf(state, 'succeeded'));
    expect([seen, report.namespace]).toEqual(['***', 'production']);
  });
});
