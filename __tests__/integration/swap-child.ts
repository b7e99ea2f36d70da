/**
 * A run that may be killed: does what it is told as one JSON argument, says on its output where it is, and stays at the
 * point named by `stopAt` until the signal comes.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { itemsOf, never } from './load-scene.ts';

const task = JSON.parse(process.argv[2] as string);
const database = connectDatabase({ url: task.url });

async function say(word: string): Promise<void> {
  process.stdout.write(`${word}\n`);
  if (word === task.stopAt) await delay(3_600_000);
}

async function* loading(dump: string) {
  for await (const item of itemsOf(await readFile(dump), 8192)) {
    yield item;
    // In the middle of a COPY: some rows are on their way, others are not.
    if (item.kind === 'rows') await say('loading');
  }
}

await say('started');
if (task.kind === 'swap') {
  const { swapped } = await database.swap(task.names, { signal: never, withinMs: 15_000 });
  await say(swapped ? 'swapped' : 'not swapped');
}
if (task.kind === 'restore') {
  const live = await database.describe(task.live);
  if (!live) throw new Error('no live database');
  await say('described');
  const side = await database.createSide(task.side, live, task.marker);
  await say('created');
  await database.load(task.side, loading(task.dump), { signal: never });
  await say('loaded');
  await database.analyze(task.side, never);
  await say('analysed');
  await database.copyState(live, side);
  await say('copied');
  const names = { live: live.name, liveOid: live.oid, side: side.name, sideOid: side.oid, kept: task.kept };
  const { swapped } = await database.swap(names, { signal: never, withinMs: 15_000 });
  await say(swapped ? 'swapped' : 'not swapped');
}
