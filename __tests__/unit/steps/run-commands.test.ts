import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCommands } from '../../../src/adapters/commands.ts';
import type { Config } from '../../../src/core/config.ts';
import { RollbackError } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { CommandReader } from '../../../src/ports/commands.ts';
import type { ReadContext } from '../../../src/ports/context.ts';
import { runCommands } from '../../../src/steps/run-commands.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { type StepScene, stepContext } from '../../fakes/step-context.ts';
import { badRelease, DEFAULTS, rollback, stepOf, template, WEB } from '../engine/harness.ts';

const MINUTE = 60_000;
let workspace: string;
let scene: StepScene | undefined;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterEach(async () => {
  scene?.close();
  await rm(workspace, { recursive: true, force: true });
});

interface More {
  readonly config?: Partial<Config>;
  readonly context?: Partial<ReadContext>;
  readonly commands?: CommandReader;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

/** The step by itself, with bash itself. */
async function contextOf(
  lines: readonly (string | Config['commands'][number])[],
  more: More = {},
): Promise<ReadContext> {
  const cluster = new FakeCluster();
  cluster.deploy(WEB, template('web', 'web:v1'), { replicas: 0 });
  const commands = lines.map((run) => (typeof run === 'string' ? { run, timeoutMs: MINUTE } : run));
  scene = await stepContext({
    config: { ...DEFAULTS, workloads: [WEB], commands, timeoutMs: 5 * MINUTE, ...more.config },
    cluster,
    deadlineMs: more.deadlineMs ?? 5 * MINUTE,
    ...(more.signal ? { signal: more.signal } : {}),
  });
  const bash = createCommands({
    workspace,
    environment: { PATH: process.env['PATH'] },
    neutral: (text) => text.replaceAll('hunter22', '***'),
    databaseEnvironment: async () => ({ DATABASE_URL: 'postgresql://app:hunter22@db/shop' }),
  });
  return { ...scene.ctx, commands: more.commands ?? bash, ...more.context };
}

const outcomeOf = async (...args: Parameters<typeof contextOf>): Promise<Outcome> =>
  runCommands.verify(await contextOf(...args), undefined);

describe('run-commands', () => {
  it('passes with the last lines of each command', async () => {
    const outcome = await outcomeOf(['echo connected', 'for i in 1 2 3 4 5; do echo "line $i"; done; echo warned >&2']);
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [
        {
          subject: 'echo connected',
          observed: expect.stringMatching(/^exit code 0, .* \| connected$/),
          expected: 'exit code 0 within 1 min 00 s',
        },
        { observed: expect.stringMatching(/ \| line 4 \| line 5 \| warned$/) },
      ],
    });
  });

