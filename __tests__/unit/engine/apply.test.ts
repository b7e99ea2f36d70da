import { describe, expect, it } from '@jest/globals';
import { RollbackError } from '../../../src/core/errors.ts';
import type { Change, Plan } from '../../../src/core/step.ts';
import { applyPlan } from '../../../src/engine/apply.ts';
import { RunState } from '../../../src/engine/state.ts';
import { defineStep, type Step } from '../../../src/steps/contract.ts';
import { badRelease, partsOf } from './harness.ts';

interface Script {
  readonly needs?: readonly string[];
  readonly after?: readonly string[];
  readonly prepare?: () => Promise<void>;
  readonly apply?: () => Promise<void>;
  readonly finish?: () => Promise<void>;
}

const told: string[] = [];
const tell = (what: string) => async () => {
  told.push(what);
};
const fail = (what: string) => async () => {
  told.push(what);
  throw new RollbackError('INTERNAL', `${what} failed`, '');
};

function step(id: string, { needs = [], prepare, apply, finish }: Script): Step {
  return defineStep<Change>({
    meta: { id, tiers: ['rapid'], required: true, needs },
    plan: async () => ({ kind: 'check' }),
    apply: apply ?? tell(`${id} applied`),
    verify: async () => ({ status: 'skipped', reason: { key: 'skipped.dry-run' } }),
    ...(prepare ? { prepare } : {}),
    ...(finish ? { finish } : {}),
  });
}

/** Applies a plan in which every step has a change; `after` stands in the change. */
async function apply(scripts: Readonly<Record<string, Script>>, signal = new AbortController().signal) {
  told.length = 0;
  const cluster = await badRelease();
  const state = new RunState(partsOf(cluster, { signal }), {
    report: () => [],
    streaks: () => [],
    sampled: async () => {},
  });
  state.situation = {} as RunState['situation'];
  state.view = {} as RunState['view'];
  const steps = Object.entries(scripts).map(([id, script]) => step(id, script));
  const plan: Plan = {
    tier: 'rapid',
    digest: '',
    steps: Object.entries(scripts).map(([id, { after }]) => ({
      step: id,
      planned: { kind: 'change', change: { summary: [], ...(after ? { after } : {}) } },
    })),
  };
  const applied = await applyPlan(state, steps, plan);
  return (id: string) => applied.get(id)?.failures.map(({ code }) => code) ?? [];
}

describe('applying a plan', () => {
  it('begins every preparation at once, beside the steps that stand before', async () => {
    const begun = Promise.withResolvers<void>();
    await apply({
      first: { apply: () => begun.promise.then(tell('first applied')) },
      second: {
        needs: ['first'],
        prepare: async () => {
          told.push('second prepared');
          begun.resolve();
        },
      },
    });
    expect(told).toEqual(['second prepared', 'first applied', 'second applied']);
  });

  it('keeps the order that the plan decided, whichever of two steps it puts first', async () => {
    await apply({ one: { after: ['two'] }, two: {} });
    expect(told).toEqual(['two applied', 'one applied']);
    await apply({ one: {}, two: { after: ['one'] } });
    expect(told).toEqual(['one applied', 'two applied']);
  });

  it('does not begin what stands behind a failure, also where the plan put it there', async () => {
    const failures = await apply({ one: { prepare: fail('one prepared') }, two: { after: ['one'] } });
    expect(told).toEqual(['one prepared']);
    expect([failures('one'), failures('two')]).toEqual([['INTERNAL'], ['STEP_BLOCKED']]);
  });

  it('gives back what is held after all steps, also when they failed, and never where nothing was begun', async () => {
    const failures = await apply({
      one: { apply: fail('one applied'), finish: tell('one finished') },
      two: { needs: ['one'], finish: tell('two finished') },
      three: { prepare: tell('three prepared'), needs: ['one'], finish: tell('three finished') },
      four: { finish: fail('four finished') },
    });
    expect(told.slice(-3).sort()).toEqual(['four finished', 'one finished', 'three finished']);
    expect(failures('four')).toEqual(['INTERNAL']);
    expect(failures('three')).toEqual(['STEP_BLOCKED']);
  });

  it('finishes what was begun when it is cancelled, and begins nothing more', async () => {
    const cancel = new AbortController();
    const failures = await apply(
      {
        one: {
          apply: async () => {
            cancel.abort();
          },
          finish: tell('one finished'),
        },
        two: { needs: ['one'], finish: tell('two finished') },
      },
      cancel.signal,
    );
    expect(told).toEqual(['one finished']);
    expect(failures('two')).toEqual(['CANCELLED']);
  });
});
