import { spawn } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CLUSTER_TOOLS, findBinaries, MONITORING_TOOLS, type ToolName } from '../testbed/binaries.ts';

/*
 * `npm test`: everything, cheap first. `npm test -- unit contract` runs only these parts.
 * What passes says one line, what fails shows all it printed; the last line counts both.
 */

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
  /** Files that failed first and passed when they were alone. */
  readonly unsteady?: readonly string[];
}

interface Part {
  readonly name: string;
  /** Servers and tools that must be there first: a test would run into its timeout while they are built. */
  readonly needs: readonly ToolName[];
  run(print: (text: string) => void): Promise<Count>;
}

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** One command that passes or fails as a whole. */
function check(name: string, command: string, args: readonly string[]): Part {
  return {
    name,
    needs: [],
    run: async (print) =>
      (await run(command, args, print)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 },
  };
}

/** More files than this do not fail because the machine was busy. */
const MOST_ONCE_MORE = 3;

interface ProjectOptions {
  readonly needs?: readonly ToolName[];
  /** In so many processes, one after the other: jest keeps the modules of every file that it ran, and Node ends at 4 GB. */
  readonly shards?: number;
}

/**
 * A project of jest.config.js. On real servers a deadline may pass because two cores had too much to do: there a few failed files are run once
 * more, one after the other. What passes then counts, and is named with all it printed the first time: it is not to stay like that.
 */
function project(name: string, { needs = [], shards = 1 }: ProjectOptions = {}): Part {
  return {
    name,
    needs,
    async run(print) {
      const select = ['--selectProjects', name];
      const first: JestResult[] = [];
      for (let shard = 1; shard <= shards; shard += 1)
        first.push(await jest(print, [...select, `--shard=${shard}/${shards}`]));
      const files = first.flatMap(({ testResults = [] }) => testResults);
      const failed = files.filter(({ status }) => status === 'failed').map((file) => file.name);
      if (needs.length === 0 || failed.length === 0 || failed.length > MOST_ONCE_MORE) return countOf(first);
      print(`\nonce more, one after the other: ${failed.join(', ')}\n`);
      const again = await jest(print, [...select, '--runInBand', '--runTestsByPath', ...failed]);
      const steady = first.map((one) => withoutFiles(one, failed));
      return { ...countOf([...steady, again]), unsteady: failed.map((file) => relative(root, file)) };
    },
  };
}

/** What came of the others. That jest failed is explained by these files, unless it has told of none at all. */
function withoutFiles({ testResults, code }: JestResult, left: readonly string[]): JestResult {
  if (testResults === undefined) return { code };
  const hadFailed = testResults.some((file) => left.includes(file.name));
  return { testResults: testResults.filter((file) => !left.includes(file.name)), code: hadFailed ? 0 : code };
}

interface JestResult {
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
  readonly code: number;
}

async function jest(print: (text: string) => void, args: readonly string[]): Promise<JestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-test-'));
  try {
    const file = join(folder, 'result.json');
    const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const program = [...options, 'node_modules/jest/bin/jest.js', ...args, '--json', '--outputFile', file];
    const code = await run(process.execPath, program, print);
    return { ...JSON.parse(await readFile(file, 'utf8').catch(() => '{}')), code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that could not even be loaded has no tests, and counts as one that failed. */
function countOf(results: readonly JestResult[]): Count {
  const files = results.flatMap(({ testResults = [] }) => testResults);
  const count = (...statuses: readonly string[]) =>
    files.flatMap((file) => file.assertionResults).filter(({ status }) => statuses.includes(status)).length;
  const broken = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const passed = count('passed');
  const failed = count('failed') + broken;
  const isBroken = failed === 0 && (results.some(({ code }) => code !== 0) || passed === 0);
  return { passed, failed: isBroken ? 1 : failed, skipped: count('pending', 'skipped', 'todo') };
}

/** @param print gets what the command says, as it comes. @returns the exit code; 1 when a signal ended it. */
function run(command: string, args: readonly string[], print: (text: string) => void): Promise<number> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(process.stdout.isTTY && !process.env['NO_COLOR'] ? { FORCE_COLOR: '1' } : {}) },
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.once('error', failed);
    child.once('close', (code) => done(code ?? 1));
  });
}

const workflows: Part = {
  name: 'workflows',
  needs: ['actionlint'],
  async run(print) {
    const files: string[] = [];
    for await (const file of glob(['.github/workflows/*.yml', 'examples/**/workflows/*.yml'], { cwd: root }))
      files.push(file);
    const { actionlint } = await findBinaries(['actionlint'], { log: print });
    // Shellcheck and pyflakes would depend on what a machine happens to have; this actionlint is older than Node 24 and `$/`.
    const old = ['invalid runner name "node24"', 'specifying action "\\$/"'].flatMap((error) => ['-ignore', error]);
    const options = ['-shellcheck=', '-pyflakes=', ...old];
    const code = await run(actionlint, [...options, ...files.sort()], print);
    return code === 0 && files.length > 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  },
};

const PARTS: readonly Part[] = [
  check('types', bin('tsc'), ['-p', 'tsconfig.json']),
  check('lint', bin('biome'), ['check', '--error-on-warnings', '.']),
  check('generated', process.execPath, ['scripts/generate.ts', '--check']),
  check('dist', process.execPath, ['scripts/package.ts', '--check']),
  project('unit'),
  workflows,
  project('contract', { needs: [...CLUSTER_TOOLS, ...MONITORING_TOOLS] }),
  project('integration', { needs: [...CLUSTER_TOOLS, ...MONITORING_TOOLS], shards: 4 }),
  project('e2e', { needs: [...CLUSTER_TOOLS, ...MONITORING_TOOLS, 'act'] }),
];

/** Runs one part and says how it went; a part that throws has failed. */
async function report(part: Part): Promise<Count> {
  const started = performance.now();
  let said = '';
  let count: Count;
  try {
    if (part.needs.length > 0) await findBinaries(part.needs, { log: (line) => console.log(line) });
    count = await part.run((text) => {
      said += text;
    });
  } catch (error) {
    said += `${error instanceof Error ? error.message : String(error)}\n`;
    count = { passed: 0, failed: 1 };
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const skipped = count.skipped ? `, ${count.skipped} skipped` : '';
  const unsteady = count.unsteady ?? [];
  if (count.failed + unsteady.length > 0) console.log(`\n${said.trimEnd()}\n`);
  console.log(
    `${count.failed > 0 ? '✗' : '✓'} ${part.name.padEnd(12)} ${count.passed} ok, ${count.failed} not ok${skipped} (${seconds} s)`,
  );
  if (count.failed === 0 && unsteady.length > 0) console.log(`  failed once, passed alone: ${unsteady.join(', ')}`);
  return count;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`unknown part: ${unknown.join(', ')}; there are: ${PARTS.map((part) => part.name).join(', ')}`);
  process.exit(2);
}
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `Node 24 is needed, this is ${process.version}: install it, or run \`npm ci\` where npm brings it (Linux, Windows).`,
  );
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const part of PARTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const count = await report(part);
  passed += count.passed;
  failed += count.failed;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
