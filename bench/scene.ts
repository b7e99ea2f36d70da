import type { Cluster } from '../testbed/cluster.ts';
import { waitFor } from '../testbed/condition.ts';

export const GOOD = 'v1';
const REPLICAS = 2;
const TIMEOUT_MS = 300_000;

/** Deployments that run a good release, and get a bad one before every round. */
export class Scene {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly names: readonly string[];
  #releases = 1;

  private constructor(cluster: Cluster, namespace: string, names: readonly string[]) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.names = names;
  }

  static async build(cluster: Cluster, count: number): Promise<Scene> {
    const namespace = await cluster.namespace(`bench-${count}`);
    const names = Array.from({ length: count }, (_, index) => `app-${index + 1}`);
    const scene = new Scene(cluster, namespace, names);
    await inBatches(names, (name) => cluster.api.call('POST', scene.#path(), deployment(name)));
    await scene.#settled(GOOD);
    return scene;
  }

  get refs(): readonly string[] {
    return this.names.map((name) => `deployment/${name}`);
  }

  /** A release that nobody has seen before, running everywhere; whatever the last rollback kept in the cluster is gone. */
  async deployBad(): Promise<void> {
    await this.#forget();
    this.#releases++;
    const tag = `v${this.#releases}`;
    const patch = { spec: { template: { spec: { containers: [{ name: 'app', image: image(tag) }] } } } };
    const contentType = 'application/strategic-merge-patch+json';
    await inBatches(this.names, (name) => this.cluster.api.call('PATCH', this.#path(name), patch, { contentType }));
    await this.#settled(tag);
  }

  /** Rejects unless every workload really runs the good release again. */
  async assertGood(): Promise<void> {
    const { body } = await this.cluster.api.call('GET', this.#path());
    for (const item of body.items) {
      if (!isDone(item) || imageOf(item) !== image(GOOD))
        throw new Error(
          `${item.metadata.name} does not run ${image(GOOD)} after the round: ${JSON.stringify(item.status)}`,
        );
    }
  }

  /** Rolled out everywhere, and the pods of the release before are gone, so that a round does not pay for the one before. */
  async #settled(tag: string): Promise<void> {
    await waitFor(
      `${this.names.length} workloads on ${tag}, and nothing else`,
      async () => {
        const [{ body: deployments }, { body: pods }] = await Promise.all([
          this.cluster.api.call('GET', this.#path()),
          this.cluster.api.call('GET', `/api/v1/namespaces/${this.namespace}/pods`),
        ]);
        return (
          pods.items.length === this.names.length * REPLICAS &&
          deployments.items.every((item: Deployment) => isDone(item) && imageOf(item) === image(tag))
        );
      },
      { timeoutMs: TIMEOUT_MS, everyMs: 250 },
    );
  }

  /** Lock, journal and ledger, so that every round begins like the first. */
  async #forget(): Promise<void> {
    const { body: all } = await this.cluster.api.call('GET', `/api/v1/namespaces/${this.namespace}/configmaps`);
    const names = all.items.map((item: Deployment) => item.metadata.name);
    const ours = names.filter((name: string) => name.startsWith('tiered-rollback'));
    await inBatches(ours, (name) =>
      this.cluster.api.call('DELETE', `/api/v1/namespaces/${this.namespace}/configmaps/${name}`),
    );
  }

  #path(name = ''): string {
    return `/apis/apps/v1/namespaces/${this.namespace}/deployments${name === '' ? '' : `/${name}`}`;
  }
}

export interface Deployment {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** kubectl's own rule for "successfully rolled out". */
export function isDone({ metadata, spec, status }: Deployment): boolean {
  return (
    (status.observedGeneration ?? 0) >= metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  );
}

export const image = (tag: string) => `registry.example/app:${tag}`;
const imageOf = (item: Deployment) => item.spec.template.spec.containers[0]?.image;

function deployment(name: string): object {
  return {
    metadata: { name },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: image(GOOD), ports: [{ containerPort: 8080 }] }] },
      },
    },
  };
}

async function inBatches(names: readonly string[], action: (name: string) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < names.length; at += 50) await Promise.all(names.slice(at, at + 50).map(action));
}
