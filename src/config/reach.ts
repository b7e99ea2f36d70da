import type { Tier } from '../core/tier.ts';
import type { Merged } from './merge.ts';

/** The tiers that go further than the workloads: to database and Secrets. */
const FAR: readonly Tier[] = ['complete', 'secure'];

/**
 * Whether this run would come to one of these steps, which belong to the tiers complete and secure. An undo comes to whatever the rollback
 * did that it takes back. False while the tier or the steps cannot be read: then nothing counts as missing for them.
 */
export function reaches({ value, faulty }: Merged, steps: readonly string[]): boolean {
  if (faulty('mode') || faulty('tier') || faulty('steps') || faulty('skip-steps')) return false;
  if (value('mode') === 'undo') return true;
  if (!FAR.includes(value('tier') ?? 'rapid')) return false;
  const only = value('steps');
  const left = value('skip-steps') ?? [];
  return steps.some((id) => (only === undefined || only.includes(id)) && !left.includes(id));
}
