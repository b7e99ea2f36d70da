import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inputText, invalid, nearest, show } from './config/faults.ts';
import {
  type ConfigSketch,
  DEFAULT_FILE,
  type KnownStep,
  OPTION_NAMES,
  type RawOptions,
  type ResolvedConfig,
  resolveConfig,
  type Surroundings,
  sketchConfig,
} from './config.ts';
import type { Config } from './core/config.ts';
import { RollbackError, RollbackErrors } from './core/errors.ts';
import { passwordForms } from './core/percent.ts';
import type { RunIdentity } from './core/run.ts';
import { tr } from './core/tr.ts';
import { configFile } from './inputs/config-file.ts';
import { type DatabaseInput, NO_DATABASE, readDatabase } from './inputs/database.ts';
import { environmentFaults } from './inputs/environment.ts';
import { distrust, type EventPayload, isAutomatic, needsPayload } from './inputs/event.ts';
import { parseSecretValues, type SecretValues } from './inputs/named-values.ts';
import { receiverSecrets, receiversOf } from './inputs/receivers.ts';
import { type Environment, environmentOf, identityOf } from './inputs/runner.ts';
import { type Secrets, secretForms, secretsToMask, secretValues } from './inputs/secrets.ts';

export type { Environment } from './inputs/runner.ts';
export { type Secrets, secretForms, secretsToMask, secretValues };

/** Inputs that have no place in the config file. */
export const INPUT_ONLY = [
  'kubeconfig',
  'github-token',
  'database-url',
  'secret-values',
  'slack-webhook-url',
  'smtp-url',
  'config',
  'allow-untrusted-events',
] as const;
/** Every input of `action.yml`; a test holds the two together. */
export const INPUT_NAMES: readonly string[] = [...OPTION_NAMES, ...INPUT_ONLY];

export interface RawInputs {
  readonly options: RawOptions;
  readonly secrets: Secrets;
  readonly database: DatabaseInput;
  /** The value given under this name; undefined when there is none, or only blanks. Secret. */
  secretNamed(variable: string): string | undefined;
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
    | ({ readonly kind: 'ready' } & Pick<ResolvedConfig, 'config' | 'access' | 'databaseName'>)
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
    const resolved = resolveConfig(raw.options, text, fileName, steps, around(raw));
    if (first) return refused([first, ...more]);
    const { access, databaseName } = resolved;
    const config = withWholePaths(resolved.config, environment.workspace);
    const run = { ...raw.run, reason: config.reason };
    const secrets = allSecrets(raw, resolved);
    const named = databaseName === undefined ? {} : { databaseName };
    return { run, environment, secrets, request: { kind: 'ready', config, access, ...named } };
  } catch (error) {
    if (!(error instanceof RollbackErrors)) throw error;
    const [fault, ...faults] = [...raw.errors, ...error.errors];
    if (!fault) throw error;
    return refused([fault, ...faults]);
  }
}

function around({ environment, database, secretNamed, secrets }: RawInputs): Surroundings {
  return {
    isAutomatic: isAutomatic(environment.event, environment.onGithub),
    hasValue: (variable) => secretNamed(variable) !== undefined,
    database: { ...database, isGiven: database.options !== undefined },
    receivers: receiversOf(secrets),
  };
}

/** What the config itself named as secret comes on top of what inputs and environment hold. */
function allSecrets(
  raw: RawInputs,
  { config, healthAuthorization, backupUrl, alertmanagerUrl, prometheusUrl, sensitive }: ResolvedConfig,
): Secrets {
  const variables = new Set(config.secrets.flatMap(({ keys }) => Object.values(keys)));
  const named = [...variables].flatMap((variable) => {
    const value = raw.secretNamed(variable);
    return value === undefined ? [] : [[variable, value] as const];
  });
  const server = (url: string | undefined, variable: string) => {
    const token = raw.secretNamed(variable);
    return url === undefined ? undefined : { url, ...(token === undefined ? {} : { token }) };
  };
  const alertmanager = server(alertmanagerUrl, 'ALERTMANAGER_TOKEN');
  const prometheus = server(prometheusUrl, 'PROMETHEUS_TOKEN');
  const tokens = [alertmanager?.token, prometheus?.token].flatMap((token) => token ?? []);
  return {
    ...raw.secrets,
    ...(alertmanager ? { alertmanager } : {}),
    ...(prometheus ? { prometheus } : {}),
    healthAuthorization,
    others: [...raw.secrets.others, ...sensitive, ...tokens],
    named: Object.fromEntries(named),
    ...(backupUrl === undefined ? {} : { backupUrl }),
  };
}

