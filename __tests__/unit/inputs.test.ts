import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadRun, readInputs, secretForms, secretsToMask } from '../../src/inputs.ts';
import { STEPS } from '../../src/steps/index.ts';

const steps = STEPS.map((step) => step.meta);
let folder: string;
let workspace: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inputs-'));
  workspace = join(folder, 'workspace');
  mkdirSync(join(workspace, '.github'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A runner's environment around the given inputs and variables. */
function env(inputs: Record<string, string> = {}, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const typed = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return {
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_REPOSITORY: 'shop/web',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_ACTOR: 'mona',
    GITHUB_SHA: 'abc',
    GITHUB_WORKFLOW: 'Rollback',
    RUNNER_TEMP: folder,
    ...Object.fromEntries(typed),
    ...more,
  };
}

const place = { namespace: 'production', workloads: 'deployment/web' };
const codes = (given: NodeJS.ProcessEnv) => readInputs(given).errors.map((error) => error.code);
const messages = (given: NodeJS.ProcessEnv) => {
  const { request } = loadRun(given, steps);
  return request.kind === 'refused' ? request.errors.errors.map((error) => `${error.code} ${error.message}`) : [];
};

describe('loadRun', () => {
  it('gives a run that may begin', () => {
    writeFileSync(
      join(workspace, '.github/rollback.yml'),
      '\uFEFFlanguage: fr\r\nhealth: [https://a:s3cret@h.example/]\r\n',
    );
    const run = loadRun(
      env({ ...place, kubeconfig: 'apiVersion: v1', 'github-token': 'ghs_1', reason: 'broken' }),
      steps,
    );
    expect(run).toMatchObject({
      run: {
        id: expect.stringMatching(/^4711-2-[0-9a-f]{6}$/),
        url: 'https://github.example/shop/web/actions/runs/4711/attempts/2',
        actor: 'mona',
        repository: 'shop/web',
        commit: 'abc',
        workflow: 'Rollback',
        reason: 'broken',
      },
      environment: { workspace, temp: folder, onGithub: true, event: 'workflow_dispatch' },
      secrets: {
        kubeconfig: 'apiVersion: v1',
        githubToken: 'ghs_1',
        healthAuthorization: { 'https://h.example/': `Basic ${Buffer.from('a:s3cret').toString('base64')}` },
        others: ['s3cret', 's3cret'],
      },
      request: { kind: 'ready', config: { language: 'fr', namespace: 'production' } },
    });
    expect(JSON.stringify(run.request)).not.toMatch(/s3cret|ghs_1|apiVersion/);
  });

  it('names every fault of event-free parts at once, and keeps language and contacts for the refusal', () => {
    writeFileSync(join(workspace, '.github/rollback.yml'), 'language: fr\ncontacts: { devops: "+224" }\nnamspace: x\n');
    const { request } = loadRun(env({ tier: 'fast', 'smtp-url': 'http://x' }, { PGOPTIONS: '-c x=y' }), steps);
    expect(request).toMatchObject({ kind: 'refused', sketch: { language: 'fr', contacts: { devops: '+224' } } });
    expect(
      request.kind === 'refused' && request.errors.errors.map(({ code, message }) => `${code} ${message}`),
    ).toEqual([
      'ENVIRONMENT_UNSAFE variable PGOPTIONS: is set, which changes settings of every database session; expected: not set',
      'INPUT_INVALID input tier: saw "fast"; allowed: rapid (rapide), complete (complet), secure (sécurisé, securise), emergency (urgence)',
      'INPUT_INVALID .github/rollback.yml:3:1: unknown key "namspace"; did you mean "namespace"?',
      'INPUT_INVALID `smtp-url`: it is not an address that begins with smtp:// or smtps://.',
    ]);
  });

  it('has an identity outside of GitHub', () => {
    const { run, environment } = loadRun({ INPUT_NAMESPACE: 'production', USER: 'ada' }, steps);
    expect(run).toMatchObject({ id: expect.stringMatching(/^local-[0-9a-f]{6}$/), url: '', actor: 'ada' });
    expect(environment).toMatchObject({ onGithub: false, workspace: process.cwd(), temp: tmpdir() });
  });
});

describe('inputs of the runner', () => {
  it.each([
    ['skip_steps', 'skip-steps'],
    ['workload', 'workloads'],
    ['name-space', 'namespace'],
  ])('refuse %s, a slip of the pen', (typed, meant) => {
    expect(messages(env({ ...place, [typed]: 'x' }))).toEqual([
      `INPUT_INVALID input ${typed}: unknown input; did you mean "${meant}"?`,
    ]);
  });

  it("leave other programs' variables alone", () => {
    expect(messages(env({ ...place, 'go-version-file': 'go.mod' }, { INPUT_BASE64_THING: 'x' }))).toEqual([]);
  });

  it('count as absent when blank', () => {
    expect(messages(env({ ...place, tier: ' ', 'backup-path': '', 'skip-steps': '\n' }))).toEqual([]);
  });
});

describe('config file in the workspace', () => {
  it('may be absent unless it is named', () => {
    expect(codes(env(place))).toEqual([]);
    expect(messages(env({ ...place, config: 'deploy/rollback.yml' }))).toEqual([
      'CONFIG_NOT_FOUND input config: saw "deploy/rollback.yml", which does not exist in the workspace; expected: a YAML file',
    ]);
    expect(codes(env({ config: '.github/rollback.yml' }))).toEqual(['CONFIG_NOT_FOUND']);
  });

  it('is found where it is named', () => {
    writeFileSync(join(workspace, 'other.yml'), 'namespace: production\nworkloads: [deployment/web]\n');
    expect(messages(env({ config: 'other.yml' }))).toEqual([]);
    expect(messages(env({ config: join(workspace, 'other.yml') }))).toEqual([]);
  });

  it('never lies outside of the workspace', () => {
    const secret = join(folder, 'secret.yml');
    writeFileSync(secret, 'namespace: production\n');
    symlinkSync(secret, join(workspace, 'link.yml'));
    symlinkSync(folder, join(workspace, 'up'));
    symlinkSync(secret, join(workspace, '.github/rollback.yml'));
    for (const name of ['../secret.yml', secret, 'link.yml', 'up/secret.yml', '.github/../../secret.yml', '..', '.']) {
      expect(messages(env({ ...place, config: name }))).toEqual([
        expect.stringMatching(/^INPUT_INVALID input config: .*(outside of the workspace|is no file)/),
      ]);
    }
    expect(messages(env(place))).toEqual([expect.stringContaining('outside of the workspace')]);
  });

  it('is not read when it is huge or no file', () => {
    mkdirSync(join(workspace, 'folder.yml'));
    writeFileSync(join(workspace, 'huge.yml'), 'x'.repeat(2 * 1024 * 1024));
    expect(messages(env({ config: 'folder.yml' }))).toEqual([expect.stringContaining('is no file')]);
    expect(messages(env({ config: 'huge.yml' }))).toEqual([expect.stringContaining('at most 1048576')]);
  });

  it('may be a link inside of the workspace', () => {
    writeFileSync(join(workspace, 'real.yml'), 'namespace: production\nworkloads: [deployment/web]\n');
    symlinkSync('../real.yml', join(workspace, '.github/rollback.yml'));
    expect(messages(env())).toEqual([]);
  });
});

describe('events', () => {
  const fork = { full_name: 'stranger/web' };
  const own = { full_name: 'shop/web' };
  const event = (name: string, payload?: unknown, inputs = {}) => {
    const path = join(folder, 'event.json');
    if (payload !== undefined) writeFileSync(path, JSON.stringify(payload));
    return env({ ...place, kubeconfig: 'secret', ...inputs }, { GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path });
  };

  it.each([
    ['pull_request_target', { pull_request: { head: { repo: own }, base: { repo: own } } }],
    ['issue_comment', {}],
    ['issues', {}],
    ['discussion_comment', {}],
    ['fork', {}],
    ['pull_request', { pull_request: { head: { repo: fork }, base: { repo: own } } }],
    ['pull_request', { pull_request: { head: { repo: null }, base: { repo: own } } }],
    ['pull_request_review', { pull_request: { head: { repo: fork }, base: { repo: own } } }],
    ['pull_request', undefined],
    ['pull_request', 'text'],
    ['workflow_run', { repository: own, workflow_run: { event: 'pull_request', head_repository: fork } }],
    ['workflow_run', { repository: own, workflow_run: { event: 'issue_comment', head_repository: own } }],
    ['workflow_run', {}],
  ])('refuse %s %j before any secret or file is read', (name, payload) => {
    writeFileSync(join(workspace, '.github/rollback.yml'), 'allow-untrusted-events: true\n');
    const raw = readInputs(event(name, payload));
    expect(raw.errors.map((error) => error.code)).toEqual(['EVENT_UNTRUSTED']);
    expect(raw).toMatchObject({ secrets: { healthAuthorization: {}, others: [] } });
    expect(raw.secrets.kubeconfig).toBeUndefined();
    expect(raw.file).toBeUndefined();
    expect(messages(event(name, payload, { namespace: '' }))).toEqual([expect.stringContaining('EVENT_UNTRUSTED')]);
  });

  it.each([
    ['workflow_dispatch', undefined],
    ['push', undefined],
    ['schedule', undefined],
    ['deployment_status', undefined],
    ['pull_request', { pull_request: { head: { repo: own }, base: { repo: own } } }],
    ['workflow_run', { repository: own, workflow_run: { event: 'push', head_repository: own } }],
  ])('trust %s %j', (name, payload) => {
    expect(codes(event(name, payload))).toEqual([]);
  });

  it('are the business of whoever allows them', () => {
    expect(codes(event('issue_comment', {}, { 'allow-untrusted-events': 'True' }))).toEqual([]);
    expect(codes(event('issue_comment', {}, { 'allow-untrusted-events': 'yes' }))).toEqual([
      'EVENT_UNTRUSTED',
      'INPUT_INVALID',
    ]);
  });
});

describe('environment', () => {
  it.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['NODE_OPTIONS', '--max-old-space-size=100 --require ./evil.js'],
    ['NODE_OPTIONS', '--import=./evil.js'],
    ['NODE_OPTIONS', '-r evil'],
    ['NODE_OPTIONS', '--tls-min-v1.0'],
    ['NODE_DEBUG', 'http'],
    ['PGOPTIONS', '-c search_path=evil'],
    ['PGSERVICE', 'staging'],
    ['PGSERVICEFILE', '/tmp/x'],
    ['PGHOSTADDR', '10.0.0.1'],
    ['PGSSLMODE', 'disable'],
    ['NODE_PG_FORCE_NATIVE', '1'],
  ])('refuses %s=%s by name and does not show the value', (name, value) => {
    const found = messages(env(place, { [name]: value }));
    expect(found).toEqual([expect.stringContaining(`ENVIRONMENT_UNSAFE variable ${name}: is set`)]);
    if (value.length > 3) expect(found.join()).not.toContain(value);
  });

  it.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '1'],
    ['NODE_OPTIONS', '--max-old-space-size=4096 --dns-result-order=ipv4first --enable-source-maps --no-warnings'],
    ['NODE_DEBUG', 'timers'],
    ['NODE_EXTRA_CA_CERTS', '/etc/ssl/corp.pem'],
    ['PGOPTIONS', ''],
    ['PGSSLMODE', 'verify-full'],
    ['PGHOST', 'db'],
    ['PGBIN', '/usr/lib/postgresql/16/bin'],
    ['HTTPS_PROXY', 'http://proxy:3128'],
  ])('takes %s=%s', (name, value) => {
    expect(messages(env(place, { [name]: value }))).toEqual([]);
  });

  it('tells where the kubeconfig and the API server are', () => {
    const given = env(place, {
      KUBECONFIG: '/a:/b',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      KUBERNETES_SERVICE_PORT: '6443',
    });
    expect(readInputs(given).environment).toMatchObject({
      kubeconfigPaths: '/a:/b',
      inCluster: { host: '10.0.0.1', port: '6443' },
    });
    expect(readInputs(env(place)).environment).not.toHaveProperty('inCluster');
  });
});

