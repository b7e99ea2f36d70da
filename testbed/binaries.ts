import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheBase } from './cache.ts';
import { TestbedError } from './errors.ts';
import { withFileLock } from './lock.ts';

const KUBERNETES = '1.37.2';

/** Without the version the API server calls itself v0.0.0, which clients refuse. */
const LDFLAGS = [
  '-s -w',
  ...Object.entries({ gitVersion: `v${KUBERNETES}`, gitMajor: '1', gitMinor: '37' }).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  ),
].join(' ');

/** A folder with a go.mod: what is built from one version of every dependency. */
interface Module {
  readonly folder: string;
  readonly flags: readonly string[];
}

const module = (path: string, ...flags: readonly string[]): Module => ({
  folder: fileURLToPath(new URL(path, import.meta.url)),
  flags: ['-trimpath', '-buildvcs=false', ...flags],
});

/** Servers whose dependencies contradict those of Kubernetes have a module each; their binaries are cached apart, so that neither rebuilds the other. */
const MODULES = {
  tools: module('./tools/', '-ldflags', LDFLAGS),
  alertmanager: module('./servers/alertmanager/', '-ldflags', '-s -w'),
  // No service discovery but what a file says: the clouds' libraries are most of the build.
  prometheus: module('./servers/prometheus/', '-tags', 'remove_all_sd', '-ldflags', '-s -w'),
  'metrics-server': module('./servers/metrics-server/', '-ldflags', '-s -w'),
} as const satisfies Record<string, Module>;

interface Tool {
  /** The Go package; its version stands in the go.mod of the module. */
  readonly package: string;
  /** `tools` unless told. */
  readonly module?: keyof typeof MODULES;
  /** CPU seconds of a build from an empty cache, measured; they weigh the progress and the forecast. */
  readonly cpuSeconds: number;
  /** How a binary of the path proves that it is of the version we need; without it the path is not searched. */
  readonly version?: { readonly args: readonly string[]; readonly expected: RegExp };
}

const kubernetes = (command: string, cpuSeconds: number, args: readonly string[] = ['--version']): Tool => ({
  package: `k8s.io/kubernetes/cmd/${command}`,
  cpuSeconds,
  version: { args, expected: /\bv1\.37\.\d/ },
});

export const TOOLS = {
  etcd: {
    package: 'go.etcd.io/etcd/server/v3',
    cpuSeconds: 75,
    version: { args: ['--version'], expected: /etcd Version: 3\.[67]\./ },
  },
  'kube-apiserver': kubernetes('kube-apiserver', 300),
  'kube-controller-manager': kubernetes('kube-controller-manager', 70),
  'kube-scheduler': kubernetes('kube-scheduler', 25),
  kubectl: kubernetes('kubectl', 35, ['version', '--client']),
  kwok: {
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    cpuSeconds: 12,
    version: { args: ['--version'], expected: /\bv0\.8\./ },
  },
  act: { package: 'github.com/nektos/act', cpuSeconds: 20 },
  actionlint: { package: 'github.com/rhysd/actionlint/cmd/actionlint', cpuSeconds: 3 },
  alertmanager: {
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
    module: 'alertmanager',
    cpuSeconds: 60,
  },
  prometheus: { package: 'github.com/prometheus/prometheus/cmd/prometheus', module: 'prometheus', cpuSeconds: 200 },
  'metrics-server': {
    package: 'sigs.k8s.io/metrics-server/cmd/metrics-server',
    module: 'metrics-server',
    cpuSeconds: 160,
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

/** What a cluster needs. */
export const CLUSTER_TOOLS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
] as const satisfies readonly ToolName[];

/** What watches a cluster; each starts by itself. */
export const MONITORING_TOOLS = ['alertmanager', 'prometheus', 'metrics-server'] as const satisfies readonly ToolName[];

export interface FindOptions {
  /** Where progress goes; the standard error unless told. */
  readonly log?: (line: string) => void;
  /** False: fail instead of building. */
  readonly build?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Paths of the named tools. In this order: a folder given by `TIERED_ROLLBACK_TESTBED_BIN` or `KUBEBUILDER_ASSETS`, the cache,
 * the path (only the right version), and at last a build with Go into the cache, announced with its duration before it starts.
 */
export async function findBinaries<Name extends ToolName>(
  names: readonly Name[],
  options: FindOptions = {},
): Promise<Record<Name, string>> {
  const environment = options.environment ?? process.env;
  const log = options.log ?? ((line: string) => console.error(line));
  const base = cacheBase(environment);
  const search = async () =>
    Promise.all(names.map(async (name) => [name, await find(name, base, environment)] as const));

  let found = await search();
  const missing = () => found.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing().length > 0) {
    if (options.build === false) {
      throw new TestbedError(
        `Not found: ${missing().join(', ')}`,
        'Run `npm run testbed` once: it builds them (about 6 minutes on 2 cores), later starts need no build.',
      );
    }
    for (const key of new Set(missing().map(moduleOf))) {
      const cache = await cacheFolder(key, base);
      await withFileLock(
        join(cache, 'build.lock'),
        async () => {
          found = await search();
          const ofModule = missing().filter((name) => moduleOf(name) === key);
          await build(ofModule, key, cache, environment, log);
        },
        (pid) => log(`testbed: process ${pid} is building the servers into ${cache}; waiting for it`),
      );
    }
    found = await search();
  }
  return Object.fromEntries(found) as Record<Name, string>;
}

const moduleOf = (name: ToolName): keyof typeof MODULES => (TOOLS[name] as Tool).module ?? 'tools';

/** Keyed by all that decides the content, so that a new version never meets old binaries. */
async function cacheFolder(key: keyof typeof MODULES, base: string): Promise<string> {
  const { folder, flags } = MODULES[key];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${flags.join(' ')}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(folder, file)));
  return join(base, hash.digest('hex').slice(0, 16));
}

