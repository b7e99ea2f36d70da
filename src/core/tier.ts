/** Scope of a rollback. Cumulative from rapid to secure; emergency is the shortest path. */
export const TIERS = ['rapid', 'complete', 'secure', 'emergency'] as const;
export type Tier = (typeof TIERS)[number];

/** The tiers that work today; `action.yml` offers these and no others. */
export const AVAILABLE_TIERS = ['rapid', 'complete', 'secure', 'emergency'] as const satisfies readonly Tier[];

/** The names that people type, in English and French. */
export const TIER_NAMES: Readonly<Record<string, Tier>> = {
  rapid: 'rapid',
  rapide: 'rapid',
  complete: 'complete',
  complet: 'complete',
  secure: 'secure',
  sécurisé: 'secure',
  securise: 'secure',
  emergency: 'emergency',
  urgence: 'emergency',
};

/** Budget of a whole run in milliseconds: the times that the checklist itself gives. */
export const TIER_BUDGET_MS: Readonly<Record<Tier, number>> = {
  rapid: 5 * 60_000,
  complete: 15 * 60_000,
  secure: 30 * 60_000,
  emergency: 2 * 60_000,
};