/** Folders that are written to: relative ones begin in the workspace, wherever the program runs. */
function withWholePaths(config: Config, workspace: string): Config {
  const { database } = config;
  if (!database) return config;
  const { safetyBackup, exportRows } = database;
  return {
    ...config,
    database: {
      ...database,
      ...(safetyBackup === undefined ? {} : { safetyBackup: resolve(workspace, safetyBackup) }),
      ...(exportRows === undefined ? {} : { exportRows: resolve(workspace, exportRows) }),
    },
  };
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
      database: NO_DATABASE,
      secretNamed: () => undefined,
      errors: [untrusted, ...environmentFaults(env), ...flag.errors],
    };
  const file = configFile(environment.workspace, fileName, named !== '');
  const database = readDatabase(inputOf(env, 'database-url'), env, environment.workspace);
  const given = parseSecretValues(inputOf(env, 'secret-values'));
  return {
    ...base,
    secrets: secretsOf(env, database, given),
    database,
    secretNamed: (variable) => filled(own(given.values, variable)) ?? filled(own(env, variable)),
    isFileBroken: file instanceof RollbackError,
    ...(file instanceof RollbackError || file === undefined ? {} : { file: { name: fileName, text: file } }),
    errors: [
      ...environmentFaults(env),
      ...flag.errors,
      ...strangeInputs(env),
      ...given.errors,
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
            inputText('allow-untrusted-events'),
            tr`saw ${show(typed)}; allowed: true or false`,
            tr`Correct it in the \`with:\` of the step.`,
          ),
        ],
  };
}

/** Inputs that look like a slip of the pen: the runner only warns, and what was meant would not happen. */
function strangeInputs(env: NodeJS.ProcessEnv): RollbackError[] {
  const names = Object.keys(env)
    .filter((key) => /^INPUT_/i.test(key) && env[key]?.trim())
    .map((key) => key.slice('INPUT_'.length).toLowerCase())
    .filter((name) => !INPUT_NAMES.includes(name));
  return names.flatMap((name) => {
    const meant = nearest(name, INPUT_NAMES);
    return meant === undefined
      ? []
      : [
          invalid(
            inputText(name),
            tr`unknown input; did you mean "${meant}"?`,
            tr`Type ${meant} in the \`with:\` of the step.`,
          ),
        ];
  });
}

const NO_SECRETS: Secrets = { healthAuthorization: {}, others: [] };

const filled = (value: string | undefined) => (value?.trim() ? value : undefined);
const own = (values: Readonly<Record<string, string | undefined>>, name: string) =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function secretsOf(env: NodeJS.ProcessEnv, database: DatabaseInput, given: SecretValues): Secrets {
  const kubeconfig = inputOf(env, 'kubeconfig');
  const githubToken = inputOf(env, 'github-token');
  const slackWebhookUrl = inputOf(env, 'slack-webhook-url');
  const smtpUrl = inputOf(env, 'smtp-url');
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].flatMap((name) =>
    passwordOf(env[name] ?? ''),
  );
  return {
    ...(kubeconfig === '' ? {} : { kubeconfig }),
    ...(githubToken === '' ? {} : { githubToken }),
    healthAuthorization: {},
    ...(slackWebhookUrl === '' ? {} : { slackWebhookUrl }),
    ...(smtpUrl === '' ? {} : { smtpUrl }),
    others: [
      ...new Set([
        ...proxies,
        ...database.sensitive,
        ...Object.values(given.values),
        ...receiverSecrets({ slackWebhookUrl, smtpUrl }),
        ...passwordForms(smtpUrl),
      ]),
    ],
    ...(database.options ? { database: database.options } : {}),
  };
}

function passwordOf(url: string): string[] {
  return URL.canParse(url) && new URL(url).password !== '' ? [new URL(url).password] : [];
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
