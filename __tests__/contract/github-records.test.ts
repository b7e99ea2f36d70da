import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGithubRecords, type GithubRecordOptions } from '../../src/adapters/github/records.ts';
import { GENERATED_END, ISSUE_BODY_LIMIT, incidentMarker, recordPath } from '../../src/core/post-mortem.ts';
import type { DeploymentRequest, FileRequest, IssueRequest, Recorded } from '../../src/ports/github.ts';
import {
  WORKFLOW_BOT as BOT,
  type Github,
  type GithubFault,
  type Identity,
  startGithub,
} from '../../testbed/github.ts';
import { patientClock } from '../fakes/patient-clock.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const LABEL = 'rollback';
const signal = new AbortController().signal;
const marker = incidentMarker('4711-1');
let github: Github;

beforeEach(async () => {
  github = await startGithub();
  github.state.commits.add(COMMIT);
  github.state.branch('records');
  github.state.assignable.add('amara');
});
afterEach(async () => {
  await github.stop();
  // Every request that was sent, and every answer that was given, is one of GitHub's description.
  expect(github.violations).toEqual([]);
});

function records(identity: Identity = BOT, options: Partial<GithubRecordOptions> = {}) {
  const clock = patientClock();
  const token = github.token(identity);
  const adapter = createGithubRecords({ token, repository: github.repository, apiUrl: github.url, clock, ...options });
  return { ...adapter, waits: clock.waits, token };
}

const issue = (more: Partial<IssueRequest> = {}): IssueRequest => ({
  marker,
  label: LABEL,
  title: 'Post-mortem: production',
  body: body('first'),
  labels: ['post-mortem'],
  assignees: ['amara'],
  ...more,
});
const body = (text: string) => `${marker}\n${text}\n${GENERATED_END}\n\n## Ours\n\n- [ ] Why?\n`;
const deployment = (more: Partial<DeploymentRequest> = {}): DeploymentRequest => ({
  run: '4711-1',
  environment: 'production',
  commit: COMMIT,
  state: 'success',
  description: 'Back at web:1.4.2',
  environmentUrl: 'https://shop.example/',
  logUrl: 'https://github.com/shop/app/actions/runs/4711',
  ...more,
});
const file = (more: Partial<FileRequest> = {}): FileRequest => ({
  branch: 'records',
  path: recordPath('2026-03-01T14:01:56.700Z', '4711-1'),
  content: '# Rollback – déjà vu\n',
  message: 'Record the rollback of production',
  ...more,
});

const operations = () => github.requests.map(({ operation }) => operation);
const done = (value: object) => ({ kind: 'done', value: expect.objectContaining(value) });
const failed = (message: string, code = 'GITHUB_FAILED') => ({
  kind: 'failed',
  failure: expect.objectContaining({ code, message: expect.stringContaining(message) }),
});
const lacks = (permission: string) => ({
  kind: 'not-permitted',
  permission,
  failure: expect.objectContaining({
    code: 'GITHUB_PERMISSION',
    hint: expect.stringContaining(`permissions:\n  ${permission}`),
  }),
});

/** One record of each kind, to say what is true of all. */
const KINDS: [string, string, string, (of: ReturnType<typeof records>) => Promise<Recorded<unknown>>][] = [
  ['issue', 'issues', 'POST /repos/{owner}/{repo}/issues', (of) => of.keepIssue(issue(), { signal })],
  [
    'deployment',
    'deployments',
    'POST /repos/{owner}/{repo}/deployments',
    (of) => of.keepDeployment(deployment(), { signal }),
  ],
  ['file', 'contents', 'PUT /repos/{owner}/{repo}/contents/{path}', (of) => of.commitFile(file(), { signal })],
];
const counts = () => ({
  issue: github.state.issues.length,
  deployment: github.state.deployments.length,
  file: github.state.branch('records').commits.length,
});

