import { LEDGER_NAME } from '../../core/access.ts';
import { changedObjectsOf, type Ledger, type RollbackRecord } from '../../core/ledger.ts';
import type { ChangedObject } from '../../core/references.ts';
import { takesPart } from '../../core/takes-part.ts';
import type { ReadContext } from '../../ports/context.ts';
import { lookAtFlags } from '../flags/look.ts';
import { plannedLooks } from '../manifests/look.ts';
import { lookBack } from '../manifests/take-back.ts';
import { keptSince } from '../secrets/kept.ts';
import { lookAtAll } from '../secrets/look.ts';

/** What changed at one time. */
export interface ChangedSince {
  readonly changed: readonly ChangedObject[];
  /** When the old content was last in place; ms since the epoch, by the cluster's clock. */
  readonly since: number;
}

/** What this run is going to change of what pods read, as it plans. */
export async function plannedChanges(ctx: ReadContext): Promise<ChangedObject[]> {
  const [secrets, manifests, flags] = await Promise.all([secretsOf(ctx), manifestsOf(ctx), flagsOf(ctx)]);
  return [...secrets, ...manifests, ...flags];
}

async function secretsOf(ctx: ReadContext): Promise<ChangedObject[]> {
  const isUndo = ctx.config.mode === 'undo';
  const names = isUndo ? (ctx.situation.undoes?.secrets ?? []) : ctx.config.secrets;
  if (names.length === 0 || !takesPart(ctx.config, 'restore-secrets')) return [];
  return (await lookAtAll(ctx)).flatMap(({ todo }) =>
    todo ? [{ kind: 'Secret' as const, name: todo.change.name, keys: todo.change.keys }] : [],
  );
}

async function manifestsOf(ctx: ReadContext): Promise<ChangedObject[]> {
  if (!takesPart(ctx.config, 'restore-manifests')) return [];
  const isUndo = ctx.config.mode === 'undo';
  const looks = isUndo
    ? await lookBack(ctx, ctx.situation.undoes?.manifests ?? [])
    : ctx.manifests
      ? await plannedLooks(ctx)
      : [];
  const changes = looks.flatMap(({ todo }) => (todo ? [todo.change] : []));
  const records = changes.map(({ ref, keys }) => ({ ...ref, ...(keys ? { keys } : {}), keptIn: '', run: '' }));
  return changedObjectsOf({ manifests: records } as unknown as RollbackRecord);
}

async function flagsOf(ctx: ReadContext): Promise<ChangedObject[]> {
  if (!takesPart(ctx.config, 'disable-feature-flags')) return [];
  const look = await lookAtFlags(ctx);
  const keys = Object.keys(look?.before ?? {});
  return look && keys.length > 0 ? [{ kind: 'ConfigMap', name: look.configMap, keys }] : [];
}

/**
 * What runs of the rollback under way changed and whose readers nobody came to restart, each with its time.
 * @param all also what was seen to already
 */
export async function changedSince(
  ctx: ReadContext,
  record: RollbackRecord | undefined,
  all = false,
): Promise<ChangedSince[]> {
  const { secrets = [], manifests = [], flags } = record ?? {};
  const kept = [
    ...secrets.map((one) => ({ one, changed: changedObjectsOf({ secrets: [one] } as unknown as RollbackRecord) })),
    ...manifests.map((one) => ({ one, changed: changedObjectsOf({ manifests: [one] } as unknown as RollbackRecord) })),
  ].filter(({ one, changed }) => (all || one.readersRestarted !== true) && changed.length > 0);
  const times = new Map<string, number | undefined>();
  for (const { one } of kept) if (!times.has(one.keptIn)) times.set(one.keptIn, await keptSince(ctx, one.keptIn));
  const timed = kept.flatMap(({ one, changed }) => {
    const since = times.get(one.keptIn);
    return since === undefined ? [] : [{ changed, since }];
  });
  const open = flags && (all || flags.readersRestarted !== true) ? flags : undefined;
  const ofFlags = open ? changedObjectsOf({ flags: open } as unknown as RollbackRecord) : [];
  return [...timed, ...(open ? [{ changed: ofFlags, since: Date.parse(open.since) }] : [])];
}

/** The record with all of it done. */
export function allRestarted(record: RollbackRecord): RollbackRecord {
  const { secrets, manifests, flags } = record;
  return {
    ...record,
    ...(secrets ? { secrets: secrets.map((one) => ({ ...one, readersRestarted: true })) } : {}),
    ...(manifests ? { manifests: manifests.map((one) => ({ ...one, readersRestarted: true })) } : {}),
    ...(flags ? { flags: { ...flags, readersRestarted: true } } : {}),
  };
}

/** This run's record as the ledger holds it now; undefined where there is none that can be read. */
export async function recordNow(ctx: ReadContext): Promise<RollbackRecord | undefined> {
  const ledger = await ctx.cluster.get('ConfigMap', LEDGER_NAME);
  try {
    const { rollbacks = [] } = JSON.parse(ledger?.data?.['ledger.json'] ?? '{}') as Partial<Ledger>;
    return rollbacks.find(({ run }) => run === ctx.run.id);
  } catch {
    return undefined;
  }
}
