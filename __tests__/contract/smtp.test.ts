import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMail } from '../../src/adapters/smtp.ts';
import type { RollbackError } from '../../src/core/errors.ts';
import type { Mail } from '../../src/ports/messages.ts';
import { Authority, type KeyPair } from '../../testbed/certificates.ts';
import { type SmtpReceiver, startSmtp } from '../../testbed/smtp.ts';
import { patientClock } from '../fakes/patient-clock.ts';

const LOGIN = { user: 'rollback', password: 'pä:ss@w0rd%' };
const CREDENTIALS = `${LOGIN.user}:${encodeURIComponent(LOGIN.password)}`;
const MAIL: Mail = {
  to: ['awa@example.com', 'moussa@example.com'],
  subject: 'Maintenance terminée',
  text: 'Le service est rétabli.',
  html: '<p>Le service est <b>rétabli</b>.</p>',
};
let authority: Authority;
let tls: KeyPair;
let server: SmtpReceiver;

beforeAll(async () => {
  authority = await Authority.create('mail authority');
  tls = await authority.issue({ commonName: 'mail', hosts: ['127.0.0.1'] });
  server = await startSmtp({ tls, login: LOGIN });
});
beforeEach(() => server.clear());
afterAll(() => server?.stop());

interface Given {
  readonly url?: string;
  readonly ca?: string | undefined;
  readonly signal?: AbortSignal;
  readonly attemptMs?: number;
  readonly budgetMs?: number;
}

async function send(mail: Partial<Mail> = {}, given: Given = {}) {
  const clock = patientClock();
  const ca = 'ca' in given ? given.ca : authority.certificate;
  const { url = `smtp://${CREDENTIALS}@127.0.0.1:${server.port}`, signal = new AbortController().signal } = given;
  const options = {
    url,
    from: 'ops@example.com',
    clock,
    budgetMs: given.budgetMs ?? 5_000,
    attemptMs: given.attemptMs ?? 5_000,
    ...(ca ? { ca } : {}),
  };
  try {
    return { delivery: await createMail(options).send({ ...MAIL, ...mail }, { signal }), waits: clock.waits };
  } catch (error) {
    const shown = inspect(error, { depth: 10 });
    for (const secret of [LOGIN.password, encodeURIComponent(LOGIN.password), 'awa@', 'moussa@'])
      expect(shown).not.toContain(secret);
    return { error: error as RollbackError, waits: clock.waits };
  }
}

const failed = (message: string) =>
  expect.objectContaining({ code: 'MESSAGE_FAILED', message: expect.stringContaining(message) });

