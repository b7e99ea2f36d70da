import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGithubRecords } from '../../src/adapters/github/records.ts';
import type { RecordsConfig } from '../../src/core/config.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { RecordsReport, Report } from '../../src/core/report.ts';
import { said } from '../../src/core/said.ts';
import type { ReadContext, VerdictContext } from '../../src/ports/context.ts';
import { planPostMortem } from '../../src/steps/plan-post-mortem.ts';
import { recordRollback } from '../../src/steps/record-rollback.ts';
import { TEXTS } from '../../src/texts.ts';
import { WORKFLOW_BOT as BOT, type Github, startGithub } from '../../testbed/github.ts';
import { patientClock } from '../fakes/patient-clock.ts';
import { report, workload } from '../golden/samples.ts';

const { commit: COMMIT, id: RUN } = report().run;
const RELEASED = 'a'.repeat(40);
let github: Github;

beforeEach(async () => {
  github = await startGithub();
  github.state.commits.add(COMMIT).add(RELEASED);
  github.state.branch('records');
});
afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

interface Scene extends Partial<RecordsConfig> {
  readonly verdict?: Report;
  readonly incident?: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly commit?: string;
}

/** Both steps, one after the other, as the engine calls them. */
async function told({ verdict = report(), incident, token, signal, commit, ...records }: Scene = {}) {
  const outcomes = new Map<string, Outcome>();
  let recorded: RecordsReport = {};
  const clock = patientClock();
  const ctx = {
    config: {
      mode: verdict.mode,
      records: { postMortem: true, labels: [], assignees: [], dueInDays: 5, details: false, ...records },
    },
    run: { ...verdict.run, ...(commit === undefined ? {} : { commit }) },
    report: verdict,
    incident: incident ?? verdict.run.id,
    records: createGithubRecords({
      token: token ?? github.token(BOT),
      repository: github.repository,
      apiUrl: github.url,
      clock,
    }),
    texts: TEXTS,
    clock,
    log: { phase: () => {}, info: () => {}, warn: () => {}, debug: () => {} },
    signal: signal ?? new AbortController().signal,
    outcomeOf: (step) => outcomes.get(step),
    recorded: () => recorded,
    aboutRecords: (part) => {
      recorded = { ...recorded, ...part };
    },
  } satisfies Partial<VerdictContext> | object as unknown as VerdictContext;
  for (const step of [planPostMortem, recordRollback]) {
    const outcome = await step.tell?.(ctx);
    if (outcome) outcomes.set(step.meta.id, outcome);
  }
  return { issue: outcomes.get('plan-post-mortem'), record: outcomes.get('record-rollback'), recorded };
}

const observed = (outcome: Outcome | undefined) =>
  outcome && outcome.status !== 'skipped' ? outcome.evidence.map((one) => one.observed).join('\n') : '';

describe('what is planned', () => {
  const planned = async (records: Partial<RecordsConfig>, repository = 'shop/app') => {
    const ctx = {
      config: { records: { postMortem: true, labels: [], assignees: [], dueInDays: 5, details: false, ...records } },
      run: { ...report().run, repository },
    } as unknown as ReadContext;
    return [await planPostMortem.plan(ctx), await recordRollback.plan(ctx)];
  };
  const skipped = (what: string) => ({ kind: 'skipped', reason: said('skipped.not-configured', { what }) });

  it('is to look, unless the config or the place says otherwise', async () => {
    expect(await planned({})).toEqual([{ kind: 'check' }, { kind: 'check' }]);
    expect(await planned({}, '')).toEqual([skipped('github-token'), skipped('github-token')]);
    expect(await planned({ postMortem: false })).toEqual([skipped('records.post-mortem'), skipped('records')]);
    expect(await planned({ postMortem: false, branch: 'records' })).toEqual([
      skipped('records.post-mortem'),
      { kind: 'check' },
    ]);
  });
});