describe('the issue of the post-mortem', () => {
  it('is made with labels and assignees', async () => {
    await expect(records().keepIssue(issue(), { signal })).resolves.toEqual({
      kind: 'done',
      value: { number: 1, url: 'https://github.com/shop/app/issues/1', was: 'created', dropped: [], closed: [] },
    });
    expect(github.state.issues).toMatchObject([
      { title: 'Post-mortem: production', body: body('first'), labels: [LABEL, 'post-mortem'], assignees: ['amara'] },
    ]);
  });

  it('is found and brought up to date by a later run, and not doubled', async () => {
    await records().keepIssue(issue(), { signal });
    await expect(records().findIssue({ marker, label: LABEL }, { signal })).resolves.toEqual(
      done({ number: 1, state: 'open', body: body('first') }),
    );
    await expect(records().keepIssue(issue({ body: body('second') }), { signal })).resolves.toEqual(
      done({ number: 1, was: 'updated' }),
    );
    await expect(records().keepIssue(issue({ body: body('second') }), { signal })).resolves.toEqual(
      done({ number: 1, was: 'unchanged' }),
    );
    expect(github.state.issues).toMatchObject([{ body: body('second') }]);
    expect(operations().filter((name) => name.startsWith('POST'))).toHaveLength(1);
  });

  it('keeps what people wrote into it, with the line ends of GitHub, and their title, labels and state', async () => {
    await records().keepIssue(issue(), { signal });
    const [there] = github.state.issues;
    if (!there) throw new Error('no issue');
    there.title = 'Why checkout failed';
    there.labels = [LABEL, 'sev1'];
    there.state = 'closed';
    there.body = `Read me first  \r\n${body('first').replaceAll('\n', '\r\n').replace('- [ ] Why?', '- [x] Why? A typo.')}`;
    await expect(records().keepIssue(issue({ body: body('second') }), { signal })).resolves.toEqual(
      done({ was: 'updated' }),
    );
    expect(there).toMatchObject({ title: 'Why checkout failed', labels: [LABEL, 'sev1'], state: 'closed' });
    expect(there.body).toBe(`Read me first  \n${body('second').replace('- [ ] Why?', '- [x] Why? A typo.')}`);
  });

  it.each([
    ['the end of our part is gone', `${marker}\nmine`],
    ['there is no room left', `${body('first')}${'x'.repeat(ISSUE_BODY_LIMIT - body('first').length - 2)}`],
  ])('is left alone where %s', async (_what, text) => {
    await records().keepIssue(issue(), { signal });
    const [there] = github.state.issues;
    if (there) there.body = text;
    const longer = issue({ body: body('a longer second one') });
    await expect(records().keepIssue(longer, { signal })).resolves.toEqual(done({ number: 1, was: 'edited' }));
    expect(there?.body).toBe(text);
  });

  it('is another one for another incident', async () => {
    await records().keepIssue(issue(), { signal });
    const other = incidentMarker('4712-1');
    const request = issue({ marker: other, body: body('x').replace(marker, other) });
    await expect(records().keepIssue(request, { signal })).resolves.toEqual(done({ number: 2, was: 'created' }));
  });

  it('is none that somebody else wrote, and none that only speaks of the marker', async () => {
    const mallory = { login: 'mallory', type: 'User' } as const;
    github.state.addIssue({ author: mallory, body: body('trap'), labels: [LABEL] });
    github.state.addIssue({ author: BOT, body: `see ${marker} there`, labels: [LABEL] });
    github.state.addIssue({ author: { login: 'copybot[bot]', type: 'Bot' }, body: body('copied'), labels: [] });
    await expect(records().keepIssue(issue(), { signal })).resolves.toEqual(done({ number: 4, was: 'created' }));
    expect(github.state.issues[0]?.body).toBe(body('trap'));
  });

  it('is found among many, and where the label was not taken', async () => {
    const amara: Identity = { login: 'amara', type: 'User', issues: 'write', mayTriage: false };
    await expect(records(amara).keepIssue(issue(), { signal })).resolves.toEqual(
      done({ number: 1, was: 'created', dropped: [LABEL, 'post-mortem', 'amara'] }),
    );
    await expect(records(amara).keepIssue(issue(), { signal })).resolves.toEqual(done({ number: 1, was: 'unchanged' }));
    await records().keepIssue(
      issue({ marker: incidentMarker('a'), body: body('x').replace(marker, incidentMarker('a')) }),
      { signal },
    );
    for (let index = 0; index < 150; index++) github.state.addIssue({ author: BOT, labels: [LABEL] });
    await expect(records().findIssue({ marker: incidentMarker('a'), label: LABEL }, { signal })).resolves.toEqual(
      done({ number: 2 }),
    );
  });

  it('is written without an assignee who left', async () => {
    await expect(records().keepIssue(issue({ assignees: ['gone', 'amara'] }), { signal })).resolves.toEqual(
      done({ was: 'created', dropped: ['gone'] }),
    );
    expect(github.state.issues).toMatchObject([{ assignees: ['amara'] }]);
  });

  it('is one open issue after two runs at once that both found none', async () => {
    let arrived = 0;
    let open = () => {};
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    const act = async () => {
      arrived += 1;
      if (arrived === 2) open();
      await both;
    };
    github.strike('POST /repos/{owner}/{repo}/issues', { kind: 'meanwhile', act }, 2);
    const results = await Promise.all([
      records().keepIssue(issue({ body: body('one') }), { signal }),
      records().keepIssue(issue({ body: body('other') }), { signal }),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['done', 'done']);
    // Run again by either, it is the same one.
    await expect(records().keepIssue(issue(), { signal })).resolves.toEqual(done({ number: 1, closed: [] }));
    expect(github.state.issues.map(({ state }) => state)).toEqual(['open', 'closed']);
    expect(github.state.issues[1]?.stateReason).toBe('not_planned');
  });

  it('is mended by the next run where two were left open', async () => {
    for (const text of ['one', 'other']) github.state.addIssue({ author: BOT, body: body(text), labels: [LABEL] });
    await expect(records().keepIssue(issue(), { signal })).resolves.toEqual(
      done({ number: 1, was: 'updated', closed: [2] }),
    );
  });

  it('takes hostile text as text', async () => {
    const title = `"};::error::\u202e @everyone <!-- ${'x'.repeat(400)}`;
    const text = body('```\n$(reboot) \u0000 {"a":1} \\u0000 $' + '{{ secrets.X }} 🛑\n```');
    await expect(records().keepIssue(issue({ title, body: text }), { signal })).resolves.toEqual(
      done({ was: 'created' }),
    );
    expect(github.state.issues).toMatchObject([{ title: title.slice(0, 256), body: text }]);
    await expect(records().keepIssue(issue({ title, body: text }), { signal })).resolves.toEqual(
      done({ was: 'unchanged' }),
    );
  });

  it('says that the repository has none', async () => {
    github.state.hasIssues = false;
    await expect(records().keepIssue(issue(), { signal })).resolves.toEqual(failed('Issues has been disabled'));
  });
});

describe('the deployment', () => {
  it('is recorded on the environment with its status, merged with nothing and held by no check', async () => {
    await expect(records().keepDeployment(deployment(), { signal })).resolves.toEqual(done({ was: 'created' }));
    expect(github.state.deployments).toMatchObject([
      {
        ref: COMMIT,
        task: 'rollback',
        environment: 'production',
        autoMerge: false,
        requiredContexts: [],
        statuses: [
          {
            state: 'success',
            environment_url: 'https://shop.example/',
            log_url: 'https://github.com/shop/app/actions/runs/4711',
          },
        ],
      },
    ]);
  });

  it('of one run gets one status after the other', async () => {
    const of = records();
    await of.keepDeployment(deployment({ state: 'in_progress' }), { signal });
    await expect(of.keepDeployment(deployment({ state: 'failure' }), { signal })).resolves.toEqual(
      done({ was: 'found' }),
    );
    await expect(of.keepDeployment(deployment({ run: '4712-1' }), { signal })).resolves.toEqual(
      done({ was: 'created' }),
    );
    expect(github.state.deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['in_progress', 'failure'],
      ['success'],
    ]);
  });

  it('is cut where GitHub would refuse it, and links to pages only', async () => {
    const hostile = {
      description: `${'é🛑'.repeat(200)}\n`,
      environmentUrl: 'javascript:alert(1)',
      logUrl: 'not a url',
    };
    await expect(records().keepDeployment(deployment(hostile), { signal })).resolves.toEqual(done({ was: 'created' }));
    const [status] = github.state.deployments[0]?.statuses ?? [];
    expect([...String(status?.['description'])]).toHaveLength(140);
    expect(Object.keys(status ?? {})).toEqual(['state', 'description', 'environment']);
  });

  it('of a commit that was never pushed is refused by name', async () => {
    await expect(records().keepDeployment(deployment({ commit: 'f'.repeat(40) }), { signal })).resolves.toEqual(
      failed('No ref found for'),
    );
  });

  it('is not doubled when its status had to be asked for again', async () => {
    github.strike('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', { kind: 'answer', status: 502 });
    await expect(records().keepDeployment(deployment(), { signal })).resolves.toEqual(done({ was: 'created' }));
    expect(github.state.deployments).toMatchObject([{ statuses: [{ state: 'success' }] }]);
  });
});

