import { describe, expect, it } from '@jest/globals';
import type { MigrationsConfig } from '../../src/core/config.ts';
import { rollbackMigrations } from '../../src/steps/rollback-migrations.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { go, MigrationsScene, refusal, type SceneOptions } from './migrations-scene.ts';

/** A project whose migrations are a table and a shell script, as many are. */
const PROJECT = `
  CREATE TABLE users (id int, full_name text, email text);
  CREATE TABLE schema_migrations (name text PRIMARY KEY, applied_at int);
  INSERT INTO schema_migrations VALUES ('1_a', 1), ('2_b', 2), ('3_c', 3);`;
const HEAD = 'SELECT name FROM schema_migrations ORDER BY applied_at DESC LIMIT 1';
const ONE_DOWN = `psql -X -q -v ON_ERROR_STOP=1 -c "DELETE FROM schema_migrations WHERE applied_at = (SELECT max(applied_at) FROM schema_migrations)"`;
const PROJECT_CONFIG = { head: HEAD, directory: 'database/migrations', rollback: './down.sh' } as const;

async function project(): Promise<MigrationsScene> {
  const scene = await MigrationsScene.create(await sharedPostgres(), PROJECT);
  for (const name of ['1_a', '2_b', '3_c']) await scene.put(`database/migrations/${name}.sql`, '');
  await scene.put('down.sh', `#!/bin/sh\n${ONE_DOWN}; echo "took one back"\n`);
  return scene;
}

const headOf = async (scene: MigrationsScene) => (await scene.query(HEAD))[0];

function rolling(scene: MigrationsScene, migrations: Partial<MigrationsConfig> = {}, more: Partial<SceneOptions> = {}) {
  return scene.context({ migrations: { ...PROJECT_CONFIG, ...migrations }, ledgerHead: '1_a', ...more });
}

describe('without a restore', () => {
  it('runs the command once for each migration, with the variables of the database, until the target is the newest', async () => {
    await using scene = await project();
    const { planned, failure, outcome } = await go(
      rolling(scene, { status: 'psql -X -At -c "TABLE schema_migrations"' }),
    );
    expect(failure).toBeUndefined();
    expect(planned).toMatchObject({
      change: {
        summary: [
          'migrations: 3_c -> 1_a, 2 to take back, by ./down.sh',
          '3_c (live, not in the target)',
          '2_b (live, not in the target)',
          '1_a',
        ],
      },
    });
    expect(outcome).toMatchObject({
      status: 'passed',
      evidence: [{ observed: '1_a' }, { observed: '1_a|1 | exit code 0' }],
    });
  });

  it('goes on where an earlier run was killed, and does nothing where all is done', async () => {
    await using scene = await project();
    const ctx = rolling(scene);
    const planned = await rollbackMigrations.plan(ctx);
    if (planned.kind !== 'change') throw new Error(planned.kind);
    await scene.shell('./down.sh');
    await rollbackMigrations.apply(ctx, planned.change);
    expect(await headOf(scene)).toEqual({ name: '1_a' });
    await rollbackMigrations.apply(ctx, planned.change);
    expect(await headOf(scene)).toEqual({ name: '1_a' });
    expect((await go(rolling(scene))).planned.kind).toBe('no-op');
  });

  it('is stale where somebody migrated since the plan, and not begun after the deadline', async () => {
    await using scene = await project();
    const planned = await rollbackMigrations.plan(rolling(scene));
    if (planned.kind !== 'change') throw new Error(planned.kind);
    const late = rolling(scene, {}, { deadline: Date.now() - 1 });
    await expect(rollbackMigrations.apply(late, planned.change)).rejects.toMatchObject({ code: 'DEADLINE_PASSED' });
    await scene.query(`INSERT INTO schema_migrations VALUES ('4_d', 4)`);
    await expect(rollbackMigrations.apply(rolling(scene), planned.change)).rejects.toMatchObject({
      code: 'PLAN_STALE',
    });
    expect(await headOf(scene)).toEqual({ name: '4_d' });
  });

  it('fills the target in where the command takes one; a hostile name is a word and nothing more', async () => {
    await using scene = await project();
    const name = `1_a; touch pwned $(touch pwned) '`;
    await scene.query(`UPDATE schema_migrations SET name = $$${name}$$ WHERE applied_at = 1`);
    await scene.put(
      'to.sh',
      `#!/bin/sh\nprintf %s "$1" > asked\npsql -X -q -c "DELETE FROM schema_migrations WHERE applied_at > 1"\n`,
    );
    const { failure, outcome } = await go(rolling(scene, { rollback: './to.sh {to}' }, { ledgerHead: name }));
    expect(failure).toBeUndefined();
    expect(outcome.status).toBe('passed');
    expect(await scene.shell('cat asked; ls')).toBe(`${name}asked\ndatabase\ndown.sh\nto.sh\n`);
    await scene.query(`INSERT INTO schema_migrations VALUES ('2_b', 2)`);
    expect(await refusal(rolling(scene, { rollback: './to.sh "{to}"' }, { ledgerHead: name }))).toMatchObject({
      code: 'MIGRATION_UNKNOWN',
      message: expect.stringContaining('cannot stand safely'),
    });
  });
});

