import { describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/core/config.ts';
import { EMPTY_LEDGER, type RollbackMember, type RollbackRecord } from '../../../src/core/ledger.ts';
import { appliedQueryOf, headQueryOf, trapIn } from '../../../src/core/migration-tools.ts';
import {
  commandTo,
  isSameMigration,
  migrationsAmong,
  progressOf,
  restoresDatabase,
  targetHeadOf,
  wayDown,
} from '../../../src/core/migrations.ts';
import { said } from '../../../src/core/said.ts';
import type { Choice, MemberChoice } from '../../../src/core/situation.ts';
import { member, template } from '../preflight/world.ts';

describe('the names of a folder', () => {
  it('are migrations, newest first; both ways of one are one, notes and locks are none', () => {
    const names = [
      '9_i.sql',
      '10_j.up.sql',
      '10_j.down.sql',
      'README.md',
      'migration_lock.toml',
      '.keep',
      'index.js',
      'types.d.ts',
    ];
    expect(migrationsAmong([...names, '11_folder'])).toEqual(['11_folder', '10_j', '9_i']);
  });

  it.each([
    ['2_b.js', '2_b', true],
    ['2_b', '2_b', true],
    ['2', 'V002__b', true],
    ['20260102', '20260102_b', true],
    ['2', '20_b', false],
    ['b', '2_b', false],
    ['3_b.js', '2_b', false],
  ])('%s and %s: %s', (head, name, same) => {
    expect(isSameMigration(head, name)).toBe(same);
  });
});

describe('the way down', () => {
  const applied = ['3_c.js', '2_b.js', '1_a.js'];
  const files = ['3_c', '2_b', '1_a'];

  it('is what the table has after the target', () => {
    expect(wayDown({ head: '3_c.js', to: '1_a.js', applied, files })).toEqual({
      kind: 'known',
      take: ['3_c.js', '2_b.js'],
    });
    expect(wayDown({ head: '3_c.js', to: '2_b.js', applied })).toEqual({ kind: 'known', take: ['3_c.js'] });
  });

  it('is what the folder has after the target, where there is no table', () => {
    expect(wayDown({ head: '3', to: '1', files })).toEqual({ kind: 'known', take: ['3_c', '2_b'] });
    expect(wayDown({ head: '3_c', to: '0_x', files })).toEqual({ kind: 'unknown' });
    expect(wayDown({ head: '3_c', to: '2_b' })).toEqual({ kind: 'unknown' });
  });

  it.each([
    ['a target that is not applied', { head: '2_b.js', to: '3_c.js', applied: applied.slice(1), files }, 'not among'],
    ['a target that is newer', { head: '1_a', to: '3_c', files }, 'no way back'],
    ['a checkout that lacks the way back', { head: '3_c', to: '2_b', files: files.slice(1) }, 'no 3_c'],
    [
      'a checkout that lacks it, by the table',
      { head: '3_c.js', to: '1_a.js', applied, files: files.slice(1) },
      'no 3_c.js',
    ],
    [
      'an order that is not that of the names, for a tool that goes by names',
      { head: '0_late.js', to: '3_c.js', applied: ['0_late.js', ...applied], downByName: true },
      'another order',
    ],
  ])('is refused for %s', (_what, seen, why) => {
    expect(wayDown(seen)).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) });
  });

  it('does not ask the folder where its names are of another kind than those of the table', () => {
    const way = wayDown({ head: 'third', to: 'second', applied: ['third', 'second'], files });
    expect(way).toEqual({ kind: 'known', take: ['third'] });
  });

  it.each([
    ['3_c.js', '1_a.js', 'arrived'],
    ['3_c.js', '2_b.js', 'on-the-way'],
    ['3_c.js', '3_c.js', 'stuck'],
    ['3_c.js', '0_x.js', 'past'],
    ['2_b.js', '3_c.js', 'past'],
    ['3_c.js', null, 'past'],
  ] as const)('from %s to %s is %s', (before, after, progress) => {
    const way = { kind: 'known', take: ['3_c.js', '2_b.js'] } as const;
    expect(progressOf(way, { before, after, to: '1_a.js' })).toBe(progress);
  });
});

describe('the name in the command', () => {
  it.each([
    ['migrate down {to}', '2_b.js', 'migrate down 2_b.js'],
    ['migrate down "{to}"', '2_b.js', 'migrate down "2_b.js"'],
    ['migrate down --to={to}', "it's; reboot", `migrate down --to='it'\\''s; reboot'`],
    ['migrate down {to} {to}', '$& x', `migrate down '$& x' '$& x'`],
    ['migrate down', 'x; reboot', 'migrate down'],
  ])('%s with %s', (command, to, filled) => {
    expect(commandTo(command, to)).toBe(filled);
  });

  it.each([
    ['migrate down "{to}"', '$(reboot)'],
    [`sh -c 'migrate {to}'`, 'x; reboot'],
    ['migrate \\{to}', 'x y'],
    ['migrate {to}', '--all'],
    ['migrate {to}', 'two\nlines'],
    ['migrate <<E\n{to}\nE', '$(reboot)'],
  ])('%s refuses %j', (command, to) => {
    expect(commandTo(command, to)).toBeUndefined();
  });
});

