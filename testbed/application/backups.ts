import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplicationDatabase } from './database.ts';

const MINUTE = 60_000;

/**
 * `pg_dump` of the application's database into the folder, under the name that the checklist gives it (`pre_change_DATE_TIME.sql`).
 * Kubernetes counts in seconds, and a story here takes a few: so the file is dated earlier than it was made, two minutes unless told.
 * @returns its path
 */
export async function backup(
  database: ApplicationDatabase,
  folder: string,
  { agoMs = 2 * MINUTE, name, args = [] }: { agoMs?: number; name?: string; args?: readonly string[] } = {},
): Promise<string> {
  const madeAt = new Date(Date.now() - agoMs);
  const path = join(folder, name ?? `pre_change_${madeAt.toISOString().slice(0, 19).replace('T', '_')}.sql`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, await database.server.pgDump(database.name, { role: 'owner', args }), { mode: 0o600 });
  await utimes(path, madeAt, madeAt);
  return path;
}
