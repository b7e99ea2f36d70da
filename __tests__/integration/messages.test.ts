import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createChat } from '../../src/adapters/slack.ts';
import { createMail } from '../../src/adapters/smtp.ts';
import type { HealthCheck, MessagesConfig } from '../../src/core/config.ts';
import type { Report } from '../../src/core/report.ts';
import { annotationsOf } from '../../src/report/annotations.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderLog } from '../../src/report/log.ts';
import { Redactor } from '../../src/report/redact.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { Authority, type KeyPair } from '../../testbed/certificates.ts';
import { type Receiver, startReceiver } from '../../testbed/receiver.ts';
import { type SmtpReceiver, startSmtp } from '../../testbed/smtp.ts';
import { patientClock } from '../fakes/patient-clock.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

const TOKEN = 'T0000/B0000/s3cretS3cretS3cret';
const LOGIN = { user: 'rollback', password: 'p4ssw0rd-of-the-mail' };
const USERS = ['awa@example.com', 'moussa@example.com'];
const WEB = [deployment('web')];
const STABLE = /stable/i;

let authority: Authority;
let tls: KeyPair;
let chat: Receiver;
let smtp: SmtpReceiver;
/** Stands for the application: what the health check asks. */
let site: Receiver;
let scene: Scene;
let log: string[];

beforeAll(async () => {
  authority = await Authority.create('receivers');
  tls = await authority.issue({ commonName: 'chat and mail', hosts: ['127.0.0.1'] });
  [chat, smtp, site] = await Promise.all([startReceiver({ tls }), startSmtp({ tls, login: LOGIN }), startReceiver()]);
});
beforeEach(async () => {
  log = [];
  scene = await Scene.create('messages');
  await scene.deploy(scene.deployment('web', 'web:v1'));
});
afterEach(() => {
  for (const one of [chat, smtp, site]) one.clear();
});
afterAll(() => Promise.all([chat, smtp, site].map((one) => one?.stop())));

interface Told extends Omit<RollbackOptions, 'messages'> {
  readonly messages?: Partial<MessagesConfig>;
  readonly knownSecrets?: readonly string[];
  readonly smtpPort?: number;
}

/** Runs the engine with real receivers, as `compose.ts` puts them together. */
async function rollback({ knownSecrets = [], smtpPort, messages: changed, ...options }: Told = {}) {
  const redactor = new Redactor();
  redactor.add([...knownSecrets, `${chat.url}/services/${TOKEN}`, LOGIN.password]);
  const sender = createChat({
    webhookUrl: `${chat.url}/services/${TOKEN}`,
    clock: patientClock(),
    ca: authority.certificate,
  });
  const mail = createMail({
    url: `smtp://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${smtpPort ?? smtp.port}`,
    from: 'ops@example.com',
    clock: patientClock(),
    ca: authority.certificate,
  });
  try {
    const report = await scene.rollback(WEB, {
      health: [healthAt(site.url)],
      onLog: (line) => log.push(line),
      ...options,
      messages: { application: '224Solutions', notifyUsers: 'auto', users: USERS, downtimeMs: 1, ...changed },
      parts: (real) => ({ ...real, chat: sender, mail, redact: (one) => redactor.redactReport(one) }),
    });
    return redactor.redactReport(report);
  } finally {
    await sender.close();
  }
}

const healthAt = (url: string): HealthCheck => ({
  name: `${url}/health`,
  at: { kind: 'url', url: `${url}/health` },
  status: { from: 200, to: 299 },
  timeoutMs: 3000,
  successes: 1,
});
const badRelease = () => scene.deploy(scene.deployment('web', 'web:v2'));
const messages = (): string[] => chat.requests.map(({ body }) => JSON.parse(body).text);
const outcomeOf = (report: Report, id: string) => report.steps.find(({ step }) => step === id)?.outcome;
/** The texts of a mail, as a person sees them. */
const mails = () =>
  smtp.mails.map(({ content, ...envelope }) => ({
    ...envelope,
    content: content
      .replace(/=\r\n/g, '')
      .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8')),
  }));
