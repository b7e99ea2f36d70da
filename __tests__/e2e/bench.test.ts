import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const BENCH = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));

it('npm run bench measures all contenders in turn, and prints ratios', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-bench-'));
  try {
    const json = join(folder, 'rounds.json');
    const args = [BENCH, '--workloads', '2', '--rounds', '2', '--json', json];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    for (const name of ['tiered-rollback', 'kubectl', 'floor'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(stdout).toMatch(/goal at most 1\.3 x kubectl: \d/);
    const rounds = JSON.parse(await readFile(json, 'utf8'))['workloads-2'];
    expect(Object.keys(rounds)).toEqual(['tiered-rollback', 'kubectl', 'floor']);
    for (const one of Object.values<{ seconds: number }[]>(rounds)) {
      expect(one).toHaveLength(2);
      for (const { seconds } of one) expect(seconds).toBeGreaterThan(0);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
