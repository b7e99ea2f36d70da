import type { ManifestRecord, RollbackRecord } from '../../core/ledger.ts';
import { changedObjectsOf } from '../../core/ledger.ts';
import type { ChangedObject } from '../../core/references.ts';
import type { WriteContext } from '../../ports/context.ts';
import { readersOf, restartReaders } from '../secrets/readers.ts';

/** The ConfigMaps and Secrets among objects that manifests changed. */
export function changedOfManifests(records: readonly ManifestRecord[]): ChangedObject[] {
  return changedObjectsOf({ manifests: records } as RollbackRecord);
}

/** What was put back is read again only by pods that start again. */
export async function restartAgain(ctx: WriteContext, changed: readonly ChangedObject[]): Promise<void> {
  if (changed.length > 0) await restartReaders(ctx, readersOf(ctx, changed));
}
