import type { DatabaseState } from '../../core/database/database.ts';
import type { DumpManifest } from '../../core/database/dump.ts';
import { tableName } from '../../core/database/table-name.ts';
import { RollbackError } from '../../core/errors.ts';
import { targetHeadOf } from '../../core/migrations.ts';
import type { RestoreChange } from '../../core/restore.ts';
import { tr } from '../../core/tr.ts';
import { exactPrice, isCompared, refuseTooHigh } from './price.ts';
import type { SideParts } from './side-parts.ts';

const CHECK_MS = 60_000;

/** @returns the rows by table. @throws RESTORE_INVALID where a table does not hold the rows that the dump counts */
export async function refuseOtherRows(
  { ctx, change, reader }: SideParts,
  manifest: DumpManifest,
): Promise<Readonly<Record<string, number>>> {
  const rows = await reader.rowCounts(change.side.name, ctx.signal);
  const loaded = new Map(Object.entries(rows).map(([table, count]) => [tableName(table), count]));
  const wrong = Object.entries(manifest.rows).flatMap(([table, expected]) => {
    const observed = loaded.get(tableName(table)) ?? 0;
    return observed === expected ? [] : [tr`${table}: ${observed}, expected ${expected}`];
  });
  if (wrong.length > 0)
    throw invalid(change, tr`rows differ from the backup's own count: ${wrong.slice(0, 10).join('; ')}`);
  return rows;
}

/** @throws RESTORE_INVALID for constraints, indexes and sequences that are not as they should be, and for a check that does not answer true */
export async function refuseInvalid({ ctx, change, reader }: SideParts): Promise<void> {
  const { name } = change.side;
  const damage = await reader.integrity(name, ctx.signal);
  // What was not valid in the live database is no damage of the restore.
  const before = damage.length > 0 ? new Set(await reader.integrity(change.live.name, ctx.signal)) : new Set();
  const found = damage.filter((line) => !before.has(line));
  if (found.length > 0) throw invalid(change, found.slice(0, 10).join('; '));
  for (const sql of ctx.config.database?.checks ?? []) {
    const answer = await reader.queryValue(name, sql, { timeoutMs: CHECK_MS });
    if (answer !== 'true')
      throw invalid(
        change,
        tr`the check ${sql} answers ${answer === null ? tr`nothing` : answer.slice(0, 100)}, expected true`,
      );
  }
}

/** @throws RESTORE_INVALID where the target release was verified with another migration head */
export function refuseOtherHead({ ctx, change }: SideParts, head: string | undefined): void {
  const target = targetHeadOf(ctx.situation);
  if (head === undefined || target === undefined || head === target) return;
  throw invalid(change, tr`its newest migration is ${head}; the target release was verified with ${target}`);
}

/** The price once more, now that both databases are there. @throws PRICE_TOO_HIGH */
export async function priceBeforeSwap(
  { ctx, change }: SideParts,
  live: DatabaseState,
): Promise<RestoreChange['price']> {
  const { price } = change;
  if (!price || !isCompared(ctx, live.sizeBytes, 'before')) return price;
  const exact = await exactPrice(ctx, price, live.name, change.side.name, false);
  ctx.aboutDatabase({ price: exact });
  refuseTooHigh(ctx, exact);
  return exact;
}

function invalid({ live, side }: RestoreChange, why: string): RollbackError {
  return new RollbackError(
    'RESTORE_INVALID',
    tr`the restored database "${side.name}" cannot take the place of "${live.name}": ${why}. The live database serves unchanged.`,
    tr`Look into it: psql -d ${JSON.stringify(side.name)}; or name an older backup with \`backup-path\`, then run again.`,
  );
}
