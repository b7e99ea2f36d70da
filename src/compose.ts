import { systemClock } from './adapters/clock.ts';
import { createHttpReader } from './adapters/http.ts';
import { connectCluster, readKubeconfig } from './adapters/kubernetes/index.ts';
import { createGithub } from './adapters/octokit.ts';
import { abortedLater } from './adapters/signals.ts';
import type { Parts } from './engine/state.ts';
import type { LoadedRun } from './inputs.ts';
import type { Log } from './ports/log.ts';

/** How long a cancelled run may still talk to the cluster. */
const LAST_READS_MS = 4000;

export interface Composed {
  readonly parts: Parts;
  close(): Promise<void>;
}

/**
 * The only place that knows both sides: constructs the adapters of one run. Nothing is sent yet.
 * @param onSecret is told every secret before it is used.
 * @throws RollbackErrors when the kubeconfig cannot or may not be used.
 */
export async function compose(
  loaded: LoadedRun & { readonly request: { readonly kind: 'ready' } },
  log: Log,
  signal: AbortSignal,
  onSecret: (secret: string) => void,
): Promise<Composed> {
  const { environment, secrets, run, request } = loaded;
  const { config, notServedYet, access } = request;
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
  const cluster = await connectCluster(clusterAccess, config.namespace, {
    userAgent: 'tiered-rollback',
    clock: systemClock,
    log,
    onSecret,
    signal: abortedLater(signal, LAST_READS_MS),
  });
  const http = createHttpReader(secrets.healthAuthorization);
  const github = createGithub({
    token: secrets.githubToken ?? '',
    repository: run.repository,
    ownRunId: Number.parseInt(run.id, 10) || 0,
    apiUrl: environment.apiUrl,
  });
  return {
    parts: { config, run, notServed: notServedYet, cluster, github, http, clock: systemClock, log, signal },
    close: async () => {
      await Promise.all([cluster.close(), http.close()]);
    },
  };
}
