import type { MigrationsConfig } from '../../core/config.ts';
import { RollbackError } from '../../core/errors.ts';
import { appliedQueryOf, headQueryOf } from '../../core/migration-tools.ts';
import { migrationsAmong } from '../../core/migrations.ts';
import type { Evidence } from '../../core/outcome.ts';
import { tr } from '../../core/tr.ts';
import type { ReadContext } from '../../ports/context.ts';

const QUERY_MS = 10_000;
/** No tool has longer names; what is longer is the answer to another question. */
const LONGEST_HEAD = 300;
const SHOWN_LINES = 5;

/** What the step works on; only where a database and its migrations are configured. */
export interface Scene {
  readonly name: string;
  readonly migrations: MigrationsConfig;
}

/** Undefined where nothing is configured that could be looked at. */
export function sceneOf({ config, database }: ReadContext): Scene | undefined {
  const { name, migrations } = config.database ?? {};
  if (!database || name === undefined || !migrations) return undefined;
  const { head, tool, rollback, status } = migrations;
  return head === undefined && tool === undefined && rollback === undefined && status === undefined
    ? undefined
    : { name, migrations };
}

/**
 * The newest migration that is applied to the live database; null where none is.
 * @throws MIGRATION_UNKNOWN where the query cannot be answered, DATABASE_* where the server cannot be reached.
 */
export async function readHead(ctx: ReadContext, { name, migrations }: Scene): Promise<string | null> {
  const query = headQueryOf(migrations);
  if (!ctx.database || query === undefined) {
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`database.migrations: neither \`head\` nor \`tool\` is set, so nothing tells which migration of "${name}" is the newest`,
      tr`Add \`tool: knex\` (or prisma, sequelize, node-pg-migrate), or \`head:\` with an SQL query that names it. To leave the migrations alone: \`skip-steps: rollback-migrations\`.`,
    );
  }
  const head = await asked(ctx, name, query);
  if (head === null || head.length <= LONGEST_HEAD) return head;
  throw new RollbackError(
    'MIGRATION_UNKNOWN',
    tr`the query for the newest migration of "${name}" answered ${head.length} characters; expected: one name`,
    tr`Correct database.migrations.head; it is: ${query}`,
  );
}

/** All that are applied, newest first; undefined where the tool's table does not tell. */
export async function readApplied(ctx: ReadContext, { name, migrations }: Scene): Promise<string[] | undefined> {
  const query = appliedQueryOf(migrations);
  if (query === undefined) return undefined;
  const answer: unknown = JSON.parse((await asked(ctx, name, query)) ?? '[]');
  return Array.isArray(answer) ? answer.map(String) : undefined;
}

async function asked(ctx: ReadContext, name: string, query: string): Promise<string | null> {
  try {
    return (await ctx.database?.queryValue(name, query, { timeoutMs: QUERY_MS })) ?? null;
  } catch (error) {
    if (!(error instanceof RollbackError) || error.code !== 'DATABASE_ERROR') throw error;
    throw new RollbackError(
      'MIGRATION_UNKNOWN',
      tr`the migrations of "${name}" cannot be read: ${error.message}`,
      tr`Set database.migrations.head to a query for the table that this project uses. What was asked: ${query}`,
      { cause: error },
    );
  }
}

/** Migrations of the configured folder, newest first by name; undefined where none is configured or it does not exist. */
export async function readFolder(ctx: ReadContext, { migrations }: Scene): Promise<string[] | undefined> {
  const { directory } = migrations;
  const names = directory === undefined ? undefined : await ctx.commands.names(directory);
  return names && migrationsAmong(names);
}

/**
 * What the project's own status command says, for people: the head decides. Several tools end with an error only because newer migrations of the
 * checkout are not applied, which is what was wanted.
 */
export async function statusOf(
  ctx: ReadContext,
  { migrations }: Scene,
): Promise<{ readonly evidence: Evidence; readonly isGood: boolean } | undefined> {
  const { status, timeoutMs } = migrations;
  if (status === undefined) return undefined;
  const result = await ctx.commands.look(status, { timeoutMs, signal: ctx.signal, withDatabase: true });
  const ended = result.timedOut ? tr`not ended in time` : tr`exit code ${result.exitCode ?? tr`none`}`;
  return {
    evidence: {
      subject: status,
      observed: [...result.lines.filter((line) => line !== '').slice(-SHOWN_LINES), ended].join(' | '),
      expected: tr`its last lines, to read; the head decides`,
    },
    isGood: !result.timedOut && result.exitCode === 0,
  };
}
