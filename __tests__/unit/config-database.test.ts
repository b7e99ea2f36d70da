import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NOTHING_AROUND } from '../../src/config/surroundings.ts';
import { type RawOptions, resolveConfig, type Surroundings } from '../../src/config.ts';
import { RollbackError, RollbackErrors } from '../../src/core/errors.ts';
import { STEPS } from '../../src/steps/index.ts';

const steps = STEPS.map((step) => step.meta);
const place: RawOptions = { namespace: 'production', workloads: 'deployment/web' };
const complete: RawOptions = { ...place, tier: 'complete' };
const file = readFileSync(join(import.meta.dirname, '../fixtures/config/good/database.yml'), 'utf8');
const HASH = '0123456789abcdef'.repeat(4);

/** The address is given, by `database-url` unless told otherwise. */
const given: Surroundings = { ...NOTHING_AROUND, database: { byUrl: true, isGiven: true, names: [], faults: [] } };
const naming = (name: string, where = 'input database-url'): Surroundings => ({
  ...given,
  database: { ...given.database, names: [{ where, name }] },
});

const broken = new RollbackError('INPUT_INVALID', 'input database-url: broken', 'Correct it.');

function resolve(raw: RawOptions, text = '', around: Surroundings = given) {
  return resolveConfig(raw, text, 'rollback.yml', steps, around);
}

function faults(raw: RawOptions, text = '', around: Surroundings = given): string[] {
  try {
    resolve(raw, text, around);
  } catch (error) {
    if (error instanceof RollbackErrors) return error.errors.map(({ message, hint }) => `${message} | ${hint}`);
    throw error;
  }
  return [];
}