describe('secrets', () => {
  it('have every form in which they may turn up', () => {
    const secret = 'p@ss "wörd"/+\n  second line\nab';
    const forms = secretForms(secret);
    for (const form of [
      secret,
      'p@ss "wörd"/+',
      'second line',
      Buffer.from(secret).toString('base64'),
      Buffer.from(`${secret}\n`).toString('base64'),
      Buffer.from('second line').toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('base64url'),
      encodeURIComponent('p@ss "wörd"/+'),
      'second+line',
      JSON.stringify(secret).slice(1, -1),
    ]) {
      expect(forms).toContain(form);
    }
    expect(forms).not.toContain('ab');
    expect(forms.toSorted((a, b) => b.length - a.length)).toEqual(forms);
  });

  it.each(['', 'abc', '   ', '\ud800abcd'])('of odd texts (%j) do not fall over', (secret) => {
    expect(secretForms(secret).every((form) => form.trim().length >= 4)).toBe(true);
  });

  it('are masked without blanking out the words of a kubeconfig, or its path', () => {
    const kubeconfig = 'apiVersion: v1\nkind: Config\nclusters: []\n';
    const masks = secretsToMask({
      kubeconfig,
      githubToken: 'ghs_token',
      healthAuthorization: { u: 'Basic YTpz' },
      others: ['p@ss'],
    });
    expect(masks).toEqual(expect.arrayContaining([kubeconfig, 'ghs_token', 'YTpz', 'p@ss', 'p%40ss']));
    expect(masks).not.toContain('kind: Config');
    const path = secretsToMask({ kubeconfig: '/home/runner/.kube/config', healthAuthorization: {}, others: [] });
    expect(path).toEqual([]);
    const coded = Buffer.from(kubeconfig).toString('base64');
    expect(secretsToMask({ kubeconfig: coded, healthAuthorization: {}, others: [] })).toContain(coded);
  });

  it('include the password of a proxy', () => {
    const given = env(place, { HTTPS_PROXY: 'http://me:hidden@proxy:3128' });
    expect(readInputs(given).secrets.others).toEqual(['hidden']);
  });
});