async function find(name: ToolName, base: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const variable of ['TIERED_ROLLBACK_TESTBED_BIN', 'KUBEBUILDER_ASSETS']) {
    const folder = environment[variable];
    if (folder && (await executable(join(folder, name)))) return join(folder, name);
  }
  const cached = join(await cacheFolder(moduleOf(name), base), name);
  if (await executable(cached)) return cached;
  const tool: Tool = TOOLS[name];
  if (!tool.version) return undefined;
  for (const folder of (environment['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const path = join(folder, name);
    if ((await executable(path)) && tool.version.expected.test(await outputOf(path, tool.version.args))) return path;
  }
  return undefined;
}

async function build(
  names: readonly ToolName[],
  key: keyof typeof MODULES,
  cache: string,
  environment: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  const go = await goEnvironment(MODULES[key], environment);
  await mkdir(cache, { recursive: true });
  await requireSpace(cache, names.length * 0.1 + 0.2);
  await requireSpace(go.GOCACHE, 3.5);
  await requireSpace(go.GOMODCACHE, 1.5);

  const total = names.reduce((sum, name) => sum + TOOLS[name].cpuSeconds, 0);
  const cores = Math.max(1, navigator.hardwareConcurrency);
  log(
    `testbed: building ${names.join(', ')} with ${go.GOVERSION}. From an empty build cache this takes about ` +
      `${minutes((total / cores) * 1.3)} on ${cores} cores (measured on 2: 6 min for the cluster), and happens once; they are kept in ${cache}`,
  );
  const started = performance.now();
  let done = 0;
  for (const [index, name] of names.entries()) {
    const from = performance.now();
    await goBuild(name, join(cache, name), environment);
    done += TOOLS[name].cpuSeconds;
    log(
      `testbed: ${index + 1}/${names.length} ${name} built in ${Math.round((performance.now() - from) / 1000)} s ` +
        `(${Math.round((done / total) * 100)} % of the work, ${minutes((performance.now() - started) / 1000)} so far)`,
    );
  }
}

/** Written beside and renamed, so that a build that is killed leaves no half binary. */
async function goBuild(name: ToolName, target: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  const { folder, flags } = MODULES[moduleOf(name)];
  const child = spawn('go', ['build', ...flags, '-o', partial, TOOLS[name].package], {
    cwd: folder,
    env: buildEnvironment(environment),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    await rm(partial, { force: true });
    throw buildFailure(name, said);
  }
  await rename(partial, target);
}

/** The user's settings for modules (proxy, checksum database) stay; those that change what is built do not. */
function buildEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _arch, GOEXPERIMENT: _experiment, ...kept } = environment;
  return { ...kept, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off', GOTOOLCHAIN: 'auto' };
}

function buildFailure(name: ToolName, said: string): TestbedError {
  const lines = said.trim().split('\n').slice(-12).join('\n');
  const hint = /no space left on device/.test(said)
    ? 'The disk is full: free about 6 GB, or set GOCACHE, GOMODCACHE and TIERED_ROLLBACK_TESTBED_CACHE to a larger one.'
    : /dial tcp|proxyconnect|i\/o timeout|no such host|lookup |connection refused|407 |403 Forbidden|50\d /.test(said)
      ? 'Go could not download a module: check the network, HTTPS_PROXY and `go env GOPROXY`, then run the same command again.'
      : /requires go >=|toolchain not available|unknown directive/.test(said)
        ? 'This Go is too old: install Go 1.26 or later (https://go.dev/dl/).'
        : 'Run the same command again; what is built is kept. To use your own binaries set TIERED_ROLLBACK_TESTBED_BIN to their folder.';
  return new TestbedError(`Building ${name} failed:\n${lines}`, hint);
}

async function goEnvironment({ folder }: Module, environment: NodeJS.ProcessEnv) {
  const names = ['GOVERSION', 'GOCACHE', 'GOMODCACHE'] as const;
  try {
    const text = await run('go', ['env', '-json', ...names], { env: buildEnvironment(environment), cwd: folder });
    return JSON.parse(text) as Record<(typeof names)[number], string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new TestbedError(
        'The servers of the testbed are built with Go, and there is no `go` on the path.',
        'Install Go 1.26 or later (https://go.dev/dl/), or set KUBEBUILDER_ASSETS or TIERED_ROLLBACK_TESTBED_BIN to a folder that holds the binaries.',
      );
    }
    throw buildFailure('etcd', (error as Error).message);
  }
}

async function requireSpace(folder: string, gigabytes: number): Promise<void> {
  let existing = folder;
  while (
    !(await access(existing).then(
      () => true,
      () => false,
    ))
  )
    existing = join(existing, '..');
  const { bavail, bsize } = await statfs(existing);
  const free = (bavail * bsize) / 1e9;
  if (free < gigabytes) {
    throw new TestbedError(
      `Only ${free.toFixed(1)} GB are free for ${folder}; the build needs ${gigabytes.toFixed(1)} GB there.`,
      'Free some space, or set GOCACHE, GOMODCACHE or TIERED_ROLLBACK_TESTBED_CACHE to a folder on a larger disk.',
    );
  }
}

const minutes = (seconds: number) => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${(seconds / 60).toFixed(1)} min`);

const executable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const outputOf = (path: string, args: readonly string[]) => run(path, args, { timeout: 5000 }).catch(() => '');

function run(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number },
) {
  return new Promise<string>((resolve, reject) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { message: `${error.message}\n${stderr}` }));
      else resolve(stdout);
    });
  });
}
