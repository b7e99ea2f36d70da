import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAlertmanager } from '../../src/adapters/alertmanager.ts';
import { matcherText } from '../../src/core/alerts.ts';
import type { AlertMatcher } from '../../src/ports/alerts.ts';
import { type Alertmanager, startAlertmanager } from '../../testbed/alertmanager.ts';
import { waitFor } from '../../testbed/condition.ts';
import { type Receiver, type Reply, startReceiver } from '../../testbed/receiver.ts';
import { patientClock } from '../fakes/patient-clock.ts';

const within = { signal: new AbortController().signal };
const equal = (name: string, value: string): AlertMatcher => ({ name, value, isRegex: false, isEqual: true });
const MINUTE = 60_000;
let real: Alertmanager;
let hostile: Receiver;
const open: ReturnType<typeof createAlertmanager>[] = [];
let runs = 0;

beforeAll(async () => {
  [real, hostile] = await Promise.all([startAlertmanager({ prefix: '/alertmanager' }), startReceiver()]);
});
beforeEach(() => hostile.clear());
afterAll(async () => {
  await Promise.all(open.map((client) => client.close()));
  await Promise.all([real?.stop(), hostile?.stop()]);
});

function client(options: Partial<Parameters<typeof createAlertmanager>[0]> = {}) {
  const made = createAlertmanager({
    url: real.url,
    clock: patientClock(),
    author: 'tiered-rollback',
    run: `run-${++runs}`,
    attemptMs: 5_000,
    ...options,
  });
  open.push(made);
  return made;
}

const request = (service: string) => ({
  matchers: [equal('service', service)],
  startsAt: Date.now(),
  endsAt: Date.now() + 10 * MINUTE,
  comment: 'Rollback, https://github.com/owner/name/actions/runs/1',
});

