import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Authority } from '../../testbed/certificates.ts';
import { type Receiver, startReceiver } from '../../testbed/receiver.ts';
import { type SmtpReceiver, startSmtp } from '../../testbed/smtp.ts';
import { Scene } from './scene.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const PATH = '/services/T0000/B0000/s3cretS3cretS3cret';
const LOGIN = { user: 'rollback', password: 'p4ss:word@mail' };
const SECRETS = /s3cret|p4ss|awa@|moussa@/;

let chat: Receiver;
let smtp: SmtpReceiver;
let scene: Scene;
let folder: string;

beforeAll(async () => {
  const authority = await Authority.create('receivers');
  const tls = await authority.issue({ commonName: 'mail', hosts: ['127.0.0.1'] });
  [chat, smtp, scene] = await Promise.all([
    startReceiver(),
    startSmtp({ tls, login: LOGIN }),
    Scene.create('messages-process'),
  ]);
  folder = await mkdtemp(join(tmpdir(), 'messages-'));
  await writeFile(join(folder, 'ca.crt'), authority.certificate);
  await scene.deploy(scene.deployment('web', 'web:v1'));
});
beforeEach(() => {
  chat.clear();
  smtp.clear();
});
afterAll(async () => {
  await Promise.all([chat?.stop(), smtp?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const FILE = `
workloads: [deployment/web]
language: fr
stable-for: 0s
messages: { application: 224Solutions, users: [awa@example.com, moussa@example.com], from: ops@example.com }
`;

/** The whole program, as the runner starts it: what it shows, and what it leaves behind. Commands that tell the runner what to mask are left out. */
async function program(inputs: Readonly<Record<string, string>>): Promise<{ code: number | null; shown: string }> {
  const place = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(place, 'rollback.yml'), FILE);
  const given = {
    config: 'rollback.yml',
    namespace: scene.namespace,
    kubeconfig: scene.cluster.kubeconfig,
    'slack-webhook-url': `${chat.url}${PATH}`,
    'smtp-url': `smtp://${LOGIN.user}:${encodeURIComponent(LOGIN.password)}@127.0.0.1:${smtp.port}`,
    'notify-users': 'always',
    ...inputs,
  };
  const files = { GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state' };
  for (const name of Object.values(files)) await writeFile(join(place, name), '');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: place,
      RUNNER_TEMP: place,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt'),
      ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(place, file)])),
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => parts.push(text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const left = await Promise.all(
    (await readdir(place)).filter((name) => name !== 'rollback.yml').map((name) => readFile(join(place, name), 'utf8')),
  );
  const lines = parts
    .join('')
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'));
  return { code, shown: [...lines, ...left].join('\n') };
}

describe('the program', () => {
  it('tells team and users of the verdict, and shows neither receivers nor addresses anywhere', async () => {
    await scene.deploy(scene.deployment('web', 'web:v2'));
    const { code, shown } = await program({});
    expect({ code, shown: code === 0 ? '' : shown }).toEqual({ code: 0, shown: '' });
    expect(chat.requests).toMatchObject([{ method: 'POST', path: PATH }]);
    expect(JSON.parse(chat.requests[0]?.body ?? '').text).toMatch(
      /^🔄 ROLLBACK EFFECTUÉ - 224Solutions est revenu à un état stable\n/,
    );
    expect(smtp.mails).toMatchObject([
      { to: ['awa@example.com', 'moussa@example.com'], secure: true, user: LOGIN.user },
    ]);
    expect(shown).not.toMatch(SECRETS);
  });

  it('is green where no receiver takes anything, warns, and still shows none of them', async () => {
    chat.always({ status: 403, body: 'invalid_token' });
    smtp.refuseRecipients((address) => ({ code: 550, text: `5.1.1 <${address}> unknown` }));
    const { code, shown } = await program({});
    expect({ code, shown: code === 0 ? '' : shown }).toEqual({ code: 0, shown: '' });
    expect(shown).toMatch(/::warning .*réponse 403 invalid_token/);
    expect(shown).toMatch(/::warning .*les 2 destinataires ont tous été refusés/);
    expect(shown).not.toMatch(SECRETS);
  });

  it('refuses receivers that cannot be right before it touches anything, without quoting them', async () => {
    const before = await scene.get('Deployment', 'web');
    const { code, shown } = await program({
      'slack-webhook-url': 'hooks.slack.com/services/s3cretS3cretS3cret',
      'smtp-url': 'http://ops:p4ssword@mail.example.com',
    });
    expect(code).toBe(1);
    expect(shown).toContain("entrée slack-webhook-url : n'est pas une adresse qui commence par https://");
    expect(shown).toContain("`smtp-url` : ce n'est pas une adresse qui commence par smtp:// ou smtps://");
    expect(shown).not.toMatch(SECRETS);
    expect((await scene.get('Deployment', 'web')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(chat.requests).toEqual([]);
  });
});
