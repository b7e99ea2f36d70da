import { createAlertmanager } from './adapters/alertmanager.ts';
import { systemClock } from './adapters/clock.ts';
import { commandEnvironment } from './adapters/command-environment.ts';
import { createCommands } from './adapters/commands.ts';
import { createGithubRecords } from './adapters/github/records.ts';
import { createHttpReader } from './adapters/http.ts';
import { type Cluster, connectCluster, readKubeconfig } from './adapters/kubernetes/index.ts';
import { createManifestReader } from './adapters/manifests.ts';
import { createGithub } from './adapters/octokit.ts';
import { createPrometheus } from './adapters/prometheus.ts';
import { abortedLater } from './adapters/signals.ts';
import { createChat } from './adapters/slack.ts';
import { addressOf, serviceOf } from './core/database/address.ts';
import { addressVariables } from './core/database/address-variables.ts';
import { failuresOf } from './core/errors.ts';
import type { Report } from './core/report.ts';
import { tr } from './core/tr.ts';
import type { Parts } from './engine/state.ts';
import type { LoadedRun } from './inputs.ts';
import type { Log } from './ports/log.ts';
import { TEXTS } from './texts.ts';

/** How long a cancelled run may still talk to the cluster. */
const LAST_READS_MS = 4000;
const ALERTS_WITHIN_MS = 4000;

type ReadyRun = LoadedRun & { readonly request: { readonly kind: 'ready' } };

export interface Composed {
  readonly parts: Parts;
  close(): Promise<void>;
}

/** What knows every secret of the run. */
export interface SecretKeeper {
  /** A secret that turns up while the run goes on: told before it is used. */
  found(secret: string): void;
  /** The text without any of them. */
  redact(text: string): string;
  /** The report without any of them. */
  redactReport(report: Report): Report;
}

/**
 * The only place that knows both sides: constructs the adapters of one run. Nothing is sent yet.
 * @throws RollbackErrors when the kubeconfig cannot or may not be used.
 */
export async function compose(
  loaded: ReadyRun,
  log: Log,
  signal: AbortSignal,
  keeper: SecretKeeper,
): Promise<Composed> {
  const { environment, secrets, run, request } = loaded;
  const { config } = request;
  const cluster = await composeCluster(loaded, log, abortedLater(signal, LAST_READS_MS), keeper);
  const http = createHttpReader(secrets.healthAuthorization);
  const github = createGithub({
    token: secrets.githubToken ?? '',
    repository: run.repository,
    ownRunId: Number.parseInt(run.id, 10) || 0,
    apiUrl: environment.apiUrl,
  });
  const named = secrets.named ?? {};
  const withhold = Object.keys(named);
  const database = await composeDatabase(loaded, cluster, { signal, log, withhold });
  const commands = createCommands({
    workspace: environment.workspace,
    environment: environment.variables,
    withhold,
    neutral: (text) => keeper.redact(text),
    ...(database.variables ? { databaseEnvironment: database.variables } : {}),
  });
  const receivers = await composeReceivers(loaded);
  return {
    parts: {
      config,
      run,
      ...receivers.parts,
      records: createGithubRecords({
        token: secrets.githubToken ?? '',
        repository: run.repository,
        apiUrl: environment.apiUrl,
        clock: systemClock,
      }),
      texts: TEXTS,
      redact: (report) => keeper.redactReport(report),
      cluster,
      github,
      http,
      clock: systemClock,
      log,
      signal,
      commands,
      values: { get: (variable) => (Object.hasOwn(named, variable) ? named[variable] : undefined) },
      ...(config.manifests
        ? { manifests: createManifestReader({ workspace: environment.workspace, path: config.manifests.path }) }
        : {}),
      ...database.parts,
    },
    close: async () => {
      await database.parts.backup?.close();
      await Promise.all([cluster.close(), http.close(), receivers.close()]);
    },
  };
}

/**
 * The cluster alone, for what has to be done there without a run.
 * @throws RollbackErrors when the kubeconfig cannot or may not be used.
 */
export async function composeCluster(
  { environment, secrets, request }: ReadyRun,
  log: Log,
  signal: AbortSignal,
  keeper: Pick<SecretKeeper, 'found'>,
): Promise<Cluster> {
  const { config, access } = request;
  const onSecret = (secret: string) => keeper.found(secret);
  const clusterAccess = await readKubeconfig({
    text: secrets.kubeconfig,
    env: environment.kubeconfigPaths,
    context: access.context,
    workspace: environment.workspace,
    temp: environment.temp,
    allowInsecure: access.allowInsecure,
    allowExecPlugins: access.allowExecPlugins,
    serviceHost: environment.inCluster?.host,
    servicePort: environment.inCluster?.port,
  });
  for (const secret of clusterAccess.secrets) onSecret(secret);
  return connectCluster(clusterAccess, config.namespace, {
    userAgent: 'tiered-rollback',
    clock: systemClock,
    log,
    onSecret,
    signal,
  });
}

