import { flagsChangeOf } from '../core/feature-flags.ts';
import { type ManifestChange, manifestChangesOf } from '../core/manifest.ts';
import type { Found } from '../core/references.ts';
import type { Plan } from '../core/step.ts';
import type { Lookup } from './lookup.ts';

/** What will be found of ConfigMaps and Secrets once the plan's manifests and feature flags are set, which is before the workloads go. */
export function foreseen(lookup: Pick<Lookup, 'find'>, plan: Pick<Plan, 'steps'>): Lookup['find'] {
  const manifests = manifestChangesOf(plan);
  const flags = flagsChangeOf(plan);
  return (kind, name) => {
    const manifest = manifests.find(({ ref }) => ref.apiVersion === 'v1' && ref.kind === kind && ref.name === name);
    const found = manifest ? afterManifest(lookup.find(kind, name), manifest) : lookup.find(kind, name);
    if (!flags || kind !== 'ConfigMap' || flags.configMap !== name) return found;
    const set = Object.entries(flags.values);
    return withKeys(
      found,
      set.flatMap(([key, value]) => (value === null ? [] : [key])),
      set.flatMap(([key, value]) => (value === null ? [key] : [])),
    );
  };
}

function afterManifest(found: Found, { way, keys = [], removedKeys = [] }: ManifestChange): Found {
  if (way === 'remove') return 'absent';
  const added = keys.filter((key) => !removedKeys.includes(key));
  return withKeys(found === 'absent' ? { keys: new Set() } : found, added, removedKeys);
}

function withKeys(found: Found, added: readonly string[], removed: readonly string[]): Found {
  if (found === 'absent' || found === 'unreadable') return found;
  return { keys: new Set([...found.keys, ...added].filter((key) => !removed.includes(key))) };
}
