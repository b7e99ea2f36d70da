import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, DatabaseConfig, HealthCheck } from '../../src/core/config.ts';
import type { Report } from '../../src/core/report.ts';
import { backup } from '../../testbed/application/backups.ts';
import { ApplicationDatabase } from '../../testbed/application/database.ts';
import { GOOD_CODES } from '../../testbed/application/manifests.ts';
import { writeProject } from '../../testbed/application/project.ts';
import { type Application, BACKEND, FRONTEND, type Release, startApplication } from '../../testbed/application.ts';
import { sharedPostgres } from '../../testbed/postgres/shared.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

export const GROUP = [deployment(FRONTEND), deployment(BACKEND)];

/** Content of one database that tells the good state from the broken one. */
export interface Contents {
  readonly users: number;
  readonly broken: number;
  readonly orders: number;
  readonly log: number;
  /** Newest migration. */
  readonly head: string;
  readonly emailColumn: string;
}

export interface DatabaseOptions extends Omit<RollbackOptions, 'database'> {
  /** On top of the scene's own. */
  readonly database?: Partial<DatabaseConfig>;
}

/** The demo's application with its live database, a folder of backups, and the engine's tier `complete` run on all of it. */
export class DatabaseScene implements AsyncDisposable {
  readonly scene: Scene;
  readonly application: Application;
  readonly database: ApplicationDatabase;
  /** Holds `backups/` and `workspace/`. */
  readonly folder: string;

  private constructor(scene: Scene, application: Application, database: ApplicationDatabase, folder: string) {
    this.scene = scene;
    this.application = application;
    this.database = database;
    this.folder = folder;
  }

  /** Nothing is deployed yet, and there is no backup; see `broken` for the usual case. */
  static async create(
    name: string,
    { inCluster = false, badReleases }: { inCluster?: boolean; badReleases?: readonly string[] } = {},
  ): Promise<DatabaseScene> {
    const [scene, server] = await Promise.all([Scene.create(name), sharedPostgres()]);
    const database = await ApplicationDatabase.create(server, {
      name: `224solutions-${randomBytes(3).toString('hex')}`,
      ...(badReleases ? { badReleases } : {}),
    });
    const application = await startApplication(scene.cluster, {
      namespace: scene.namespace,
      database,
      databaseInCluster: inCluster,
    });
    const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-database-'));
    await writeProject(join(folder, 'workspace'), { config: '' });
    return new DatabaseScene(scene, application, database, folder);
  }

  /** v1 served, a backup was made, customers went on, and v2 came with its migration: the case of the checklist. */
  static async broken(name: string, options: Parameters<typeof DatabaseScene.create>[1] = {}): Promise<DatabaseScene> {
    const scene = await DatabaseScene.create(name, options);
    await scene.deployGood('v1');
    await scene.backup();
    await scene.database.write(50);
    await scene.deployBad('v2');
    return scene;
  }

  get server() {
    return this.database.server;
  }

  get backups(): string {
    return join(this.folder, 'backups');
  }

  async deployGood(tag: string): Promise<void> {
    await this.application.deploy({ tag });
    await this.application.settled();
  }

  /** Returns once it is applied; its rollout never ends. */
  async deployBad(tag: string, ailments: Omit<Release, 'tag'> = { frontend: 'unhealthy', backend: 'v2-crash' }) {
    await this.application.deploy({ tag, ...ailments });
  }

  backup(options?: Parameters<typeof backup>[2]): Promise<string> {
    return backup(this.database, this.backups, options);
  }

  /** Of the tier `complete`, with the database, its backups and the Secret, as the example's config file has it. */
  options({ database, ...more }: DatabaseOptions = {}): RollbackOptions & Pick<Config, 'database'> {
    return {
      tier: 'complete',
      health: this.application.healthUrls.map(health),
      database: {
        name: this.database.name,
        backup: { path: join(this.backups, 'pre_change_*.sql') },
        checks: ['SELECT count(*) > 0 FROM users'],
        migrations: {
          directory: 'database/migrations',
          head: 'SELECT name FROM migrations ORDER BY id DESC LIMIT 1',
          timeoutMs: 30_000,
        },
        schemaCompatible: false,
        restartAfterSwap: true,
        fenceWriters: false,
        allowUnsafeDump: false,
        ...database,
      },
      secrets: [{ name: 'app-secrets', keys: { PDG_ACCESS_CODE: 'PDG', ADMIN_ACCESS_CODE: 'ADMIN' } }],
      values: { PDG: GOOD_CODES.PDG_ACCESS_CODE, ADMIN: GOOD_CODES.ADMIN_ACCESS_CODE },
      databaseUrl: this.database.url,
      programs: this.server.connection.bin,
      workspace: join(this.folder, 'workspace'),
      ...more,
    };
  }