const everythingShown = (report: Report) =>
  [
    ...log,
    JSON.stringify(report),
    renderSummary(report),
    renderHtml(report),
    ...renderLog(report),
    JSON.stringify(annotationsOf(report)),
  ].join('\n');

describe('a verified rollback', () => {
  it('is told to the team in the words of the checklist, and to the users who were cut off', async () => {
    await badRelease();
    site.reply({ status: 503 }, { status: 503 });
    const report = await rollback({ language: 'fr', reason: 'le paiement échoue' });
    expect(report).toMatchObject({ outcome: 'succeeded', healthy: true });

    expect(messages()).toHaveLength(1);
    const [sentence, who, ...rest] = messages()[0]?.split('\n') ?? [];
    expect(sentence).toBe('🔄 ROLLBACK EFFECTUÉ - 224Solutions est revenu à un état stable');
    expect(who).toBe('Par ada\u00a0: le paiement échoue');
    expect(rest.join('\n')).toContain('web:v2 → web:v1');
    expect(rest.join('\n')).toContain('https://github.example/run/1');
    expect(outcomeOf(report, 'notify-team')).toMatchObject({ status: 'passed' });
    expect(report.validation.find(({ id }) => id === 'team-notified')?.outcome.status).toBe('passed');

    expect(mails()).toMatchObject([{ from: 'ops@example.com', to: USERS, secure: true, user: LOGIN.user }]);
    const [{ content } = { content: '' }] = mails();
    expect(content).toContain("Le service fonctionne de nouveau, et nous l'avons vérifié.");
    expect(content).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
    expect(content).not.toMatch(/web:v|paiement échoue|awa@|moussa@/);
    expect(content).not.toContain(scene.namespace);
    expect(outcomeOf(report, 'notify-users')).toMatchObject({
      status: 'passed',
      evidence: [{ observed: expect.stringContaining('taken for 2 of 2 recipients') }],
    });
    expect(everythingShown(report)).not.toMatch(/awa@|moussa@|s3cret|p4ssw0rd/);
  });

  it('is told again by a second run as what it is, and no user hears of that one', async () => {
    await badRelease();
    await rollback();
    const report = await rollback();
    expect(report.outcome).toBe('no-op');
    expect(messages()).toHaveLength(2);
    expect(messages()[1]).toMatch(/^✅ NOTHING TO DO - 224Solutions was already back to a stable state, verified/);
    expect(outcomeOf(report, 'notify-users')).toMatchObject({
      status: 'skipped',
      reason: { key: 'skipped.no-long-downtime' },
    });
    expect(smtp.mails).toEqual([]);
  });

  it.each([
    ['never', 'skipped.not-requested', 0],
    ['auto', 'skipped.downtime-not-measured', 0],
    ['always', undefined, 1],
  ] as const)('without a health check, with notify-users %s', async (notifyUsers, key, mailsSent) => {
    await badRelease();
    const report = await rollback({ health: [], messages: { notifyUsers } });
    expect(report.outcome).toBe('succeeded');
    expect(outcomeOf(report, 'notify-users')).toMatchObject(
      key ? { status: 'skipped', reason: { key } } : { status: 'passed' },
    );
    expect(smtp.mails).toHaveLength(mailsSent);
    if (mailsSent > 0) expect(mails()[0]?.content).toContain('Maintenance of 224Solutions is over');
  });

  it('keeps secrets out of what it tells', async () => {
    await badRelease();
    const secret = 'v4lue-of-a-secret';
    const report = await rollback({ knownSecrets: [secret], reason: `after the key ${secret} was changed` });
    expect(messages()[0]).toContain('after the key *** was changed');
    expect(JSON.stringify(report)).not.toContain(secret);
  });
});

