import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Composed, compose } from '../../src/compose.ts';
import type { Report } from '../../src/core/report.ts';
import { type LoadedRun, loadRun, secretValues } from '../../src/inputs.ts';
import type { Log } from '../../src/ports/log.ts';
import { Redactor } from '../../src/report/redact.ts';
import { STEPS } from '../../src/steps/index.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import type { Postgres } from '../../testbed/postgres.ts';

/** No request is sent to this cluster. */
const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: there
clusters: [{ name: there, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: me, user: { token: token-of-the-test } }]
contexts: [{ name: there, context: { cluster: there, user: me } }]
`;
const silent: Log = { phase() {}, info() {}, warn() {}, debug() {} };
const CONFIG = `database: { backup: "dumps/*.sql" }
secrets: [{ name: app-secrets, keys: { PDG: PDG_ACCESS_CODE } }]
`;

let server: Postgres;
let folder: string;
let database: string;
const open: Composed[] = [];

beforeAll(async () => {
  server = await sharedPostgres();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'));
  database = await server.createDatabase({ sql: 'CREATE TABLE users (id int); INSERT INTO users VALUES (1), (2)' });
  await mkdir(join(folder, '.github'));
  await mkdir(join(folder, 'dumps'));
  await writeFile(join(folder, 'dumps/shop.sql'), await server.pgDump(database));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((composed) => composed.close()));
  await rm(folder, { recursive: true, force: true });
  await server.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`);
});

