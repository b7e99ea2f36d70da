import { headQueryOf } from '../../core/migration-tools.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';

const QUERY_MS = 10_000;

/**
 * The newest migration that is applied to a database, by the configured query or that of the migration tool. Undefined where none is configured,
 * where no migration is applied, or where the query fails: a schema that is broken may well have no such table.
 */
export async function migrationHead(ctx: ReadContext, database: string): Promise<string | undefined> {
  const query = ctx.config.database?.migrations && headQueryOf(ctx.config.database.migrations);
  if (!ctx.database || query === undefined) return undefined;
  try {
    return (await ctx.database.queryValue(database, query, { timeoutMs: QUERY_MS })) ?? undefined;
  } catch (error) {
    ctx.log.warn(tr`the newest migration of "${database}" could not be read: ${(error as Error).message}`);
    return undefined;
  }
}
