import { AVAILABLE_TIERS, TIER_NAMES, TIERS } from '../core/tier.ts';
import { DESCRIBED_STEPS } from '../report/catalogue.ts';

/** Modes that are planned and documented, but refused until they work. */
export const LATER_MODES = ['snapshot', 'guard', 'gate', 'release', 'drill'] as const;
export const LATER_TIERS = ['auto'] as const;

/** Steps without which a section of the config file is not read: what it asks for need not be there then. */
export const SECTION_STEPS = {
  database: ['backup-database', 'restore-database', 'rollback-migrations'],
  secrets: ['restore-secrets'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Every step of the checklist, in its order; those that no registry knows yet can be named but not run. */
export const CHECKLIST_STEPS: readonly string[] = DESCRIBED_STEPS;

/** The names of the tiers that work today, as people type them: `rapid (rapide)`. */
export function availableTiers(): string {
  return TIERS.filter((tier) => (AVAILABLE_TIERS as readonly string[]).includes(tier))
    .map((tier) => {
      const others = Object.keys(TIER_NAMES).filter((name) => TIER_NAMES[name] === tier && name !== tier);
      return others.length > 0 ? `${tier} (${others.join(', ')})` : tier;
    })
    .join(', ');
}
