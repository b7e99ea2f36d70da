import pg from 'pg';
import type { Postgres } from '../postgres.ts';
import { badMigration, DATA, GOOD_MIGRATIONS, migrateUp } from './migrations.ts';

const QUERY_TIMEOUT_MS = 2000;

export interface ApplicationDatabaseOptions {
  /** `224solutions` unless told: a name that must be quoted. */
  readonly name?: string;
  /** Sessions of the backend's pool; 4 unless told. */
  readonly connections?: number;
  /** Releases that come with a migration that breaks what is there; `v2` unless told. */
  readonly badReleases?: readonly string[];
}

/**
 * The application's database on a real server: made by its migrations, filled, and used by the backend through a pool that connects again
 * whenever it loses a session. The owner may create databases and is no superuser, as the role of a managed server.
 */
export class ApplicationDatabase implements AsyncDisposable {
  readonly server: Postgres;
  readonly name: string;
  readonly #pool: pg.Pool;
  readonly #badReleases: readonly string[];

  private constructor(server: Postgres, name: string, pool: pg.Pool, badReleases: readonly string[]) {
    this.server = server;
    this.name = name;
    this.#pool = pool;
    this.#badReleases = badReleases;
  }

  /** Creates the database with the schema of v1 and its data. Its sessions show as `224solutions-backend` in pg_stat_activity. */
  static async create(
    server: Postgres,
    { name = '224solutions', connections = 4, badReleases = ['v2'] }: ApplicationDatabaseOptions = {},
  ): Promise<ApplicationDatabase> {
    await server.createDatabase({ name });
    const pool = new pg.Pool({
      connectionString: server.url(name, 'owner'),
      application_name: '224solutions-backend',
      max: connections,
      min: connections,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    // An idle session that is ended from outside leaves the pool; the next question opens another.
    pool.on('error', () => {});
    const database = new ApplicationDatabase(server, name, pool, badReleases);
    await database.#asOwner((client) => migrateUp(client, GOOD_MIGRATIONS));
    await database.#asOwner((client) => client.query(DATA));
    await Promise.all(Array.from({ length: connections }, () => pool.query('SELECT pg_sleep(0.01)')));
    return database;
  }

  /** As the action is told: `postgresql://owner:...@127.0.0.1:PORT/224solutions`. */
  get url(): string {
    return this.server.url(this.name, 'owner');
  }

  isBad(release: string): boolean {
    return this.#badReleases.includes(release);
  }

  /** What a deploy of the release does first: the migrations of the application, with the bad one where the release is bad. */
  async migrate(release: string): Promise<void> {
    const migrations = this.isBad(release) ? [...GOOD_MIGRATIONS, badMigration(release)] : GOOD_MIGRATIONS;
    await this.#asOwner((client) => migrateUp(client, migrations));
  }

  /** Asks the database what the release asks it. @returns why it cannot work, or undefined */
  async reasonAgainst(release: string, path: string): Promise<string | undefined> {
    const column = this.isBad(release) ? 'email_address' : 'email';
    const sql = path.endsWith('/auth/status')
      ? `SELECT ${column} FROM users WHERE id = 1`
      : `SELECT count(${column}) FROM users`;
    try {
      await this.#pool.query(sql);
      return undefined;
    } catch (error) {
      return `release ${release}: ${(error as Error).message}`;
    }
  }

  /** What customers do meanwhile: so many orders and as many lines of the log, all acknowledged. */
  async write(count: number, word = 'later'): Promise<void> {
    await this.#asOwner((client) =>
      client.query(`INSERT INTO orders (user_id, amount, note) SELECT 1 + i % 500, 5, '${word} ' || i FROM generate_series(1, ${count}) i;
        INSERT INTO log (line) SELECT '${word} ' || i FROM generate_series(1, ${count}) i`),
    );
  }

  /** Rows of the live database, as the superuser. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any shape
  query<Row = any>(sql: string): Promise<Row[]> {
    return this.server.query<Row>(this.name, sql);
  }

  /** May be called twice. The database stays. */
  async stop(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.server.client(this.name, 'owner');
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
