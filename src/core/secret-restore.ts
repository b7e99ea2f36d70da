import type { WorkloadRef } from './kubernetes.ts';
import type { Change, Plan } from './step.ts';

/** One key by salted fingerprints; absent where the key is not there, or is not to be there. */
export interface KeyFingerprints {
  readonly from?: string;
  readonly to?: string;
}

/**
 * How a Secret gets its keys. `set`: they are patched. `recreate`: it is immutable, so it is deleted and created again. `create`: there is
 * none. `put-back`: a run was killed between deleting and creating it; its kept copy is created again. `remove`: a rollback that is taken
 * back had created it.
 */
export type SecretWay = 'set' | 'recreate' | 'create' | 'put-back' | 'remove';

export interface SecretChange {
  readonly name: string;
  readonly way: SecretWay;
  /** The keys that are not yet as they must be. */
  readonly keys: readonly string[];
}

/** What `restore-secrets` would do. Never a value: this is printed and kept. */
export interface RestoreSecretsChange extends Change {
  readonly secrets: readonly SecretChange[];
  /** By Secret and key. */
  readonly fingerprints: Readonly<Record<string, Readonly<Record<string, KeyFingerprints>>>>;
  /** Our own Secret that takes the old values; absent where only readers have to be restarted. */
  readonly keptIn?: string;
  /** Readers that a killed run did not come to restart. */
  readonly restart: readonly WorkloadRef[];
}

/** The change of `restore-secrets` in a plan. */
export function secretChangesOf(plan: Pick<Plan, 'steps'>): readonly SecretChange[] {
  const planned = plan.steps.find((step) => step.step === 'restore-secrets')?.planned;
  return planned?.kind === 'change' ? (planned.change as RestoreSecretsChange).secrets : [];
}
