import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type LoadedRun, loadRun, secretsToMask, secretValues } from '../../src/inputs.ts';
import { STEPS } from '../../src/steps/index.ts';

const WEBHOOK = 'https://hooks.slack.com/services/T000/B000/s3cretS3cretS3cret';
const SMTP = 'smtp://ops:p%40ssw0rd@mail.example.com:587';
const PLACE = 'namespace: production\nworkloads: [deployment/web]\n';
const MAIL = 'messages: { application: Shop, users: [awa@example.com, moussa@example.com], from: ops@example.com }\n';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function load(inputs: Readonly<Record<string, string>>, file = ''): LoadedRun {
  const workspace = mkdtempSync(join(tmpdir(), 'messages-'));
  folders.push(workspace);
  writeFileSync(join(workspace, 'rollback.yml'), PLACE + file);
  const given = Object.entries({ config: 'rollback.yml', ...inputs }).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value,
  ]);
  return loadRun(
    { ...Object.fromEntries(given), GITHUB_WORKSPACE: workspace, RUNNER_TEMP: workspace },
    STEPS.map((step) => step.meta),
  );
}

function faults(inputs: Readonly<Record<string, string>>, file = ''): string[] {
  const { request } = load(inputs, file);
  return request.kind === 'ready' ? [] : request.errors.errors.map(({ message, hint }) => `${message} | ${hint}`);
}

const config = (inputs: Readonly<Record<string, string>>, file = '') => {
  const { request } = load(inputs, file);
  if (request.kind === 'refused') throw request.errors;
  return request.config;
};

describe('messages', () => {
  it('are told to nobody unless something is configured', () => {
    expect(config({}).messages).toEqual({ notifyUsers: 'auto', users: [], downtimeMs: 60_000 });
    expect(faults({ 'slack-webhook-url': WEBHOOK })).toEqual([]);
  });

  it('come from the file, but for the receivers, which are secrets', () => {
    const loaded = load({ 'smtp-url': SMTP, 'slack-webhook-url': WEBHOOK, 'notify-users': 'always' }, MAIL);
    expect(loaded.request).toMatchObject({
      kind: 'ready',
      config: {
        messages: {
          application: 'Shop',
          users: ['awa@example.com', 'moussa@example.com'],
          from: 'ops@example.com',
          notifyUsers: 'always',
        },
      },
    });
    expect(JSON.stringify(loaded.request)).not.toMatch(/s3cret|p%40ss/);
    expect(loaded.secrets).toMatchObject({ slackWebhookUrl: WEBHOOK, smtpUrl: SMTP });
  });

  it('mask the receivers, and what is secret in them by itself', () => {
    const { secrets } = load({ 'smtp-url': SMTP, 'slack-webhook-url': WEBHOOK }, MAIL);
    for (const all of [secretValues(secrets), secretsToMask(secrets)])
      expect(all).toEqual(expect.arrayContaining([WEBHOOK, 's3cretS3cretS3cret', SMTP, 'p@ssw0rd', 'p%40ssw0rd']));
  });

  it('do not mask words of an address that stand in other texts, too', () => {
    const { secrets } = load({ 'slack-webhook-url': 'https://chat.example.com/hooks/production' });
    expect(secretValues(secrets)).not.toContain('hooks');
    expect(secretValues(secrets)).not.toContain('production');
  });
});

describe('receivers that cannot be right', () => {
  it.each([
    ['s3cret', 'is not an address that begins with https://'],
    ['ftp://hooks.example.com/s3cret', 'is not an address that begins with https://'],
    ['https://hooks.slack.com/', 'has no path'],
    ['https://user:s3cret@hooks.slack.com/services/x', 'has a user or a password'],
    ['http://hooks.slack.com/services/s3cret', 'begins with http://'],
  ])('are refused without being quoted: webhook %s', (url, text) => {
    expect(faults({ 'slack-webhook-url': url })).toEqual([expect.stringContaining(`input slack-webhook-url: ${text}`)]);
    expect(faults({ 'slack-webhook-url': url }).join()).not.toContain('s3cret');
  });

  it('take http:// where it stays on the runner, or was allowed', () => {
    expect(faults({ 'slack-webhook-url': 'http://127.0.0.1:8080/hook' })).toEqual([]);
    expect(faults({ 'slack-webhook-url': 'http://chat.internal/hook', 'allow-insecure': 'http' })).toEqual([]);
  });

  it.each([
    ['https://ops:s3cret@mail.example.com', 'it is not an address that begins with smtp:// or smtps://'],
    ['smtp://ops:s3cret@mail.example.com?tls=none', 'the password would be readable'],
  ])('are refused without being quoted: mail server %s', (url, text) => {
    expect(faults({ 'smtp-url': url }, MAIL)).toEqual([expect.stringContaining(text)]);
    expect(faults({ 'smtp-url': url }, MAIL).join()).not.toContain('s3cret');
  });

  it('are told together with everything else', () => {
    const all = faults({ 'slack-webhook-url': 'x', 'smtp-url': 'y', tier: 'fast' }).join('\n');
    for (const part of ['tier', 'slack-webhook-url', '`smtp-url`', 'messages.users', 'messages.from'])
      expect(all).toContain(part);
  });
});

describe('mail that could not be sent', () => {
  it('has a server and nobody to send to, or no sender', () => {
    expect(faults({ 'smtp-url': SMTP })).toEqual([
      expect.stringMatching(/^messages\.users: is missing, and smtp-url is given/),
      expect.stringMatching(/^messages\.from: is missing, and smtp-url is given/),
    ]);
    expect(faults({ 'smtp-url': SMTP }, 'messages: { users: [awa@example.com] }\n')).toEqual([
      expect.stringMatching(/^rollback\.yml:3(:\d+)?: messages\.from: is missing/),
    ]);
  });

  it('is asked for always, without a server', () => {
    expect(faults({ 'notify-users': 'always' }, MAIL)).toEqual([
      expect.stringContaining('input smtp-url: is missing, and notify-users is always'),
    ]);
    expect(faults({}, `${MAIL}notify-users: always\n`)).toHaveLength(1);
    // One file serves environments with and without a mail server.
    expect(faults({}, MAIL)).toEqual([]);
  });

  it('is no fault where no mail is wanted', () => {
    expect(faults({ 'smtp-url': SMTP, 'notify-users': 'never' })).toEqual([]);
    expect(faults({ 'smtp-url': SMTP, 'skip-steps': 'notify-users' })).toEqual([]);
    expect(faults({ 'smtp-url': SMTP, steps: 'undo-workloads' })).toEqual([]);
  });

  it.each([
    ['users: [awa@example.com, "Awa <awa@private.example>"], from: ops@example.com', 'messages.users[1]'],
    ['users: [awa@example.com], from: "awa at private.example"', 'messages.from'],
    [`users: ["${'a'.repeat(300)}@private.example"], from: ops@example.com`, 'messages.users[0]'],
  ])('goes to an address that is none, which is not shown: %s', (file, place) => {
    const [fault = '', ...more] = faults({ 'smtp-url': SMTP }, `messages: { ${file} }\n`);
    expect(more).toEqual([]);
    expect(fault).toContain(`${place}: saw "***"; allowed: an e-mail address alone`);
    expect(fault).not.toMatch(/private|aaaa/);
  });
});
