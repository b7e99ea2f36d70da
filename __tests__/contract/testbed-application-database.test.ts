import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backup } from '../../testbed/application/backups.ts';
import { ApplicationDatabase } from '../../testbed/application/database.ts';
import { writeProject } from '../../testbed/application/project.ts';
import { Writers } from '../../testbed/application/writers.ts';
import { type Application, startApplication } from '../../testbed/application.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';

let cluster: Cluster;
let server: Postgres;
let database: ApplicationDatabase;
let application: Application;
let folder: string;
const NAME = '224solutions contract';

beforeAll(async () => {
  [cluster, server] = await Promise.all([sharedCluster(), sharedPostgres()]);
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-application-'));
  database = await ApplicationDatabase.create(server, { name: NAME });
  application = await startApplication(cluster, {
    namespace: await cluster.namespace('application'),
    database,
    databaseInCluster: true,
  });
  await application.deploy({ tag: 'v1' });
  await application.settled();
});
afterAll(async () => {
  await application?.stop();
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

const answers = () =>
  Promise.all(application.healthUrls.map(async (url) => (await fetch(url, { keepalive: false })).status));
const secret = async (key: string) => {
  const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${application.namespace}/secrets/app-secrets`);
  return Buffer.from(body.data[key], 'base64').toString();
};
const sessions = () =>
  server.query<{ pid: number }>(
    'postgres',
    `SELECT pid FROM pg_stat_activity WHERE datname = '${NAME}' AND application_name = '224solutions-backend'`,
  );

describe('the demo application on a database', () => {
  it('works as a role that may create databases and is no superuser, and shows its sessions', async () => {
    const [role] = await server.query(
      'postgres',
      `SELECT rolsuper, rolcreatedb FROM pg_roles WHERE oid = (SELECT datdba FROM pg_database WHERE datname = '${NAME}')`,
    );
    expect(role).toEqual({ rolsuper: false, rolcreatedb: true });
    expect((await sessions()).length).toBeGreaterThan(0);
    expect(await answers()).toEqual([200, 200, 200]);
  });

  it('connects again when its sessions are ended', async () => {
    const before = await sessions();
    await server.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${NAME}' AND application_name = '224solutions-backend'`,
    );
    await waitFor('green', async () => (await answers()).every((status) => status === 200), { timeoutMs: 10_000 });
    const pids = before.map(({ pid }) => pid);
    expect((await sessions()).some(({ pid }) => pids.includes(pid))).toBe(false);
  });

  it('is reached through the cluster as service/postgres:5432', async () => {
    await waitFor(
      'the endpoint of service/postgres',
      async () => {
        const path = `/api/v1/namespaces/${application.namespace}/endpoints/postgres`;
        const { status, body } = await cluster.api.send('GET', path);
        return status === 200 && body.subsets?.[0]?.addresses?.length === 1;
      },
      { timeoutMs: 20_000 },
    );
  });

  it('turns red, in all three addresses, with a bad release whose migration breaks it, and overwrites two codes', async () => {
    const path = await backup(database, folder);
    expect(await readFile(path, 'utf8')).toContain('PostgreSQL database dump complete');
    expect((await stat(path)).mtimeMs).toBeLessThan(Date.now() - 60_000);
    await application.deploy({ tag: 'v2', frontend: 'unhealthy', backend: 'v2-crash' });
    await waitFor('red', async () => (await answers()).every((status) => status === 503), { timeoutMs: 30_000 });
    const [rows] = await database.query(
      `SELECT count(*)::int AS all, count(*) FILTER (WHERE name = 'BROKEN')::int AS broken FROM users`,
    );
    expect(rows).toEqual({ all: 900, broken: 900 });
    expect([await secret('PDG_ACCESS_CODE'), await secret('SESSION_KEY')]).toEqual(['wrong-pdg', 'demo-session']);
  });

  it('has migration commands that really look and really take one back, without the rows', async () => {
    const workspace = join(folder, 'workspace');
    await writeProject(workspace, { config: 'namespace: production\n' });
    const npm = async (script: string) =>
      (
        await promisify(execFile)('npm', ['run', '--silent', script], {
          cwd: workspace,
          env: { ...process.env, DATABASE_URL: database.url },
        })
      ).stdout;
    expect(await npm('db:migrate:status')).toMatch(/_create_users\n(.*\n)*.*_v2_merge_names\n$/);
    expect(await npm('db:migrate:rollback')).toMatch(/^down {2}\d+_v2_merge_names\n$/);
    expect(await npm('db:migrate:status')).not.toContain('v2');
    expect(await database.reasonAgainst('v1', '/api/auth/status')).toBeUndefined();
    expect((await database.query(`SELECT name FROM users WHERE name <> 'BROKEN'`)).length).toBe(0);
  });

  it('has writers that go on when their sessions end, and know what was confirmed', async () => {
    const writers = new Writers(server, NAME, 2, 'INSERT INTO log (line) VALUES ($1)');
    await waitFor('writes', () => writers.acknowledged.size > 20, { timeoutMs: 10_000 });
    await server.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${NAME}' AND usename = 'owner'`,
    );
    const seen = writers.acknowledged.size;
    await waitFor('more writes', () => writers.acknowledged.size > seen + 20, { timeoutMs: 10_000 });
    await writers.stop();
    const there = new Set((await database.query<{ line: string }>('SELECT line FROM log')).map(({ line }) => line));
    expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([]);
  });
});