async function composed(inputs: Record<string, string>, variables: NodeJS.ProcessEnv = {}, file = CONFIG) {
  await writeFile(join(folder, '.github/rollback.yml'), file);
  const typed = Object.entries({
    namespace: 'production',
    workloads: 'deployment/web',
    tier: 'complete',
    kubeconfig: KUBECONFIG,
    ...inputs,
  }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const environment = { PATH: process.env['PATH'], GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder };
  const loaded = loadRun(
    { ...environment, PDG_ACCESS_CODE: 'open sesame', ...Object.fromEntries(typed), ...variables },
    STEPS.map((step) => step.meta),
  );
  if (loaded.request.kind === 'refused') throw loaded.request.errors;
  const secrets = new Redactor();
  secrets.add(secretValues(loaded.secrets));
  const keeper = {
    found: (secret: string) => secrets.add([secret]),
    redact: (text: string) => secrets.redact(text),
    redactReport: (report: Report) => secrets.redactReport(report),
  };
  const ready = loaded as LoadedRun & { readonly request: { readonly kind: 'ready' } };
  const result = await compose(ready, silent, new AbortController().signal, keeper);
  open.push(result);
  return result.parts;
}

describe('a run', () => {
  it('has database, backup, commands and values as they were typed', async () => {
    const parts = await composed({ 'database-url': server.url(database, 'owner') });
    expect(parts.database?.reader).toMatchObject({
      name: database,
      host: server.host,
      port: server.port,
      user: 'owner',
    });
    expect(await parts.database?.reader.queryValue(database, 'SELECT count(*) FROM users', { timeoutMs: 5000 })).toBe(
      '2',
    );
    expect(await parts.backup?.find()).toMatchObject([{ name: 'dumps/shop.sql', format: 'plain' }]);
    expect(parts.safetyDump).toBeUndefined();
    expect([parts.values.get('PDG_ACCESS_CODE'), parts.values.get('PATH')]).toEqual(['open sesame', undefined]);
  });

  it('gives commands the database and takes secrets out of what they say', async () => {
    const { commands } = await composed(
      { 'database-url': server.url(database, 'owner'), 'secret-values': 'PDG_ACCESS_CODE=another word' },
      { MARK: 'kept' },
    );
    const options = { timeoutMs: 20_000, signal: new AbortController().signal, withDatabase: true };
    const { exitCode, lines } = await commands.run(
      'echo "$MARK $PGDATABASE [$(printenv INPUT_KUBECONFIG PDG_ACCESS_CODE)] $PGPASSWORD $DATABASE_URL another word"',
      options,
    );
    expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: [`kept ${database} [] *** *** ***`] });
    const count = `"${server.tool('psql')}" -XAtc 'SELECT count(*) FROM users'`;
    for (const command of [`${count} "$DATABASE_URL"`, count])
      expect(await commands.run(command, options)).toMatchObject({ exitCode: 0, lines: ['2'] });
  });

  it('gives commands the database also where no step touches it', async () => {
    const rapid = { tier: 'rapid', 'database-url': server.url(database, 'owner') };
    const parts = await composed(rapid, { PGDATABASE: database });
    expect([parts.database, parts.backup]).toEqual([undefined, undefined]);
    const options = { timeoutMs: 20_000, signal: new AbortController().signal, withDatabase: true };
    const count = `"${server.tool('psql')}" -XAtc 'SELECT count(*) FROM users' "$DATABASE_URL"`;
    expect(await parts.commands.look(count, options)).toMatchObject({ exitCode: 0, lines: ['2'] });
    // The Service cannot be reached: what needs no database goes on without.
    const away = await composed({ tier: 'rapid' }, { PGHOST: 'service/db', PGUSER: 'app', PGDATABASE: database });
    const seen = await away.commands.look('printenv DATABASE_URL || echo none', options);
    expect(seen).toMatchObject({ exitCode: 0, lines: ['none'] });
  });

  it('takes a safety dump only where a folder is named, and a backup from a command', async () => {
    const parts = await composed({
      'database-url': server.url(database, 'owner'),
      'safety-backup': 'safety',
      'backup-command': 'cat "$GITHUB_WORKSPACE/dumps/shop.sql"',
    });
    expect(parts.safetyDump).toBeDefined();
    expect(await parts.backup?.find()).toMatchObject([{ name: 'the output of backup-command', format: 'plain' }]);
  });

  it('reaches a database in the cluster, and so do its commands', async () => {
    const cluster = await sharedCluster();
    const namespace = await cluster.namespace('compose');
    const labels = { app: 'db' };
    await cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'db', namespace, labels, annotations: { 'testbed/serve': `5432=127.0.0.1:${server.port}` } },
        spec: { containers: [{ name: 'postgres', image: 'postgres:18', ports: [{ containerPort: 5432 }] }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'db', namespace },
        spec: { selector: labels, ports: [{ port: 5432 }] },
      },
    ]);
    const isReady = async () => {
      const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/pods/db`);
      const conditions: { type: string; status: string }[] = body.status.conditions ?? [];
      return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    };
    await waitFor('the pod to be Ready', isReady, { timeoutMs: 30_000 });
    const url = server.url(database, 'owner').replace(`${server.host}:${server.port}`, 'service/db:5432');
    const parts = await composed({ 'database-url': url, kubeconfig: cluster.kubeconfig, namespace });
    expect(parts.database?.reader).toMatchObject({ host: 'service/db', port: 5432 });
    expect(await parts.database?.reader.queryValue(database, 'SELECT count(*) FROM users', { timeoutMs: 5000 })).toBe(
      '2',
    );
    const options = { timeoutMs: 20_000, signal: new AbortController().signal, withDatabase: true };
    const command = `"${server.tool('psql')}" -XAtc 'SELECT count(*) FROM users' "$DATABASE_URL"`;
    expect(await parts.commands.run(command, options)).toMatchObject({ exitCode: 0, lines: ['2'] });
  });

  it.each([{ tier: 'rapid' }, { mode: 'undo' }])('of %j without an address has no database', async (inputs) => {
    const parts = await composed(inputs);
    expect(parts).not.toHaveProperty('database');
    expect(parts).not.toHaveProperty('backup');
    expect(parts).not.toHaveProperty('safetyDump');
  });
});
