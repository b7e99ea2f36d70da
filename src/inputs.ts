import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { LATER_INPUTS } from './config/available.ts';
import { invalid, nearest, show } from './config/faults.ts';
import {
  type ConfigSketch,
  DEFAULT_FILE,
  type KnownStep,
  OPTION_NAMES,
  type RawOptions,
  type ResolvedConfig,
  resolveConfig,
  sketchConfig,
} from './config.ts';
import { RollbackError, RollbackErrors } from './core/errors.ts';
import type { RunIdentity } from './core/run.ts';
import { environmentFaults } from './inputs/environment.ts';
import { distrust, type EventPayload, needsPayload } from './inputs/event.ts';
import { type Secrets, secretForms, secretsToMask, secretValues } from './inputs/secrets.ts';

export { type Secrets, secretForms, secretsToMask, secretValues };

/** Inputs that have no place in the config file. */
export const INPUT_ONLY = ['kubeconfig', 'github-token', 'config', 'allow-untrusted-events'] as const;
/** Every input of `action.yml`; a test holds the two together. */
export const INPUT_NAMES: readonly string[] = [...OPTION_NAMES, ...INPUT_ONLY];

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
}

export interface RawInputs {
  readonly options: RawOptions;
  readonly secrets: Secrets;
  readonly run: RunIdentity;
  readonly environment: Environment;
  /** The config file as found; absent when there is none. */
  readonly file?: { readonly name: string; readonly text: string };
  /** It was named or exists, and cannot be read. */
  readonly isFileBroken: boolean;
  /** The name of the config file, whether or not it exists. */
  readonly fileName: string;
  /** What is wrong with event, environment, inputs and file before their values are looked at. */
  readonly errors: readonly RollbackError[];
}

/** Everything that the entry needs, whether or not the run may begin. */
export interface LoadedRun {
  readonly run: RunIdentity;
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly request:
    | ({ readonly kind: 'ready' } & Pick<ResolvedConfig, 'config' | 'notServedYet' | 'access'>)
    | {
        readonly kind: 'refused';
        readonly errors: RollbackErrors;
        /** As much of the request as could be understood. */
        readonly sketch: ConfigSketch;
      };
}

/**
 * Reads event, environment, inputs and config file, and reports every fault of all of them at once, as data: a refusal is a report too.
 *
 * @param steps the registry's steps, so that `steps`, `skip-steps` and `required-checks` can be held to them.
 */
export function loadRun(env: NodeJS.ProcessEnv, steps: readonly KnownStep[]): LoadedRun {
  const raw = readInputs(env);
  const { environment, fileName, file } = raw;
  const refused = (errors: readonly [RollbackError, ...RollbackError[]]): LoadedRun => {
    const sketch = sketchConfig(raw.options, file?.text);
    const run = { ...raw.run, reason: sketch.reason };
    const request = { kind: 'refused', errors: new RollbackErrors(errors), sketch } as const;
    return { run, environment, secrets: raw.secrets, request };
  };
  const [first, ...more] = raw.errors;
  // Nothing of the file was read then; what seems to be missing may stand in it.
  if (first?.code === 'EVENT_UNTRUSTED') return refused([first, ...more]);
  try {
    const text = file?.text ?? (raw.isFileBroken ? null : undefined);
    const resolved = resolveConfig(raw.options, text, fileName, steps);
    if (first) return refused([first, ...more]);
    const { config, notServedYet, access, healthAuthorization, sensitive } = resolved;
    const secrets = { ...raw.secrets, healthAuthorization, others: [...raw.secrets.others, ...sensitive] };
    const run = { ...raw.run, reason: config.reason };
    return { run, environment, secrets, request: { kind: 'ready', config, notServedYet, access } };
  } catch (error) {
    if (!(error instanceof RollbackErrors)) throw error;
    const [fault, ...faults] = [...raw.errors, ...error.errors];
    if (!fault) throw error;
    return refused([fault, ...faults]);
  }
}

/** The only reader of inputs and environment. Never throws for what a user typed: faults stand in `errors`. */
export function readInputs(env: NodeJS.ProcessEnv): RawInputs {
  const environment = environmentOf(env);
  const flag = allowUntrusted(env);
  const untrusted = flag.value ? undefined : distrust(environment.event, payloadOf(env, environment.event));
  const options = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, inputOf(env, name)] as const).filter(([, typed]) => typed !== ''),
  ) as RawOptions;
  const named = inputOf(env, 'config');
  const fileName = named || DEFAULT_FILE;
  const base = { options, run: identityOf(env, options.reason ?? ''), environment, fileName };
  // Neither secrets nor the file (which may be the outsider's own) are read for an event that is not trusted.
  if (untrusted)
    return {
      ...base,
      isFileBroken: true,
      secrets: NO_SECRETS,
      errors: [untrusted, ...environmentFaults(env), ...flag.errors],
    };
  const file = configFile(environment.workspace, fileName, named !== '');
  return {
    ...base,
    secrets: secretsOf(env),
    isFileBroken: file instanceof RollbackError,
    ...(file instanceof RollbackError || file === undefined ? {} : { file: { name: fileName, text: file } }),
    errors: [
      ...environmentFaults(env),
      ...flag.errors,
      ...strangeInputs(env),
      ...(file instanceof RollbackError ? [file] : []),
    ],
  };
}

