import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createChat } from '../../src/adapters/slack.ts';
import { type ErrorCode, RollbackError } from '../../src/core/errors.ts';
import { Authority } from '../../testbed/certificates.ts';
import { type Receiver, type Reply, startReceiver } from '../../testbed/receiver.ts';
import { patientClock } from '../fakes/patient-clock.ts';

const SECRET = 'T000/B000/s3cretS3cret';
const signal = new AbortController().signal;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
afterAll(() => receiver?.stop());

async function post(
  text: string,
  options: Partial<Parameters<typeof createChat>[0]> & { signal?: AbortSignal } = {},
): Promise<{ error: RollbackError | undefined; waits: readonly number[] }> {
  const clock = patientClock();
  const chat = createChat({ webhookUrl: `${receiver.url}/services/${SECRET}`, clock, ...options });
  try {
    await chat.send(text, { signal: options.signal ?? signal });
    return { error: undefined, waits: clock.waits };
  } catch (error) {
    // The webhook is a secret, whatever happens to be printed of the error.
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
    expect(inspect(error, { depth: 10 })).not.toContain(`:${receiver.port}`);
    if (!(error instanceof RollbackError)) throw error;
    return { error, waits: clock.waits };
  } finally {
    await chat.close();
  }
}

const failed = (message: string, code: ErrorCode = 'MESSAGE_FAILED') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('a message to the chat', () => {
  it('is posted once as JSON', async () => {
    await expect(post('Rollback effectué. Système stable. ✅')).resolves.toMatchObject({ error: undefined });
    expect(receiver.requests).toMatchObject([
      {
        method: 'POST',
        path: `/services/${SECRET}`,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: '{"text":"Rollback effectué. Système stable. ✅"}',
      },
    ]);
  });

  it('calls nobody by what a pod may have printed', async () => {
    await post('<!channel> <https://evil.example|click> a & b');
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual({
      text: '&lt;!channel&gt; &lt;https://evil.example|click&gt; a &amp; b',
    });
  });

  it('calls nobody by the bare words of other chats, and leaves addresses as they are', async () => {
    await post('@channel @Everyone; @all-hands, security@shop.example, npx @scope/tool');
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toEqual({
      text: '@\u200bchannel @\u200bEveryone; @\u200ball-hands, security@shop.example, npx @scope/tool',
    });
  });

  it('is cut where Slack would cut it', async () => {
    await post('x'.repeat(50_000));
    expect(JSON.parse(receiver.requests[0]?.body ?? '').text).toHaveLength(40_000);
  });

  it('waits as long as the receiver asks', async () => {
    receiver.reply({ status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' });
    const { error, waits } = await post('again');
    expect([error, waits]).toEqual([undefined, [7000]]);
    expect(receiver.requests).toHaveLength(2);
  });

  it('gives up when the receiver asks for more patience than there is time', async () => {
    receiver.always({ status: 429, headers: { 'retry-after': '3600' } });
    await expect(post('never')).resolves.toMatchObject({ error: failed('it answered 429'), waits: [] });
  });

  it('is tried again with growing waits while the receiver is ill, within the budget', async () => {
    receiver.always({ status: 503, body: '<html>unavailable</html>' });
    const { error, waits } = await post('ill', { budgetMs: 10_000 });
    expect(error).toEqual(failed('it answered 503'));
    expect(waits.length).toBeGreaterThan(2);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
    expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
  });

  it.each<[string, Reply, string]>([
    ['a webhook that is gone', { status: 404, body: 'no_service' }, 'it answered 404 no_service'],
    ['an archived channel', { status: 410, body: 'channel_is_archived' }, 'it answered 410 channel_is_archived'],
    ['words that are not one of Slack', { status: 400, body: '::error::pwned' }, 'it answered 400.'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, 'it redirects (302)'],
    [
      'a login page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html>' },
      'an HTML page',
    ],
    ['an endless answer', { status: 200, endless: true }, 'longer than 65536 bytes; it may have arrived'],
    ['a connection that is cut', 'reset', 'connection reset; it may have arrived'],
    ['silence', 'silent', 'no answer within 300 ms; it may have arrived'],
  ])('is not sent a second time after %s', async (_what, reply, message) => {
    receiver.reply(reply);
    await expect(post('once', { attemptMs: reply === 'silent' ? 300 : 5_000 })).resolves.toMatchObject({
      error: failed(message),
      waits: [],
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it('is tried again where nobody listens, and says so', async () => {
    const gone = await startReceiver();
    await gone.stop();
    const { error, waits } = await post('nobody', { webhookUrl: `${gone.url}/${SECRET}`, budgetMs: 3_000 });
    expect(error).toEqual(failed('connection refused'));
    expect(waits.length).toBeGreaterThan(0);
  });

  it('is given up when the run is cancelled', async () => {
    receiver.always('silent');
    const controller = new AbortController();
    const sent = post('late', { signal: controller.signal });
    controller.abort();
    await expect(sent).resolves.toMatchObject({ error: { code: 'CANCELLED' } });
  });

  it('refuses a webhook that is no URL without quoting it', () => {
    const make = () => createChat({ webhookUrl: SECRET, clock: patientClock() });
    expect(make).toThrow(failed('is not a URL', 'INPUT_INVALID'));
    expect(make).not.toThrow(SECRET);
  });

  it('goes over TLS only to a certificate that is accepted', async () => {
    const authority = await Authority.create('ours');
    await using secure = await startReceiver({
      tls: await authority.issue({ commonName: 'chat', hosts: ['127.0.0.1'] }),
    });
    const webhookUrl = `${secure.url}/${SECRET}`;
    await expect(post('trusted', { webhookUrl, ca: authority.certificate })).resolves.toMatchObject({
      error: undefined,
    });
    await expect(post('untrusted', { webhookUrl })).resolves.toMatchObject({ error: { code: 'MESSAGE_FAILED' } });
    expect(secure.requests).toHaveLength(1);
  });
});
