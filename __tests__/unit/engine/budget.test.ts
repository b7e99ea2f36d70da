import { describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import { watchBudget } from '../../../src/engine/budget.ts';
import { type Parts, RunState } from '../../../src/engine/state.ts';
import { VirtualClock } from '../../fakes/cluster-clock.ts';
import { badRelease, partsOf } from './harness.ts';

const NO_PROBE = { report: () => [], streaks: () => [], sampled: async () => {} };

async function watched(config: Partial<Config>, chat?: Parts['chat']) {
  const clock = new VirtualClock({ manual: true });
  const warned: string[] = [];
  const parts: Parts = {
    ...partsOf(await badRelease(), { tier: 'rapid', timeoutMs: 600_000, contacts: { devops: '+224 1' }, ...config }),
    clock,
    log: { phase: () => {}, info: () => {}, debug: () => {}, warn: (line) => warned.push(line) },
    ...(chat ? { chat } : {}),
  };
  const state = new RunState(parts, NO_PROBE);
  return { clock, state, warned, end: watchBudget(state) };
}

describe("the tier's time", () => {
  it('says when it is over, and what is under way', async () => {
    const { clock, state, warned, end } = await watched({});
    const going = Promise.withResolvers<void>();
    const work = state.during('undo-workloads', () => going.promise);
    clock.advance(299_999);
    await new Promise(setImmediate);
    expect(warned).toEqual([]);
    clock.advance(1);
    await new Promise(setImmediate);
    expect(warned).toEqual([expect.stringMatching(/5 min 00 s of tier rapid are over; under way: undo-workloads/)]);
    going.resolve();
    await Promise.all([work, end()]);
    expect(state.running()).toEqual([]);
  });

  it('says nothing of a run that ends before', async () => {
    const { clock, warned, end } = await watched({});
    await end();
    clock.advance(400_000);
    await new Promise(setImmediate);
    expect(warned).toEqual([]);
  });

  it('calls the team with `escalate`, once, and goes on', async () => {
    const sent: string[] = [];
    const chat = { send: async (text: string) => void sent.push(text) };
    const { clock, state, end } = await watched({ atBudgetEnd: 'escalate' }, chat);
    clock.advance(300_000);
    await new Promise(setImmediate);
    await end();
    expect(sent).toEqual([expect.stringMatching(/5 min 00 s of tier rapid.*production.*\+224 1/)]);
    expect(state.notes.map(({ key }) => key)).toContain('note.escalated');
    expect(state.signal.aborted).toBe(false);
  });

  it('says that it could not call', async () => {
    const { clock, state, end } = await watched({ atBudgetEnd: 'escalate' });
    clock.advance(300_000);
    await new Promise(setImmediate);
    await end();
    expect(state.notes.map(({ key }) => key)).toContain('note.not-escalated');
  });
});