describe('the record as a file', () => {
  it('is committed once, and again only where it changed', async () => {
    const of = records();
    await expect(of.commitFile(file(), { signal })).resolves.toEqual({
      kind: 'done',
      value: { url: 'https://github.com/shop/app/blob/records/rollbacks/2026-03-01-4711-1.md', was: 'created' },
    });
    await expect(of.commitFile(file(), { signal })).resolves.toEqual(done({ was: 'unchanged' }));
    await expect(of.commitFile(file({ content: 'more\n' }), { signal })).resolves.toEqual(done({ was: 'updated' }));
    const branch = github.state.branch('records');
    expect([...branch.files]).toMatchObject([['rollbacks/2026-03-01-4711-1.md', { content: 'more\n' }]]);
    expect(branch.commits.map(({ message }) => message)).toEqual(Array(2).fill('Record the rollback of production'));
  });

  it.each([
    ['made', []],
    ['changed', ['before']],
  ])('is read again where somebody else %s it meanwhile', async (_what, before) => {
    const branch = github.state.branch('records');
    for (const content of before) github.state.commit(branch, file().path, content);
    const act = () => {
      github.state.commit(branch, file().path, 'theirs');
    };
    github.strike('PUT', { kind: 'meanwhile', act });
    await expect(records().commitFile(file(), { signal })).resolves.toEqual(done({ was: 'updated' }));
    expect(branch.files.get(file().path)?.content).toBe(file().content);
  });

  it('gives up where somebody else is always quicker', async () => {
    let count = 0;
    const act = () => {
      github.state.commit(github.state.branch('records'), file().path, `theirs ${count++}`);
    };
    github.strike('PUT', { kind: 'meanwhile', act }, 100);
    await expect(records().commitFile(file(), { signal })).resolves.toEqual(failed('does not match'));
    expect(count).toBe(5);
  });

  it('names the branch that is missing, and makes none', async () => {
    await expect(records().commitFile(file({ branch: 'nowhere' }), { signal })).resolves.toEqual(
      failed('No commit found for the ref nowhere'),
    );
    expect(github.state.branches.has('nowhere')).toBe(false);
  });

  it('is not forced upon a protected branch', async () => {
    github.state.branch('records').protected = true;
    const of = records();
    await expect(of.commitFile(file(), { signal })).resolves.toEqual(failed('Repository rule violations found'));
    expect(of.waits).toEqual([]);
  });
});

