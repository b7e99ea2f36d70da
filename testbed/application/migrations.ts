/** One migration of the application, as its files in `database/migrations/` hold them. */
export interface Migration {
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

export const USERS = 1000;
export const LOG_LINES = 500;

/** The schema that v1 and every good release after it know. */
export const GOOD_MIGRATIONS: readonly Migration[] = [
  {
    name: '20260901080000_create_users',
    up: `CREATE TABLE users (
  id serial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
)`,
    down: 'DROP TABLE users',
  },
  {
    name: '20260915080000_create_orders',
    up: `CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  amount numeric(12, 2) NOT NULL CHECK (amount > 0),
  note text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_by_user ON orders (user_id);
CREATE VIEW spenders AS SELECT u.name, sum(o.amount) AS spent FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.name`,
    down: 'DROP VIEW spenders; DROP TABLE orders',
  },
  {
    // No key at all: what a second restore into the same database doubles without an error.
    name: '20261001080000_create_log',
    up: 'CREATE TABLE log (line text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
    down: 'DROP TABLE log',
  },
];

/** What the application holds before anything goes wrong. */
export const DATA = `
INSERT INTO users (email, name, created_at)
  SELECT 'user' || i || '@224solutions.example', 'User ' || i, '2026-09-01 08:00Z'::timestamptz + i * interval '1 hour' FROM generate_series(1, ${USERS}) i;
INSERT INTO orders (user_id, amount, note, created_at)
  SELECT 1 + i % ${USERS}, 1 + i % 97, E'caf\\u00e9; \\\\ and ''quotes''\\t' || i, '2026-09-15 08:00Z'::timestamptz + i * interval '5 minutes' FROM generate_series(1, 4000) i;
INSERT INTO log (line, created_at) SELECT 'line ' || i, '2026-10-01 08:00Z'::timestamptz + i * interval '1 minute' FROM generate_series(1, ${LOG_LINES}) i;`;

/** What a bad release does to it: a column gets another name, 900 rows are overwritten and the other 100 deleted, with their orders. */
export const badMigration = (release: string): Migration => ({
  name: `20261126120000_${release}_merge_names`,
  up: `ALTER TABLE users RENAME COLUMN email TO email_address;
DELETE FROM users WHERE id > ${USERS - 100};
UPDATE users SET name = 'BROKEN'`,
  // As in life: it brings the column back, and no row.
  down: 'ALTER TABLE users RENAME COLUMN email_address TO email',
});

/** Files of `database/migrations/`, by name. */
export function migrationFiles(release: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...GOOD_MIGRATIONS, badMigration(release)].map(({ name, up }) => [`${name}.sql`, `${up};\n`]),
  );
}

/** The migration with this name, for its way down. */
export function migrationNamed(name: string): Migration | undefined {
  const release = /^\d+_(.+)_merge_names$/.exec(name)?.[1];
  return release === undefined ? GOOD_MIGRATIONS.find((one) => one.name === name) : badMigration(release);
}

const TABLE =
  'CREATE TABLE IF NOT EXISTS migrations (id serial PRIMARY KEY, name text NOT NULL UNIQUE, applied_at timestamptz NOT NULL DEFAULT now())';

interface Client {
  query(sql: string, values?: readonly unknown[]): Promise<{ rows: { name: string }[] }>;
}

/** Newest last. */
export async function appliedMigrations(client: Client): Promise<string[]> {
  return (await client.query('SELECT name FROM migrations ORDER BY id')).rows.map(({ name }) => name);
}

/** Applies those that are not applied, each in a transaction of its own. Returns their names. */
export async function migrateUp(client: Client, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(TABLE);
  const applied = await appliedMigrations(client);
  const missing = migrations.filter(({ name }) => !applied.includes(name));
  for (const { name, up } of missing)
    await client.query(`BEGIN; ${up}; INSERT INTO migrations (name) VALUES ('${name}'); COMMIT`);
  return missing.map(({ name }) => name);
}

/** Takes the newest back. Returns its name; undefined when there is none. */
export async function migrateDown(client: Client): Promise<string | undefined> {
  const name = (await appliedMigrations(client)).at(-1);
  if (name === undefined) return undefined;
  const migration = migrationNamed(name);
  if (!migration) throw new Error(`no file for migration ${name}`);
  await client.query(`BEGIN; ${migration.down}; DELETE FROM migrations WHERE name = '${name}'; COMMIT`);
  return name;
}
