/**
 * The application's migration command: what `npm run db:migrate:status` and `npm run db:migrate:rollback` stand for.
 *
 *   DATABASE_URL=postgresql://... node testbed/application/migrate.ts status|rollback
 */
import pg from 'pg';
import { appliedMigrations, migrateDown } from './migrations.ts';

const [, , command] = process.argv;
const client = new pg.Client({ connectionString: process.env['DATABASE_URL'], connectionTimeoutMillis: 5000 });
try {
  await client.connect();
  if (command === 'status') for (const name of await appliedMigrations(client)) console.log(`up    ${name}`);
  else if (command === 'rollback') console.log(`down  ${(await migrateDown(client)) ?? 'nothing left'}`);
  else throw new Error(`status or rollback, not ${command}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await client.end();
}
