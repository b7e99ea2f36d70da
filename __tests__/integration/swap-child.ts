/** A run that may be killed: does what it is told as one JSON argument, and says on its output where it is. */
import { readFile } from 'node:fs/promises';
import { connectDatabase } from '../../src/adapters/postgres/index.ts';
import { itemsOf, never } from './load-scene.ts';

const task = JSON.parse(process.argv[2] as string);
const database = connectDatabase({ url: task.url });
const say = (word: string) => process.stdout.write(`${word}\n`);

say('started');
if (task.kind === 'swap') {
  const { swapped } = await database.swap(task.names, { signal: never, withinMs: 15_000 });
  say(swapped ? 'swapped' : 'not swapped');
}
if (task.kind === 'restore') {
  const live = await database.describe(task.live);
  if (!live) throw new Error('no live database');
  say('described');
  const side = await database.createSide(task.side, live, task.marker);
  say('created');
  await database.load(task.side, itemsOf(await readFile(task.dump), 8192), { signal: never });
  say('loaded');
  await database.analyze(task.side, never);
  say('analysed');
  await database.copyState(live, side);
  say('copied');
  const { swapped } = await database.swap(
    { live: live.name, liveOid: live.oid, side: side.name, sideOid: side.oid, kept: task.kept },
    { signal: never, withinMs: 15_000 },
  );
  say(swapped ? 'swapped' : 'not swapped');
}