describe('what is known of tools', () => {
  it('a query of the project itself comes first, and then nothing is said about the order', () => {
    expect(headQueryOf({ tool: 'knex', timeoutMs: 1 })).toContain('knex_migrations');
    expect(headQueryOf({ tool: 'knex', head: 'SELECT 1', timeoutMs: 1 })).toBe('SELECT 1');
    expect(appliedQueryOf({ tool: 'knex', head: 'SELECT 1', timeoutMs: 1 })).toBeUndefined();
    expect(headQueryOf({ timeoutMs: 1 })).toBeUndefined();
  });

  it.each([
    ['knex', 'npx knex migrate:rollback', true],
    ['knex', 'npx knex migrate:down', false],
    ['knex', 'npx knex migrate:down {to}', true],
    ['sequelize', 'npx sequelize-cli db:migrate:undo:all --to {to}', true],
    ['sequelize', 'npx sequelize-cli db:migrate:undo', false],
    ['node-pg-migrate', 'npx node-pg-migrate down {to}', true],
    ['node-pg-migrate', 'npx node-pg-migrate down', false],
    ['prisma', 'npm run db:down -- {to}', false],
    [undefined, 'npx knex migrate:rollback', false],
  ] as const)('%s: %s is a trap: %s', (tool, command, isTrap) => {
    expect(trapIn(command, tool) !== undefined).toBe(isTrap);
  });
});

describe('whether the database comes from a backup', () => {
  const config = (more: object) =>
    ({ mode: 'rollback', skipSteps: [], database: { backup: { path: '/b/*.sql' } }, ...more }) as unknown as Config;
  it.each([
    [{}, true],
    [{ steps: ['restore-database'] }, true],
    [{ steps: ['rollback-migrations'] }, false],
    [{ skipSteps: ['restore-database'] }, false],
    [{ mode: 'undo' }, false],
    [{ database: {} }, false],
  ])('%j: %s', (more, restores) => {
    expect(restoresDatabase(config(more))).toBe(restores);
  });
});

describe('the head that the ledger knows for the target', () => {
  const web = member({ name: 'web', good: template('web:1'), bad: template('web:2') });
  const api = member({ name: 'api', good: template('api:1'), bad: template('api:2') });
  const target = (one: typeof web) => one.revisions.find(({ number }) => number === 1);
  const goodHash = (one: typeof web) => target(one)?.hash ?? '';
  const go = (one: typeof web): MemberChoice => {
    const to = target(one);
    if (!to) throw new Error('no revision 1');
    return { kind: 'go', member: one, to, notes: [] };
  };
  const stay = (one: typeof web, why = said('note.stays-never-changed')): MemberChoice => ({
    kind: 'stay',
    member: one,
    why,
    notes: [],
  });
  const part = (name: string, to: string): RollbackMember => ({
    kind: 'Deployment',
    name,
    uid: '',
    from: 'x',
    to,
    fromImages: [],
    toImages: [],
  });
  const record = (members: readonly RollbackMember[], more: Partial<RollbackRecord> = {}): RollbackRecord => ({
    run: 'r',
    url: '',
    actor: '',
    reason: '',
    at: '',
    members,
    migrationHead: '2_b',
    verifiedAt: '2026-01-01T00:00:00Z',
    ...more,
  });
  const headOf = (members: readonly MemberChoice[], ...rollbacks: readonly RollbackRecord[]) => {
    const choice: Choice = { kind: 'chosen', members };
    return targetHeadOf({ choice, ledger: { ledger: { ...EMPTY_LEDGER, rollbacks }, access: 'full' } });
  };

  it('is that of a verified rollback to the same releases, the newest first', () => {
    const both = [part('web', goodHash(web)), part('api', goodHash(api))];
    expect(headOf([go(web), go(api)], record(both))).toBe('2_b');
    expect(headOf([go(web), go(api)], record(both, { migrationHead: '3_c' }), record(both))).toBe('3_c');
    expect(headOf([go(web), stay(api)], record([part('web', goodHash(web))]))).toBe('2_b');
    const atTarget = { ...web, hash: goodHash(web) };
    expect(headOf([stay(atTarget, said('skipped.at-target'))], record([part('web', goodHash(web))]))).toBe('2_b');
  });

  it('is unknown where anything differs', () => {
    const one = [part('web', goodHash(web))];
    expect(headOf([go(web)], record([part('web', 'other')]))).toBeUndefined();
    expect(headOf([go(web), go(api)], record(one))).toBeUndefined();
    expect(headOf([go(web), stay(api)], record([...one, part('api', 'other')]))).toBeUndefined();
    const { verifiedAt: _verifiedAt, ...unverified } = record(one);
    expect(headOf([go(web)], unverified)).toBeUndefined();
    expect(headOf([go(web)], record(one, { undoneAt: '2026-01-02T00:00:00Z' }))).toBeUndefined();
    expect(headOf([go(web)])).toBeUndefined();
  });
});