describe('the post-mortem and the record', () => {
  it('are the issue alone where nothing else is configured', async () => {
    const { issue, record, recorded } = await told({ assignees: ['stranger'] });
    expect(recorded).toEqual({ issueUrl: 'https://github.com/shop/app/issues/1', due: '2026-03-06' });
    expect(observed(issue)).toMatch(/issue #1 created[\s\S]*2026-03-06[\s\S]*not taken by GitHub: stranger/);
    expect(observed(record)).toBe('part of the post-mortem, https://github.com/shop/app/issues/1');
  });

  it('ask nobody without a token', async () => {
    const { issue, record } = await told({ token: '', environment: 'production', branch: 'records' });
    for (const outcome of [issue, record])
      expect(outcome).toEqual({ status: 'skipped', reason: said('skipped.not-configured', { what: 'github-token' }) });
    expect(github.requests).toEqual([]);
  });

  it('are the deployment and the file alone where no issue is wanted', async () => {
    const { issue, record } = await told({ postMortem: false, environment: 'production', branch: 'records' });
    expect(issue?.status).toBe('skipped');
    expect(record?.status).toBe('passed');
    expect(observed(record)).toMatch(/deployment \d+ created, status success, commit .+\nrollbacks\/.+ committed/);
    expect(github.state.issues).toEqual([]);
  });

  it('name the commit that the images name, and else that of the run', async () => {
    github.state.tags.set('v1.4.2', RELEASED);
    const released = await told({ environment: 'production' });
    expect(observed(released.record)).toContain('as the images name it');
    const latest = workload('web', {
      now: { hash: 'now', images: ['registry.shop.example/shop/web:latest'], ready: 3, desired: 3 },
    });
    const run = { ...report().run, id: '4712-1' };
    await told({ environment: 'production', verdict: report({ workloads: [latest], run }) });
    expect(github.state.deployments.map(({ ref }) => ref)).toEqual([RELEASED, COMMIT]);
    const without = await told({
      environment: 'production',
      verdict: report({ workloads: [latest] }),
      commit: '',
    });
    expect(without.record).toMatchObject({ status: 'failed', failure: { code: 'GITHUB_FAILED' } });
  });

  it('give the deployment of the incident another status; what takes it back deploys anew', async () => {
    const failed = report({ outcome: 'failed', healthy: false });
    await told({ environment: 'production', verdict: failed });
    const run = (id: string) => ({ ...report().run, id });
    const noOp = report({ outcome: 'no-op', run: run('4712-1') });
    await told({ environment: 'production', verdict: noOp, incident: RUN });
    await told({ environment: 'production', verdict: report({ mode: 'undo', run: run('4713-1') }), incident: RUN });
    expect(github.state.deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['failure', 'success'],
      ['success'],
    ]);
    expect(github.state.issues).toHaveLength(1);
  });

  it('of a no-op of an incident without an issue are none', async () => {
    const { issue, record } = await told({ verdict: report({ outcome: 'no-op' }), incident: '4700-1' });
    for (const outcome of [issue, record])
      expect(outcome).toEqual({ status: 'skipped', reason: said('skipped.nothing-to-record') });
    expect(github.state.issues).toEqual([]);
  });

  it('say what is missing, once, and prove what is there', async () => {
    const { issue, record } = await told({
      token: github.token({ ...BOT, deployments: 'read', contents: 'read' }),
      environment: 'production',
      branch: 'records',
    });
    expect(issue?.status).toBe('passed');
    expect(record).toMatchObject({
      status: 'failed',
      failure: {
        code: 'GITHUB_PERMISSION',
        hint: expect.stringMatching(/^Add this[^\n]+\npermissions:\n {2}deployments: write\n {2}contents: write$/),
      },
    });
  });

  it('leave an issue as people edited it, and stay green', async () => {
    await told();
    const [there] = github.state.issues;
    if (there) there.body = there.body.split('\n')[0] ?? '';
    const { issue } = await told({ verdict: report({ run: { ...report().run, id: '4712-1' } }), incident: RUN });
    expect(issue?.status).toBe('passed');
    expect(observed(issue)).toContain('left as it is');
  });

  it('say that the time is over, and not that the run was cancelled', async () => {
    const controller = new AbortController();
    github.strike('POST', {
      kind: 'meanwhile',
      act: () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')),
    });
    await expect(told({ signal: controller.signal })).resolves.toMatchObject({
      issue: {
        status: 'failed',
        failure: { code: 'GITHUB_FAILED', message: expect.stringContaining('within the time') },
      },
    });
  });
});