describe('the database', () => {
  it('is read whole from the file', () => {
    expect(resolve({ tier: 'complete' }, file).config).toMatchObject({
      tier: 'complete',
      timeoutMs: 900_000,
      database: {
        name: 'shop',
        backup: { path: '/backups/pre_change_*.sql.gz', sha256: HASH, maxAgeMs: 172_800_000 },
        checks: ['SELECT count(*) > 0 FROM users'],
        timestampColumn: 'updated_at',
        exportRows: 'given-up',
        migrations: {
          directory: 'database/migrations',
          tool: 'knex',
          status: 'npx knex migrate:status',
          rollback: 'npx knex migrate:down {to}',
          head: 'SELECT name FROM migrations ORDER BY id DESC LIMIT 1',
          timeoutMs: 90_000,
        },
        schemaCompatible: true,
        restartAfterSwap: false,
        fenceWriters: true,
        maxDataLoss: 0,
        allowUnsafeDump: true,
        safetyBackup: '/mnt/safety',
      },
      secrets: [
        { name: 'app-secrets', keys: { PDG_ACCESS_CODE: 'PDG_ACCESS_CODE', admin: 'ADMIN_ACCESS_CODE' } },
        { name: 'mail', keys: { password: 'SMTP_PASSWORD' } },
      ],
    });
  });

  it('needs no more than an address that names it', () => {
    expect(resolve(complete, '', naming('shop')).config.database).toEqual({
      name: 'shop',
      checks: [],
      schemaCompatible: false,
      restartAfterSwap: true,
      fenceWriters: false,
      allowUnsafeDump: false,
    });
  });

  it.each(['rapid', 'emergency'])('is no part of tier %s, and what is missing for it is no fault there', (tier) => {
    expect(resolve({ tier }, file, NOTHING_AROUND).config.database).toBeUndefined();
    const unusable = { ...given, database: { ...given.database, faults: [broken], isGiven: false } };
    expect(faults({ ...place, tier, 'backup-path': '/backups/a.sql' }, '', unusable)).toEqual([]);
  });

  it('is left alone when none of its steps is left', () => {
    const without = { 'skip-steps': 'backup-database restore-database rollback-migrations' };
    expect(resolve({ tier: 'complete', ...without }, file, NOTHING_AROUND).config.database).toBeUndefined();
    const only = { tier: 'complete', steps: 'undo-workloads, check-pods' };
    expect(resolve(only, file, NOTHING_AROUND).config.database).toBeUndefined();
  });

  it.each<[string, RawOptions, string]>([
    ['a backup', { 'backup-path': '/backups/a.sql' }, ''],
    ['a backup', { 'backup-command': 'cat a.sql' }, ''],
    ['a database', {}, 'database: { name: shop }\n'],
    ['a database', { 'safety-backup': '/mnt/safety' }, ''],
  ])('without an address is refused where %s is configured', (what, raw, text) => {
    expect(faults({ ...complete, ...raw }, text, NOTHING_AROUND)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^input database-url \\(or variable PGHOST\\): is missing, and ${what} is configured;.*secrets\\.DATABASE_URL.*PGHOST.*skip-steps`,
        ),
      ),
    ]);
  });

  it('reports what is wrong with its address together with everything else', () => {
    const wrong = { ...given.database, isGiven: false, faults: [broken] };
    expect(faults({ ...complete, 'max-parallel': '0' }, '', { ...given, database: wrong })).toEqual([
      expect.stringMatching(/^input max-parallel: /),
      'input database-url: broken | Correct it.',
    ]);
  });

  it('has one name', () => {
    expect(faults(complete, '', given)).toEqual([
      expect.stringMatching(/^database\.name: is missing.*end with \/NAME/),
    ]);
    expect(resolve(complete, 'database: { name: shop }\n', naming('shop')).config.database?.name).toBe('shop');
    expect(faults(complete, 'database: { name: shop }\n', naming('postgres'))).toEqual([
      expect.stringMatching(/^rollback\.yml:1:19: database\.name: saw "shop", and input database-url names "postgres"/),
    ]);
    expect(faults(complete, '', naming('x'.repeat(64), 'variable PGDATABASE'))).toEqual([
      expect.stringMatching(/^variable PGDATABASE: .*at most 63 bytes/),
    ]);
  });
});

describe('the backup', () => {
  const backupOf = (raw: RawOptions, text = '') => resolve({ ...complete, ...raw }, text, naming('shop'));

  it('that an input names replaces the one of the file, its command and its hash included', () => {
    const text = `backup-sha256: ${HASH}\ndatabase: { backup-command: cat a.sql }\n`;
    expect(backupOf({}, text).config.database?.backup).toEqual({ command: 'cat a.sql', sha256: HASH });
    expect(backupOf({ 'backup-path': '/b.sql' }, text).config.database?.backup).toEqual({ path: '/b.sql' });
    const both = { 'backup-path': '/b.sql', 'backup-sha256': HASH.toUpperCase() };
    expect(backupOf(both, text).config.database?.backup).toEqual({ path: '/b.sql', sha256: HASH });
  });

  it('stands in one place', () => {
    const both = { ...complete, 'backup-path': '/a.sql', 'backup-command': 'cat a.sql' };
    expect(faults(both, '', naming('shop'))).toEqual([
      expect.stringMatching(/^input backup-command: stands beside input backup-path; allowed: one of the two/),
    ]);
    expect(faults(complete, 'backup-path: a.sql\ndatabase: { backup: b.sql }\n', naming('shop'))).toHaveLength(1);
  });

  it('behind an address is shown without credentials and signature', () => {
    const url = 'https://me:p%40ss@backups.example/shop.sql?X-Amz-Credential=AKIAXX&X-Amz-Signature=abcdef&v=2';
    const { config, backupUrl, sensitive } = backupOf({ 'backup-path': url });
    expect(config.database?.backup).toEqual({ path: 'https://backups.example/shop.sql' });
    expect(backupUrl).toBe(url);
    expect(sensitive).toEqual(
      expect.arrayContaining(['p%40ss', 'p@ss', 'AKIAXX', 'abcdef', new URL(url).search.slice(1)]),
    );
    expect(backupOf({ 'backup-path': 'https://tokentoken@backups.example/x' }).sensitive).toContain('tokentoken');
    expect(backupOf({ 'backup-path': '/backups/a.sql' })).toMatchObject({ sensitive: [] });
  });

  it('comes by https, unless http is allowed by name', () => {
    const raw = { 'backup-path': 'http://me:hunter2@backups.example/shop.sql' };
    expect(faults({ ...complete, ...raw }, '', naming('shop'))).toEqual([
      expect.stringMatching(/^input backup-path: saw "http:\/\/backups\.example\/shop\.sql"; allowed: https/),
    ]);
    expect(backupOf({ ...raw, 'allow-insecure': 'http' }).backupUrl).toBe(raw['backup-path']);
  });

  it.each(['/backups/pre_change_*.sql', 'backups/{a,b}.dump', 'pod:web-0:/var/backups/shop.sql', 'C:\\backups\\a.sql'])(
    'may be %s',
    (path) => expect(backupOf({ 'backup-path': path }).config.database?.backup).toEqual({ path }),
  );

  it.each([
    's3://bucket/key',
    'file:///backups/a.sql',
    'https://',
    'pod:web',
    'pod:web:relative.sql',
    'pod:web:/backups/*.sql',
    'pod:web:/backups/../etc/passwd',
    'pod:Web_0:/a.sql',
  ])('may not be %s', (path) => {
    expect(faults({ ...complete, 'backup-path': path }, '', naming('shop'))).toEqual([
      expect.stringMatching(/^input backup-path: saw .*; allowed: /),
    ]);
  });

  it('may be some days old, and no older than ten years', () => {
    expect(backupOf({ 'backup-path': 'a', 'max-backup-age': '1.5d' }).config.database?.backup?.maxAgeMs).toBe(
      129_600_000,
    );
    expect(backupOf({ 'backup-path': 'a', 'max-backup-age': '1h30m' }).config.database?.backup?.maxAgeMs).toBe(
      5_400_000,
    );
    for (const age of ['0s', '1d2h', '4000d', '7', '500ms'])
      expect(faults({ ...complete, 'max-backup-age': age }, '', naming('shop'))).toHaveLength(1);
  });
});

describe('rows that may be given up', () => {
  const lossOf = (raw: RawOptions, isAutomatic: boolean, text = '') =>
    resolve({ ...complete, ...raw }, text, { ...naming('shop'), isAutomatic }).config.database?.maxDataLoss;

  it('have no limit in a run that was asked for, and are none in an automatic one', () => {
    expect(lossOf({}, false)).toBeUndefined();
    expect(lossOf({}, true)).toBe(0);
    expect(lossOf({ 'max-data-loss': '1000000' }, true)).toBe(1_000_000);
    expect(lossOf({}, true, 'max-data-loss: 5\n')).toBe(5);
    expect(lossOf({ 'max-data-loss': '0' }, false)).toBe(0);
  });

  it.each(['-1', '1.5', 'many', '1e3'])('are counted in whole numbers, not %s', (typed) => {
    expect(faults({ ...complete, 'max-data-loss': typed }, '', naming('shop'))).toHaveLength(1);
  });
});

describe('mode undo', () => {
  const undo: RawOptions = { ...place, mode: 'undo' };

  it('has the budget of the furthest tier that works on a database, whatever tier is typed', () => {
    expect(resolve({ ...undo, tier: 'urgence' }, '', NOTHING_AROUND).config).toMatchObject({
      mode: 'undo',
      timeoutMs: 900_000,
      to: { kind: 'auto' },
    });
    expect(resolve({ ...undo, timeout: '90s' }, '', NOTHING_AROUND).config.timeoutMs).toBe(90_000);
  });

  it('takes back the run that is named', () => {
    expect(resolve({ ...undo, run: '4711-1-0a1b2c' }, '', NOTHING_AROUND).config.undoRun).toBe('4711-1-0a1b2c');
    expect(resolve(undo, '', NOTHING_AROUND).config).not.toHaveProperty('undoRun');
    expect(faults({ ...place, run: '4711-1-0a1b2c' }, '', NOTHING_AROUND)).toEqual([
      'input run: saw "4711-1-0a1b2c", which only mode undo takes back | Add `mode: undo`, or take run out.',
    ]);
    expect(faults({ ...undo, run: '../x' }, '', NOTHING_AROUND)).toHaveLength(1);
  });

  it('does not take a target beside it; one in the file is for rollbacks', () => {
    expect(faults({ ...undo, to: 'deployment/web=revision:1' }, '', NOTHING_AROUND)).toEqual([
      expect.stringMatching(/^input to: stands beside mode undo/),
    ]);
    const text = 'to: deployment/web=revision:1\n';
    expect(resolve(undo, text, NOTHING_AROUND).config.to).toEqual({ kind: 'auto' });
    expect(faults(place, `mode: undo\n${text}`, NOTHING_AROUND)).toHaveLength(1);
  });

  it('knows the database where it is configured, and needs no address before it is known what is taken back', () => {
    expect(resolve({ mode: 'undo' }, file, NOTHING_AROUND).config.database).toMatchObject({ name: 'shop' });
    expect(resolve({ ...undo, 'max-data-loss': '3' }, '', naming('shop')).config.database).toMatchObject({
      name: 'shop',
      maxDataLoss: 3,
    });
    expect(resolve(undo, 'database: { backup: a.sql }\n', NOTHING_AROUND).config.database).toBeUndefined();
  });

  it('runs steps of every tier', () => {
    expect(faults({ ...undo, steps: 'restore-database' }, '', NOTHING_AROUND)).toEqual([]);
  });
});

describe('secrets', () => {
  const secrets = 'secrets: [{ name: app-secrets, keys: { PDG: PDG_ACCESS_CODE, ADMIN: ADMIN_ACCESS_CODE } }]\n';
  const only = (...set: string[]): Surroundings => ({ ...NOTHING_AROUND, hasValue: (name) => set.includes(name) });

  it('without a value are named with variable, Secret and key', () => {
    expect(faults(complete, secrets, only('PDG_ACCESS_CODE'))).toEqual([
      expect.stringMatching(
        /^variable ADMIN_ACCESS_CODE: is not set or empty; expected: the value for key ADMIN of Secret app-secrets \| Pass it by `env: \{ ADMIN_ACCESS_CODE: "\$\{\{ secrets\.ADMIN_ACCESS_CODE \}\}" \}`/,
      ),
    ]);
    expect(faults(complete, secrets, only())).toHaveLength(2);
    expect(faults({ ...complete, mode: 'plan' }, secrets, only())).toHaveLength(2);
  });

  it.each<RawOptions>([
    { ...place, tier: 'rapid' },
    { ...place, tier: 'emergency' },
    { ...place, mode: 'undo' },
    { ...complete, 'skip-steps': 'restore-secrets' },
    { ...complete, steps: 'undo-workloads' },
  ])('need none where they are not written: %j', (raw) => {
    expect(faults(raw, secrets, only())).toEqual([]);
  });
});