describe.each(KINDS)('the %s', (kind, scope, writes, write) => {
  it.each(['Bot', 'User'] as const)('names the permission that the token of a %s lacks', async (type) => {
    const who = type === 'Bot' ? BOT : { ...BOT, login: 'amara', type };
    const { [scope as 'issues']: _none, ...without } = who;
    await expect(write(records(without))).resolves.toEqual(lacks(`${scope}: write`));
    await expect(write(records({ ...without, [scope]: 'read' }))).resolves.toEqual(lacks(`${scope}: write`));
    github.state.isPublic = true;
    await expect(write(records(without))).resolves.toEqual(lacks(`${scope}: write`));
  });

  it('needs that permission alone', async () => {
    await expect(write(records({ login: BOT.login, type: 'Bot', [scope]: 'write' }))).resolves.toEqual(
      done({ was: 'created' }),
    );
  });

  it('names the permission where there is no token, and asks nobody', async () => {
    await expect(write(records(BOT, { token: '' }))).resolves.toEqual(lacks(`${scope}: write`));
    expect(github.requests).toEqual([]);
  });

  it('says that the token is not valid', async () => {
    const of = records(BOT, { token: 'ghs_wrong' });
    const result = await write(of);
    expect(result).toEqual(failed('Bad credentials'));
    expect(inspect(result, { depth: 10 })).not.toContain('ghs_wrong');
    expect(of.waits).toEqual([]);
  });

  it.each<[string, GithubFault, number]>([
    ['429', { kind: 'answer', status: 429, headers: { 'retry-after': '7' } }, 7000],
    [
      'a secondary limit',
      {
        kind: 'answer',
        status: 403,
        message: 'You have exceeded a secondary rate limit.',
        headers: { 'retry-after': '3' },
      },
      3000,
    ],
    ['503 with a wait', { kind: 'answer', status: 503, headers: { 'retry-after': '5' } }, 5000],
  ])('waits as long as GitHub asks: %s', async (_what, fault, ms) => {
    github.strike(writes, fault);
    const of = records();
    await expect(write(of)).resolves.toEqual(done({ was: 'created' }));
    expect(of.waits).toEqual([ms]);
  });

  it.each<[string, GithubFault]>([
    [
      'an hour',
      {
        kind: 'answer',
        status: 403,
        message: 'API rate limit exceeded',
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3600) },
      },
    ],
    ['a time it does not say', { kind: 'answer', status: 403, message: 'You have exceeded a secondary rate limit.' }],
    ['ten minutes', { kind: 'answer', status: 429, headers: { 'retry-after': '600' } }],
  ])('does not wait where GitHub asks for %s', async (_what, fault) => {
    github.strike(writes, fault, 100);
    const of = records();
    await expect(write(of)).resolves.toEqual(failed(fault.kind === 'answer' ? `it answered ${fault.status}` : ''));
    expect(of.waits).toEqual([]);
  });

  it('is tried again while GitHub is ill, within a bound', async () => {
    github.strike(writes, { kind: 'answer', status: 500 }, 2);
    await expect(write(records())).resolves.toEqual(done({ was: 'created' }));
    github.strike('', { kind: 'answer', status: 502 }, 1000);
    const of = records(BOT, { budgetMs: 10_000 });
    await expect(write(of)).resolves.toEqual(failed('it answered 502'));
    expect(of.waits.length).toBeGreaterThan(2);
    expect(of.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
    // A step back, so that nothing else of this test is struck.
    expect(counts()[kind as 'issue']).toBe(1);
  });

  it.each<[string, GithubFault]>([
    ['the answer was lost', { kind: 'reset', after: true }],
    ['the connection was cut', { kind: 'reset' }],
    ['a proxy answered instead', { kind: 'text', status: 200, text: '<html>log in</html>' }],
    ['no answer came', { kind: 'silence' }],
  ])('is there once after %s', async (_what, fault) => {
    github.strike(writes, fault);
    await expect(write(records(BOT, { attemptMs: 400 }))).resolves.toMatchObject({ kind: 'done' });
    expect(counts()[kind as 'issue']).toBe(1);
  });

  it('ends with the run', async () => {
    const controller = new AbortController();
    const act = () => controller.abort();
    github.strike('GET', { kind: 'meanwhile', act });
    const of = records();
    const cancelled = {
      issue: () => of.keepIssue(issue(), controller),
      deployment: () => of.keepDeployment(deployment(), controller),
      file: () => of.commitFile(file(), controller),
    }[kind as 'issue'];
    await expect(cancelled()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(counts()[kind as 'issue']).toBe(0);
  });
});

