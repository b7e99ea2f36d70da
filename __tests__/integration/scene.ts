import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttpReader } from '../../src/adapters/http.ts';
import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import { abortedLater } from '../../src/adapters/signals.ts';
import type { Config } from '../../src/core/config.ts';
import type { WorkloadKind, WorkloadObject, WorkloadRef } from '../../src/core/kubernetes.ts';
import type { Report } from '../../src/core/report.ts';
import { run } from '../../src/engine/run.ts';
import type { Parts } from '../../src/engine/state.ts';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import type { GithubReader, GithubWriter } from '../../src/ports/github.ts';
import type { AuditEvent, Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { QUIET_CONFIG, QUIET_PARTS } from '../fakes/quiet.ts';
import { storesOf } from './stores.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests as JSON, changed freely
export type Manifest = any;

/** As `compose.ts`: how long a cancelled run may still talk to the cluster. */
const LAST_READS_MS = 4000;

const PLURALS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

export interface RollbackOptions extends Partial<Config> {
  readonly kubeconfig?: string;
  readonly signal?: AbortSignal;
  readonly runId?: string;
  readonly github?: GithubReader & GithubWriter;
  /** Told every line of the log. */
  readonly onLog?: (line: string) => void;
  /** Stands between the engine and the real writer. */
  readonly wrap?: (writer: ClusterWriter) => ClusterWriter;
  /** How far the runner's clock is ahead, ms. */
  readonly clockAheadMs?: number;
  /** The server and the user for `database`; without it the engine has none. */
  readonly databaseUrl?: string;
  /** Folder of pg_dump and pg_restore; the path is searched unless told. */
  readonly programs?: string;
  /** What the environment holds for `secrets`. */
  readonly values?: Readonly<Record<string, string>>;
  /** Where commands run and relative paths begin. */
  readonly workspace?: string;
  /** Stands between the engine and its parts; told the real ones. */
  readonly parts?: (real: Parts) => Parts;
}

/** A namespace of the shared control plane, and the action's engine with its real adapters run on it. */
export class Scene {
  readonly cluster: Cluster;
  readonly namespace: string;

  private constructor(cluster: Cluster, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  static async create(name: string): Promise<Scene> {
    const cluster = await sharedCluster();
    return new Scene(cluster, await cluster.namespace(name));
  }

  /** On a cluster of the test's own, whose parts it may stop. */
  static async on(cluster: Cluster, name: string): Promise<Scene> {
    return new Scene(cluster, await cluster.namespace(name));
  }

  /** A namespace that is there already, e.g. one that another process made. */
  static async at(namespace: string): Promise<Scene> {
    return new Scene(await sharedCluster(), namespace);
  }

  /** A manifest of two pods that become ready at once; `template` changes the pod template. */
  workload(kind: WorkloadKind, name: string, image: string, change: (manifest: Manifest) => void = () => {}): Manifest {
    const manifest: Manifest = {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: this.namespace },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
        ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
      },
    };
    change(manifest);
    return manifest;
  }

  deployment(name: string, image: string, change?: (manifest: Manifest) => void): Manifest {
    return this.workload('Deployment', name, image, change);
  }

  /** Applies the manifests as `kubectl apply` does and waits until all of them are rolled out. */
  async deploy(...manifests: Manifest[]): Promise<void> {
    await this.apply(...manifests);
    for (const { kind, metadata } of manifests) await this.rolledOut({ kind, name: metadata.name });
  }

  /** Applies only: for releases that never become ready. */
  async apply(...manifests: Manifest[]): Promise<void> {
    await this.cluster.apply(manifests);
  }

  async rolledOut({ kind, name }: WorkloadRef): Promise<void> {
    const args = ['rollout', 'status', `${kind.toLowerCase()}/${name}`, '--timeout=60s'];
    await this.cluster.kubectl(['-n', this.namespace, ...args], { check: true });
  }

  kubectl(...args: string[]) {
    return this.cluster.kubectl(['-n', this.namespace, ...args]);
  }

  async get(kind: WorkloadKind, name: string): Promise<WorkloadObject> {
    const { body } = await this.cluster.api.call(
      'GET',
      `/apis/apps/v1/namespaces/${this.namespace}/${PLURALS[kind]}/${name}`,
    );
    return { kind, ...body } as WorkloadObject;
  }

  async image(name: string, kind: WorkloadKind = 'Deployment'): Promise<string | undefined> {
    return (await this.get(kind, name)).spec.template.spec.containers[0]?.image;
  }

  /** Waits until something is true of a workload. */
  async until(
    kind: WorkloadKind,
    name: string,
    what: string,
    holds: (workload: WorkloadObject) => boolean,
  ): Promise<WorkloadObject> {
    return waitFor(
      `${kind}/${name}: ${what}`,
      async () => {
        const workload = await this.get(kind, name);
        return holds(workload) ? workload : undefined;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Runs the engine with its real adapters; `stable-for` is 0 and health is not configured unless told. */
  async rollback(workloads: readonly WorkloadRef[], options: RollbackOptions = {}): Promise<Report> {
    const {
      kubeconfig = this.cluster.kubeconfig,
      signal = new AbortController().signal,
      runId,
      github = NO_GITHUB,
      onLog,
      wrap = (writer) => writer,
      clockAheadMs = 0,
      databaseUrl,
      programs,
      values = {},
      workspace = tmpdir(),
      parts = (real) => real,
      ...changed
    } = options;
    const config = { ...DEFAULTS, namespace: this.namespace, workloads, ...changed };
    const access = await readKubeconfig({
      text: kubeconfig,
      workspace: tmpdir(),
      temp: tmpdir(),
      allowInsecure: [],
      allowExecPlugins: [],
    });
    const cluster = await connectCluster(access, this.namespace, {
      userAgent: 'tiered-rollback',
      signal: abortedLater(signal, LAST_READS_MS),
    });
    const http = createHttpReader();
    const tell = (line: string) => onLog?.(line);
    const stores = storesOf(config, { databaseUrl, programs, values, workspace, signal, cluster });
    const real: Parts = {
      ...QUIET_PARTS,
      ...stores.parts,
      config,
      run: {
        id: runId ?? `test-${randomBytes(4).toString('hex')}`,
        url: 'https://github.example/run/1',
        actor: 'ada',
        repository: 'o/r',
        commit: '',
        workflow: 'test',
        reason: config.reason,
      },
      cluster: { reader: cluster.reader, writer: wrap(cluster.writer) },
      github,
      http,
      clock: { ...systemClock, now: () => systemClock.now() + clockAheadMs },
      log: { phase: tell, info: tell, warn: tell, debug: tell },
      signal,
    };
    try {
      return await run(parts(real));
    } finally {
      await Promise.all([cluster.close(), http.close(), stores.close()]);
    }
  }

  /** What changed the cluster's own objects since the mark; requests for our Lease, ledger, journals and kept Secrets are left out. */
  async changesSince(since: number): Promise<AuditEvent[]> {
    const events = await this.cluster.audit({ namespace: this.namespace, mutating: true, since });
    return events.filter((event) => event.userAgent === 'tiered-rollback' && !isOwnState(event));
  }

  async ownChangesSince(since: number): Promise<AuditEvent[]> {
    const events = await this.cluster.audit({ namespace: this.namespace, mutating: true, since });
    return events.filter((event) => event.userAgent === 'tiered-rollback' && isOwnState(event));
  }
}

function isOwnState(event: AuditEvent): boolean {
  const { resource = '', name } = event.objectRef ?? {};
  const isOwnKind = ['leases', 'configmaps', 'secrets'].includes(resource);
  return isOwnKind && (name ?? event.requestObject?.metadata?.name ?? '').startsWith('tiered-rollback');
}

const NO_GITHUB: GithubReader & GithubWriter = { activeRuns: async () => undefined, cancelRun: async () => false };

const DEFAULTS: Omit<Config, 'namespace' | 'workloads'> = {
  mode: 'rollback',
  tier: 'rapid',
  to: { kind: 'auto' },
  deployWindowMs: 30 * 60_000,
  stableForMs: 0,
  timeoutMs: 60_000,
  maxParallel: 50,
  onFailure: 'keep',
  skipSteps: [],
  requiredChecks: [],
  allowGitops: false,
  deployWorkflows: [],
  health: [],
  contacts: { devops: '+224 600 00 00 00' },
  reason: 'test',
  language: 'en',
  secrets: [],
  ...QUIET_CONFIG,
};

export const deployment = (name: string): WorkloadRef => ({ kind: 'Deployment', name });
