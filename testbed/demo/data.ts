import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { backup } from '../application/backups.ts';
import { ApplicationDatabase } from '../application/database.ts';
import { GOOD_CODES } from '../application/manifests.ts';
import { GOOD_MIGRATIONS, USERS } from '../application/migrations.ts';
import type { Cluster } from '../cluster.ts';
import { type OwnPostgres, startPostgres } from '../postgres.ts';

const DAY = 24 * 60 * 60_000;

/** What the database and the Secret hold, as the demo shows it. */
export interface Data {
  readonly users: number;
  readonly broken: number;
  readonly orders: number;
  /** Newest migration. */
  readonly head: string;
  readonly codes: Readonly<Record<string, string>>;
}

/** The application's data in the demo of the complete tier: a server of its own, the database `224solutions`, and backups of it. */
export class DemoData implements AsyncDisposable {
  readonly database: ApplicationDatabase;
  readonly backups: string;
  readonly #server: OwnPostgres;

  private constructor(server: OwnPostgres, database: ApplicationDatabase, folder: string) {
    this.#server = server;
    this.database = database;
    this.backups = join(folder, 'backups');
  }

  static async start(folder: string): Promise<DemoData> {
    const server = await startPostgres();
    try {
      return new DemoData(server, await ApplicationDatabase.create(server), folder);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async version(): Promise<string> {
    const [row] = await this.#server.query<{ server_version: string }>('postgres', 'SHOW server_version');
    return `PostgreSQL ${row?.server_version} (127.0.0.1:${this.#server.port})`;
  }

  /** One of yesterday, then a day of orders, then one just before the change. */
  async backUpBefore(): Promise<void> {
    await backup(this.database, this.backups, { agoMs: DAY });
    await this.database.write(100, 'today');
    await backup(this.database, this.backups);
  }

  /** Customers go on for a while; then somebody who saw the damage makes one more backup: of the damage. */
  async backUpAfter(): Promise<void> {
    await this.database.write(20, 'after the change');
    await backup(this.database, this.backups, { agoMs: 0 });
  }

  async backupNames(): Promise<string[]> {
    return (await readdir(this.backups)).sort();
  }

  async state(cluster: Cluster, namespace: string): Promise<Data> {
    const [row] = await this.database.query<Omit<Data, 'codes'>>(
      `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM users WHERE name = 'BROKEN') AS broken,
         (SELECT count(*)::int FROM orders) AS orders, (SELECT name FROM migrations ORDER BY id DESC LIMIT 1) AS head`,
    );
    const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/secrets/app-secrets`);
    const codes = Object.keys(GOOD_CODES).map((key) => [key, Buffer.from(body.data[key], 'base64').toString()]);
    return { ...(row as Omit<Data, 'codes'>), codes: Object.fromEntries(codes) };
  }

  /** Databases of the server but its own, as psql lists them. */
  async databases(): Promise<string[]> {
    const rows = await this.#server.query<{ name: string }>(
      'postgres',
      `SELECT datname::text AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname`,
    );
    return rows.map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.stop();
    await this.#server.stop();
  }
}

/** Whether that is what was there before the bad release. */
export function isGood({ users, broken, head, codes }: Data): boolean {
  const rightCodes = Object.entries(GOOD_CODES).every(([key, value]) => codes[key] === value);
  return users === USERS && broken === 0 && head === GOOD_MIGRATIONS.at(-1)?.name && rightCodes;
}
