import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../../src/core/errors.ts';
import { type DatabaseOptions, DatabaseScene } from './database-scene.ts';

let scene: DatabaseScene;
let good: string;
beforeAll(async () => {
  scene = await DatabaseScene.broken('refusals');
  good = join(scene.backups, (await readdir(scene.backups))[0] as string);
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

let counter = 0;
/** A folder of its own with these files, each with its age in minutes; the pattern that finds them. */
async function backups(files: Readonly<Record<string, { content?: string | Buffer; minutes: number }>>) {
  const folder = join(scene.folder, `case-${++counter}`);
  await mkdir(folder);
  for (const [name, { content, minutes }] of Object.entries(files)) {
    const path = join(folder, name);
    if (content === undefined) await copyFile(good, path);
    else await writeFile(path, content);
    const at = new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000);
    await utimes(path, at, at);
  }
  return { database: { backup: { path: join(folder, '*.sql') } } };
}

/** Refused with this code, and nothing at all was touched: no request that changes, no database, no structure. */
async function expectRefused(options: DatabaseOptions, code: ErrorCode, message: RegExp, hint: RegExp): Promise<void> {
  const [oids, mark] = [await scene.oids(), await scene.mark()];
  const report = await scene.rollback(options);
  expect(report.failures.map((failure) => failure.code)).toEqual([code]);
  expect(report.outcome).toBe('refused');
  expect(report.failures[0]?.message).toMatch(message);
  expect(report.failures[0]?.hint).toMatch(hint);
  expect(await scene.changesSince(mark)).toEqual({ cluster: [], server: [] });
  expect(await scene.oids()).toEqual(oids);
}

describe('the complete tier refuses before anything is touched', () => {
  it('a backup that is not there', async () => {
    const options = await backups({});
    await expectRefused(options, 'BACKUP_NOT_FOUND', /\*\.sql/, /backup/);
  });

  it('D9: a backup that ends too early', async () => {
    const text = await readFile(good, 'utf8');
    const options = await backups({ 'a.sql': { content: text.slice(0, text.length / 2), minutes: 5 } });
    await expectRefused(options, 'DUMP_TRUNCATED', /a\.sql/, /./);
  });

  it('a damaged backup beside an older one: that one is named, not taken, and the database contact is the one to call', async () => {
    const options = await backups({ 'a.sql': { content: 'no dump\n', minutes: 5 }, 'b.sql': { minutes: 20 } });
    const report = await scene.rollback(options);
    expect(report.failures[0]?.code).toMatch(/^DUMP_/);
    expect(report.failures[0]?.hint).toMatch(/The next newest: backup-path: \S+\/b\.sql$/);
    expect(report.troubleshooting).toContainEqual(
      expect.objectContaining({ problem: 'database', contact: 'database', subject: 'restore-database' }),
    );
  });

  it('a backup that is damaged, by its hash', async () => {
    const text = await readFile(good, 'utf8');
    const options = await backups({
      'a.sql': { content: text.replace('User 17\t', 'User 71\t'), minutes: 5 },
      'a.sql.sha256': {
        content: `${createHash('sha256').update(text).digest('hex')}  a.sql\n`,
        minutes: 5,
      },
    });
    await expectRefused(options, 'BACKUP_CHANGED', /a\.sql/, /./);
  });

  it('a backup that was made after the bad release', async () => {
    const options = await backups({ 'a.sql': { minutes: -1 } });
    await expectRefused(options, 'BACKUP_TOO_NEW', /bad release/, /backup-path/);
  });

  it('D30: two backups that are equally new', async () => {
    const options = await backups({ 'a.sql': { minutes: 5 }, 'b.sql': { minutes: 5 } });
    await expectRefused(options, 'BACKUP_AMBIGUOUS', /a\.sql.*b\.sql|b\.sql.*a\.sql/, /backup-path/);
  });

  it('D29: a backup that is older than allowed', async () => {
    const { database } = await backups({ 'a.sql': { minutes: 90 } });
    const backup = { ...database.backup, maxAgeMs: 60 * 60_000 };
    await expectRefused({ database: { backup } }, 'BACKUP_TOO_OLD', /1\.5 h old/, /max-backup-age/);
  });

  it('D25: a backup that needs a role which is not there', async () => {
    const role = `gone_${randomBytes(3).toString('hex')}`;
    const text = (await readFile(good, 'utf8')).replace(
      /^ALTER TABLE public\.log OWNER TO owner;$/m,
      `ALTER TABLE public.log OWNER TO ${role};`,
    );
    expect(text).toContain(role);
    const options = await backups({ 'a.sql': { content: text, minutes: 5 } });
    await expectRefused(options, 'DATABASE_ERROR', new RegExp(role), new RegExp(`CREATE ROLE "${role}"`));
  });

  it('D37: a prepared transaction, by its name', async () => {
    const client = await scene.server.client(scene.database.name, 'owner');
    const name = `open-${scene.database.name}`;
    await client.query(`BEGIN; INSERT INTO log (line) VALUES ('prepared'); PREPARE TRANSACTION '${name}'`);
    await client.end();
    try {
      await expectRefused({}, 'DATABASE_BUSY', new RegExp(name), /PREPARED/);
    } finally {
      await scene.server.query(scene.database.name, `ROLLBACK PREPARED '${name}'`);
    }
  });

  it('D33, D35: a session of a superuser', async () => {
    const superuser = await scene.server.client(scene.database.name, 'postgres');
    try {
      await superuser.query('SELECT 1');
      await expectRefused({}, 'DATABASE_BUSY', /superuser|user "postgres"/, /./);
    } finally {
      await superuser.end();
    }
  });

  it('more rows given up than allowed, with the table and the input to set', async () => {
    await expectRefused(
      { database: { maxDataLoss: 10 } },
      'PRICE_TOO_HIGH',
      /log.*550 now, 500 after/,
      /max-data-loss: /,
    );
  });

  it('D40: a user who is neither owner nor may create databases, with the grants to give', async () => {
    const databaseUrl = scene.server.url(scene.database.name, 'app');
    const report = await scene.rollback({ databaseUrl });
    expect(report.outcome).toBe('refused');
    expect(report.failures.map(({ hint }) => hint).join('\n')).toMatch(/GRANT|ALTER (DATABASE|ROLE)/);
  });

  it('but plans, and says the price, without touching anything', async () => {
    const [oids, mark] = [await scene.oids(), await scene.mark()];
    const report = await scene.rollback({ mode: 'plan' });
    expect([report.outcome, report.failures]).toEqual(['planned', []]);
    expect(report.database?.backup).toMatchObject({ name: good, why: 'only-one' });
    expect(report.database?.price?.rowsGivenUp).toBeGreaterThanOrEqual(50);
    expect(await scene.changesSince(mark)).toEqual({ cluster: [], server: [] });
    expect(await scene.oids()).toEqual(oids);
  });
});
