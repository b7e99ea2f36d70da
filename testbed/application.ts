import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApplicationDatabase } from './application/database.ts';
import {
  type Ailment,
  appSecrets,
  databaseInCluster,
  deployment,
  GOOD_CODES,
  service,
  template,
  WRONG_CODES,
} from './application/manifests.ts';
import type { Cluster } from './cluster.ts';
import { waitFor } from './condition.ts';
import { tagOf } from './kubelet/log-store.ts';
import type { Pod } from './kubelet/pod.ts';

export type { Ailment } from './application/manifests.ts';

export interface Release {
  /** The images' tag. */
  readonly tag: string;
  readonly frontend?: Ailment;
  readonly backend?: Ailment;
}

export interface ApplicationOptions {
  /** `production` unless told; it is created when it is not there. */
  readonly namespace?: string;
  readonly replicas?: number;
  /** Why a release cannot work now, e.g. because the database has another schema; undefined when it can. */
  readonly broken?: (release: string) => Promise<string | undefined>;
  /**
   * What the backend works on: a release's deploy runs its migrations first, a bad one's also overwrites the codes in the Secret, and the
   * answers follow the schema that is there. The database is the caller's to stop.
   */
  readonly database?: ApplicationDatabase;
  /** True: the cluster has a Service `postgres` in front of the database, port 5432. */
  readonly databaseInCluster?: boolean;
}

export const FRONTEND = '224solutions-frontend';
export const BACKEND = '224solutions-backend';

/**
 * The application of the demo: a frontend and a backend, each with a real HTTP server whose answers follow the pods that are
 * Ready in the cluster. `/health` is answered by the frontend, `/api/...` by the backend behind it; `/metrics` speaks of both.
 */
