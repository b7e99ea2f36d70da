import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Alertmanager, startAlertmanager } from './alertmanager.ts';
import type { Application } from './application.ts';
import { Authority } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import { waitFor } from './condition.ts';
import { type Github, startGithub } from './github.ts';
import { startMetricsServer } from './metrics-server.ts';
import type { OwnServer } from './own-server.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { type SmtpReceiver, startSmtp } from './smtp.ts';

/** The alert of the application: firing while one of its workloads does not answer as it should. */
export const ALERT = 'ApplicationUnhealthy';
/** Branch on which records of rollbacks are kept. */
export const RECORDS_BRANCH = 'rollback-records';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const LOGIN = { user: 'rollback', password: 'demo-mail-password' };
const TOLD_TIMEOUT_MS = 60_000;

interface Servers {
  readonly metricsServer: OwnServer;
  readonly alertmanager: Alertmanager;
  readonly prometheus: Prometheus;
  readonly chat: Receiver;
  readonly mail: SmtpReceiver;
  readonly github: Github;
}

/** What watches an application, and who is told of it: six real servers, each on a free port. */
export class Operations implements AsyncDisposable {
  readonly servers: Servers;
  /** Of the job, with what the action's documentation asks for. */
  readonly token: string;
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #authorityPath: string;
  #stopped: Promise<unknown> | undefined;

  private constructor(servers: Servers, cluster: Cluster, namespace: string, authorityPath: string) {
    this.servers = servers;
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#authorityPath = authorityPath;
    const { github } = servers;
    const bot = { login: 'github-actions[bot]', type: 'Bot' } as const;
    this.token = github.token({ ...bot, issues: 'write', deployments: 'write', contents: 'write', actions: 'read' });
    github.state.commits.add(COMMIT);
    github.state.branch(RECORDS_BRANCH);
  }

  /** @param folder for what lies on disk; kept */
  static async start(cluster: Cluster, application: Application, folder: string): Promise<Operations> {
    await mkdir(folder, { recursive: true });
    const authority = await Authority.create('mail authority');
    const authorityPath = join(folder, 'mail-ca.pem');
    await writeFile(authorityPath, authority.certificate);
    const tls = await authority.issue({ commonName: 'mail', hosts: ['127.0.0.1'] });
    await using starting = new AsyncDisposableStack();
    const kept = async <T extends AsyncDisposable>(server: Promise<T>): Promise<T> => starting.use(await server);
    const watched = async () => {
      const alertmanager = await kept(startAlertmanager());
      const targets = { '224solutions': [new URL(application.url).host] };
      const groups = [rules(application.namespace)];
      const prometheus = await kept(startPrometheus({ targets, groups, alertmanager: new URL(alertmanager.url).host }));
      return { alertmanager, prometheus };
    };
    // All settle before one of them may throw: what was started is stopped then.
    const started = await Promise.allSettled([
      kept(startMetricsServer(cluster)),
      watched(),
      kept(startReceiver()),
      kept(startSmtp({ tls, login: LOGIN })),
      kept(startGithub()),
    ]);
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const [metricsServer, { alertmanager, prometheus }, chat, mail, github] = started.map((one) =>
      one.status === 'fulfilled' ? one.value : undefined,
    ) as [OwnServer, Pick<Servers, 'alertmanager' | 'prometheus'>, Receiver, SmtpReceiver, Github];
    starting.move();
    const servers = { metricsServer, alertmanager, prometheus, chat, mail, github };
    return new Operations(servers, cluster, application.namespace, authorityPath);
  }

  /** For the `with:` of a step. */
  get inputs(): Record<string, string> {
    const { chat, mail, alertmanager, prometheus } = this.servers;
    return {
      'slack-webhook-url': `${chat.url}/services/T000/B000/demo`,
      'smtp-url': `smtp://${LOGIN.user}:${LOGIN.password}@127.0.0.1:${mail.port}`,
      'alertmanager-url': alertmanager.url,
      'prometheus-url': prometheus.url,
    };
  }

  /** For the `env:` of a step. */
  get environment(): Record<string, string> {
    return { GITHUB_API_URL: this.servers.github.url, NODE_EXTRA_CA_CERTS: this.#authorityPath };
  }

  /** Names of the alerts that fire, as Alertmanager says it, silenced or not. */
  async firing(): Promise<string[]> {
    const alerts = (await this.#ask('/api/v2/alerts?active=true&silenced=true')) as { labels: { alertname: string } }[];
    return [...new Set(alerts.map(({ labels }) => labels.alertname))];
  }

  /** Silences that were made here, with their state: `active`, `pending` or `expired`. */
  async silences(): Promise<{ readonly state: string; readonly comment: string; readonly createdBy: string }[]> {
    const all = (await this.#ask('/api/v2/silences')) as {
      comment: string;
      createdBy: string;
      status: { state: string };
    }[];
    return all.map(({ comment, createdBy, status }) => ({ comment, createdBy, state: status.state }));
  }

  /** Until metrics-server knows the pods. */
  async watching(): Promise<void> {
    await waitFor(
      'the metrics of the pods',
      async () => {
        const { code, stdout } = await this.#cluster.kubectl(['top', 'pods', '--no-headers', '-n', this.#namespace]);
        return code === 0 && stdout.trim() !== '';
      },
      { timeoutMs: TOLD_TIMEOUT_MS, everyMs: 500 },
    );
  }

  /** Until the alert fires in Alertmanager. */
  async alerted(): Promise<void> {
    await waitFor(`alert ${ALERT}`, async () => (await this.firing()).includes(ALERT), { timeoutMs: TOLD_TIMEOUT_MS });
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    this.#stopped ??= Promise.all(
      Object.values(this.servers).map((one: AsyncDisposable) => one[Symbol.asyncDispose]()),
    );
    await this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(`${this.servers.alertmanager.url}${path}`);
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}

const rules = (namespace: string) => ({
  name: 'application',
  rules: [
    {
      alert: ALERT,
      expr: `application_healthy{namespace="${namespace}"} == 0`,
      labels: { severity: 'critical' },
      annotations: { summary: '{{ $labels.workload }} does not answer as it should' },
    },
  ],
});