describe('a command that does not do what it should', () => {
  it('fails with its last lines, without the password, and with the command to type', async () => {
    await using scene = await project();
    const rollback = 'echo begun; echo "cannot reach $DATABASE_URL" >&2; exit 3';
    const { failure, outcome } = await go(rolling(scene, { rollback }));
    expect(failure).toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(
        /ended with 3; the newest migration is 3_c, expected 1_a: begun \| cannot reach postgresql:\/\/owner:\*\*\*@/,
      ),
      hint: expect.stringContaining(rollback),
    });
    expect(failure?.toFailure().causes[0]).toContain('begun\ncannot reach');
    expect(JSON.stringify(failure?.toFailure())).not.toContain(scene.password);
    expect(outcome).toMatchObject({ status: 'failed', evidence: [{ observed: '3_c' }] });
  });

  it('ends in time, with its processes', async () => {
    await using scene = await project();
    const { failure } = await go(rolling(scene, { rollback: 'echo waiting; sleep 600 & wait', timeoutMs: 5000 }));
    expect(failure).toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/did not end within 5 s.*: waiting/),
    });
    expect(await headOf(scene)).toEqual({ name: '3_c' });
  });

  it.each([
    ['takes nothing back', 'true', 'took nothing back', '3_c'],
    ['goes past the target', `for i in 1 2 3; do ./down.sh; done`, 'went further than to the target', undefined],
    ['does not take the target that it is given', './down.sh # {to}', 'did not lead to the target', '2_b'],
  ])('is run no more when it %s', async (_what, rollback, seen, head) => {
    await using scene = await project();
    const { failure, outcome } = await go(rolling(scene, { rollback }));
    expect(failure).toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining(seen) });
    expect(outcome.status).toBe('failed');
    expect(await headOf(scene)).toEqual(head === undefined ? undefined : { name: head });
  });

  it('is bounded where nothing tells how many lie between', async () => {
    await using scene = await project();
    await scene.query(`INSERT INTO schema_migrations SELECT 'm' || i, i FROM generate_series(4, 60) AS i`);
    const { failure } = await go(rolling(scene, { directory: 'nowhere' }));
    expect(failure).toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining('m40') });
  });
});

describe('what is refused before anything is touched', () => {
  it.each<[string, Partial<MigrationsConfig>, Partial<SceneOptions>, string]>([
    ['an unknown target', {}, { ledgerHead: undefined as never }, 'nothing tells which migration'],
    ['two targets', { to: '2_b' }, {}, 'one of them is wrong'],
    ['a target that is newer', {}, { ledgerHead: '9_x' }, 'no way back'],
    ['no command', { rollback: undefined as never }, {}, 'no command is configured'],
    ['no query for the head', { head: undefined as never }, {}, 'neither `head` nor `tool`'],
    ['a query that fails', { head: 'SELECT name FROM elsewhere' }, {}, 'does not exist'],
    ['a query that writes', { head: 'DELETE FROM schema_migrations RETURNING name' }, {}, 'read-only'],
    ['a query for something else', { head: `SELECT repeat('x', 1000)` }, {}, '1000 characters'],
    [
      'a name that nothing confirms',
      { to: '1_z', directory: undefined as never },
      { ledgerHead: undefined as never },
      'slip of the pen',
    ],
  ])('%s', async (_what, migrations, more, seen) => {
    await using scene = await project();
    if (more.ledgerHead === '9_x') await scene.put('database/migrations/9_x.sql', '');
    expect(await refusal(rolling(scene, migrations, more))).toMatchObject({
      message: expect.stringContaining(seen),
      hint: expect.stringMatching(/./),
    });
    expect(await headOf(scene)).toEqual({ name: '3_c' });
  });

  it('a checkout without the way back: it came with the bad release', async () => {
    await using scene = await project();
    await scene.shell('rm database/migrations/3_c.sql');
    expect(await refusal(rolling(scene))).toMatchObject({
      code: 'MIGRATION_UNKNOWN',
      message: expect.stringContaining('has no 3_c'),
      hint: expect.stringContaining('Check out the commit of the bad release'),
    });
  });
});

