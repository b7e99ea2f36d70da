import type { WorkloadRef } from './kubernetes.ts';
import type { Tier } from './tier.ts';

export const MODES = ['rollback', 'plan'] as const;
export type Mode = (typeof MODES)[number];
export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];
export const ON_FAILURE = ['keep', 'revert'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

/** Where to go back to. */
export type TargetRequest =
  | { readonly kind: 'auto' }
  | {
      readonly kind: 'explicit';
      readonly lines: readonly {
        readonly ref: WorkloadRef;
        readonly to: { readonly revision: number } | { readonly image: string };
      }[];
    };

/** One health check: a URL, or a Service port reached through the API server. */
export interface HealthCheck {
  /** As the user wrote it, with credentials of the URL removed: the name in every report. */
  readonly name: string;
  readonly at:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'service'; readonly service: string; readonly port: string; readonly path: string };
  /** Statuses that count as healthy. Default 200 to 299. */
  readonly status: { readonly from: number; readonly to: number };
  /** Text that the body must contain. */
  readonly contains?: string;
  /** JSON values that the body must have: path in dots to expected value. */
  readonly json?: Readonly<Record<string, string | number | boolean | null>>;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Right answers in a row that make it healthy. */
  readonly successes: number;
}

export interface Contacts {
  readonly devops?: string;
  readonly database?: string;
  readonly security?: string;
}

/** What a run was asked to do: resolved, checked and frozen. Built by `config.ts` from inputs and config file; secrets are not in it. */
export interface Config {
  readonly mode: Mode;
  readonly tier: Tier;
  readonly namespace: string;
  /** Empty together with no selector only in `mode: plan`, which then discovers. */
  readonly workloads: readonly WorkloadRef[];
  readonly selector?: string;
  readonly to: TargetRequest;
  readonly expectedCluster?: string;
  /** Milliseconds. */
  readonly deployWindowMs: number;
  readonly stableForMs: number;
  readonly timeoutMs: number;
  readonly maxParallel: number;
  readonly onFailure: OnFailure;
  /** Step ids; undefined means all of the tier. */
  readonly steps?: readonly string[];
  readonly skipSteps: readonly string[];
  /** Step ids or validation items that turn the run red when they are not passed. */
  readonly requiredChecks: readonly string[];
  readonly allowGitops: boolean;
  /** File names of workflows that deploy: their queued and running runs are cancelled, where the token may. */
  readonly deployWorkflows: readonly string[];
  readonly health: readonly HealthCheck[];
  readonly contacts: Contacts;
  readonly reason: string;
  readonly language: Language;
}
