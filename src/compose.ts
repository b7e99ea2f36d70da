import { systemClock } from './adapters/clock.ts';
import { commandEnvironment } from './adapters/command-environment.ts';
import { createCommands } from './adapters/commands.ts';
import { createHttpReader } from './adapters/http.ts';
import { type Cluster, connectCluster, readKubeconfig } from './adapters/kubernetes/index.ts';
import { createManifestReader } from './adapters/manifests.ts';
import { createGithub } from './adapters/octokit.ts';
import { abortedLater } from './adapters/signals.ts';
import { serviceOf } from './core/database/address.ts';
import { addressVariables } from './core/database/address-variables.ts';
import type { Parts } from './engine/state.ts';
import type { LoadedRun } from './inputs.ts';
import type { Log } from './ports/log.ts';

/** How long a cancelled run may still talk to the cluster. */
const LAST_READS_MS = 4000;

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
  const { config, notServedYet } = request;
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
  const database = await composeDatabase(loaded, cluster, signal, withhold);
  const commands = createCommands({
    workspace: environment.workspace,
    environment: environment.variables,
    withhold,
    neutral: (text) => keeper.redact(text),
    ...(database.variables ? { databaseEnvironment: database.variables } : {}),
  });
  return {
    parts: {
      config,
      run,
      notServed: notServedYet,
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
      await Promise.all([cluster.close(), http.close()]);
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

interface ComposedDatabase {
  readonly parts: Pick<Parts, 'database' | 'backup' | 'safetyDump'>;
  /** DATABASE_URL and PG* for commands of the project. */
  readonly variables?: () => Promise<Readonly<Record<string, string>>>;
}

/** The database client and what reads dumps are loaded only for a run that touches a database: parsing is what a start costs. */
async function composeDatabase(
  { environment, secrets, request }: ReadyRun,
  cluster: Cluster,
  signal: AbortSignal,
  withhold: readonly string[],
): Promise<ComposedDatabase> {
  const { config, access } = request;
  const wanted = config.database;
  // An undo may have no address: whether it needs one shows in what it takes back.
  if (!wanted || !secrets.database) return { parts: {} };
  const [{ connectDatabase }, { createBackupReader }, { createSafetyDump }] = await Promise.all([
    import('./adapters/postgres/index.ts'),
    import('./adapters/backup/index.ts'),
    import('./adapters/postgres/safety-dump.ts'),
  ]);
  const options = {
    ...secrets.database,
    database: wanted.name,
    temp: environment.temp,
    forward: async (host: string, port: number) => {
      const service = serviceOf(host);
      return service === undefined ? { host, port } : cluster.forward(service, String(port));
    },
  };
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
    variables: async () => {
      const { host, port } = database;
      const isForwarded = serviceOf(host) !== undefined;
      return addressVariables(options, isForwarded ? await options.forward(host, port) : undefined);
    },
  };
}
