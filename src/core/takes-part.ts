import type { Config } from './config.ts';

/** Whether the run was asked for this step, as far as `steps` and `skip-steps` say. */
export function takesPart({ steps, skipSteps }: Pick<Config, 'steps' | 'skipSteps'>, id: string): boolean {
  return !skipSteps.includes(id) && (steps === undefined || steps.includes(id));
}

/** Tier secure restarts what reads something that changed in a step of its own, once, after the last change. */
export function restartsLater(config: Pick<Config, 'tier' | 'steps' | 'skipSteps'>): boolean {
  return config.tier === 'secure' && takesPart(config, 'restart-workloads');
}