/** Alertmanager alone, for what is to be done there without a run; undefined where none is configured. */
export function composeAlerts({ secrets, run }: Pick<LoadedRun, 'secrets' | 'run'>) {
  const { alertmanager } = secrets;
  if (!alertmanager) return undefined;
  return createAlertmanager({
    ...alertmanager,
    clock: systemClock,
    author: 'tiered-rollback',
    run: workflowRunOf(run.id),
    // What is aside holds nothing up, and a cancelled run has seconds.
    attemptMs: ALERTS_WITHIN_MS,
    budgetMs: ALERTS_WITHIN_MS,
  });
}

/** Chat, mail and the servers of the monitoring. */
async function composeReceivers({ secrets, run, request }: ReadyRun) {
  const { slackWebhookUrl, smtpUrl, prometheus } = secrets;
  const { from } = request.config.messages;
  const clock = systemClock;
  const chat = slackWebhookUrl === undefined ? undefined : createChat({ webhookUrl: slackWebhookUrl, clock });
  const mail =
    smtpUrl === undefined || from === undefined
      ? undefined
      : (await import('./adapters/smtp.ts')).createMail({ url: smtpUrl, from, clock });
  const alerts = composeAlerts({ secrets, run });
  const metrics = prometheus ? createPrometheus({ ...prometheus, clock }) : undefined;
  return {
    parts: {
      ...(chat ? { chat } : {}),
      ...(mail ? { mail } : {}),
      ...(alerts ? { alerts } : {}),
      ...(metrics ? { metrics } : {}),
    },
    close: () => Promise.all([chat?.close(), alerts?.close(), metrics?.close()]),
  };
}

/** What all attempts of a workflow run have in common, and what starts the entry `post` still knows after a kill. */
function workflowRunOf(run: string): string {
  return /^\d+(?=-)/.exec(run)?.[0] ?? run;
}

interface ComposedDatabase {
  readonly parts: Pick<Parts, 'database' | 'backup' | 'safetyDump'>;
  /** DATABASE_URL and PG* for commands of the project. */
  readonly variables?: () => Promise<Readonly<Record<string, string>>>;
}

/** The database client and what reads dumps are loaded only for a run that touches a database: parsing is what a start costs. */
async function composeDatabase(
  { environment, secrets, request }: ReadyRun,
  cluster: Cluster,
  { signal, log, withhold }: { signal: AbortSignal; log: Log; withhold: readonly string[] },
): Promise<ComposedDatabase> {
  const { config, access } = request;
  const wanted = config.database;
  const name = wanted?.name ?? request.databaseName;
  // An undo may have no address: whether it needs one shows in what it takes back.
  if (name === undefined || !secrets.database) return { parts: {} };
  const options = {
    ...secrets.database,
    database: name,
    temp: environment.temp,
    forward: async (host: string, port: number) => {
      const service = serviceOf(host);
      return service === undefined ? { host, port } : cluster.forward(service, String(port));
    },
  };
  const variables = async () => {
    const { host, port } = addressOf(options);
    const isForwarded = serviceOf(host) !== undefined;
    return addressVariables(options, isForwarded ? await options.forward(host, port) : undefined);
  };
  if (!wanted) {
    // No step of this run touches it. The project's own checks may, and those that do not must not fail for it.
    const where = () => variables().catch((error: unknown) => unreached(log, error));
    return { parts: {}, variables: where };
  }
  const [{ connectDatabase }, { createBackupReader }, { createSafetyDump }] = await Promise.all([
    import('./adapters/postgres/index.ts'),
    import('./adapters/backup/index.ts'),
    import('./adapters/postgres/safety-dump.ts'),
  ]);
  const database = connectDatabase(options);
  return {
    parts: {
      database: { reader: database, writer: database },
      ...(wanted.backup
        ? {
            backup: createBackupReader({
              ...(wanted.backup.path === undefined ? {} : { path: secrets.backupUrl ?? wanted.backup.path }),
              ...(wanted.backup.command === undefined ? {} : { command: wanted.backup.command }),
              ...(wanted.backup.sha256 === undefined ? {} : { sha256: wanted.backup.sha256 }),
              environment: commandEnvironment(environment.variables, {}, withhold),
              workspace: environment.workspace,
              temp: environment.temp,
              signal,
              podFile: (pod, path) => cluster.podFile(pod, path, signal),
              allowHttp: access.allowInsecure.includes('http'),
            }),
          }
        : {}),
      ...(wanted.safetyBackup === undefined ? {} : { safetyDump: createSafetyDump(options) }),
    },
    variables,
  };
}

function unreached(log: Log, error: unknown): Readonly<Record<string, string>> {
  for (const { message } of failuresOf(error)) log.warn(tr`DATABASE_URL is not set for commands: ${message}`);
  return {};
}