describe('a run that is not verified', () => {
  it('sends no message that says stable, and is red', async () => {
    await badRelease();
    site.always({ status: 503 });
    const report = await rollback({ timeoutMs: 15_000 });
    expect(report).toMatchObject({ outcome: 'failed', healthy: false });
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toMatch(/^❌ ROLLBACK FAILED - 224Solutions needs somebody now\n/);
    expect(messages()[0]).toContain('☎ DevOps lead: +224 600 00 00 00');
    expect(messages()[0]).not.toMatch(STABLE);
    expect(mails()).toHaveLength(1);
    expect(mails()[0]?.content).toContain('We are working on bringing the service back.');
    expect(mails()[0]?.content).not.toMatch(/available again|works again/);
  });

  it('says that it was refused and touched nothing, and tells no user, even where always is asked for', async () => {
    const report = await rollback({ messages: { notifyUsers: 'always', downtimeMs: 60_000 } });
    expect(report.outcome).toBe('refused');
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toMatch(/^❌ ROLLBACK REFUSED - 224Solutions was not touched\n/);
    expect(messages()[0]).not.toMatch(STABLE);
    expect(outcomeOf(report, 'notify-users')).toMatchObject({
      status: 'skipped',
      reason: { key: 'skipped.nothing-for-users' },
    });
    expect(smtp.mails).toEqual([]);
  });

  it('tells nobody of a plan', async () => {
    await badRelease();
    const report = await rollback({ mode: 'plan' });
    expect(report.outcome).toBe('planned');
    expect(report.plan?.steps.find(({ step }) => step === 'notify-team')?.planned).toEqual({ kind: 'check' });
    expect([messages(), smtp.mails]).toEqual([[], []]);
  });
});

describe('a receiver that fails', () => {
  it('is a warning after it was tried again; the run stays as it was, and no address is shown', async () => {
    await badRelease();
    site.reply({ status: 503 }, { status: 503 });
    chat.always({ status: 500, body: `<html>${TOKEN}</html>` });
    await using gone = await startSmtp({ tls });
    await gone.stop();
    const report = await rollback({ smtpPort: gone.port });
    expect(report).toMatchObject({ outcome: 'succeeded', healthy: true, failures: [] });
    expect(chat.requests.length).toBeGreaterThan(1);
    expect(outcomeOf(report, 'notify-team')).toMatchObject({
      status: 'failed',
      failure: { code: 'MESSAGE_FAILED', message: expect.stringContaining('it answered 500') },
    });
    expect(outcomeOf(report, 'notify-users')).toMatchObject({
      status: 'failed',
      failure: { code: 'MESSAGE_FAILED', message: expect.stringContaining('connection refused') },
    });
    const levels = annotationsOf(report).filter(({ message }) => message.includes('not delivered'));
    expect(levels.map(({ level }) => level)).toEqual(['warning', 'warning']);
    expect(everythingShown(report)).not.toMatch(/s3cret|T0000|p4ssw0rd|awa@|moussa@/);
    expect(everythingShown(report)).not.toContain(`:${chat.port}`);
  });

  it('turns the run red where required-checks asks for it', async () => {
    await badRelease();
    chat.always({ status: 404, body: 'no_service' });
    const report = await rollback({ requiredChecks: ['notify-team'] });
    expect(report).toMatchObject({ outcome: 'failed', healthy: true });
  });

  it('is counted, and not named, where it refuses some recipients', async () => {
    await badRelease();
    smtp.refuseRecipients((address) =>
      address === USERS[0] ? { code: 550, text: `5.1.1 <${address}> unknown` } : undefined,
    );
    const report = await rollback({ messages: { notifyUsers: 'always' } });
    expect(report.outcome).toBe('succeeded');
    expect(outcomeOf(report, 'notify-users')).toMatchObject({
      status: 'failed',
      failure: { code: 'MESSAGE_FAILED', message: expect.stringContaining('refused 1 of 2 recipients') },
      evidence: [{ observed: expect.stringContaining('1 of 2 recipients') }],
    });
    expect(smtp.mails).toMatchObject([{ to: [USERS[1]] }]);
    expect(everythingShown(report)).not.toMatch(/awa@|moussa@/);
  });
});
