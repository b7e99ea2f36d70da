import { RollbackError } from '../../core/errors.ts';
import type { ManifestRecord } from '../../core/ledger.ts';
import { type AnyObject, changedKeys, contentOf, type ManifestChange, manifestText } from '../../core/manifest.ts';
import { objectDiff } from '../../core/object-diff.ts';
import { settle } from '../../core/settle.ts';
import { kubectl } from '../../core/shell.ts';
import type { ObjectDiff } from '../../core/step.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';
import { contentHash, type KeptObject, readKeptObject } from './kept.ts';
import { fingerprintOf } from './look.ts';
import { reservedFields } from './reserved.ts';

/** One object that is to be what it was. */
export interface BackLook {
  readonly kept: KeptObject;
  readonly live: AnyObject | undefined;
  readonly reserved: ReturnType<typeof reservedFields>;
  readonly fingerprint: string;
  /** Undefined: it is so already. */
  readonly todo?: { readonly change: ManifestChange; readonly diff: ObjectDiff };
}

/** @throws UNDO_IMPOSSIBLE where a copy is gone, or the object was changed since; all at once */
export async function lookBack(ctx: ReadContext, records: readonly ManifestRecord[]): Promise<BackLook[]> {
  return settle(records.map(async (record) => lookBackAt(ctx, await readKeptObject(ctx, record))));
}

export async function lookBackAt(ctx: ReadContext, kept: KeptObject): Promise<BackLook> {
  const { ref, before } = kept;
  const live = await ctx.cluster.object(ref);
  const reserved = reservedFields(ctx, ref, live);
  const now = live && contentOf(live, reserved);
  const wanted = before && contentOf(before, reserved);
  const base = { kept, live, reserved, fingerprint: fingerprintOf(now) };
  if (fingerprintOf(now) === fingerprintOf(wanted)) return base;
  assertNotChangedSince(ctx, kept, live, reserved);
  const resource = (await ctx.cluster.resource(ref.apiVersion, ref.kind))?.plural ?? '';
  const change: ManifestChange = {
    ref,
    resource,
    way: before ? 'put-back' : 'remove',
    applier: '',
    ...changedKeys(ref, now, wanted),
    takenFrom: [],
  };
  return {
    ...base,
    todo: { change, diff: { object: manifestText(ref), diff: objectDiff(manifestText(ref), now, wanted) } },
  };
}

/** An undo puts back what the rollback replaced, and nothing that was done after it. @throws UNDO_IMPOSSIBLE */
function assertNotChangedSince(
  ctx: ReadContext,
  { ref, set }: KeptObject,
  live: AnyObject | undefined,
  reserved: BackLook['reserved'],
): void {
  const isAsSet = live ? set === undefined || set === contentHash(contentOf(live, reserved)) : set === null;
  if (isAsSet) return;
  throw new RollbackError(
    'UNDO_IMPOSSIBLE',
    live
      ? tr`${manifestText(ref)} is neither what the rollback made of it nor what it was before: it was changed since`
      : tr`${manifestText(ref)} is neither what the rollback made of it nor what it was before: it was deleted since`,
    live
      ? tr`Nothing is overwritten. See who wrote it: ${kubectl(ctx.config.namespace, 'get', manifestText(ref), '-o', 'yaml', '--show-managed-fields')}; or leave this step out: skip-steps: restore-manifests`
      : tr`Nothing is overwritten. Deploy it again, or leave this step out: skip-steps: restore-manifests`,
  );
}

/** How often an object is read again that was written meanwhile. */
const MOST_TRIES = 10;

/** @returns whether something had to be put back @throws UNDO_IMPOSSIBLE where somebody changed it since */
export async function putOneBack(ctx: WriteContext, look: BackLook): Promise<boolean> {
  let { live, reserved, todo } = look;
  const { kept } = look;
  for (let tries = 1; todo && live; tries++) {
    try {
      if (kept.before) await ctx.write.cluster.putBackObject(kept.before, live, reserved);
      else await ctx.write.cluster.deleteObject(kept.ref, live.metadata.uid);
      return true;
    } catch (error) {
      const isStale = error instanceof RollbackError && error.code === 'PLAN_STALE';
      if (!isStale || tries === MOST_TRIES) throw error;
      // A rollout writes the status of its workload all the time. What a person wrote is refused by this look.
      ({ live, reserved, todo } = await lookBackAt(ctx, kept));
    }
  }
  return false;
}
