/*
 * One restore as the step does it: proof, side database, load, rows, statistics. Prints its seconds and the most memory that its process had.
 * node restore-once.js BUILT URL LIVE DUMP SIDE FOLDER
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [built = '', url = '', live = '', dump = '', side = '', folder = ''] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(built, path)).href);
const { createBackupReader } = await load('adapters/backup/index.js');
const { connectDatabase } = await load('adapters/postgres/index.js');

const { signal } = new AbortController();
const from = performance.now();
const database = connectDatabase({ url });
const reader = createBackupReader({ path: dump, workspace: folder, temp: folder, signal });
try {
  const [backup] = await reader.find();
  const state = await database.describe(live);
  if (!backup || !state) throw new Error('nothing to restore');
  const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
  await database.createSide(side, state, 'bench');
  await database.load(side, reader.items(backup, manifest, signal), { signal });
  await database.rowCounts(side, signal);
  await database.analyze(side, signal);
} finally {
  await reader.close();
}
const seconds = (performance.now() - from) / 1000;
// Linux counts in kilobytes.
console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1000 }));