describe('D54: migrations and a restore, both asked for', () => {
  const restoring = (scene: MigrationsScene, more: Partial<SceneOptions> & { readonly headAfter?: string } = {}) =>
    scene.context({
      migrations: {},
      ...more,
      config: {
        database: {
          name: scene.name,
          checks: [],
          backup: { path: '/backups/*.sql' },
          migrations: { ...PROJECT_CONFIG, timeoutMs: 10_000 },
        } as never,
      },
      record: { database: (more.headAfter === undefined ? {} : { headAfter: more.headAfter }) as never },
    });

  it('the restore wins: nothing is taken back, the head must be that of the backup and of the target', async () => {
    await using scene = await project();
    expect(await go(restoring(scene, { headAfter: '3_c', ledgerHead: '3_c' }))).toMatchObject({
      planned: { kind: 'check' },
      outcome: {
        status: 'passed',
        evidence: [
          { expected: '3_c, as the backup has it' },
          { expected: '3_c, as the target release was verified with' },
        ],
      },
    });
    expect(scene.notes).toContainEqual({ key: 'note.migrations-recent', values: { list: '3_c, 2_b, 1_a' } });
    const other = await go(restoring(scene, { headAfter: '3_c', ledgerHead: '2_b' }));
    expect(other.outcome).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('expected 2_b') },
    });
    expect((await go(restoring(scene, { headAfter: '2_b' }))).outcome.status).toBe('failed');
    expect((await go(restoring(scene))).outcome.status).toBe('unknown');
    expect(await headOf(scene)).toEqual({ name: '3_c' });
  });

  it('is blocked where the restore failed', async () => {
    await using scene = await project();
    const failure = { code: 'LOAD_FAILED', message: '', hint: '', causes: [] } as const;
    const ctx = restoring(scene, { headAfter: '3_c', outcome: { status: 'failed', failure, evidence: [] } });
    expect((await go(ctx)).outcome).toMatchObject({ status: 'failed', failure: { code: 'STEP_BLOCKED' } });
  });
});

describe('an undo', () => {
  const undoing = (scene: MigrationsScene, undoes: SceneOptions['undoes']) =>
    rolling(scene, {}, { config: { mode: 'undo' }, ...(undoes ? { undoes } : {}) });

  it('runs no command, and says whether the schema is the one from before', async () => {
    await using scene = await project();
    const before = (headBefore: string) => undoing(scene, { database: { headBefore } as never });
    expect(await go(before('3_c'))).toMatchObject({ planned: { kind: 'check' }, outcome: { status: 'passed' } });
    expect((await go(undoing(scene, { migrationsBefore: '4_d' }))).outcome).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('expected 4_d') },
    });
    expect((await go(undoing(scene, {}))).outcome.status).toBe('skipped');
    expect(await headOf(scene)).toEqual({ name: '3_c' });
  });
});

describe('a part that is not configured', () => {
  it('is skipped; with a status command alone, that must end with 0', async () => {
    await using scene = await project();
    const only = (migrations: Partial<MigrationsConfig>) => go(scene.context({ migrations }));
    expect((await only({ directory: 'database/migrations' })).planned).toMatchObject({ kind: 'skipped' });
    expect((await only({ status: 'echo up to date' })).outcome).toMatchObject({
      status: 'passed',
      evidence: [{ observed: 'up to date | exit code 0' }],
    });
    expect((await only({ status: 'exit 4' })).outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'COMMAND_FAILED' },
    });
  });
});
