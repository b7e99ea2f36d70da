import { databaseOf } from './config/database.ts';
import { logsAndEventsOf } from './config/logs.ts';
import { type Merged, merge } from './config/merge.ts';
import { messagesOf } from './config/messages.ts';
import { monitoringOf } from './config/monitoring.ts';
import { budgetOf, type KnownStep, ruleFaults } from './config/rules.ts';
import type { InsecurePart } from './config/schema.ts';
import { secretsOf } from './config/secrets.ts';
import { secureOf } from './config/secure.ts';
import { type RawOptions, readFile, readOptions } from './config/sources.ts';
import { NOTHING_AROUND, type Surroundings } from './config/surroundings.ts';
import type { Config } from './core/config.ts';
import { RollbackErrors } from './core/errors.ts';
import { passwordForms } from './core/percent.ts';

export { DEFAULTS, OPTION_NAMES, type OptionName } from './config/schema.ts';
export type { KnownStep, RawOptions, Surroundings };

export const DEFAULT_FILE = '.github/rollback.yml';

export interface ResolvedConfig {
  readonly config: Config;
  /** How the kubeconfig is to be read. */
  readonly access: {
    readonly context?: string;
    readonly allowInsecure: readonly InsecurePart[];
    readonly allowExecPlugins: readonly string[];
  };
  /** Authorization header by URL, from health URLs with credentials. Secret. */
  readonly healthAuthorization: Readonly<Record<string, string>>;
  /** Name of the application's database, also where no step of this run touches it. */
  readonly databaseName?: string;
  /** Address of the backup with its credentials, where it is one. Secret. */
  readonly backupUrl?: string;
  /** Addresses of the monitoring, with credentials where they have some. Secret. */
  readonly alertmanagerUrl?: string;
  readonly prometheusUrl?: string;
  /** Values found in URLs that must be masked. */
  readonly sensitive: readonly string[];
}

/**
 * What a run is asked to do, from inputs and config file; an input wins.
 *
 * @param fileText the config file; `null` when it exists and could not be read, so that nothing in it counts as missing.
 * @param steps the registry's steps; without it every step of the checklist counts as known.
 * @param around what holds outside of inputs and file.
 * @throws RollbackErrors with every fault of both, each with its place, what was seen and what is allowed.
 */
export function resolveConfig(
  raw: RawOptions,
  fileText: string | null = '',
  fileName = DEFAULT_FILE,
  steps?: readonly KnownStep[],
  around: Surroundings = NOTHING_AROUND,
): ResolvedConfig {
  const inputs = readOptions(raw);
  const file = readFile(fileText, fileName);
  const merged = merge(inputs, file, fileName);
  const [first, ...rest] = [...inputs.errors, ...file.errors, ...ruleFaults(merged, fileName, steps, around)];
  if (first) throw new RollbackErrors([first, ...rest]);
  return build(merged, around);
}

export type ConfigSketch = Pick<Config, 'mode' | 'tier' | 'language' | 'namespace' | 'contacts' | 'reason'>;

/** As much of a request as can be understood, so that its refusal speaks the right language and names the right place. */
export function sketchConfig(raw: RawOptions, fileText: string | null = ''): ConfigSketch {
  return sketchOf(merge(readOptions(raw), readFile(fileText, ''), ''));
}

function sketchOf({ value }: Merged): ConfigSketch {
  return {
    mode: value('mode') ?? 'rollback',
    tier: value('tier') ?? 'rapid',
    language: value('language') ?? 'en',
    namespace: value('namespace') ?? '',
    contacts: withoutUndefined(value('contacts') ?? {}),
    reason: value('reason') ?? '',
  };
}

function build(merged: Merged, around: Surroundings): ResolvedConfig {
  const { value } = merged;
  const context = value('context');
  const health = value('health-urls') ?? value('health') ?? [];
  const isUndo = value('mode') === 'undo';
  const { database, name, backupUrl, sensitive } = databaseOf(merged, around);
  const alertmanagerUrl = value('alertmanager-url');
  const prometheusUrl = value('prometheus-url');
  const config: Config = withoutUndefined({
    ...sketchOf(merged),
    workloads: value('workloads') ?? [],
    selector: value('selector'),
    to: (isUndo ? undefined : value('to')) ?? { kind: 'auto' },
    expectedCluster: value('expected-cluster')?.toLowerCase(),
    deployWindowMs: required(value('deploy-window')),
    stableForMs: required(value('stable-for')),
    timeoutMs: budgetOf(merged),
    maxParallel: required(value('max-parallel')),
    onFailure: required(value('on-failure')),
    steps: value('steps'),
    skipSteps: value('skip-steps') ?? [],
    requiredChecks: value('required-checks') ?? [],
    allowGitops: required(value('allow-gitops')),
    deployWorkflows: value('deploy-workflows') ?? [],
    health: health.map((parsed) => parsed.check),
    database,
    secrets: secretsOf(merged),
    ...secureOf(merged),
    ...monitoringOf(merged),
    ...logsAndEventsOf(merged),
    ...messagesOf(merged),
    atBudgetEnd: value('at-budget-end') ?? 'continue',
    undoRun: isUndo ? value('run') : undefined,
  });
  return {
    config,
    access: {
      ...(context === undefined ? {} : { context }),
      allowInsecure: required(value('allow-insecure')),
      allowExecPlugins: required(value('allow-exec-plugins')),
    },
    healthAuthorization: Object.fromEntries(
      health.flatMap(({ check, authorization }) =>
        authorization !== undefined && check.at.kind === 'url' ? [[check.at.url, authorization]] : [],
      ),
    ),
    ...(name === undefined ? {} : { databaseName: name }),
    ...(backupUrl === undefined ? {} : { backupUrl }),
    ...(alertmanagerUrl === undefined ? {} : { alertmanagerUrl }),
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    sensitive: [
      ...health.flatMap((parsed) => parsed.sensitive),
      ...sensitive,
      ...[alertmanagerUrl, prometheusUrl].flatMap((url) => passwordForms(url ?? '')),
    ],
  };
}

/** For values that have a default. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an option without a value and without a default');
  return value;
}

/** Drops keys whose value is undefined, which `exactOptionalPropertyTypes` tells apart from absent ones. */
function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
