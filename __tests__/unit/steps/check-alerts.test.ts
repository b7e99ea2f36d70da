import { describe, expect, it } from '@jest/globals';
import { RollbackError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Said } from '../../../src/core/said.ts';
import type { AlertReader, AlertWriter, FiringAlert, Silence, SilenceRequest } from '../../../src/ports/alerts.ts';
import type { WriteContext } from '../../../src/ports/context.ts';
import { checkAlerts, type SilenceChange } from '../../../src/steps/check-alerts.ts';
import { patientClock } from '../../fakes/patient-clock.ts';
import { DEFAULTS } from '../engine/harness.ts';

const MATCHERS = [{ name: 'namespace', value: "it's", isRegex: false, isEqual: true }];
const CHANGE: SilenceChange = { summary: [], matchers: MATCHERS };
const PASSED: Outcome = { status: 'passed', evidence: [{ subject: 's', observed: 'o', expected: 'e' }] };
const AWAY = new RollbackError('ALERTS_UNAVAILABLE', 'Alertmanager is away', 'curl');
const MINUTE = 60_000;

function alert(name: string, labels: Readonly<Record<string, string>> = {}, startsAt = 1_700_000_000_000): FiringAlert {
  return {
    fingerprint: `of ${name}`,
    name,
    labels: { alertname: name, ...labels },
    annotations: {},
    startsAt,
    silencedBy: [],
  };
}

/** Alertmanager as far as the step sees it; `firing` answers once each, the last one for good. */
class FakeAlerts implements AlertReader, AlertWriter {
  silences: Silence[] = [];
  looks: (readonly FiringAlert[])[] = [[]];
  readonly asked: string[] = [];
  isAway = false;
  isReadOnly = false;

  async firing() {
    this.#answer('firing');
    return (this.looks.length > 1 ? this.looks.shift() : this.looks[0]) ?? [];
  }

  async ownSilences() {
    this.#answer('ownSilences');
    return this.silences;
  }

  async silence(request: SilenceRequest) {
    this.#write('silence');
    const id = `id-${this.silences.length + 1}`;
    this.silences.push({ id, state: 'active', createdBy: 'us', ...request });
    return id;
  }

  async extend(id: string, endsAt: number) {
    this.#write(`extend ${id}`);
    this.silences = this.silences.map((one) => (one.id === id ? { ...one, endsAt } : one));
    return id;
  }

  async expire(id: string) {
    this.#write(`expire ${id}`);
    this.silences = this.silences.map((one) => (one.id === id ? { ...one, state: 'expired' } : one));
  }

  #write(what: string) {
    this.#answer(what);
    if (this.isReadOnly) throw new RollbackError('ALERTS_UNAVAILABLE', 'it answered 403', 'curl');
  }

  #answer(what: string) {
    this.asked.push(what);
    if (this.isAway) throw AWAY;
  }
}

function scene({ outcomes = {}, forMs = 5 * MINUTE }: { outcomes?: Record<string, Outcome>; forMs?: number } = {}) {
  const alerts = new FakeAlerts();
  const clock = patientClock();
  const notes: Said[] = [];
  const ctx: Partial<WriteContext> = {
    config: { ...DEFAULTS, reason: 'errors', alerts: { matchers: MATCHERS, silence: true } },
    run: { id: '7-1-abc', url: 'https://run', actor: 'ada', repository: '', commit: '', workflow: '', reason: '' },
    alerts,
    write: { alerts } as unknown as WriteContext['write'],
    clock,
    log: { phase: () => {}, info: () => {}, warn: () => {}, debug: () => {} },
    signal: new AbortController().signal,
    deadline: clock.now() + forMs,
    outcomeOf: (step) => outcomes[step] ?? PASSED,
    note: (note) => notes.push(note),
  };
  return { ctx: ctx as WriteContext, alerts, clock, notes };
}

/** Silenced, as a run has it while it verifies. */
async function silenced(options: Parameters<typeof scene>[0] = {}) {
  const one = scene(options);
  await checkAlerts.prepare?.(one.ctx, CHANGE);
  return one;
}

