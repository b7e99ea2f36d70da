import { describe, expect, it } from '@jest/globals';
import { ERROR_LINE } from '../../src/core/log-errors.ts';
import type { Report } from '../../src/core/report.ts';
import { startFaultProxy } from '../../testbed/fault-proxy.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

const WEB = [deployment('web')];
const NOISE = Array.from({ length: 30 }, (_, index) => `level=error msg="attempt ${index}: password=hunter2"`);
/** What the pods of the template print. */
const prints =
  (...lines: string[]) =>
  (manifest: Manifest) => {
    manifest.spec.template.metadata.annotations = { 'testbed/log': lines.join('\n') };
  };
const podsOf = (report: Report) => report.steps.find(({ step }) => step === 'check-pods')?.outcome;
const rowOf = (report: Report) => {
  const outcome = podsOf(report);
  const rows = outcome && 'evidence' in outcome ? outcome.evidence : [];
  return rows.find(({ subject }) => subject === 'logs of deployment/web');
};

async function noisyTarget(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1', prints('listening', ...NOISE)));
  await scene.deploy(scene.deployment('web', 'shop/web:2', prints('listening', 'ready')));
  return scene;
}

describe('logs after a rollback', () => {
  it('without errors are proof', async () => {
    const scene = await Scene.create('logs-quiet');
    await scene.deploy(scene.deployment('web', 'shop/web:1'));
    await scene.deploy(scene.deployment('web', 'shop/web:2'));
    const report = await scene.rollback(WEB, { logs: { errors: ERROR_LINE, maxIncrease: 0 } });
    expect(report.outcome).toBe('succeeded');
    expect(rowOf(report)).toMatchObject({
      observed: expect.stringMatching(/^0 error lines in /),
      expected: 'at most 0 (as before: 0, max-increase: 0)',
    });
  });

  it('with more errors than before are told, and stay green without a limit', async () => {
    const scene = await noisyTarget('logs-noisy');
    const report = await scene.rollback(WEB);
    expect(report.outcome).toBe('succeeded');
    expect(rowOf(report)?.observed).toMatch(
      /^60 error lines in .*, last: level=error msg="attempt 29: password=\*\*\*"$/,
    );
    const note = report.notes.find(({ key }) => key === 'note.log-errors-rose');
    expect(note?.values).toMatchObject({ workload: 'deployment/web', errors: 60, before: 0 });
    expect(JSON.stringify([report.steps, report.notes])).not.toContain('hunter2');
    const { stdout } = await scene.cluster.kubectl(String(note?.values?.['command']).split(' ').slice(1));
    expect(stdout).toContain('attempt 29');
  });

  it('turn the run red above the limit, with all pods of all containers counted', async () => {
    const scene = await noisyTarget('logs-limit');
    const report = await scene.rollback(WEB, { logs: { errors: 'level=error', maxIncrease: 59 } });
    expect(report.outcome).toBe('failed');
    expect(podsOf(report)).toMatchObject({ status: 'failed', failure: { code: 'LOG_ERRORS_ROSE' } });
    expect(await scene.image('web')).toBe('shop/web:1');
    const again = await scene.rollback(WEB, { logs: { errors: 'level=fatal', maxIncrease: 0 } });
    expect(again.outcome).toBe('no-op');
  });

  it('of init containers and sidecars count, each for itself', async () => {
    const scene = await Scene.create('logs-sidecar');
    const template = (tag: number, lines: string[]) =>
      scene.deployment('web', `shop/web:${tag}`, (manifest) => {
        prints(...lines)(manifest);
        manifest.spec.template.spec.initContainers = [
          { name: 'migrate', image: `shop/migrate:${tag}` },
          { name: 'proxy', image: `shop/proxy:${tag}`, restartPolicy: 'Always' },
        ];
      });
    await scene.deploy(template(1, ['ERROR one']));
    await scene.deploy(template(2, ['listening']));
    const report = await scene.rollback(WEB, { logs: { errors: ERROR_LINE, maxIncrease: 5 } });
    // Two pods with three containers each.
    expect(podsOf(report)).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining(': 6 error lines in ') },
    });
  });
});

describe('logs that nobody gives', () => {
  it('are no failure of the pods', async () => {
    const scene = await noisyTarget('logs-none');
    await using proxy = await startFaultProxy(scene.cluster);
    proxy.inject({ kind: 'status', code: 500 }, ({ path }) => path.endsWith('/log'));
    const report = await scene.rollback(WEB, { kubeconfig: proxy.kubeconfig });
    expect(report.outcome).toBe('succeeded');
    expect(podsOf(report)?.status).toBe('passed');
    expect(report.notes.find(({ key }) => key === 'note.logs-not-read')?.values).toMatchObject({ read: 0, of: 2 });
  });

  it('hold nobody up', async () => {
    const scene = await noisyTarget('logs-hang');
    await using proxy = await startFaultProxy(scene.cluster);
    proxy.inject({ kind: 'silence', bytes: 0 }, ({ path }) => path.endsWith('/log'));
    const report = await scene.rollback(WEB, { kubeconfig: proxy.kubeconfig });
    expect(report.outcome).toBe('succeeded');
    expect(podsOf(report)?.status).toBe('passed');
    expect(report.notes.map(({ key }) => key)).toContain('note.logs-not-read');
  });
});
