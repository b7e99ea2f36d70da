import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/adapters/clock.ts';
import { createGithubRecords } from '../../src/adapters/github/records.ts';
import type { HealthCheck } from '../../src/core/config.ts';
import type { Report } from '../../src/core/report.ts';
import type { Parts } from '../../src/engine/state.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { Redactor } from '../../src/report/redact.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { waitFor } from '../../testbed/condition.ts';
import { WORKFLOW_BOT as BOT, type Github, type Identity, startGithub } from '../../testbed/github.ts';
import { broken, GOOD, web } from './fates-cases.ts';
import { type Manifest, type RollbackOptions, Scene, deployment as workload } from './scene.ts';

const WEB = [workload('web')];
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const PLACES = { environment: 'production', branch: 'records' } as const;
const RECORDS = { postMortem: true, labels: ['sev1'], assignees: ['amara'], dueInDays: 7, details: false } as const;
/** Nothing listens there. */
const DEAD: HealthCheck = {
  name: 'http://127.0.0.1:9/health',
  at: { kind: 'url', url: 'http://127.0.0.1:9/health' },
  status: { from: 200, to: 299 },
  timeoutMs: 500,
  successes: 1,
};

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

/** A namespace in which `web` was just deployed anew. */
async function badRelease(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1'));
  await scene.deploy(scene.deployment('web', 'shop/web:2'));
  return scene;
}

interface Options extends RollbackOptions {
  readonly identity?: Identity;
  /** What the run knows as secret. */
  readonly hidden?: readonly string[];
  readonly apiUrl?: string;
  /** How long one record may take, ms; as the action has it unless told. */
  readonly patienceMs?: number;
}

/** The engine as GitHub runs it: with a token, a repository and a commit. */
function rollback(
  scene: Scene,
  { identity = BOT, hidden = [], apiUrl = github.url, patienceMs, ...options }: Options = {},
) {
  const secrets = new Redactor();
  secrets.add(hidden);
  const records = createGithubRecords({
    token: github.token(identity),
    repository: github.repository,
    apiUrl,
    clock: systemClock,
    ...(patienceMs === undefined ? {} : { attemptMs: patienceMs, budgetMs: patienceMs }),
  });
  return scene.rollback(WEB, {
    records: RECORDS,
    ...options,
    parts: (real): Parts => ({
      ...real,
      records,
      redact: (report) => secrets.redactReport(report),
      run: { ...real.run, repository: github.repository, commit: COMMIT },
    }),
  });
}

const outcomeOf = (report: Report, id: string) => report.steps.find(({ step }) => step === id)?.outcome;
const itemOf = (report: Report, id: string) => report.validation.find((item) => item.id === id)?.outcome.status;

