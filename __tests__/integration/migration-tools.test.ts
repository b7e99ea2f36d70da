import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationTool } from '../../src/core/config.ts';
import { TOOL_FACTS } from '../../src/core/migration-tools.ts';
import { bringPackages } from '../../testbed/npm-packages.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { go, MigrationsScene, refusal, TOOLS_FOLDER } from './migrations-scene.ts';

const NAMES = ['20260101000001_create_users', '20260102000002_add_email', '20260103000003_rename_name'] as const;
const BIN = 'node_modules/.bin';

interface Case {
  readonly tool: MigrationTool;
  /** What the tool's table calls a migration, beyond its name. */
  readonly ending: string;
  readonly up: string;
  readonly down: string;
  readonly status: string;
}

/** The real packages; their versions stand in `__tests__/fixtures/migration-tools/package.json`. */
const CASES: readonly Case[] = [
  {
    tool: 'knex',
    ending: '.cjs',
    up: `${BIN}/knex migrate:latest`,
    down: `${BIN}/knex migrate:down`,
    status: `${BIN}/knex migrate:list`,
  },
  {
    tool: 'sequelize',
    ending: '.cjs',
    up: `${BIN}/sequelize-cli db:migrate`,
    down: `${BIN}/sequelize-cli db:migrate:undo`,
    status: `${BIN}/sequelize-cli db:migrate:status`,
  },
  {
    tool: 'node-pg-migrate',
    ending: '',
    up: `${BIN}/node-pg-migrate up`,
    down: `${BIN}/node-pg-migrate down`,
    status: `${BIN}/node-pg-migrate up --dry-run`,
  },
  {
    tool: 'prisma',
    ending: '',
    up: `${BIN}/prisma migrate deploy --config prisma.config.mjs`,
    down: 'node down.mjs',
    // Ends with 1 while a migration of the checkout is not applied.
    status: `${BIN}/prisma migrate status --config prisma.config.mjs`,
  },
];

// The first time they come from the package registry.
beforeAll(() => bringPackages(TOOLS_FOLDER, process.env, console.log), 360_000);

describe.each(CASES)('$tool', ({ tool, ending, up, down, status }) => {
  const [first, second, third] = NAMES.map((name) => `${name}${ending}`) as [string, string, string];

  it('goes from the third migration to the first, and no further', async () => {
    await using scene = await MigrationsScene.of(await sharedPostgres(), tool);
    const unknown = scene.context({ migrations: { tool, rollback: down } });
    expect(await refusal(unknown)).toMatchObject({
      code: 'MIGRATION_UNKNOWN',
      message: expect.stringContaining('does not exist'),
    });
    await scene.shell(up);
    expect(await scene.columns()).toEqual(['id', 'full_name', 'email']);
    expect(await refusal(unknown)).toMatchObject({
      code: 'MIGRATION_UNKNOWN',
      message: expect.stringContaining(`${third}, ${second}, ${first}`),
      hint: expect.stringContaining(`to: "${second}"`),
    });

    const ctx = scene.context({
      migrations: { tool, directory: 'migrations', status, rollback: down },
      ledgerHead: first,
    });
    expect(await ctx.database?.queryValue(scene.name, TOOL_FACTS[tool].head, { timeoutMs: 5000 })).toBe(third);
    const { planned, failure, outcome } = await go(ctx);
    expect(failure).toBeUndefined();
    expect(planned).toMatchObject({
      kind: 'change',
      change: {
        from: third,
        to: first,
        way: { kind: 'known', take: [third, second] },
        summary: [
          `migrations: ${third} -> ${first}, 2 to take back, by ${down}`,
          `${NAMES[2]} (live, not in the target)`,
          `${NAMES[1]} (live, not in the target)`,
          NAMES[0],
        ],
      },
    });
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [{ observed: first, expected: `${first}, as the target release knows it` }, { subject: status }],
    });
    expect(JSON.stringify([planned, outcome, scene.logs])).not.toContain(scene.password);
    expect(await scene.columns()).toEqual(['id', 'name']);
    expect(scene.recorded).toMatchObject([{ migrationsBefore: third }]);

    const again = await go(scene.context({ migrations: { tool, rollback: down }, ledgerHead: first }));
    expect(again).toMatchObject({ planned: { kind: 'no-op' }, outcome: { status: 'passed' } });
    expect(await scene.columns()).toEqual(['id', 'name']);
  });
});

describe('commands that go further than they seem to', () => {
  it('knex migrate:rollback takes a whole batch: refused by its name, stopped and told where the name does not show', async () => {
    await using scene = await MigrationsScene.of(await sharedPostgres(), 'knex');
    await scene.shell(`${BIN}/knex migrate:latest`);
    const to = `${NAMES[1]}.cjs`;
    const rollback = `${BIN}/knex migrate:rollback`;
    const migrations = { tool: 'knex', directory: 'migrations' } as const;
    expect(await refusal(scene.context({ migrations: { ...migrations, rollback }, ledgerHead: to }))).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('a whole batch'),
    });
    await scene.put('down.sh', rollback);
    const { failure, outcome } = await go(
      scene.context({ migrations: { ...migrations, rollback: 'sh down.sh' }, ledgerHead: to }),
    );
    expect(failure).toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('went further') });
    expect(outcome).toMatchObject({ status: 'failed', evidence: [{ observed: 'none' }] });
  });

  it('sequelize db:migrate:undo:all --to takes the named one, too', async () => {
    await using scene = await MigrationsScene.of(await sharedPostgres(), 'sequelize');
    await scene.shell(`${BIN}/sequelize-cli db:migrate`);
    const to = `${NAMES[1]}.cjs`;
    const rollback = `${BIN}/sequelize-cli db:migrate:undo:all --to {to}`;
    expect(await refusal(scene.context({ migrations: { tool: 'sequelize', rollback }, ledgerHead: to }))).toMatchObject(
      {
        code: 'INPUT_INVALID',
        message: expect.stringContaining('the named one too'),
      },
    );
    await scene.shell(rollback.replace('{to}', to));
    expect(await scene.columns()).toEqual(['id', 'name']);
  });

  it('node-pg-migrate down NAME takes that one back, knex migrate:down NAME too', async () => {
    await using pgMigrate = await MigrationsScene.of(await sharedPostgres(), 'node-pg-migrate');
    await pgMigrate.shell(`${BIN}/node-pg-migrate up; ${BIN}/node-pg-migrate down ${NAMES[2]}`);
    expect(await pgMigrate.query(TOOL_FACTS['node-pg-migrate'].head)).toEqual([{ name: NAMES[1] }]);
    await using knex = await MigrationsScene.of(await sharedPostgres(), 'knex');
    await knex.shell(`${BIN}/knex migrate:latest; ${BIN}/knex migrate:down ${NAMES[2]}.cjs`);
    expect(await knex.query(TOOL_FACTS.knex.head)).toEqual([{ name: `${NAMES[1]}.cjs` }]);
  });

  it('Prisma: a migration that failed half-way is not the head', async () => {
    await using scene = await MigrationsScene.of(await sharedPostgres(), 'prisma');
    await scene.put(`migrations/${NAMES[2]}/migration.sql`, 'SELECT 1 / 0;');
    await scene.shell(`${BIN}/prisma migrate deploy --config prisma.config.mjs || true`);
    expect(await scene.query('SELECT count(*)::int AS n FROM _prisma_migrations')).toEqual([{ n: 3 }]);
    expect(await scene.query(TOOL_FACTS.prisma.head)).toEqual([{ migration_name: NAMES[1] }]);
  });
});
