/**
 * Benchmarks against what people use today, in one run on one testbed: the contenders take turns, so that what slows the machine down
 * slows all of them, and ratios are taken round by round.
 *
 *   npm run bench [-- --workloads 2,50 --rounds 5 --json FILE --action FOLDER]
 */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster } from '../testbed/cluster.ts';
import { ACTION, action, type Contender, floor, kubectl, type Round } from './contenders.ts';
import { measureFirstRequest } from './first-request.ts';
import { GOALS } from './goals.ts';
import { Scene } from './scene.ts';
import { printFirstRequest, printPhases, printRow } from './table.ts';

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '2,50' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    // Another build, to compare with: a folder that holds action.yml and dist.
    action: { type: 'string' },
  },
});
const sizes = values.workloads.split(',').map(Number);
const rounds = Number(values.rounds);
if (sizes.some((size) => !(size >= 1)) || !(rounds >= 1)) {
  console.error('--workloads takes numbers joined by commas (2,50), --rounds a number of at least 1.');
  process.exit(2);
}

const CONTENDERS: readonly Contender[] = [action(values.action), kubectl, floor];
const note = (line: string) => console.error(line);

await using cluster = await startCluster({ log: note });
note(
  `${cpus().length} cores, Node ${process.version}, ${rounds} rounds, contenders in turn, one warm-up of each before`,
);
const [load = 0] = loadavg();
if (load > cpus().length / 2)
  note(
    `the machine is busy (load ${load.toFixed(1)}): expect wide spreads; CPU seconds and the best round say more than the median`,
  );
const result: Record<string, unknown> = { load, date: new Date().toISOString(), cores: cpus().length, rounds };

const waiting = await Scene.build(cluster, 2);
await waiting.deployBad();
const first = await measureFirstRequest(waiting, rounds, values.action);
printFirstRequest(first);
result['first-request'] = first;

for (const size of sizes) {
  const scene = await Scene.build(cluster, size);
  const measured = await interleave(scene);
  printRow(size, CONTENDERS, measured, GOALS);
  printPhases(measured[ACTION] ?? []);
  result[`workloads-${size}`] = measured;
}
if (values.json) {
  await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
  note(`all rounds: ${values.json}`);
}

/** Every contender once per round, each time in another order; the first turn of each warms caches and is not counted. */
async function interleave(scene: Scene): Promise<Record<string, Round[]>> {
  const measured: Record<string, Round[]> = Object.fromEntries(CONTENDERS.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < CONTENDERS.length; turn++) {
      const contender = CONTENDERS[(turn + round + 1) % CONTENDERS.length] as Contender;
      await scene.deployBad();
      const one = await contender.run(scene);
      await scene.assertGood();
      if (round < 0) continue;
      measured[contender.name]?.push(one);
      note(`${scene.names.length} workloads, round ${round + 1}: ${contender.name} ${one.seconds.toFixed(2)} s`);
    }
  }
  return measured;
}
