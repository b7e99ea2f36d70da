/**
 * `npm run demo`: a cluster, a good release, a bad release, and the rollback, from nothing, in a few seconds.
 *
 *   npm run demo [-- --keep] [--language fr] [--tier emergency] [--folder PATH]
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import { type Application, startApplication } from './application.ts';
import { type OwnCluster, startCluster } from './cluster.ts';
import { waitFor } from './condition.ts';
import { ask } from './demo/answers.ts';
import { Show } from './demo/show.ts';
import { terminalText } from './demo/terminal.ts';
import { type DemoLanguage, WORDS } from './demo/words.ts';
import { TestbedError } from './errors.ts';
import { runStep, type StepResult } from './runner.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RED_TIMEOUT_MS = 60_000;

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    language: { type: 'string', default: 'en' },
    tier: { type: 'string', default: 'rapid' },
    folder: { type: 'string', default: join(ROOT, '.testbed', 'demo') },
  },
});
if (!(values.language in WORDS)) {
  console.error(`--language: ${values.language}; there are ${Object.keys(WORDS).join(', ')}`);
  process.exit(2);
}
const language = values.language as DemoLanguage;
const words = WORDS[language];
const show = new Show(words);

try {
  await demo();
} catch (error) {
  // Its hint says what to do; a stack would only hide that.
  console.error(error instanceof TestbedError ? error.message : error);
  process.exitCode = 1;
}

async function demo(): Promise<void> {
  show.title(words.title);
  show.say(words.real);

  show.step(words.starting);
  const from = performance.now();
  await using cluster = await startCluster();
  show.say(words.started(seconds(performance.now() - from), cluster.server));
  await using application = await startApplication(cluster);

  show.step(words.deployGood);
  await application.deploy({ tag: 'v1' });
  await application.settled();
  await showState(cluster, application);

  show.step(words.deployBad);
  show.say(words.badExplained);
  await application.deploy({ tag: 'v2', frontend: 'unhealthy', backend: 'v2-crash' });
  await turnedRed(cluster, application);
  await showState(cluster, application);

  show.step(words.run);
  const result = await rollBack(cluster, application);
  await showState(cluster, application);

  show.step(words.summary);
  show.quote(terminalText(result.summary, (process.stdout.columns ?? 120) - 5));
  await showFiles(result);

  const answers = await ask(application.healthUrls);
  const isGood = result.exitCode === 0 && answers.every(({ status }) => status === 200);
  if (!isGood) {
    process.exitCode = 1;
    show.say(words.failed);
  }
  if (values.keep) await untilStopped(cluster, application);
  await application.stop();
  await cluster.stop();
  show.say(words.gone);
}

/** The frontend of v2 serves, and the backend of v2 has crashed and waits for its next start. */
async function turnedRed(cluster: OwnCluster, application: Application): Promise<void> {
  await waitFor(
    'the bad release to show',
    async () => {
      const [health] = await ask([`${application.url}/health`]);
      const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${application.namespace}/pods`);
      const waiting = JSON.stringify(body.items.map((pod: { status: unknown }) => pod.status));
      return health?.status === 503 && waiting.includes('CrashLoopBackOff');
    },
    { timeoutMs: RED_TIMEOUT_MS },
  );
}

async function showState(cluster: OwnCluster, application: Application): Promise<void> {
  const columns =
    'POD:.metadata.name,IMAGE:.spec.containers[0].image,READY:.status.containerStatuses[0].ready,RESTARTS:.status.containerStatuses[0].restartCount,WAITING:.status.containerStatuses[0].state.waiting.reason';
  show.say(words.pods);
  show.quote(
    (await cluster.kubectl(['-n', application.namespace, 'get', 'pods', '-o', `custom-columns=${columns}`])).stdout,
  );
  show.answers(await ask(application.healthUrls));
}

/** Exactly as a runner does it: inputs as INPUT_ variables, the runner's files, the repository with its config file. */
async function rollBack(cluster: OwnCluster, application: Application): Promise<StepResult> {
  await rm(values.folder, { recursive: true, force: true });
  const config = join(values.folder, 'workspace', '.github', 'rollback.yml');
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, await configOf(application));
  const inputs = { tier: values.tier, language, 'stable-for': '2s', reason: 'demo', kubeconfig: cluster.kubeconfig };
  show.say(words.runExplained(Object.keys(inputs).join(', ')));
  const result = await runStep({ folder: values.folder, with: inputs, onLine: (line) => show.quote(line) });
  show.say(words.ended(result.exitCode, seconds(result.durationMs)));
  return result;
}

/** The application's own config file, with the addresses under which it runs here. */
async function configOf(application: Application): Promise<string> {
  const document = parseDocument(await readFile(join(ROOT, 'examples', '224solutions', 'rollback.yml'), 'utf8'));
  document.set('health', application.healthUrls);
  return document.toString();
}

async function showFiles(result: StepResult): Promise<void> {
  const { fileNames } = words;
  const paths = {
    [fileNames.report]: join(result.folder, 'report.json'),
    [fileNames.summary]: join(result.folder, 'summary.md'),
    [fileNames.log]: join(result.folder, 'log.txt'),
    [fileNames.config]: join(result.folder, 'workspace', '.github', 'rollback.yml'),
  };
  if (result.reportPath !== '') await copyFile(result.reportPath, join(result.folder, 'report.json'));
  await writeFile(join(result.folder, 'log.txt'), `${result.log}\n`);
  show.step(words.files);
  for (const [name, path] of Object.entries(paths)) show.say(`${shortest(path)}  (${name})`);
}

async function untilStopped(cluster: OwnCluster, application: Application): Promise<void> {
  const kubectlFolder = dirname(cluster.connection.kubectlPath);
  show.say(['', ...words.keep(cluster.kubeconfigPath, kubectlFolder, application.url)]);
  await Promise.race(
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => new Promise((resolve) => process.once(signal, resolve))),
  );
}

/** As one would type it here. */
function shortest(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('..') ? path : way;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
