import { systemClock } from '../../../src/adapters/clock.ts';
import type { Config } from '../../../src/core/config.ts';
import type { PodTemplate, WorkloadRef } from '../../../src/core/kubernetes.ts';
import type { Report } from '../../../src/core/report.ts';
import { run } from '../../../src/engine/run.ts';
import type { Parts } from '../../../src/engine/state.ts';
import type { HttpReader } from '../../../src/ports/http.ts';
import { FakeCluster } from '../../fakes/cluster.ts';
import { QUIET_CONFIG, QUIET_PARTS } from '../../fakes/quiet.ts';

export const WEB: WorkloadRef = { kind: 'Deployment', name: 'web' };
export const API: WorkloadRef = { kind: 'Deployment', name: 'api' };

export function template(name: string, image: string): PodTemplate {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } };
}

/** A namespace in which web and api went from v1 to v2 a moment ago. */
export async function badRelease(images: { readonly web?: string; readonly api?: string } = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  for (const ref of [WEB, API]) cluster.deploy(ref, template(ref.name, `${ref.name}:v1`), { replicas: 2 });
  await cluster.settle();
  cluster.deploy(WEB, template('web', images.web ?? 'web:v2'));
  cluster.deploy(API, template('api', images.api ?? 'api:v2'));
  await cluster.settle();
  cluster.calls.length = 0;
  return cluster;
}

export interface Options extends Partial<Config> {
  readonly signal?: AbortSignal;
  readonly github?: Parts['github'];
  readonly http?: HttpReader;
  readonly runId?: string;
  /** What the environment holds for `secrets`. */
  readonly values?: Readonly<Record<string, string>>;
}

export async function rollback(cluster: FakeCluster, options: Options = {}): Promise<Report> {
  return run(partsOf(cluster, options));
}

/** All that a run is made of, around a fake cluster. */
export function partsOf(cluster: FakeCluster, options: Options = {}): Parts {
  const { signal = new AbortController().signal, github, http, runId = 'run-1', values = {}, ...config } = options;
  return {
    config: { ...DEFAULTS, ...config },
    run: { id: runId, url: '', actor: 'ada', repository: '', commit: '', workflow: '', reason: '' },
    cluster,
    github: github ?? { activeRuns: async () => undefined, cancelRun: async () => false },
    http: http ?? { get: async () => ({ status: 200, body: 'ok', durationMs: 1 }) },
    ...QUIET_PARTS,
    commands: NO_COMMANDS,
    values: { get: (variable) => values[variable] },
    clock: systemClock,
    log: { phase: () => {}, info: () => {}, warn: () => {}, debug: () => {} },
    signal,
  };
}

export function imageOf(cluster: FakeCluster, ref: WorkloadRef): string | undefined {
  return cluster.store.get(ref.kind, ref.name)?.spec.template.spec.containers[0]?.image;
}

export function stepOf(report: Report, id: string) {
  return report.steps.find((step) => step.step === id);
}

/** No step of these tests runs a command of the project. */
export const NO_COMMANDS: Parts['commands'] = {
  look: async () => ({ exitCode: 127, timedOut: false, lines: [], durationMs: 0 }),
  run: async () => ({ exitCode: 127, timedOut: false, lines: [], durationMs: 0 }),
  names: async () => undefined,
};

export const DEFAULTS: Config = {
  mode: 'rollback',
  tier: 'rapid',
  namespace: 'production',
  workloads: [WEB, API],
  to: { kind: 'auto' },
  deployWindowMs: 30 * 60_000,
  stableForMs: 0,
  timeoutMs: 2000,
  maxParallel: 50,
  onFailure: 'keep',
  skipSteps: [],
  requiredChecks: [],
  allowGitops: false,
  deployWorkflows: [],
  health: [],
  contacts: {},
  secrets: [],
  reason: '',
  language: 'en',
  ...QUIET_CONFIG,
};
