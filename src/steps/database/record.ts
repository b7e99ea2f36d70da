import type { DatabaseRecord } from '../../core/ledger.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';

/** What the ledger says of the database in this incident: from this run, else from the one that it goes on with. */
export function recordedDatabase({ situation, run }: ReadContext): DatabaseRecord | undefined {
  const own = situation.ledger.ledger.rollbacks.find((record) => record.run === run.id)?.database;
  return own ?? situation.incident?.database;
}

/** Adds to the database's part of this run's record, at once. */
export async function recordDatabase(
  ctx: WriteContext,
  part: Partial<DatabaseRecord>,
  base: DatabaseRecord,
): Promise<void> {
  await ctx.record((record) => ({ ...record, database: { ...(record.database ?? base), ...part } }));
}