it('is found by a reader whose token lacks the permission not at all', async () => {
  const { issues: _issues, ...without } = BOT;
  await expect(records(without).findIssue({ marker, label: LABEL }, { signal })).resolves.toEqual(
    lacks('issues: write'),
  );
});

describe('whether everybody may read the repository', () => {
  const { issues: _i, deployments: _d, ...reader } = { ...BOT, contents: 'read' } as const;

  it('is asked once, with any token', async () => {
    const of = records(reader);
    for (const isPublic of [false, false]) await expect(of.isPublic({ signal })).resolves.toBe(isPublic);
    expect(operations()).toEqual(['GET /repos/{owner}/{repo}']);
    github.state.isPublic = true;
    await expect(records(reader).isPublic({ signal })).resolves.toBe(true);
  });

  it.each<[string, GithubFault]>([
    ['it is ill', { kind: 'answer', status: 502 }],
    ['it says no', { kind: 'answer', status: 404 }],
    ['a proxy answers instead', { kind: 'text', status: 200, text: '<html>log in</html>' }],
  ])('is not known where %s', async (_what, fault) => {
    github.strike('GET /repos/{owner}/{repo}', fault, 1000);
    await expect(records(BOT, { budgetMs: 1000 }).isPublic({ signal })).resolves.toBeUndefined();
  });

  it('is not known without a token, and nobody is asked', async () => {
    const of = records(BOT, { token: '' });
    expect([of.isConfigured, records().isConfigured]).toEqual([false, true]);
    await expect(of.isPublic({ signal })).resolves.toBeUndefined();
    expect(github.requests).toEqual([]);
  });
});

