import { describe, expect, it } from '@jest/globals';
import { deployment, Scene } from './scene.ts';

const WEB = [deployment('web')];
const USER = 'least';

/** Only what the documentation calls required, and what the test adds. */
async function userWith(
  scene: Scene,
  without: { readonly resource: string; readonly verb: string } | undefined = undefined,
): Promise<string> {
  const rule = (group: string, resource: string, verbs: readonly string[]) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: verbs.filter((verb) => without?.resource !== resource || without.verb !== verb),
  });
  const { namespace } = scene;
  await scene.cluster.apply([
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: USER, namespace },
      rules: [
        rule('apps', 'deployments', ['get', 'list', 'watch', 'patch']),
        rule('apps', 'replicasets', ['get', 'list', 'watch']),
        rule('', 'pods', ['get', 'list', 'watch']),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: USER, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: USER },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `${USER}-${namespace}` }],
    },
  ]);
  return scene.cluster.kubeconfigFor({ name: `${USER}-${namespace}`, namespace });
}

async function deployBoth(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1'));
  await scene.deploy(scene.deployment('web', 'shop/web:2'));
  return scene;
}

describe('with the required permissions alone', () => {
  it('rolls back, says what it could not do, and still never toggles', async () => {
    const scene = await deployBoth('least');
    const kubeconfig = await userWith(scene);
    const first = await scene.rollback(WEB, { kubeconfig });
    expect(first.failures).toEqual([]);
    expect(first.outcome).toBe('succeeded');
    expect(await scene.image('web')).toBe('shop/web:1');
    const said = first.preflight.flatMap((item) => item.note?.key ?? []);
    expect(said).toEqual(
      expect.arrayContaining(['degraded.lock', 'degraded.ledger', 'degraded.events', 'degraded.logs']),
    );
    const outcomeOf = (id: string) => first.steps.find((step) => step.step === id)?.outcome;
    expect(outcomeOf('freeze-rollouts')?.status).toBe('unknown');
    expect(outcomeOf('check-pods')?.status).toBe('passed');
    expect(outcomeOf('check-events')).toMatchObject({
      status: 'unknown',
      failure: {
        code: 'CLUSTER_FORBIDDEN',
        hint: expect.stringMatching(/resources: \[events\]\n\s+verbs: \[list, watch\]/),
      },
    });

    const generation = (await scene.get('Deployment', 'web')).metadata.generation;
    for (const tier of ['rapid', 'emergency'] as const) {
      expect((await scene.rollback(WEB, { kubeconfig, tier })).outcome).toBe('no-op');
    }
    expect((await scene.get('Deployment', 'web')).metadata.generation).toBe(generation);

    await scene.deploy(scene.deployment('web', 'shop/web:2'));
    expect((await scene.rollback(WEB, { kubeconfig })).outcome).toBe('succeeded');
    expect(await scene.image('web')).toBe('shop/web:1');
    expect((await scene.rollback(WEB, { kubeconfig })).outcome).toBe('no-op');
  });

  it.each([
    { resource: 'deployments', verb: 'get' },
    { resource: 'deployments', verb: 'list' },
    { resource: 'deployments', verb: 'watch' },
    { resource: 'deployments', verb: 'patch' },
    { resource: 'replicasets', verb: 'list' },
    { resource: 'replicasets', verb: 'watch' },
    { resource: 'pods', verb: 'list' },
    { resource: 'pods', verb: 'watch' },
  ])('is refused before any change without $verb on $resource, with the rule to paste', async (missing) => {
    const scene = await deployBoth('missing');
    const kubeconfig = await userWith(scene, missing);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback(WEB, { kubeconfig });
    expect(report.outcome).toBe('refused');
    const hints = [...report.failures, ...report.preflight.flatMap((item) => item.failure ?? [])]
      .filter((failure) => failure.code === 'CLUSTER_FORBIDDEN')
      .map((failure) => failure.hint)
      .join('\n');
    expect(hints).toContain(`resources: [${missing.resource}]`);
    expect(hints).toContain(missing.verb);
    expect(await scene.changesSince(since)).toEqual([]);
    expect(await scene.image('web')).toBe('shop/web:2');
  });
});
