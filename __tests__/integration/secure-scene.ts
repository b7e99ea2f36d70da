import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster as Connection, connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import { createManifestReader } from '../../src/adapters/manifests.ts';
import type { Config } from '../../src/core/config.ts';
import type { AnyObject } from '../../src/core/manifest.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Planned } from '../../src/core/step.ts';
import type { Step } from '../../src/steps/contract.ts';
import { type StepContextOptions, type StepScene, stepContext } from '../fakes/step-context.ts';
import { DEFAULTS } from '../unit/engine/harness.ts';
import { Scene } from './scene.ts';

/** Steps of tier secure by themselves, with the real adapters, on a namespace of the shared control plane. */
export class SecureScene {
  readonly scene: Scene;
  readonly #connection: Connection;
  readonly #workspace: string;
  readonly #open: StepScene[] = [];

  private constructor(scene: Scene, connection: Connection, workspace: string) {
    this.scene = scene;
    this.#connection = connection;
    this.#workspace = workspace;
  }

  static async create(name: string): Promise<SecureScene> {
    const scene = await Scene.create(name);
    const options = { workspace: tmpdir(), temp: tmpdir(), allowInsecure: [], allowExecPlugins: [] };
    const access = await readKubeconfig({ text: scene.cluster.kubeconfig, ...options });
    const connection = await connectCluster(access, scene.namespace, { userAgent: 'tiered-rollback' });
    return new SecureScene(scene, connection, await mkdtemp(join(tmpdir(), 'manifests-')));
  }

  async close(): Promise<void> {
    for (const one of this.#open.splice(0)) one.close();
    await this.#connection.close();
  }

  /** Writes the files of `backup/`. */
  async backup(files: Readonly<Record<string, string | object>>): Promise<void> {
    await mkdir(join(this.#workspace, 'backup'), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      await writeFile(join(this.#workspace, 'backup', name), text);
    }
  }

  async context(
    config: Partial<Config>,
    more: Partial<Omit<StepContextOptions, 'config' | 'cluster'>> = {},
  ): Promise<StepScene> {
    const { path } = config.manifests ?? {};
    const one = await stepContext({
      cluster: this.#connection,
      ...(path === undefined ? {} : { manifests: createManifestReader({ workspace: this.#workspace, path }) }),
      ...more,
      config: { ...DEFAULTS, tier: 'secure', namespace: this.scene.namespace, ...config },
    });
    this.#open.push(one);
    return one;
  }

  /** Plans all of the steps, then applies, finishes and verifies those that change something, in this order. */
  async carryOut(
    one: StepScene,
    steps: readonly Step[],
  ): Promise<Record<string, { planned: Planned; outcome: Outcome }>> {
    const planned = await Promise.all(steps.map((step) => step.plan(one.ctx)));
    for (const [index, step] of steps.entries()) {
      const plan = planned[index];
      if (plan?.kind === 'change') await step.apply(one.ctx, plan.change);
    }
    for (const [index, step] of steps.entries()) {
      const plan = planned[index];
      if (plan?.kind === 'change') await step.finish?.(one.ctx, plan.change);
    }
    const results: Record<string, { planned: Planned; outcome: Outcome }> = {};
    for (const [index, step] of steps.entries()) {
      const plan = planned[index] as Planned;
      const outcome = await step.verify(one.ctx, plan.kind === 'change' ? plan.change : undefined);
      results[step.meta.id] = { planned: plan, outcome };
    }
    return results;
  }

  async read(path: string): Promise<AnyObject | undefined> {
    const group =
      path.includes('.k8s.io') || path.startsWith('apps/') || path.startsWith('batch/') ? '/apis/' : '/api/';
    const [version, ...rest] = path.split('|');
    const { status, body } = await this.scene.cluster.api.send(
      'GET',
      `${group}${version}/namespaces/${this.scene.namespace}/${rest.join('/')}`,
    );
    return status === 200 ? (body as unknown as AnyObject) : undefined;
  }

  configMap(name: string): Promise<AnyObject | undefined> {
    return this.read(`v1|configmaps/${name}`);
  }

  /** kubectl with an object on its standard input; throws where it fails. */
  async kubectl(args: readonly string[], input?: object): Promise<string> {
    const { stdout } = await this.scene.cluster.kubectl(['-n', this.scene.namespace, ...args], {
      check: true,
      ...(input ? { input: JSON.stringify(input) } : {}),
    });
    return stdout;
  }
}