describe('check-alerts', () => {
  it('plans nothing without an Alertmanager, and only looks where nothing is to be silenced', async () => {
    const { ctx } = scene();
    const { alerts: _alerts, ...without } = ctx;
    expect(await checkAlerts.plan(without)).toMatchObject({
      kind: 'skipped',
      reason: { key: 'skipped.not-configured' },
    });
    const config = { ...ctx.config, alerts: { matchers: MATCHERS, silence: false } };
    expect(await checkAlerts.plan({ ...ctx, config })).toEqual({ kind: 'check' });
    expect(await checkAlerts.verify({ ...ctx, config }, undefined)).toMatchObject({ status: 'passed' });
  });

  it('silences once, for people to understand, and ends after the deadline by itself', async () => {
    const { ctx, alerts } = await silenced();
    expect(alerts.silences).toMatchObject([
      {
        matchers: MATCHERS,
        endsAt: ctx.deadline + 10 * MINUTE,
        comment: 'rollback of production by ada; errors; https://run',
      },
    ]);
    await checkAlerts.prepare?.({ ...ctx, deadline: ctx.deadline + MINUTE }, CHANGE);
    await checkAlerts.prepare?.(ctx, CHANGE);
    expect(alerts.asked).toEqual(['ownSilences', 'silence', 'ownSilences', 'extend id-1', 'ownSilences']);
    expect(alerts.silences).toHaveLength(1);
  });

  it('ends all silences of the run with its matchers, and no others', async () => {
    const { ctx, alerts } = await silenced();
    const [one] = alerts.silences;
    if (!one) throw new Error('no silence');
    const others = [{ name: 'namespace', value: 'other', isRegex: false, isEqual: true }];
    alerts.silences.push({ ...one, id: 'id-2' }, { ...one, id: 'id-3', matchers: others });
    expect(await checkAlerts.release?.(ctx, CHANGE)).toHaveLength(2);
    expect(alerts.silences.map(({ state }) => state)).toEqual(['expired', 'expired', 'active']);
    expect(await checkAlerts.release?.(ctx, CHANGE)).toEqual([]);
  });

  it('waits for alerts to resolve, two minutes at most and not beyond the deadline', async () => {
    const resolving = await silenced();
    resolving.alerts.looks = [[alert('Slow')], [alert('Slow')], []];
    expect(await checkAlerts.verify(resolving.ctx, CHANGE)).toMatchObject({ status: 'passed' });
    expect(resolving.clock.waits).toHaveLength(2);

    const waitOf = async (options: Parameters<typeof scene>[0]) => {
      const one = await silenced(options);
      one.alerts.looks = [[alert('Down')]];
      expect(await checkAlerts.verify(one.ctx, CHANGE)).toMatchObject({
        status: 'failed',
        failure: { code: 'ALERTS_FIRING' },
      });
      return one.clock.waits.reduce((sum, wait) => sum + wait, 0);
    };
    // The clock goes on while the test runs.
    expect(Math.round((await waitOf({})) / 10_000)).toBe(12);
    expect(Math.round((await waitOf({ forMs: MINUTE })) / 10_000)).toBe(6);
    const failed: Outcome = { status: 'failed', failure: AWAY.toFailure(), evidence: [] };
    expect(await waitOf({ outcomes: { 'check-health': failed } })).toBe(0);
  });

  it('names what fires, oldest first, and counts the rest', async () => {
    const { ctx, alerts } = await silenced({ forMs: -1 });
    const many = Array.from({ length: 25 }, (_, index) => alert(`A${index}`, { namespace: "it's", zone: 'z' }, index));
    alerts.looks = [[alert('', { severity: 'page', pod: `p\u0000\n${'é'.repeat(99)}` }, -1), ...many]];
    const outcome = await checkAlerts.verify(ctx, CHANGE);
    expect(outcome).toMatchObject({
      failure: {
        message: expect.stringMatching(
          /, 26 of them, expected none \(waited .*\): of since 1969-12-31T23:59:59Z \(severity=page, pod=p é{57}…\); A0 since 1970-01-01T00:00:00Z \(zone=z\); A1 .*; and 23 more$/,
        ),
        hint: `amtool --alertmanager.url URL alert query --active --silenced 'namespace="it'\\''s"'`,
      },
    });
    const evidence = outcome.status === 'failed' ? outcome.evidence : [];
    expect(evidence).toHaveLength(22);
    expect(evidence[20]).toEqual({ subject: 'more alerts', observed: '6 more fire', expected: 'none fires' });
  });

  it('does not pass where nothing was silenced', async () => {
    const one = scene();
    one.alerts.isReadOnly = true;
    await expect(checkAlerts.prepare?.(one.ctx, CHANGE)).rejects.toMatchObject({ code: 'ALERTS_UNAVAILABLE' });
    expect(await checkAlerts.verify(one.ctx, CHANGE)).toMatchObject({
      status: 'failed',
      failure: { code: 'ALERTS_UNAVAILABLE' },
    });
    expect(await checkAlerts.release?.(one.ctx, CHANGE)).toEqual([]);
  });

  it('says which silence is left, until when, and the command; nothing where none was made', async () => {
    const { ctx, alerts, notes } = await silenced();
    alerts.isReadOnly = true;
    const until = new Date(ctx.deadline + 10 * MINUTE).toISOString().slice(0, 19);
    const left = {
      code: 'SILENCE_LEFT',
      message: expect.stringContaining(`silence id-1, which ends by itself at ${until}Z`),
      hint: 'amtool --alertmanager.url URL silence expire id-1',
    };
    await expect(checkAlerts.release?.(ctx, CHANGE)).rejects.toMatchObject(left);
    alerts.isAway = true;
    await expect(checkAlerts.release?.(ctx, CHANGE)).rejects.toMatchObject(left);
    expect(notes[0]).toMatchObject({ key: 'note.silence-left', values: { silences: 'id-1', until: `${until}Z` } });

    const never = scene();
    never.alerts.isAway = true;
    await expect(checkAlerts.release?.(never.ctx, CHANGE)).rejects.toBe(AWAY);
    expect(never.notes).toEqual([]);
  });
});
