import { RollbackError } from '../../core/errors.ts';
import type { FlagWay } from '../../core/feature-flags.ts';
import type { AnyObject, ManifestRef } from '../../core/manifest.ts';
import { kubectl } from '../../core/shell.ts';
import { takesPart } from '../../core/takes-part.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';
import { readKeptObject } from '../manifests/kept.ts';
import { plannedLooks } from '../manifests/look.ts';

/** How a flag that is off is written: ConfigMaps hold text only. */
const OFF = 'false';

export interface FlagsLook {
  readonly configMap: string;
  /** As it is, or, where a killed run deleted it, as it was kept. Absent: the manifests create it. */
  readonly live: AnyObject | undefined;
  readonly way: FlagWay;
  /** All flags that must hold, by key; null for one that must not be there. */
  readonly wanted: Readonly<Record<string, string | null>>;
  /** Those that do not yet, as they are. */
  readonly before: Readonly<Record<string, string | null>>;
}

/** Undefined: there is nothing to see to. @throws FLAGS_INVALID, UNDO_IMPOSSIBLE */
export async function lookAtFlags(ctx: ReadContext): Promise<FlagsLook | undefined> {
  const isUndo = ctx.config.mode === 'undo';
  const undone = isUndo ? ctx.situation.undoes?.flags : undefined;
  const configured = ctx.config.featureFlags;
  const configMap = isUndo ? undone?.configMap : configured?.configMap;
  if (configMap === undefined) return undefined;
  const wanted = undone?.before ?? Object.fromEntries((configured?.disable ?? []).map((key) => [key, OFF]));
  const found = await ctx.cluster.object(refOf(configMap));
  const live = found ?? (await interrupted(ctx, refOf(configMap)));
  // Deleted by the same undo, since the rollback had created it: there are no flags to put back.
  if (!live && undone && Object.values(wanted).every((value) => value === null)) return undefined;
  if (!live) await refuseMissing(ctx, configMap);
  const data = (live?.['data'] ?? {}) as Record<string, string>;
  const now = (key: string) => (Object.hasOwn(data, key) ? (data[key] ?? null) : null);
  const before = Object.fromEntries(
    Object.entries(wanted).flatMap(([key, value]) => (now(key) === value && found ? [] : [[key, now(key)]])),
  );
  if (undone) for (const [key, value] of Object.entries(before)) assertOff(ctx, configMap, key, value);
  const way = found ? (found['immutable'] === true ? 'recreate' : 'set') : live ? 'put-back' : 'set';
  return { configMap, live, way, wanted, before };
}

export const refOf = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name });

/** All of an immutable ConfigMap that a run deleted and was killed before it created it again. */
export async function interrupted(ctx: ReadContext, { kind, name }: ManifestRef): Promise<AnyObject | undefined> {
  if (kind !== 'ConfigMap') return undefined;
  const record = ctx.situation.incident?.flags ?? ctx.situation.undoes?.flags;
  if (record?.configMap !== name || record.keptIn === undefined || record.run === undefined) return undefined;
  const { keptIn, run } = record;
  const kept = await readKeptObject(ctx, { ...refOf(name), keptIn, run }).catch(() => undefined);
  return kept?.before;
}

/** Where the manifests bring it, it is there when the flags are set. */
async function refuseMissing(ctx: ReadContext, name: string): Promise<void> {
  const isBrought =
    ctx.config.mode !== 'undo' &&
    ctx.manifests !== undefined &&
    takesPart(ctx.config, 'restore-manifests') &&
    (await plannedLooks(ctx)).some(({ ref }) => ref.kind === 'ConfigMap' && ref.name === name);
  if (isBrought) return;
  throw new RollbackError(
    'FLAGS_INVALID',
    tr`configmap/${name}, which is to hold the feature flags, does not exist in namespace ${ctx.config.namespace}`,
    tr`See which ones are there: ${kubectl(ctx.config.namespace, 'get', 'configmaps')}; then correct \`feature-flags\` in the config file`,
  );
}

/** An undo puts back what the rollback switched off, and nothing that was set after it. */
function assertOff(ctx: ReadContext, configMap: string, key: string, value: string | null): void {
  if (value === OFF) return;
  throw new RollbackError(
    'UNDO_IMPOSSIBLE',
    tr`configmap/${configMap}, flag ${key} is ${value === null ? tr`gone` : JSON.stringify(value)}; the rollback had set it to "false": it was changed since`,
    tr`Nothing is overwritten. See who wrote it: ${kubectl(ctx.config.namespace, 'get', 'configmap', configMap, '-o', 'yaml', '--show-managed-fields')}; or leave this step out: skip-steps: disable-feature-flags`,
  );
}
