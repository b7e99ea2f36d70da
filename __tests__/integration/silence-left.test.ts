import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { endLeftSilences } from '../../src/silence-left.ts';
import { AlertsScene, alertsOf } from './alerts-scene.ts';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
/** The lock of a dead run has expired by then. */
const LEASE_MS = 31_000;

function environment({ scene, server, health }: AlertsScene, folder: string): NodeJS.ProcessEnv {
  return {
    RUNNER_TEMP: folder,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: folder,
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    INPUT_TIER: 'rapid',
    INPUT_NAMESPACE: scene.namespace,
    INPUT_WORKLOADS: 'deployment/web',
    INPUT_KUBECONFIG: scene.cluster.kubeconfig,
    'INPUT_STABLE-FOR': '0s',
    'INPUT_HEALTH-URLS': health.name,
    'INPUT_ALERTMANAGER-URL': server.url,
  };
}

function start(entry: 'main' | 'post', env: NodeJS.ProcessEnv) {
  const path = join(SOURCES, `${entry}.ts`);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path], { env, stdio: 'ignore' });
  return { child, closed: new Promise<void>((resolve) => child.once('close', () => resolve())) };
}

/** The action itself, killed while it waits for a health check that stays red. */
async function killed(
  alerts: AlertsScene,
  env: NodeJS.ProcessEnv,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<string> {
  const { child, closed } = start('main', env);
  try {
    return (await alerts.silenced()).id;
  } finally {
    child.kill(signal);
    await closed;
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  try {
    for (const name of ['output', 'state', 'summary']) await writeFile(join(folder, name), '');
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Masks are commands on standard output: not in a test. */
const endLeft = (env: NodeJS.ProcessEnv) => endLeftSilences(env, () => {});

describe('a run that was killed', () => {
  it('leaves a silence, which post ends and says so', async () => {
    await using alerts = await AlertsScene.create('killed-post');
    await inFolder(async (folder) => {
      const env = environment(alerts, folder);
      const id = await killed(alerts, env);
      expect(await alerts.active()).toMatchObject([{ id }]);
      await start('post', env).closed;
      expect(await alerts.active()).toEqual([]);
      expect(await readFile(join(folder, 'summary'), 'utf8')).toContain(
        `Alerts are no longer silenced; ended: <code>${id}</code>.`,
      );
      expect(await endLeft(env)).toEqual({ ended: [] });
    });
  });

  it('leaves a silence that the next attempt takes over, does not double, and ends', async () => {
    await using alerts = await AlertsScene.create('killed-again');
    await inFolder(async (folder) => {
      const env = environment(alerts, folder);
      const id = await killed(alerts, env);
      const report = await alerts.rollback({ workflowRun: '7', clockAheadMs: LEASE_MS, timeoutMs: 240_000 });
      expect(alertsOf(report)).toMatchObject({ status: 'passed' });
      expect((await alerts.silences()).map((one) => [one.id, one.status.state])).toEqual([[id, 'expired']]);
    });
  });
});

describe('a run that is cancelled', () => {
  it('ends its silence before its process ends', async () => {
    await using alerts = await AlertsScene.create('cancelled');
    await inFolder(async (folder) => {
      const id = await killed(alerts, environment(alerts, folder), 'SIGINT');
      expect((await alerts.silences()).map((one) => [one.id, one.status.state])).toEqual([[id, 'expired']]);
      expect(await readFile(join(folder, 'output'), 'utf8')).toContain('cancelled');
    });
  });
});

describe('post', () => {
  it('asks nobody where no alert was silenced', async () => {
    await using alerts = await AlertsScene.create('post-silent');
    await inFolder(async (folder) => {
      const { 'INPUT_ALERTMANAGER-URL': _url, ...without } = environment(alerts, folder);
      expect(await endLeft(without)).toBeUndefined();
      expect(await endLeft({ ...environment(alerts, folder), INPUT_MODE: 'plan' })).toBeUndefined();
    });
  });

  it('never throws, and says what it could not do without what is secret', async () => {
    await using alerts = await AlertsScene.create('post-down');
    await inFolder(async (folder) => {
      const url = 'http://user:pa55word@127.0.0.1:1';
      const left = await endLeft({ ...environment(alerts, folder), 'INPUT_ALERTMANAGER-URL': url });
      expect(left).toMatchObject({ ended: [], failure: expect.stringContaining('127.0.0.1:1') });
      expect(left?.failure).not.toContain('pa55word');
    });
  });
});