describe('the commit that a name stands for', () => {
  it('is that of the first name that the repository knows', async () => {
    github.state.tags.set('1.4.2', COMMIT);
    await expect(records().findCommit(['tags/v1.4.2', 'tags/1.4.2'], { signal })).resolves.toBe(COMMIT);
    await expect(records().findCommit([COMMIT.slice(0, 7)], { signal })).resolves.toBe(COMMIT);
    await expect(records().findCommit(['tags/v9', 'fffffff'], { signal })).resolves.toBeUndefined();
  });

  it('is not known where it may not be read', async () => {
    const { contents: _none, ...without } = BOT;
    await expect(records(without).findCommit(['tags/v1'], { signal })).resolves.toBeUndefined();
  });
});

describe("GitHub's client", () => {
  it('is loaded with the first record, and not before', () => {
    const root = join(import.meta.dirname, '../..');
    const script = `
      import { registerHooks } from 'node:module';
      const seen = [];
      registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@actions/github')) seen.push(name); return next(name, context); } });
      const { createGithubRecords } = await import(${JSON.stringify(join(root, 'src/adapters/github/records.ts'))});
      const clock = { now: Date.now, sleep: async () => {} };
      const of = createGithubRecords({ token: 'ghs_x', repository: 'shop/app', apiUrl: 'http://127.0.0.1:9', clock, budgetMs: 0 });
      const before = seen.length;
      await of.findIssue({ marker: 'x', label: 'y' }, new AbortController());
      console.log(JSON.stringify([before, seen.length]));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('[0,1]\n');
  });
});
