import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../testbed/condition.ts';
import { deployment, Scene } from './scene.ts';

const WEB = [deployment('web')];

async function badRelease(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1'));
  await scene.deploy(scene.deployment('web', 'shop/web:2'));
  return scene;
}

/** A lease as another run holds it, renewed `secondsAgo`. */
async function holdLock(scene: Scene, secondsAgo: number): Promise<void> {
  await scene.cluster.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'tiered-rollback',
      namespace: scene.namespace,
      annotations: {
        'tiered-rollback/url': 'https://github.example/run/7',
        'tiered-rollback/reason': 'checkout is down',
      },
    },
    spec: {
      holderIdentity: '7-1-abc',
      leaseDurationSeconds: 30,
      renewTime: new Date(Date.now() - secondsAgo * 1000).toISOString().replace('Z', '000Z'),
    },
  });
}

async function holder(scene: Scene): Promise<string> {
  const { stdout } = await scene.kubectl('get', 'lease', 'tiered-rollback', '-o', 'jsonpath={.spec.holderIdentity}');
  return stdout;
}

describe('the lock', () => {
  it('waits for another run, then refuses with its name, run URL and reason; nothing is touched', async () => {
    const scene = await badRelease('held');
    await holdLock(scene, 0);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback(WEB, { timeoutMs: 3000 });
    expect(report.outcome).toBe('refused');
    const [failure] = report.failures;
    expect(failure?.code).toBe('LOCK_HELD');
    expect(failure?.message).toContain('7-1-abc https://github.example/run/7');
    expect(failure?.message).toContain('checkout is down');
    expect(failure?.hint).toContain('emergency');
    expect(await scene.changesSince(since)).toEqual([]);
    expect(await scene.image('web')).toBe('shop/web:2');
    expect(await holder(scene)).toBe('7-1-abc');
  });

  it('goes on at once where the holder has not renewed it: a killed run holds nobody up', async () => {
    const scene = await badRelease('expired');
    await holdLock(scene, 60);
    expect((await scene.rollback(WEB)).outcome).toBe('succeeded');
    expect(await holder(scene)).toBe('');
  });

  it('is taken over by emergency, which says from whom', async () => {
    const scene = await badRelease('take-over');
    await holdLock(scene, 0);
    const report = await scene.rollback(WEB, { tier: 'emergency' });
    expect(report.outcome).toBe('succeeded');
    expect(report.notes).toContainEqual({
      key: 'note.lock-taken-over',
      values: { holder: '7-1-abc', url: 'https://github.example/run/7' },
    });
    expect(await scene.image('web')).toBe('shop/web:1');
  });

  it('lets two runs that start together do the work once', async () => {
    const scene = await badRelease('two');
    const since = await scene.cluster.auditMark();
    const reports = await Promise.all([scene.rollback(WEB), scene.rollback(WEB), scene.rollback(WEB)]);
    expect(reports.map((report) => report.outcome).sort()).toEqual(['no-op', 'no-op', 'succeeded']);
    const writes = (await scene.changesSince(since)).filter((event) => event.objectRef?.resource === 'deployments');
    expect(writes).toHaveLength(1);
    expect(await scene.image('web')).toBe('shop/web:1');
  });

  it('ends the run that loses it, and what it had written stands', async () => {
    const scene = await Scene.create('lost');
    await scene.deploy(scene.deployment('web', 'shop/web:1'));
    await scene.deploy(scene.deployment('web', 'shop/web:2'));
    const controller = new AbortController();
    const running = scene.rollback(WEB, { stableForMs: 300_000, timeoutMs: 600_000, signal: controller.signal });
    await waitFor('the lock is held', async () => ((await holder(scene)).startsWith('test-') ? true : undefined), {
      timeoutMs: 30_000,
    });
    await scene.until(
      'Deployment',
      'web',
      'is rolled back',
      (web) => web.spec.template.spec.containers[0]?.image === 'shop/web:1',
    );
    const taker = await scene.rollback(WEB, { tier: 'emergency' });
    expect(taker.outcome).toBe('no-op');
    const report = await running;
    expect(report.outcome).toBe('failed');
    expect(JSON.stringify(report.steps)).toContain('LOCK_LOST');
    expect(await scene.image('web')).toBe('shop/web:1');
  });

  it('names the runs that deploy, and cancels those of the workflows that are configured', async () => {
    const scene = await badRelease('deploys');
    const cancelled: number[] = [];
    const deploy = {
      id: 11,
      name: 'Deploy',
      path: '.github/workflows/deploy.yml',
      status: 'queued',
      url: 'https://github.example/run/11',
    };
    const tests = {
      id: 12,
      name: 'Tests',
      path: '.github/workflows/tests.yml',
      status: 'in_progress',
      url: 'https://github.example/run/12',
    };
    const github = { activeRuns: async () => [deploy, tests], cancelRun: async (id: number) => cancelled.push(id) > 0 };
    const report = await scene.rollback(WEB, { github, deployWorkflows: ['deploy.yml'] });
    expect(report.outcome).toBe('succeeded');
    expect(cancelled).toEqual([11]);
    expect(report.notes.map((note) => note.key)).toEqual(
      expect.arrayContaining(['note.deploy-cancelled', 'note.deploys-in-flight']),
    );
  });
});
