import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAlertmanager } from '../../src/adapters/alertmanager.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import type { AlertMatcher } from '../../src/core/alerts.ts';
import type { HealthCheck } from '../../src/core/config.ts';
import type { Report } from '../../src/core/report.ts';
import type { Parts } from '../../src/engine/state.ts';
import { type Alertmanager, startAlertmanager } from '../../testbed/alertmanager.ts';
import { waitFor } from '../../testbed/condition.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

export const WEB = deployment('web');

interface SilenceSeen {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly comment: string;
  readonly createdBy: string;
  readonly endsAt: string;
  readonly matchers: readonly AlertMatcher[];
}

/** A namespace with a bad release, an Alertmanager, and a health check that is red until told. */
export class AlertsScene {
  readonly scene: Scene;
  readonly server: Alertmanager;
  readonly health: HealthCheck;
  isHealthy = false;
  readonly #close: () => void;

  private constructor(scene: Scene, server: Alertmanager, health: { url: string; close: () => void }) {
    this.scene = scene;
    this.server = server;
    this.#close = health.close;
    this.health = {
      name: health.url,
      at: { kind: 'url', url: health.url },
      status: { from: 200, to: 299 },
      timeoutMs: 3000,
      successes: 1,
    };
  }

  static async create(name: string): Promise<AlertsScene> {
    const [scene, server] = await Promise.all([Scene.create(name), startAlertmanager()]);
    const http = createServer((_request, response) => response.writeHead(made.isHealthy ? 200 : 503).end());
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/health`;
    const close = () => {
      http.closeAllConnections();
      http.close();
    };
    const made: AlertsScene = new AlertsScene(scene, server, { url, close });
    await scene.deploy(scene.deployment('web', 'shop/web:1'));
    await made.breakIt();
    return made;
  }

  breakIt(): Promise<void> {
    return this.scene.deploy(this.scene.deployment('web', 'shop/web:2'));
  }

  get matchers(): readonly AlertMatcher[] {
    return [{ name: 'namespace', value: this.scene.namespace, isRegex: false, isEqual: true }];
  }

  /** As `compose.ts` connects it. */
  connect(workflowRun: string, { url = this.server.url, author = 'tiered-rollback' } = {}) {
    return createAlertmanager({ url, author, run: workflowRun, clock: systemClock, attemptMs: 4000, budgetMs: 4000 });
  }

  async rollback(
    options: RollbackOptions & {
      readonly workflowRun?: string;
      readonly url?: string;
      readonly change?: (parts: Parts) => Parts;
    } = {},
  ): Promise<Report> {
    const { workflowRun = '7', url = this.server.url, change = (parts: Parts) => parts, ...others } = options;
    const alerts = this.connect(workflowRun, { url });
    try {
      return await this.scene.rollback([WEB], {
        alerts: { matchers: this.matchers, silence: true },
        runId: `${workflowRun}-1-${Math.random().toString(16).slice(2, 8)}`,
        parts: (real) => change({ ...real, alerts }),
        ...others,
      });
    } finally {
      await alerts.close();
    }
  }

  /** What a person sees in Alertmanager, whoever made it. */
  async silences(): Promise<readonly SilenceSeen[]> {
    const response = await fetch(`${this.server.url}/api/v2/silences`);
    return (await response.json()) as SilenceSeen[];
  }

  async active(): Promise<readonly SilenceSeen[]> {
    return (await this.silences()).filter(({ status }) => status.state !== 'expired');
  }

  silenced(): Promise<SilenceSeen> {
    return waitFor('a silence', async () => (await this.active())[0], { timeoutMs: 60_000 });
  }

  /** An alert of the application fires, and Alertmanager shows it. */
  async fire(alertname: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.server.alert({ alertname, namespace: this.scene.namespace, ...labels });
    const outside = this.connect('outside');
    const look = () => outside.firing(this.matchers, { signal: AbortSignal.timeout(30_000) });
    await waitFor(`${alertname} to fire`, async () => (await look()).some(({ name }) => name === alertname), {
      timeoutMs: 30_000,
    });
    await outside.close();
  }

  async resolve(alertname: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.server.alert({ alertname, namespace: this.scene.namespace, ...labels }, { resolved: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.server.stop();
  }
}

export const alertsOf = (report: Report) => report.steps.find(({ step }) => step === 'check-alerts')?.outcome;