describe('a rollback on GitHub', () => {
  it('is one issue, one deployment and one record, also when it is run again', async () => {
    const scene = await badRelease('records');
    const first = await rollback(scene, { records: { ...RECORDS, ...PLACES }, runId: '4711-1' });
    expect(first.outcome).toBe('succeeded');
    expect([itemOf(first, 'documentation-updated'), itemOf(first, 'post-mortem-planned')]).toEqual([
      'passed',
      'passed',
    ]);
    expect(first.records).toEqual({
      issueUrl: 'https://github.com/shop/app/issues/1',
      due: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      deployment: expect.any(Number),
      recordUrl: expect.stringContaining('https://github.com/shop/app/blob/records/rollbacks/'),
    });
    expect(github.state.issues).toMatchObject([
      {
        state: 'open',
        labels: ['post-mortem', 'sev1'],
        assignees: ['amara'],
        body: expect.stringContaining('shop/web:2'),
      },
    ]);
    expect(github.state.deployments).toMatchObject([
      { environment: 'production', ref: COMMIT, statuses: [{ state: 'success', log_url: first.run.url }] },
    ]);
    const [record] = [...github.state.branch('records').files.values()];
    expect(record?.content).toContain('https://github.com/shop/app/issues/1');
    expect(outputsOf(first)['issue-url']).toBe('https://github.com/shop/app/issues/1');
    expect(renderSummary(first)).toContain('<https://github.com/shop/app/issues/1>');

    const again = await rollback(scene, { records: { ...RECORDS, ...PLACES }, runId: '4712-1' });
    expect(again.outcome).toBe('no-op');
    expect(again.records?.issueUrl).toBe(first.records?.issueUrl);
    expect(again.records?.due).toBe(first.records?.due);
    expect(github.state.issues).toHaveLength(1);
    // What the first run found is what people ask about; the second has a line of its own.
    const { body = '' } = github.state.issues[0] ?? {};
    expect(body).toMatch(/4711-1.+succeeded[\s\S]*4712-1.+nothing to do/);
    expect(body).toContain('shop/web:2');
    expect(github.state.deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['success', 'success'],
    ]);
  });

  it('is no issue for a run that was refused, nor for one that found nothing to do', async () => {
    const scene = await badRelease('records-none');
    const refused = await rollback(scene, { expectedCluster: 'another' });
    expect(refused.outcome).toBe('refused');
    expect(outcomeOf(refused, 'plan-post-mortem')).toMatchObject({
      status: 'skipped',
      reason: { key: 'skipped.nothing-touched' },
    });
    const to = { kind: 'explicit', lines: [{ ref: workload('web'), to: { image: 'shop/web:2' } }] } as const;
    const nothing = await rollback(scene, { to, records: { ...RECORDS, ...PLACES } });
    expect(nothing.outcome).toBe('no-op');
    for (const id of ['plan-post-mortem', 'record-rollback'])
      expect(outcomeOf(nothing, id)).toMatchObject({ status: 'skipped', reason: { key: 'skipped.nothing-to-record' } });
    expect(github.requests).toEqual([]);
  });

  it('goes on in the same issue at a higher tier, and when it is taken back', async () => {
    const scene = await badRelease('records-up');
    const metadata = { name: 'app-secrets', namespace: scene.namespace };
    await scene.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { CODE: 'changed' } });
    await rollback(scene, { runId: '4711-1' });
    const [issue] = github.state.issues;
    if (!issue) throw new Error('no issue');
    issue.body = issue.body.replace('- [ ] How did', '- [x] How did');
    issue.state = 'closed';
    const complete = await rollback(scene, {
      tier: 'complete',
      runId: '4712-1',
      secrets: [{ name: 'app-secrets', keys: { CODE: 'CODE' } }],
      values: { CODE: 'as-before' },
    });
    expect(complete.outcome).toBe('succeeded');
    const undone = await rollback(scene, { mode: 'undo', runId: '4713-1' });
    expect(undone.failures).toEqual([]);
    expect(github.state.issues).toHaveLength(1);
    // What people wrote, and that they closed it, stays.
    expect(issue).toMatchObject({ state: 'closed', body: expect.stringContaining('- [x] How did') });
    const rows = issue.body.match(/^\| 20.+$/gm)?.slice(0, 3) ?? [];
    expect(rows.join('\n')).toMatch(
      /4711-1.+rapid.+succeeded.*\n.*4712-1.+complete.+succeeded.*\n.*4713-1.+taking the rollback back.+succeeded/,
    );
    expect(issue.body.match(/What run <code>471[12]-1/g)).toHaveLength(2);
  });

  it('says in the issue and in the status that the verification failed', async () => {
    const scene = await badRelease('records-bad');
    const report = await rollback(scene, {
      health: [DEAD],
      timeoutMs: 8000,
      records: { ...RECORDS, environment: 'production' },
    });
    expect(report.outcome).toBe('failed');
    expect(outcomeOf(report, 'plan-post-mortem')?.status).toBe('passed');
    expect(github.state.issues[0]?.body).toMatch(/❌ \*\*(?:The rollback failed|Rolled back, but not healthy)/);
    expect(github.state.issues[0]?.body).toContain('Is everything as it should be now?');
    expect(github.state.deployments).toMatchObject([{ statuses: [{ state: 'failure' }] }]);
  });

  it('is no green item where the same run is refused a permission, and stays a success', async () => {
    const scene = await badRelease('records-least');
    const report = await rollback(scene, {
      identity: { login: BOT.login, type: 'Bot', contents: 'read' },
      records: { ...RECORDS, ...PLACES },
    });
    expect(report.outcome).toBe('succeeded');
    expect(outcomeOf(report, 'plan-post-mortem')).toMatchObject({
      status: 'failed',
      failure: { code: 'GITHUB_PERMISSION', hint: expect.stringContaining('permissions:\n  issues: write') },
    });
    expect(outcomeOf(report, 'record-rollback')).toMatchObject({
      status: 'failed',
      failure: { hint: expect.stringContaining('permissions:\n  deployments: write\n  contents: write') },
    });
    expect(renderSummary(report)).toContain('deployments: write');
    expect(outputsOf(report)['issue-url']).toBe('');
  });

  it.each([
    ['issues', 'plan-post-mortem', ['production', 'records']],
    ['deployments', 'record-rollback', ['records']],
    ['contents', 'record-rollback', ['production']],
  ] as const)('without %s: write names it, and does the rest', async (scope, step, done) => {
    const scene = await badRelease(`records-${scope}`);
    const { [scope]: _none, ...identity } = BOT;
    const report = await rollback(scene, { identity, records: { ...RECORDS, ...PLACES } });
    expect(report.outcome).toBe('succeeded');
    const outcome = outcomeOf(report, step);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'GITHUB_PERMISSION', hint: expect.stringContaining(`permissions:\n  ${scope}: write`) },
    });
    const written = outcomeOf(report, 'record-rollback');
    const proven = written && written.status !== 'skipped' ? written.evidence.map(({ subject }) => subject) : [];
    expect(proven).toEqual(done.map((place) => (place === 'records' ? 'branch records' : 'environment production')));
    expect(github.state.issues).toHaveLength(scope === 'issues' ? 0 : 1);
  });

  it('is not held up by a GitHub that is down or silent', async () => {
    const scene = await badRelease('records-down');
    const impatient = { patienceMs: 500, records: { ...RECORDS, ...PLACES } };
    const down = await rollback(scene, { ...impatient, apiUrl: 'http://127.0.0.1:9' });
    expect(down.outcome).toBe('succeeded');
    expect(outcomeOf(down, 'record-rollback')).toMatchObject({ status: 'failed', failure: { code: 'GITHUB_FAILED' } });
    github.strike('', { kind: 'silence' }, 1000);
    const silent = await rollback(scene, impatient);
    expect(silent.outcome).toBe('no-op');
    expect(outcomeOf(silent, 'plan-post-mortem')).toMatchObject({
      status: 'failed',
      failure: { code: 'GITHUB_FAILED', message: expect.stringContaining('no answer') },
    });
  });
});

