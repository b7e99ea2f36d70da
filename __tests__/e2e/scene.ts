import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';

export interface SceneOptions {
  /** Names of Deployments; `web` and `api` unless told. */
  readonly names?: readonly string[];
  /** Annotations of every template, for the simulated nodes. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A namespace of its own in which Deployments run image `registry.example/NAME:v1`, and then whatever a test deploys. */
export class Scene {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly names: readonly string[];
  readonly #annotations: Readonly<Record<string, string>>;

  private constructor(cluster: Cluster, namespace: string, { names = ['web', 'api'], annotations = {} }: SceneOptions) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.names = names;
    this.#annotations = annotations;
  }

  static async build(cluster: Cluster, prefix: string, options: SceneOptions = {}): Promise<Scene> {
    const scene = new Scene(cluster, await cluster.namespace(prefix), options);
    await scene.deploy('v1');
    await scene.settled();
    return scene;
  }

  /** Applies a release; `container` adds to its containers, or replaces their image. */
  async deploy(tag: string, container: object = {}): Promise<void> {
    await this.cluster.apply(
      this.names.map((name) => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: this.namespace, labels: { app: name } },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name }, annotations: this.#annotations },
            spec: { containers: [{ name: 'app', image: `registry.example/${name}:${tag}`, ...container }] },
          },
        },
      })),
    );
  }

  async settled(): Promise<void> {
    for (const name of this.names)
      await this.cluster.kubectl(['-n', this.namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=60s'], {
        check: true,
      });
  }

  /** The `with:` of a step that rolls this scene back, quickly. */
  inputs(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      namespace: this.namespace,
      workloads: this.names.map((name) => `deployment/${name}`).join('\n'),
      kubeconfig: this.cluster.kubeconfig,
      'stable-for': '0s',
      ...more,
    };
  }

  async images(): Promise<string[]> {
    const { body } = await this.cluster.api.call('GET', `/apis/apps/v1/namespaces/${this.namespace}/deployments`);
    return body.items.map(
      (item: { spec: { template: { spec: { containers: [{ image: string }] } } } }) =>
        item.spec.template.spec.containers[0].image,
    );
  }

  /** Resolves once a rollback has changed at least one template. */
  async begunToRollBack(): Promise<void> {
    await waitFor(
      'the first workload to be rolled back',
      async () => (await this.images()).some((image) => image.endsWith(':v1')),
      {
        timeoutMs: 30_000,
        everyMs: 20,
      },
    );
  }

  /** Everything that runs of this action have left in the namespace, as text. */
  async leftInCluster(): Promise<string> {
    const kinds = 'configmaps,leases,secrets,events,deployments,replicasets';
    return (await this.cluster.kubectl(['-n', this.namespace, 'get', kinds, '-o', 'json', '--show-managed-fields']))
      .stdout;
  }
}