  rollback(options: DatabaseOptions = {}): Promise<Report> {
    return this.scene.rollback(GROUP, this.options(options));
  }

  async contents(name = this.database.name): Promise<Contents> {
    const [row] = await this.server.query(
      name,
      `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM users WHERE name = 'BROKEN') AS broken,
         (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM log) AS log,
         (SELECT name FROM migrations ORDER BY id DESC LIMIT 1) AS head,
         (SELECT attname::text FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum = 2) AS "emailColumn"`,
    );
    return row;
  }

  /** What pg_dump prints of a database, without the token that differs each time. */
  async dump(name = this.database.name): Promise<string> {
    return withoutToken(await this.server.pgDump(name));
  }

  /** Every database of this scene: the live one, and whatever restores left beside it, by OID. */
  async oids(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.server.query<{ name: string; oid: number }>(
      'postgres',
      'SELECT datname::text AS name, oid::int AS oid FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname',
      [this.database.name],
    );
    return Object.fromEntries(rows.map(({ name, oid }) => [name, oid]));
  }

  /** Opens a database that is closed to connections (the kept one), to look at it. */
  async look<T>(name: string, work: () => Promise<T>): Promise<T> {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await this.server.query('postgres', `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS true`);
    try {
      return await work();
    } finally {
      await this.server.query('postgres', `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`);
    }
  }

  /** A position for `changesSince`, of the cluster and of the server. */
  async mark(): Promise<Mark> {
    return { cluster: await this.scene.cluster.auditMark(), server: (await this.#serverLog()).length };
  }

  /** What was changed: requests to the cluster by the engine (without its own ledger and lock), and DDL on this scene's databases by anyone. */
  async changesSince({ cluster, server }: Mark): Promise<{ readonly cluster: string[]; readonly server: string[] }> {
    const events = await this.scene.changesSince(cluster);
    const lines = (await this.#serverLog()).slice(server).split('\n');
    return {
      cluster: events.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}/${objectRef?.name}`),
      server: lines.filter(
        (line) => line.includes(this.database.name) && /LOG: {2}(statement|execute [^:]*): /.test(line),
      ),
    };
  }

  /** The values of the Secret `app-secrets`. */
  async secret(): Promise<Record<string, string>> {
    const { body } = await this.scene.cluster.api.call(
      'GET',
      `/api/v1/namespaces/${this.scene.namespace}/secrets/app-secrets`,
    );
    return Object.fromEntries(
      Object.entries(body.data as Record<string, string>).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  }

  async images(): Promise<(string | undefined)[]> {
    const images = await Promise.all(GROUP.map(({ name }) => this.scene.image(name)));
    return images.map((image) => image?.split(':').at(-1));
  }

  /** Status of each health address, now. */
  answers(): Promise<number[]> {
    return Promise.all(this.application.healthUrls.map(async (url) => (await fetch(url)).status));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.application.stop();
    await this.database.stop();
    await rm(this.folder, { recursive: true, force: true });
    for (const name of Object.keys(await this.oids()))
      await this.server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`);
  }

  async #serverLog(): Promise<string> {
    const file = await open(join(this.server.folder, 'postgres.log'));
    try {
      return (await file.readFile()).toString('latin1');
    } finally {
      await file.close();
    }
  }
}

export interface Mark {
  readonly cluster: number;
  readonly server: number;
}

export const withoutToken = (dump: string): string => dump.replace(/^\\(un)?restrict .*$/gm, '');

const health = (url: string): HealthCheck => ({
  name: url,
  at: { kind: 'url', url },
  status: { from: 200, to: 299 },
  timeoutMs: 2000,
  successes: 2,
});