describe('what is recorded of a crash', () => {
  const printed = 'DATABASE_URL is empty';

  async function crash(name: string): Promise<Scene> {
    const scene = await Scene.create(name);
    await scene.deploy(web(scene, GOOD));
    await scene.apply(web(scene, broken('v2-crash')));
    await waitFor(
      'the bad release to crash',
      async () => {
        const { body } = await scene.cluster.api.call('GET', `/api/v1/namespaces/${scene.namespace}/pods`);
        return body.items.some((pod: Manifest) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
      },
      { timeoutMs: 60_000 },
    );
    return scene;
  }

  it('is whole where the config says so, and without the secret that a pod printed', async () => {
    const scene = await crash('records-secret');
    // The config asks for all details, although everybody may read them.
    github.state.isPublic = true;
    const report = await rollback(scene, {
      hidden: ['DATABASE_URL'],
      records: { ...RECORDS, branch: 'records', details: true },
    });
    expect(report.kept.flatMap(({ log }) => log).join('\n')).toContain(printed);
    const [record] = [...github.state.branch('records').files.values()];
    for (const text of [github.state.issues[0]?.body, record?.content]) {
      expect(text).toContain('*** is empty');
      expect(text).not.toContain('DATABASE_URL');
      expect(text).toContain(new URL(report.cluster.server).host);
    }
  });

  it('is without log lines and addresses in a public repository', async () => {
    const scene = await crash('records-public');
    github.state.isPublic = true;
    await rollback(scene, { records: { ...RECORDS, branch: 'records' } });
    const [record] = [...github.state.branch('records').files.values()];
    for (const text of [github.state.issues[0]?.body, record?.content]) {
      expect(text).toContain('The container crashes');
      expect(text).toContain('left out here');
      expect(text).not.toContain(printed);
      expect(text).not.toContain('127.0.0.1');
    }
  });
});
