import { describe, expect, it } from '@jest/globals';
import { deployment, Scene } from './scene.ts';

const GROUP = [deployment('224solutions-frontend'), deployment('224solutions-backend')];

async function badRelease(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(
    scene.deployment('224solutions-frontend', 'shop/f:1'),
    scene.deployment('224solutions-backend', 'shop/b:1'),
  );
  await deployBad(scene);
  return scene;
}

async function deployBad(scene: Scene): Promise<void> {
  await scene.deploy(
    scene.deployment('224solutions-frontend', 'shop/f:2'),
    scene.deployment('224solutions-backend', 'shop/b:2'),
  );
}

async function images(scene: Scene): Promise<(string | undefined)[]> {
  return Promise.all(GROUP.map(({ name }) => scene.image(name)));
}

/** rapid again, then emergency: nothing but our own state is written, and all is verified. */
async function expectNoOps(scene: Scene): Promise<void> {
  const before = await Promise.all(GROUP.map(({ name }) => scene.get('Deployment', name)));
  for (const tier of ['rapid', 'emergency'] as const) {
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback(GROUP, { tier });
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('no-op');
    expect(report.steps.find((step) => step.step === 'undo-workloads')?.outcome.status).toBe('passed');
    expect(report.steps.find((step) => step.step === 'check-pods')?.outcome.status).toBe('passed');
    expect((await scene.changesSince(since)).map((event) => `${event.verb} ${event.requestURI}`)).toEqual([]);
  }
  const after = await Promise.all(GROUP.map(({ name }) => scene.get('Deployment', name)));
  expect(after.map((one) => one.metadata.generation)).toEqual(before.map((one) => one.metadata.generation));
}

describe('a rollback never toggles', () => {
  it('rapid, rapid again, emergency', async () => {
    const scene = await badRelease('toggle');
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect(report.rolledBack).toBe(true);
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
    await expectNoOps(scene);
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
  });

  it('after the bad release was deployed again', async () => {
    const scene = await badRelease('again');
    await scene.rollback(GROUP);
    await deployBad(scene);
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
    await expectNoOps(scene);
  });

  it('after a restart of the bad release, and after a restart of the good one', async () => {
    const scene = await badRelease('restarted');
    for (const { name } of GROUP) {
      await scene.kubectl('rollout', 'restart', `deployment/${name}`);
      await scene.rolledOut(deployment(name));
    }
    expect((await scene.rollback(GROUP)).outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
    for (const { name } of GROUP) {
      await scene.kubectl('rollout', 'restart', `deployment/${name}`);
      await scene.rolledOut(deployment(name));
    }
    await expectNoOps(scene);
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
  });

  it('when the bad release is paused half-way', async () => {
    const scene = await Scene.create('paused');
    await scene.deploy(
      scene.deployment('224solutions-frontend', 'shop/f:1'),
      scene.deployment('224solutions-backend', 'shop/b:1'),
    );
    const slow = (manifest: { spec: { template: { metadata: Record<string, unknown> } } }) => {
      manifest.spec.template.metadata['annotations'] = { 'testbed/ready-after': '600s' };
    };
    await scene.apply(
      scene.deployment('224solutions-frontend', 'shop/f:2', slow),
      scene.deployment('224solutions-backend', 'shop/b:2', slow),
    );
    for (const { name } of GROUP) {
      await scene.until('Deployment', name, 'is half-way', (one) => one.status?.updatedReplicas === 1);
      await scene.kubectl('rollout', 'pause', `deployment/${name}`);
    }
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
    expect((await scene.get('Deployment', '224solutions-backend')).spec.paused ?? false).toBe(false);
    await expectNoOps(scene);
  });

  it('refuses to guess after somebody undid by hand with kubectl', async () => {
    const scene = await badRelease('by-hand');
    for (const { name } of GROUP) {
      await scene.kubectl('rollout', 'undo', `deployment/${name}`);
      await scene.rolledOut(deployment(name));
    }
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('refused');
    expect(report.failures.map((failure) => failure.code)).toEqual(['TARGET_UNPROVEN']);
    expect(report.failures[0]?.hint).toContain('to: deployment/224solutions-');
    expect(await scene.changesSince(since)).toEqual([]);
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
  });

  it('resumes a target that was paused on its way', async () => {
    const scene = await badRelease('target-paused');
    await scene.rollback(GROUP);
    await scene.kubectl('rollout', 'pause', 'deployment/224solutions-backend');
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect((await scene.get('Deployment', '224solutions-backend')).spec.paused ?? false).toBe(false);
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
  });
});

describe('the checklist itself', () => {
  it('fails on a real API server where this action succeeds', async () => {
    const scene = await badRelease('checklist');
    const say = async (...args: string[]) => {
      const { code, stdout, stderr } = await scene.kubectl(...args);
      return { code, text: `${stdout}${stderr}` };
    };
    for (const { name } of GROUP) {
      expect((await say('rollout', 'pause', `deployment/${name}`)).code).toBe(0);
      const undo = await say('rollout', 'undo', `deployment/${name}`);
      expect(undo.code).toBe(1);
      expect(undo.text).toContain('cannot rollback a paused deployment');
      const status = await say('rollout', 'status', `deployment/${name}`, '--timeout=10s');
      expect(status).toMatchObject({ code: 0, text: expect.stringContaining('successfully rolled out') });
    }
    expect(await images(scene)).toEqual(['shop/f:2', 'shop/b:2']);

    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
  });

  it('brings the bad release back when it is run twice; this action does not', async () => {
    const scene = await badRelease('twice');
    const undo = async () => {
      await scene.kubectl('rollout', 'undo', 'deployment/224solutions-backend', '--to-revision=0');
      await scene.rolledOut(deployment('224solutions-backend'));
    };
    await undo();
    expect(await scene.image('224solutions-backend')).toBe('shop/b:1');
    await undo();
    expect(await scene.image('224solutions-backend')).toBe('shop/b:2');
  });
});

describe('the group', () => {
  it('leaves the frontend where it is when only the backend was deployed badly', async () => {
    const scene = await Scene.create('backend-only');
    await scene.deploy(
      scene.deployment('224solutions-frontend', 'shop/f:1'),
      scene.deployment('224solutions-backend', 'shop/b:1'),
    );
    await scene.deploy(scene.deployment('224solutions-backend', 'shop/b:2'));
    const before = await scene.get('Deployment', '224solutions-frontend');
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback(GROUP);
    expect(report.outcome).toBe('succeeded');
    expect(await images(scene)).toEqual(['shop/f:1', 'shop/b:1']);
    const after = await scene.get('Deployment', '224solutions-frontend');
    expect(after.metadata.generation).toBe(before.metadata.generation);
    expect(new Set((await scene.changesSince(since)).map((event) => event.objectRef?.name))).toEqual(
      new Set(['224solutions-backend']),
    );
  });
});
