import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DatabaseScene } from './database-scene.ts';

describe('a database that only the cluster reaches', () => {
  it('is restored as service/postgres:5432 through a port-forward, after a dump and with the rows given up in files', async () => {
    await using scene = await DatabaseScene.broken('in-cluster', { inCluster: true });
    const ready = ['rollout', 'status', 'statefulset/postgres', '--timeout=60s'];
    expect((await scene.scene.kubectl(...ready)).code).toBe(0);
    const { host, port } = scene.server;
    const databaseUrl = scene.database.url.replace(`@${host}:${port}/`, '@service/postgres:5432/');
    expect(databaseUrl).toContain('@service/postgres:5432/');
    const exportRows = join(scene.folder, 'rows');

    const report = await scene.rollback({
      databaseUrl,
      // The dump is made by a program, whose folder must be there; the rows' folder is made.
      database: { safetyBackup: scene.folder, exportRows },
    });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0, emailColumn: 'email' });
    expect(report.database?.server).toBe('service/postgres:5432');

    // The dump holds what was live before: the damage, and the rows since the backup.
    const path = report.database?.safetyBackup?.path ?? '';
    const listed = await scene.server.run('pg_restore', ['-f', '-', path]);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain('email_address');
    expect(listed.stdout).toContain('later 50');

    const files = await readdir(exportRows);
    expect(files).toEqual(expect.arrayContaining(['public.log.csv', 'public.orders.csv', 'public.users.csv']));
    const log = await readFile(join(exportRows, 'public.log.csv'), 'utf8');
    expect(log.trim().split('\n')).toHaveLength(1 + 50);
  });
});