describe('a silence', () => {
  it('is made, seen, extended and expired', async () => {
    const alerts = client({ run: 'whole-life' });
    const id = await alerts.silence(request('whole-life'), within);
    const [silence] = await alerts.ownSilences(within);
    expect(silence).toMatchObject({
      id,
      state: 'active',
      matchers: [equal('service', 'whole-life')],
      createdBy: 'tiered-rollback',
      comment: 'Rollback, https://github.com/owner/name/actions/runs/1 [run whole-life]',
    });
    const later = Date.now() + 30 * MINUTE;
    const same = await alerts.extend(id, later, within);
    expect(await alerts.ownSilences(within)).toMatchObject([{ id: same, state: 'active', endsAt: later }]);
    await alerts.expire(same, within);
    expect(await alerts.ownSilences(within)).toMatchObject([{ id: same, state: 'expired' }]);
    await alerts.expire(same, within);
    await expect(alerts.extend(same, later, within)).rejects.toMatchObject({ code: 'ALERTS_UNAVAILABLE' });
  });

  it('mutes what matches; what it mutes still counts as firing', async () => {
    const alerts = client();
    await real.alert({ alertname: 'Down', service: 'muted' });
    await real.alert({ alertname: 'Down', service: 'loud' });
    const firing = (service: string) => alerts.firing([equal('service', service)], within);
    const id = await alerts.silence(request('muted'), within);
    // Alertmanager marks alerts as silenced when it looks at them next.
    await waitFor('the alert is muted', async () => (await firing('muted'))[0]?.silencedBy.includes(id), {
      timeoutMs: 15_000,
    });
    expect(await firing('loud')).toMatchObject([{ name: 'Down', silencedBy: [], labels: { service: 'loud' } }]);
    await real.alert({ alertname: 'Down', service: 'muted' }, { resolved: true });
    await waitFor('the alert is over', async () => (await firing('muted')).length === 0, { timeoutMs: 15_000 });
    await alerts.expire(id, within);
  });

  it('of somebody else is neither seen as ours nor touched', async () => {
    const [ours, run1] = [client(), client({ run: '1' })];
    const others = [
      await client({ author: 'alice', run: '1' }).silence(request('foreign'), within),
      await client({ run: '12' }).silence(request('foreign'), within),
    ];
    for (const alerts of [ours, run1]) {
      for (const id of others) {
        await expect(alerts.expire(id, within)).rejects.toMatchObject({ code: 'SILENCE_FOREIGN' });
        await expect(alerts.extend(id, Date.now() + MINUTE, within)).rejects.toMatchObject({ code: 'SILENCE_FOREIGN' });
      }
      expect(await alerts.ownSilences(within)).toEqual([]);
    }
    expect(await client({ run: '12' }).ownSilences(within)).toMatchObject([{ id: others[1], state: 'active' }]);
    const named = await client({ run: '12' }).silence({ ...request('foreign'), comment: 'because of [run 1]' }, within);
    await expect(run1.expire(named, within)).rejects.toMatchObject({ code: 'SILENCE_FOREIGN' });
    expect(await client({ author: 'alice', run: '1' }).ownSilences(within)).toMatchObject([{ state: 'active' }]);
  });

  it('that is gone needs no expiring', async () => {
    await client().expire('00000000-0000-4000-8000-000000000000', within);
  });

  it('is refused with the words of the server', async () => {
    const all = { ...request('x'), matchers: [{ name: 'service', value: '.*', isRegex: true, isEqual: true }] };
    await expect(client().silence(all, within)).rejects.toMatchObject({
      code: 'ALERTS_UNAVAILABLE',
      message: expect.stringMatching(/answered 400 ".+"/),
    });
  });

  it('whose answer was lost is looked for, not made twice', async () => {
    const asked = request('lost');
    hostile.reply('reset', {
      status: 200,
      body: JSON.stringify([
        {
          id: 'found',
          status: { state: 'active' },
          matchers: asked.matchers,
          startsAt: new Date(asked.startsAt).toISOString(),
          endsAt: new Date(asked.endsAt).toISOString(),
          createdBy: 'tiered-rollback',
          comment: `${asked.comment} [run lost]`,
        },
      ]),
    });
    expect(await client({ url: hostile.url, run: 'lost' }).silence(asked, within)).toBe('found');
    expect(hostile.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });
});

describe('alerts', () => {
  it('are asked for by values of any characters', async () => {
    const value = 'a"b\\c\nd,{e}=~é&f';
    await real.alert({ alertname: 'Odd', odd: value });
    const alerts = client();
    const find = (matcher: AlertMatcher) => alerts.firing([equal('alertname', 'Odd'), matcher], within);
    await waitFor('the alert', async () => (await find(equal('odd', value))).length === 1, { timeoutMs: 10_000 });
    expect(await find({ ...equal('odd', value), isEqual: false })).toEqual([]);
    expect(await find({ name: 'odd', value: 'a.*f', isRegex: true, isEqual: true })).toEqual([]);
    expect(matcherText({ name: 'odd', value: '"', isRegex: true, isEqual: false })).toBe('odd!~"\\""');
  });

  it('are asked for with credentials that are never shown', async () => {
    const url = hostile.url.replace('://', '://user:pa%40ss@');
    hostile.always({ status: 200, body: '[]' });
    await client({ url }).firing([], within);
    await client({ url: hostile.url, token: 's3cret-token' }).firing([], within);
    expect(hostile.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('user:pa@ss').toString('base64')}`,
      'Bearer s3cret-token',
    ]);
    hostile.always({ status: 401 });
    for (const options of [{ url }, { url: hostile.url, token: 's3cret-token' }]) {
      const error = await client(options)
        .firing([], within)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ message: expect.stringContaining('credentials are not accepted (401)') });
      expect(inspect(error, { depth: 10 })).not.toMatch(/pa%40ss|pa@ss|s3cret-token/);
    }
  });

  it.each<[string, Reply, string]>([
    ['a login page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'an HTML page'],
    ['a redirect', { status: 302, headers: { location: 'https://sso.example.com' } }, 'it redirects (302)'],
    ['an endless answer', { status: 200, endless: true }, 'longer than'],
    ['another form', { status: 200, body: '[{"fingerprint":1}]' }, 'JSON of another form'],
    ['broken JSON', { status: 200, body: '[' }, 'it answered 200'],
    ['no such path', { status: 404, body: '404 page not found' }, 'it answered 404'],
    ['an error with line breaks', { status: 500, body: '"a\\n::error::b"' }, 'it answered 500 "a ::error::b"'],
    ['a connection that is cut', 'reset', 'connection reset'],
    ['silence', 'silent', 'no answer within 200 ms'],
  ])('are unavailable: %s', async (_what, reply, message) => {
    hostile.always(reply);
    await expect(
      client({ url: hostile.url, attemptMs: reply === 'silent' ? 200 : 5_000, budgetMs: 500 }).firing([], within),
    ).rejects.toMatchObject({
      code: 'ALERTS_UNAVAILABLE',
      message: expect.stringContaining(message),
    });
  });

  it('are asked for again while the server is ill', async () => {
    hostile.reply({ status: 503 }, 'reset', { status: 200, body: '[]' });
    expect(await client({ url: hostile.url }).firing([], within)).toEqual([]);
    expect(hostile.requests).toHaveLength(3);
  });
});
