/**
 * The application's own checks: what `npm run test:db:connection` and `npm run test:critical:services` stand for.
 *
 *   DATABASE_URL=postgresql://... node testbed/application/checks.ts connection
 *   node testbed/application/checks.ts services URL...
 */
import pg from 'pg';

const TIMEOUT_MS = 5000;
const [, , what, ...urls] = process.argv;
try {
  if (what === 'connection') await connection();
  else if (what === 'services') await services();
  else throw new Error(`connection or services, not ${what}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function connection(): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'], connectionTimeoutMillis: TIMEOUT_MS });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, (SELECT count(*) FROM users) AS users');
    console.log(`connected to ${rows[0].name}: ${rows[0].users} users`);
  } finally {
    await client.end();
  }
}

async function services(): Promise<void> {
  const results = await Promise.all(
    urls.map(async (url) => {
      try {
        const { status } = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        return { url, isOk: status === 200, said: String(status) };
      } catch {
        return { url, isOk: false, said: 'no answer' };
      }
    }),
  );
  for (const { url, isOk, said } of results)
    console.log(`${isOk ? 'ok' : 'FAILED'}  ${new URL(url).pathname}  ${said}`);
  const failed = results.filter(({ isOk }) => !isOk);
  if (failed.length > 0) throw new Error(`${failed.length} of ${results.length} critical services do not answer`);
}
