import type { MigrationsConfig, MigrationTool } from './config.ts';
import { tr } from './tr.ts';

/** What is known of a tool that keeps migrations in a table of its own, under the name that it gives that table. */
export interface ToolFacts {
  /** Answers the name of the newest migration that is applied; no row where none is. */
  readonly head: string;
  /** Answers a JSON array of all that are applied, newest first; null where none is. */
  readonly applied: string;
  /** Takes one migration back. */
  readonly oneDown: string;
  /** What it takes back is the last by name, whatever the order in which they were applied. */
  readonly downByName: boolean;
  /** Forms of its commands that go further than they seem to. */
  readonly traps: readonly { readonly form: RegExp; readonly why: () => string }[];
}

const KNEX = 'FROM knex_migrations';
const PRISMA = 'FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL';
const SEQUELIZE = 'FROM "SequelizeMeta"';
const NODE_PG_MIGRATE = 'FROM pgmigrations';

const facts = (column: string, from: string, newestFirst: string) => ({
  head: `SELECT ${column} ${from} ORDER BY ${newestFirst} LIMIT 1`,
  applied: `SELECT json_agg(${column} ORDER BY ${newestFirst}) ${from}`,
});

/** Held to the real packages by a test. A project that renamed the table of its tool configures `head` instead. */
export const TOOL_FACTS: Readonly<Record<MigrationTool, ToolFacts>> = {
  knex: {
    ...facts('name', KNEX, 'id DESC'),
    oneDown: 'npx knex migrate:down',
    downByName: true,
    // knex/knex#666
    traps: [
      {
        form: /\bmigrate:rollback\b/,
        why: () => tr`\`knex migrate:rollback\` takes a whole batch back, however many that are`,
      },
      {
        form: /\bmigrate:down\b[^|;&]*\{to\}/,
        why: () => tr`\`knex migrate:down NAME\` takes that one migration back, not those after it`,
      },
    ],
  },
  // Prisma has no way down of its own: what takes a migration back, and its row out of the table, is the project's.
  prisma: {
    ...facts('migration_name', PRISMA, 'finished_at DESC, migration_name DESC'),
    oneDown: 'npm run db:down',
    downByName: false,
    traps: [],
  },
  sequelize: {
    ...facts('name', SEQUELIZE, 'name DESC'),
    oneDown: 'npx sequelize-cli db:migrate:undo',
    downByName: false,
    // umzug goes down to its `to`, and that one too.
    traps: [
      {
        form: /\bdb:migrate:undo:all\b/,
        why: () => tr`\`db:migrate:undo:all\` takes all migrations back; with \`--to NAME\` the named one too`,
      },
      {
        form: /\bdb:migrate:undo\b[^|;&]*\{to\}/,
        why: () => tr`\`db:migrate:undo --name NAME\` takes that one migration back`,
      },
    ],
  },
  'node-pg-migrate': {
    // As its own runner orders them: all of one run have the same time.
    ...facts('name', NODE_PG_MIGRATE, 'run_on DESC, id DESC'),
    oneDown: 'npx node-pg-migrate down',
    downByName: false,
    traps: [
      { form: /\bdown\b[^|;&]*\{to\}/, why: () => tr`\`node-pg-migrate down NAME\` takes that one migration back` },
    ],
  },
};

/** The query that names the newest migration that is applied: the configured one, else that of the tool. */
export function headQueryOf({ head, tool }: MigrationsConfig): string | undefined {
  return head ?? (tool && TOOL_FACTS[tool].head);
}

/** The query for all that are applied; only where the head comes from the tool's own table, too. */
export function appliedQueryOf({ head, tool }: MigrationsConfig): string | undefined {
  return head === undefined && tool ? TOOL_FACTS[tool].applied : undefined;
}

/** Why the configured command would not do what is needed, where its text shows that. */
export function trapIn(command: string, tool: MigrationTool | undefined): string | undefined {
  return tool && TOOL_FACTS[tool].traps.find(({ form }) => form.test(command))?.why();
}