  it('fails by the one that fails, and names the others too', async () => {
    const outcome = await outcomeOf(['true', 'echo "no route to db" >&2; exit 3', 'false']);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: {
        code: 'COMMAND_FAILED',
        message:
          'echo "no route to db" >&2; exit 3: exit code 3; expected: exit code 0 within 1 min 00 s; it said: no route to db',
        hint: 'Run it by hand on the runner, in the workspace: echo "no route to db" >&2; exit 3',
        causes: ['no route to db', 'false: exit code 1; expected: exit code 0 within 1 min 00 s'],
      },
    });
    expect(outcome).toMatchObject({ evidence: [{ subject: 'true' }, {}, { subject: 'false' }] });
  });

  it('ends one that hangs, with all that it started', async () => {
    const hangs = 'sleep 300 & echo $! > child; echo waiting; wait';
    const outcome = await outcomeOf([{ run: hangs, timeoutMs: 500 }, 'true']);
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: {
        message: expect.stringContaining(
          'did not end within 500 ms; expected: exit code 0 within 500 ms; it said: waiting',
        ),
      },
    });
    expect(await outcomeOf(['! kill -0 "$(cat child)"'])).toMatchObject({ status: 'passed' });
  });

  it('says that it was the time of the run that was over', async () => {
    const outcome = await outcomeOf(['sleep 300'], { deadlineMs: 1500 });
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: {
        message: expect.stringContaining('which was all that was left of the time of the run'),
        hint: expect.stringContaining('Give the run more time (`timeout`, now 5 min 00 s)'),
      },
    });
    expect(await outcomeOf(['true'], { deadlineMs: 0 })).toMatchObject({
      status: 'failed',
      evidence: [{ observed: 'not started' }],
    });
  });

  it('runs side by side', async () => {
    // Each waits for all the others: one after the other they would never end.
    const meet = (name: string) =>
      `touch ${name}; until [ -e a ] && [ -e b ] && [ -e c ] && [ -e d ]; do sleep 0.05; done`;
    expect(await outcomeOf(['a', 'b', 'c', 'd'].map(meet))).toMatchObject({ status: 'passed' });
  });

  it('never runs more than four at once, and all in the end', async () => {
    let [now, most] = [0, 0];
    const commands: CommandReader = {
      names: async () => undefined,
      look: async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
        return { exitCode: 0, timedOut: false, lines: [], durationMs: 1 };
      },
    };
    const outcome = await outcomeOf(
      Array.from({ length: 30 }, (_, index) => `check ${index}`),
      { commands },
    );
    expect(most).toBe(4);
    expect(outcome).toMatchObject({ status: 'passed' });
    expect(outcome.status === 'passed' && outcome.evidence.map(({ subject }) => subject)).toEqual(
      Array.from({ length: 30 }, (_, index) => `check ${index}`),
    );
  });

  it('have the address of the database, and it is not shown', async () => {
    const outcome = await outcomeOf(['echo "at $DATABASE_URL"']);
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [{ observed: expect.stringContaining('at postgresql://app:***@db/shop') }],
    });
    expect(JSON.stringify(outcome)).not.toContain('hunter22');
  });

  it('fails where that database cannot be reached', async () => {
    const commands: CommandReader = {
      names: async () => undefined,
      look: async () => {
        throw new RollbackError('DATABASE_UNREACHABLE', 'no answer from db:5432', 'nc -vz db 5432');
      },
    };
    expect(await outcomeOf(['true'], { commands })).toMatchObject({
      status: 'failed',
      failure: { code: 'DATABASE_UNREACHABLE' },
      evidence: [{ observed: 'not started | no answer from db:5432' }],
    });
  });

  it('ends with the run', async () => {
    const controller = new AbortController();
    const ctx = await contextOf(['touch begun; sleep 300', 'until [ -e begun ]; do sleep 0.05; done; sleep 300'], {
      signal: controller.signal,
    });
    const running = runCommands.verify(ctx, undefined);
    await ctx.commands.look('until [ -e begun ]; do sleep 0.05; done', {
      timeoutMs: MINUTE,
      signal: AbortSignal.timeout(MINUTE),
    });
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
  });

  it.each(['undo-workloads', 'check-pods'])('does not begin after %s failed', async (step) => {
    const failed: Outcome = {
      status: 'failed',
      failure: { code: 'PODS_UNSTABLE', message: '', hint: '', causes: [] },
      evidence: [],
    };
    const context = { outcomeOf: (id: string) => (id === step ? failed : undefined) };
    expect(await outcomeOf(['touch begun'], { context })).toEqual({
      status: 'skipped',
      reason: { key: 'skipped.blocked', values: { step } },
    });
    expect(await outcomeOf(['[ ! -e begun ]'])).toMatchObject({ status: 'passed' });
  });

  it('is planned without being run, and is skipped where nothing is configured', async () => {
    const ctx = await contextOf(['touch begun']);
    expect(await runCommands.plan(ctx)).toEqual({ kind: 'check', summary: ['touch begun'] });
    expect(await outcomeOf(['[ ! -e begun ]'])).toMatchObject({ status: 'passed' });
    expect(await runCommands.plan(await contextOf([]))).toMatchObject({
      kind: 'skipped',
      reason: { key: 'skipped.not-configured' },
    });
  });
});

describe('a run with commands of the project', () => {
  const fails = [{ run: 'npm run test:critical', timeoutMs: MINUTE }];

  it('is red where one fails, and plans them without running any', async () => {
    const cluster = await badRelease();
    const planned = await rollback(cluster, { mode: 'plan', commands: fails });
    expect(planned.outcome).toBe('planned');
    expect(planned.plan?.steps.find(({ step }) => step === 'run-commands')?.planned).toEqual({
      kind: 'check',
      summary: ['npm run test:critical'],
    });
    const report = await rollback(cluster, { commands: fails });
    expect(report.outcome).toBe('failed');
    expect(stepOf(report, 'run-commands')).toMatchObject({
      required: true,
      outcome: { status: 'failed', failure: { code: 'COMMAND_FAILED' } },
    });
    expect(report.validation.find(({ id }) => id === 'health-checks-pass')?.outcome.status).toBe('failed');
  });

  it('runs none in an emergency', async () => {
    const report = await rollback(await badRelease(), { commands: fails, tier: 'emergency' });
    expect(report.outcome).toBe('succeeded');
    expect(stepOf(report, 'run-commands')?.outcome.status).toBe('skipped');
  });
});
