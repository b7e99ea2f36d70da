import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { RunIdentity } from '../core/run.ts';

/** Where the program runs, as the runner tells it. */
export interface Environment {
  /** GITHUB_WORKSPACE, else the working directory. Relative paths start here. */
  readonly workspace: string;
  /** RUNNER_TEMP, else the system's folder. */
  readonly temp: string;
  /** GITHUB_STEP_SUMMARY and GITHUB_OUTPUT; absent outside of GitHub. */
  readonly summaryPath?: string;
  readonly outputPath?: string;
  readonly onGithub: boolean;
  readonly event: string;
  readonly apiUrl: string;
  /** KUBECONFIG: paths, joined as the system joins paths. */
  readonly kubeconfigPaths?: string;
  /** API server as the pod of the runner sees it. */
  readonly inCluster?: { readonly host: string; readonly port: string };
  /** All of them, for commands of the project; what those do not get is withheld where they are started. */
  readonly variables: NodeJS.ProcessEnv;
}

export function environmentOf(env: NodeJS.ProcessEnv): Environment {
  const optional = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  const host = env['KUBERNETES_SERVICE_HOST'];
  return {
    workspace: env['GITHUB_WORKSPACE'] || process.cwd(),
    variables: env,
    temp: env['RUNNER_TEMP'] || tmpdir(),
    onGithub: env['GITHUB_ACTIONS'] === 'true',
    event: env['GITHUB_EVENT_NAME'] ?? '',
    apiUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
    ...optional('summaryPath', env['GITHUB_STEP_SUMMARY']),
    ...optional('outputPath', env['GITHUB_OUTPUT']),
    ...optional('kubeconfigPaths', env['KUBECONFIG']),
    ...(host ? { inCluster: { host, port: env['KUBERNETES_SERVICE_PORT'] || '443' } } : {}),
  };
}

export function identityOf(env: NodeJS.ProcessEnv, reason: string): RunIdentity {
  const runId = /^\d+$/.test(env['GITHUB_RUN_ID'] ?? '') ? env['GITHUB_RUN_ID'] : undefined;
  const attempt = /^\d+$/.test(env['GITHUB_RUN_ATTEMPT'] ?? '') ? env['GITHUB_RUN_ATTEMPT'] : '1';
  const repository = env['GITHUB_REPOSITORY'] ?? '';
  const server = env['GITHUB_SERVER_URL'] || 'https://github.com';
  return {
    // Two jobs of one workflow run are two runs: the lock and the journal must tell them apart.
    id: `${runId === undefined ? 'local' : `${runId}-${attempt}`}-${randomBytes(3).toString('hex')}`,
    url:
      runId === undefined || repository === ''
        ? ''
        : `${server}/${repository}/actions/runs/${runId}/attempts/${attempt}`,
    actor: env['GITHUB_TRIGGERING_ACTOR'] || env['GITHUB_ACTOR'] || env['USER'] || env['USERNAME'] || 'unknown',
    repository,
    commit: env['GITHUB_SHA'] ?? '',
    workflow: env['GITHUB_WORKFLOW'] ?? '',
    reason,
  };
}
