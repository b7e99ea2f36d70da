import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { renderInterrupted } from '../../src/report/interrupted.ts';
import { FENCED_REPLICAS } from '../../src/steps/fence/left-fenced.ts';
import { unfenceLeft as carryOut } from '../../src/unfence-left.ts';
import { deployment, Scene } from './scene.ts';

const WEB = deployment('web');

/** As the runner starts `post`: with the inputs of the step, and nothing of what the killed run knew. */
function environment(scene: Scene, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    RUNNER_TEMP: tmpdir(),
    GITHUB_WORKSPACE: tmpdir(),
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    INPUT_TIER: 'complete',
    INPUT_NAMESPACE: scene.namespace,
    INPUT_WORKLOADS: 'deployment/web',
    INPUT_KUBECONFIG: scene.cluster.kubeconfig,
    'INPUT_DATABASE-URL': 'postgres://shop:secret-password@127.0.0.1:1/shop',
    'INPUT_BACKUP-PATH': 'backup.sql',
    'INPUT_FENCE-WRITERS': 'true',
    ...more,
  };
}

/** Masks are commands on standard output: not in a test. */
const unfenceLeft = (env: NodeJS.ProcessEnv) => carryOut(env, () => {});

/** A run was killed between stopping its writers and bringing them back. */
async function fenced(name: string): Promise<Scene> {
  const scene = await Scene.create(name);
  await scene.deploy(scene.deployment('web', 'shop/web:1'));
  await scene.kubectl('annotate', 'deployment/web', `${FENCED_REPLICAS}=2`);
  await scene.kubectl('scale', 'deployment/web', '--replicas=0');
  return scene;
}

const replicas = async (scene: Scene) => (await scene.get(WEB.kind, WEB.name)).spec.replicas;

async function leaseOf(scene: Scene, holderIdentity: string): Promise<void> {
  const spec = { holderIdentity, leaseDurationSeconds: 30, renewTime: new Date().toISOString().replace('Z', '000Z') };
  const metadata = { name: 'tiered-rollback', namespace: scene.namespace };
  await scene.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
}

describe('post, after a run that was killed', () => {
  it('brings back what it had stopped, and says so', async () => {
    const scene = await fenced('post');
    await leaseOf(scene, '7-1-abcdef');
    const left = await unfenceLeft(environment(scene));
    expect(left).toEqual({ back: ['deployment/web'] });
    expect(await replicas(scene)).toBe(2);
    expect(renderInterrupted('en', left).summary).toContain('runs again: <code>deployment/web</code>.');
    expect(await unfenceLeft(environment(scene))).toEqual({ back: [] });
  });

  it('leaves it to another run that has the lock by now', async () => {
    const scene = await fenced('post-other');
    await leaseOf(scene, '8-1-abcdef');
    expect(await unfenceLeft(environment(scene))).toBeUndefined();
    expect(await replicas(scene)).toBe(0);
  });

  it('does nothing where the config does not stop writers', async () => {
    const scene = await fenced('post-without');
    expect(await unfenceLeft(environment(scene, { 'INPUT_FENCE-WRITERS': 'false' }))).toBeUndefined();
    expect(await replicas(scene)).toBe(0);
  });

  it('never throws, and says what it could not do', async () => {
    const scene = await Scene.create('post-away');
    const kubeconfig = scene.cluster.kubeconfig.replace(scene.cluster.server, 'https://127.0.0.1:1');
    const left = await unfenceLeft(environment(scene, { INPUT_KUBECONFIG: kubeconfig }));
    expect(left?.back).toEqual([]);
    expect(left?.failure).toBeTruthy();
    expect(renderInterrupted('fr', left).summary).toContain('relancer le job le ramène');
  });
});