describe('a mail', () => {
  it('goes over STARTTLS, logged in, as text and HTML, to recipients who do not see each other', async () => {
    await expect(send()).resolves.toMatchObject({ delivery: { accepted: 2, rejected: 0 } });
    expect(server.mails).toMatchObject([{ from: 'ops@example.com', to: MAIL.to, secure: true, user: LOGIN.user }]);
    const { content } = server.mails[0] ?? { content: '' };
    expect(content).not.toMatch(/awa@|moussa@/);
    expect(content).toMatch(/^To: ops@example.com\r$/m);
    expect(content).toMatch(/^Auto-Submitted: auto-generated\r$/im);
    expect(content).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
  });

  it('goes over TLS from the first byte', async () => {
    await using implicit = await startSmtp({ tls, mode: 'implicit', login: LOGIN });
    const url = `smtps://${CREDENTIALS}@127.0.0.1:${implicit.port}`;
    await expect(send({ to: ['awa@example.com'] }, { url })).resolves.toMatchObject({ delivery: { accepted: 1 } });
    expect(implicit.mails).toMatchObject([
      { secure: true, content: expect.stringMatching(/^To: awa@example.com\r$/m) },
    ]);
  });

  it.each(['starttls', 'implicit'] as const)('is not handed to a server of another authority (%s)', async (mode) => {
    await using other = await startSmtp({ tls, mode });
    const url = `${mode === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${other.port}`;
    const stranger = await Authority.create('stranger');
    for (const ca of [stranger.certificate, undefined])
      await expect(send({}, { url, ca })).resolves.toMatchObject({
        error: failed("the server's certificate is not accepted"),
        waits: [],
      });
    expect(other.mails).toEqual([]);
  });

  it('is not handed to a server whose certificate is for another name', async () => {
    await using other = await startSmtp({ tls: await authority.issue({ commonName: 'x', hosts: ['mail.invalid'] }) });
    await expect(send({}, { url: `smtp://127.0.0.1:${other.port}` })).resolves.toMatchObject({
      error: failed('certificate is for another name'),
    });
  });

  it('is not sent in the clear by a server that drops STARTTLS, unless that was asked for', async () => {
    await using plain = await startSmtp({ tls, mode: 'none' });
    await expect(send({}, { url: `smtp://127.0.0.1:${plain.port}` })).resolves.toMatchObject({
      error: failed('offers no TLS'),
    });
    expect(plain.mails).toEqual([]);
    await expect(send({}, { url: `smtp://127.0.0.1:${plain.port}?tls=none` })).resolves.toMatchObject({
      delivery: { accepted: 2 },
    });
    expect(plain.mails).toMatchObject([{ secure: false }]);
  });

  it('never shows the password, even where the server says it', async () => {
    const url = `smtp://${LOGIN.user}:wrong${encodeURIComponent(LOGIN.password)}@127.0.0.1:${server.port}`;
    await expect(send({}, { url })).resolves.toMatchObject({
      error: failed('535 (5.7.8): user or password is not accepted'),
      waits: [],
    });
  });

  it('counts the recipients that are refused, and names none', async () => {
    server.refuseRecipients((address) =>
      address === 'awa@example.com' ? { code: 550, text: `5.1.1 <${address}> unknown` } : undefined,
    );
    await expect(send()).resolves.toMatchObject({ delivery: { accepted: 1, rejected: 1 } });
    server.refuseRecipients((address) => ({ code: 550, text: `5.1.1 <${address}> unknown` }));
    await expect(send()).resolves.toMatchObject({ error: failed('all 2 recipients were refused'), waits: [] });
  });

  it('is tried again while the server asks for it', async () => {
    server.refuseMails({ code: 451, text: '4.3.0 try again' });
    const { delivery, waits } = await send();
    expect([delivery, waits.length, server.mails.length]).toEqual([{ accepted: 2, rejected: 0 }, 1, 1]);
  });

  it('is not tried again when the server refuses it', async () => {
    server.refuseMails({ code: 554, text: '5.7.1 spam <moussa@example.com>' });
    await expect(send()).resolves.toMatchObject({ error: failed('the server answered 554 (5.7.1)'), waits: [] });
  });

  it('is tried again where nobody listens, and says so', async () => {
    const gone = await startSmtp({ tls });
    await gone.stop();
    const { error, waits } = await send({}, { url: `smtp://127.0.0.1:${gone.port}` });
    expect(error).toEqual(failed('connection refused'));
    expect(waits.length).toBeGreaterThan(0);
  });

  it('is split where there are more recipients than a server must take', async () => {
    const to = Array.from({ length: 150 }, (_, n) => `user${n}@example.com`);
    await expect(send({ to })).resolves.toMatchObject({ delivery: { accepted: 150, rejected: 0 } });
    expect(server.mails.map((mail) => mail.to.length)).toEqual([100, 50]);
  });

  it('says how many have it where the server fails in the middle of them', async () => {
    const to = Array.from({ length: 150 }, (_, n) => `user${n}@example.com`);
    server.refuseRecipients((address) =>
      Number(/\d+/.exec(address)) >= 100 ? { code: 451, text: `4.7.1 <${address}> too many` } : undefined,
    );
    await expect(send({ to })).resolves.toMatchObject({
      error: failed('Before that it was taken for 100 of 150 recipients.'),
    });
  });

  it('takes no header and no recipient by way of its subject', async () => {
    await send({ subject: 'Bonjour\r\nBcc: evil@example.com\r\n\r\nbody\u2028x' });
    expect(server.mails).toMatchObject([{ to: MAIL.to }]);
    expect(server.mails[0]?.content).not.toMatch(/^Bcc:/im);
  });

  it.each([
    'awa@example.com\r\nBcc: evil@example.com',
    'awa@example.com, evil@example.com',
    'Awa <awa@example.com>',
    '"awa@evil.com x"@example.com',
    'awa@example.com>',
    'awa',
    '',
  ])('refuses the recipient %j', async (address) => {
    const { error } = await send({ to: [address] });
    expect(error).toMatchObject({ code: 'INPUT_INVALID' });
    expect(server.mails).toEqual([]);
  });

  it('does not wait for a server that says a byte now and then', async () => {
    const dripping = createServer((socket) => {
      const timer = setInterval(() => socket.write('2'), 50);
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
    const { port } = dripping.address() as AddressInfo;
    const { error } = await send({}, { url: `smtp://127.0.0.1:${port}`, attemptMs: 500, budgetMs: 1_000 });
    expect(error).toEqual(failed('no answer in time'));
    await new Promise((resolve) => dripping.close(resolve));
  });

  it('is given up when the run is cancelled', async () => {
    const controller = new AbortController();
    const sent = send({}, { signal: controller.signal });
    controller.abort();
    await expect(sent).resolves.toMatchObject({ error: { code: 'CANCELLED' } });
  });
});
