import { appConfig, backupManifests, GOOD_SETTINGS, leftovers, WRONG_SETTINGS } from '../application/configuration.ts';
import { service } from '../application/manifests.ts';
import { type Application, BACKEND, FRONTEND } from '../application.ts';
import type { Cluster } from '../cluster.ts';
import { Operations, RECORDS_BRANCH } from '../operations.ts';
import type { StepResult } from '../runner.ts';

/** Configuration, flags and leftovers, as the demo shows them. */
export interface Configuration {
  readonly settings: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  readonly leftovers: readonly string[];
}

/** What came of it where people look. */
export interface Received {
  readonly chat: readonly string[];
  readonly mails: readonly { readonly subject: string; readonly to: readonly string[] }[];
  readonly issues: readonly { readonly title: string; readonly labels: readonly string[] }[];
  readonly deployments: readonly string[];
  readonly records: readonly string[];
  readonly silences: readonly string[];
  readonly firing: readonly string[];
  /** What GitHub's published description does not allow. */
  readonly violations: readonly string[];
}

/** In the demo of the secure tier: monitoring, receivers, and the configuration that a bad release changes. */
export class DemoOperations implements AsyncDisposable {
  readonly operations: Operations;
  readonly #cluster: Cluster;
  readonly #application: Application;

  private constructor(operations: Operations, cluster: Cluster, application: Application) {
    this.operations = operations;
    this.#cluster = cluster;
    this.#application = application;
  }

  static async start(cluster: Cluster, application: Application, folder: string): Promise<DemoOperations> {
    const operations = await Operations.start(cluster, application, folder);
    await cluster.apply(appConfig(application.namespace, GOOD_SETTINGS));
    await operations.watching();
    return new DemoOperations(operations, cluster, application);
  }

  /** What a person put aside before the change: files of `k8s/production/backup/`. */
  get manifests(): Readonly<Record<string, object>> {
    const { namespace } = this.#application;
    return backupManifests(namespace, [service(namespace, 'web', FRONTEND), service(namespace, 'api', BACKEND)]);
  }

  /** What the bad release's deploy brings beside its workloads, and what it leaves lying about. */
  async deployBad(): Promise<void> {
    const { namespace } = this.#application;
    await this.#cluster.apply([appConfig(namespace, WRONG_SETTINGS), ...leftovers(namespace)]);
  }

  async configuration(): Promise<Configuration> {
    const path = `/api/v1/namespaces/${this.#application.namespace}/configmaps`;
    const read = async (name: string) => (await this.#cluster.api.call('GET', `${path}/${name}`)).body.data;
    const names = ['job/temp-migration-job', 'pod/temp-backup-pod', 'pvc/temp-storage'];
    const args = ['-n', this.#application.namespace, 'get', ...names, '--ignore-not-found', '-o', 'name'];
    const { stdout } = await this.#cluster.kubectl(args);
    return {
      settings: await read('app-config'),
      flags: await read('feature-flags'),
      leftovers: stdout.split('\n').filter((line) => line !== ''),
    };
  }

  async received(): Promise<Received> {
    const { chat, mail, github } = this.operations.servers;
    const branch = github.state.branch(RECORDS_BRANCH);
    return {
      chat: chat.requests.map(({ body }) => (JSON.parse(body) as { text: string }).text),
      mails: mail.mails.map(({ content, to }) => ({ subject: subjectOf(content), to })),
      issues: github.state.issues.map(({ title, labels }) => ({ title, labels })),
      deployments: github.state.deployments.flatMap(({ environment, statuses }) =>
        statuses.map((status) => `${environment}: ${String(status['state'])}`),
      ),
      records: [...branch.files.keys()],
      silences: (await this.operations.silences()).map(({ state }) => state),
      firing: await this.operations.firing(),
      violations: github.violations,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.operations.stop();
  }
}

/** The configuration is back, the flags are off, all eight items are passed, and everyone was told once. */
export function isToldRight(
  { settings, flags, leftovers: left }: Configuration,
  { chat, mails, issues, records, silences, firing, violations }: Received,
  { report }: StepResult,
): boolean {
  const items = report?.validation ?? [];
  return (
    Object.entries(GOOD_SETTINGS).every(([key, value]) => settings[key] === value) &&
    Object.values(flags).every((value) => value === 'false') &&
    left.length === 0 &&
    items.length === 8 &&
    items.every(({ outcome }) => outcome.status === 'passed') &&
    [chat, mails, issues, records].every(({ length }) => length === 1) &&
    silences.length > 0 &&
    silences.every((state) => state === 'expired') &&
    firing.length === 0 &&
    violations.length === 0
  );
}

/** The subject of a mail as a person reads it (RFC 2047). */
function subjectOf(mail: string): string {
  const [, folded = ''] = /^subject: (.*(?:\r\n[ \t].*)*)/im.exec(mail) ?? [];
  const words = folded.replace(/\r\n[ \t]/g, ' ').replace(/\?= +=\?/g, '?==?');
  return words.replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, way: string, text: string) =>
    Buffer.from(
      way.toLowerCase() === 'b' ? text : text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, (_, hex) => byte(hex)),
      way.toLowerCase() === 'b' ? 'base64' : 'latin1',
    ).toString('utf8'),
  );
}

const byte = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