export interface Application extends AsyncDisposable {
  readonly namespace: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The three health addresses, from outside the cluster. */
  readonly healthUrls: readonly string[];
  /** The same through the API server, as `service/NAME:PORT/path`. */
  readonly healthServices: readonly string[];
  /** Namespace, ConfigMap, Secret, Services. */
  surroundings(): object[];
  /** The two Deployments of a release. */
  workloads(release: Release): object[];
  /** Runs the release's migrations where there is a database, applies the release and returns; `settled` waits for a good one. */
  deploy(release: Release): Promise<void>;
  /** Until both rollouts are complete and all three addresses answer 200. */
  settled(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the servers and creates what surrounds the workloads; deploys no release. */
export async function startApplication(cluster: Cluster, options: ApplicationOptions = {}): Promise<Application> {
  const namespace = options.namespace ?? 'production';
  const replicas = options.replicas ?? 2;
  const { database } = options;
  const broken = async (release: string, path: string) =>
    (await options.broken?.(release)) ?? (await database?.reasonAgainst(release, path));
  const stopping = new AbortController();
  const backend = await Workload.start(cluster, namespace, BACKEND, broken, stopping.signal);
  const frontend = await Workload.start(cluster, namespace, FRONTEND, broken, stopping.signal, backend);
  const url = `http://127.0.0.1:${frontend.port}`;

  const application: Application = {
    namespace,
    url,
    healthUrls: [`${url}/health`, `${url}/api/health`, `${url}/api/auth/status`],
    healthServices: ['service/web:80/health', 'service/api:80/api/health', 'service/api:80/api/auth/status'],
    surroundings: () => [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'feature-flags', namespace },
        data: { ai_insights: 'true', enhanced_auth: 'true', financial_alerts: 'true' },
      },
      appSecrets(namespace, GOOD_CODES),
      service(namespace, 'web', FRONTEND),
      service(namespace, 'api', BACKEND),
      ...(database && options.databaseInCluster ? databaseInCluster(namespace, database.server.port) : []),
    ],
    workloads: ({ tag, frontend: front, backend: back }) => [
      deployment({ namespace, name: FRONTEND, replicas, template: template(FRONTEND, tag, frontend.port, front) }),
      deployment({ namespace, name: BACKEND, replicas, template: template(BACKEND, tag, backend.port, back) }),
    ],
    async deploy(release) {
      await database?.migrate(release.tag);
      const secrets = database ? [appSecrets(namespace, database.isBad(release.tag) ? WRONG_CODES : GOOD_CODES)] : [];
      await cluster.apply([...secrets, ...application.workloads(release)]);
    },
    async settled(timeoutMs = 60_000) {
      const timeout = `--timeout=${Math.ceil(timeoutMs / 1000)}s`;
      await Promise.all(
        [FRONTEND, BACKEND].map((name) =>
          cluster.kubectl(['-n', namespace, 'rollout', 'status', `deployment/${name}`, timeout], { check: true }),
        ),
      );
      await waitFor(
        'the application to be healthy',
        async () => {
          const answers = await Promise.all(application.healthUrls.map((address) => fetch(address)));
          return answers.every(({ ok }) => ok);
        },
        { timeoutMs },
      );
    },
    async stop() {
      stopping.abort();
      await Promise.all([frontend.stop(), backend.stop()]);
    },
    [Symbol.asyncDispose]: () => application.stop(),
  };
  await cluster.apply(application.surroundings());
  await waitFor(
    `service account of namespace ${namespace}`,
    async () =>
      (await cluster.api.send('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status === 200,
    { timeoutMs: 20_000, everyMs: 20 },
  );
  return application;
}

type Broken = (release: string, path: string) => Promise<string | undefined>;

/** One workload's real server; it answers for whichever of its pods is Ready. */
class Workload {
  readonly #pods = new Map<string, Pod>();
  readonly #server: Server;
  readonly #broken: Broken;
  readonly #namespace: string;
  readonly #name: string;
  readonly #behind: Workload | undefined;
  #turn = 0;

  private constructor(namespace: string, name: string, broken: Broken, behind?: Workload) {
    this.#namespace = namespace;
    this.#name = name;
    this.#broken = broken;
    this.#behind = behind;
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const answering = behind && path.startsWith('/api/') ? behind : this;
      answering.#answer(path, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  static async start(
    cluster: Cluster,
    namespace: string,
    name: string,
    broken: Broken,
    signal: AbortSignal,
    behind?: Workload,
  ): Promise<Workload> {
    const workload = new Workload(namespace, name, broken, behind);
    await new Promise<void>((resolve) => workload.#server.listen(0, '127.0.0.1', resolve));
    void workload.#follow(cluster, namespace, signal);
    return workload;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #follow(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${this.#name}`;
    for await (const { type, object } of cluster.api.watch<Pod>(path, signal)) {
      if (type === 'DELETED') this.#pods.delete(object.metadata.uid);
      else this.#pods.set(object.metadata.uid, object);
    }
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    if (path === '/metrics') {
      const names = this.#behind ? [this, this.#behind] : [this];
      const lines = await Promise.all(names.map((workload) => workload.#metrics()));
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(`# TYPE application_healthy gauge\n${lines.join('')}`);
      return;
    }
    const { status, body } = await this.#verdict(path);
    send(response, status, body);
  }

  /** As a Prometheus reads it: whether the workload answers as it should. */
  async #metrics(): Promise<string> {
    const path = this.#behind ? '/health' : '/api/health';
    const { status } = await this.#verdict(path);
    return `application_healthy{namespace="${this.#namespace}",workload="${this.#name}"} ${status === 200 ? 1 : 0}\n`;
  }

  async #verdict(path: string): Promise<{ status: number; body: object }> {
    const serving = [...this.#pods.values()].filter(isServing);
    const pod = serving[this.#turn++ % Math.max(1, serving.length)];
    if (!pod) return { status: 503, body: { status: 'down', reason: `${this.#name} has no ready pod` } };
    const release = tagOf(pod.spec.containers[0]?.image ?? '');
    const about = { release, pod: pod.metadata.name };
    const reason =
      pod.metadata.annotations?.['testbed/health'] === 'bad'
        ? `release ${release} fails its own checks`
        : await this.#broken(release, path);
    if (reason !== undefined) return { status: 503, body: { status: 'error', reason, ...about } };
    const known = ['/', '/health', '/api/health', '/api/auth/status'].includes(path);
    if (!known) return { status: 404, body: { status: 'not found', ...about } };
    const more = path.endsWith('/auth/status') ? { authenticated: false } : {};
    return { status: 200, body: { status: 'ok', ...about, ...more } };
  }
}

const isServing = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  (status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false);

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
