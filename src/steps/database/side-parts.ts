import type { RestoreChange } from '../../core/restore.ts';
import type { WriteContext } from '../../ports/context.ts';
import type { DatabaseReader, DatabaseWriter } from '../../ports/database.ts';

/** What each part of a side restore works with. */
export interface SideParts {
  readonly ctx: WriteContext;
  readonly change: RestoreChange;
  readonly reader: DatabaseReader;
  readonly writer: DatabaseWriter;
}