/** The runner's own rule for names: upper case, blanks to underscores, hyphens kept. */
function inputOf(env: NodeJS.ProcessEnv, name: string): string {
  return env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]?.trim() ?? '';
}

function allowUntrusted(env: NodeJS.ProcessEnv): { value: boolean; errors: RollbackError[] } {
  const typed = inputOf(env, 'allow-untrusted-events');
  const isKnown = /^(true|false|)$/i.test(typed);
  return {
    value: typed.toLowerCase() === 'true',
    errors: isKnown
      ? []
      : [
          invalid(
            'input allow-untrusted-events',
            `saw ${show(typed)}; allowed: true or false`,
            'Correct it in the `with:` of the step.',
          ),
        ],
  };
}

/** Inputs that are planned, and inputs that look like a slip of the pen: the runner only warns, and what was meant would not happen. */
function strangeInputs(env: NodeJS.ProcessEnv): RollbackError[] {
  const names = Object.keys(env)
    .filter((key) => /^INPUT_/i.test(key) && env[key]?.trim())
    .map((key) => key.slice('INPUT_'.length).toLowerCase())
    .filter((name) => !INPUT_NAMES.includes(name));
  return names.flatMap((name) => {
    if ((LATER_INPUTS as readonly string[]).includes(name)) {
      return [
        invalid(
          `input ${name}`,
          `not available yet; available: ${INPUT_NAMES.join(', ')}`,
          `Take ${name} out of the \`with:\` of the step.`,
        ),
      ];
    }
    const meant = nearest(name, INPUT_NAMES);
    return meant === undefined
      ? []
      : [
          invalid(
            `input ${name}`,
            `unknown input; did you mean "${meant}"?`,
            `Type ${meant} in the \`with:\` of the step.`,
          ),
        ];
  });
}

const NO_SECRETS: Secrets = { healthAuthorization: {}, others: [] };

function secretsOf(env: NodeJS.ProcessEnv): Secrets {
  const kubeconfig = inputOf(env, 'kubeconfig');
  const githubToken = inputOf(env, 'github-token');
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].flatMap((name) =>
    passwordOf(env[name] ?? ''),
  );
  return {
    ...(kubeconfig === '' ? {} : { kubeconfig }),
    ...(githubToken === '' ? {} : { githubToken }),
    healthAuthorization: {},
    others: [...new Set(proxies)],
  };
}

function passwordOf(url: string): string[] {
  return URL.canParse(url) && new URL(url).password !== '' ? [new URL(url).password] : [];
}

function environmentOf(env: NodeJS.ProcessEnv): Environment {
  const optional = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  const host = env['KUBERNETES_SERVICE_HOST'];
  return {
    workspace: env['GITHUB_WORKSPACE'] || process.cwd(),
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

function identityOf(env: NodeJS.ProcessEnv, reason: string): RunIdentity {
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

function payloadOf(env: NodeJS.ProcessEnv, event: string): EventPayload | undefined {
  if (!needsPayload(event)) return undefined;
  try {
    const payload: unknown = JSON.parse(readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8'));
    return typeof payload === 'object' && payload !== null ? payload : undefined;
  } catch {
    return undefined;
  }
}

const LARGEST_FILE = 1024 * 1024;

/** The text of the config file; undefined when it is absent and nobody named it. Links that lead out of the workspace are refused. */
function configFile(workspace: string, name: string, wasNamed: boolean): string | RollbackError | undefined {
  const where = wasNamed ? 'input config' : name;
  const outside = () =>
    invalid(
      where,
      `saw ${show(name)}, which lies outside of the workspace; allowed: a path inside of it`,
      `Put the file into the repository, for example as ${DEFAULT_FILE}.`,
    );
  if (!isInside(workspace, resolve(workspace, name))) return outside();
  try {
    const real = realpathSync(resolve(workspace, name));
    if (!isInside(realpathSync(workspace), real)) return outside();
    const found = statSync(real);
    if (!found.isFile())
      return invalid(
        where,
        `${show(name)} is no file; allowed: a YAML file`,
        `Name the file itself, for example ${DEFAULT_FILE}.`,
      );
    if (found.size > LARGEST_FILE)
      return invalid(
        where,
        `${show(name)} has ${found.size} bytes; allowed: at most ${LARGEST_FILE}`,
        'Name the config file.',
      );
    return readFileSync(real, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      return new RollbackError(
        'INPUT_INVALID',
        `${where}: ${show(name)} cannot be read (${code ?? 'unknown'})`,
        `Check it on the runner: ls -l ${DEFAULT_FILE}`,
        { cause: error },
      );
    }
    if (!wasNamed) return undefined;
    return new RollbackError(
      'CONFIG_NOT_FOUND',
      `input config: saw ${show(name)}, which does not exist in the workspace; expected: a YAML file`,
      'Check the repository out before this step (`- uses: actions/checkout`), or correct the path.',
    );
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
