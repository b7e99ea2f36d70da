/**
 * `npm run demo`: a cluster, a good release, a bad release, and the rollback, from nothing, in a few seconds. With the tier `complete` also a
 * PostgreSQL server, backups, a migration that breaks the data, and a Secret with wrong codes. With the tier `secure` the whole checklist, too:
 * configuration, flags, leftovers, monitoring, alerts, chat, mail and GitHub.
 *
 *   npm run demo [-- --keep] [--language fr] [--tier secure] [--folder PATH]
 */
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GOOD_CODES } from './application/manifests.ts';
import { writeProject } from './application/project.ts';
import { type Application, startApplication } from './application.ts';
import { type OwnCluster, startCluster } from './cluster.ts';
import { waitFor } from './condition.ts';
import { ask } from './demo/answers.ts';
import { configOf } from './demo/config.ts';
import { DemoData, isGood } from './demo/data.ts';
import { DemoOperations, isToldRight } from './demo/operations.ts';
import type { Scene } from './demo/scene.ts';
import { Show } from './demo/show.ts';
import { terminalText } from './demo/terminal.ts';
import { type DemoLanguage, WORDS } from './demo/words.ts';
import { TestbedError } from './errors.ts';
import { runStep, type StepResult } from './runner.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RED_TIMEOUT_MS = 60_000;
/** Tiers that go back with the data, too. */
const WITH_DATA = ['complete', 'secure'];
/** Tiers that are shown with all that watches the application, and all who are told. */
const WITH_OPERATIONS = ['secure'];

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
  await rm(values.folder, { recursive: true, force: true });
  show.title(words.title);
  show.say(words.real);
  const withData = WITH_DATA.includes(values.tier);
  if (withData) show.say(words.realDatabase);
  show.say(WITH_OPERATIONS.includes(values.tier) ? words.realOperations : words.realRunner);

  show.step(words.starting);
  const from = performance.now();
  await using cluster = await startCluster();
  show.say(words.started(seconds(performance.now() - from), cluster.server));
  await using data = withData ? await startData() : undefined;
  await using application = await startApplication(cluster, data ? { database: data.database } : {});

  show.step(words.deployGood);
  await application.deploy({ tag: 'v1' });
  await application.settled();
  await using operations = WITH_OPERATIONS.includes(values.tier)
    ? await startOperations(cluster, application)
    : undefined;
  const scene = { cluster, application, data, operations };
  await showState(scene);

  if (data) {
    show.step(words.backUp);
    await data.backUpBefore();
    show.quote((await data.backupNames()).join('\n'));
  }

  show.step(words.deployBad);
  show.say(words.badExplained);
  if (data) show.say(words.badDatabaseExplained);
  if (operations) show.say(words.badConfigurationExplained);
  await operations?.deployBad();
  await application.deploy({ tag: 'v2', frontend: 'unhealthy', backend: 'v2-crash' });
  await data?.backUpAfter();
  await turnedRed(cluster, application);
  await operations?.operations.alerted();
  await showState(scene);

  show.step(words.run);
  const result = await rollBack(scene);
  await showState(scene);
  if (data) show.say(words.databases(await data.databases(), result.report?.database?.kept?.name));

  show.step(words.summary);
  show.quote(terminalText(result.summary, (process.stdout.columns ?? 120) - 5));
  if (operations) {
    show.step(words.told);
    show.say(words.received(await operations.received()));
  }
  await showFiles(result);

  const answers = await ask(application.healthUrls);
  const isRight =
    result.exitCode === 0 &&
    answers.every(({ status }) => status === 200) &&
    (data === undefined || (await isDataRight(data, cluster, application, result))) &&
    (operations === undefined || isToldRight(await operations.configuration(), await operations.received(), result));
  if (!isRight) {
    process.exitCode = 1;
    show.say(words.failed);
  }
  if (values.keep) await untilStopped(scene);
  await operations?.[Symbol.asyncDispose]();
  await application.stop();
  await data?.[Symbol.asyncDispose]();
  await cluster.stop();
  show.say(words.gone);
}

async function startOperations(cluster: OwnCluster, application: Application): Promise<DemoOperations> {
  show.step(words.startingOperations);
  const from = performance.now();
  const operations = await DemoOperations.start(cluster, application, values.folder);
  show.say(words.startedOperations(seconds(performance.now() - from)));
  return operations;
}

async function startData(): Promise<DemoData> {
  show.step(words.startingDatabase);
  const from = performance.now();
  const data = await DemoData.start(values.folder);
  show.say(words.startedDatabase(seconds(performance.now() - from), await data.version()));
  return data;
}

/** What was there before is back, and what the restore replaced is kept under the name that the report says. */
async function isDataRight(
  data: DemoData,
  cluster: OwnCluster,
  { namespace }: Application,
  { report }: StepResult,
): Promise<boolean> {
  const kept = report?.database?.kept?.name;
  return isGood(await data.state(cluster, namespace)) && kept !== undefined && (await data.databases()).includes(kept);
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

async function showState({ cluster, application, data, operations }: Scene): Promise<void> {
  const columns =
    'POD:.metadata.name,IMAGE:.spec.containers[0].image,READY:.status.containerStatuses[0].ready,RESTARTS:.status.containerStatuses[0].restartCount,WAITING:.status.containerStatuses[0].state.waiting.reason';
  show.say(words.pods);
  show.quote(
    (await cluster.kubectl(['-n', application.namespace, 'get', 'pods', '-o', `custom-columns=${columns}`])).stdout,
  );
  show.answers(await ask(application.healthUrls));
  if (data) show.say(words.data(await data.state(cluster, application.namespace)));
  if (operations) show.say(words.configuration(await operations.configuration(), await operations.operations.firing()));
}

/** Exactly as a runner does it: inputs as INPUT_ variables, the runner's files, the repository with its config file. */
async function rollBack(scene: Scene): Promise<StepResult> {
  const { cluster, application, data, operations } = scene;
  await writeProject(join(values.folder, 'workspace'), {
    config: await configOf(scene),
    services: application.healthUrls.slice(1),
    manifests: operations?.manifests ?? {},
  });
  const inputs = {
    tier: values.tier,
    language,
    'stable-for': '2s',
    reason: 'demo',
    kubeconfig: cluster.kubeconfig,
    ...(data ? { 'database-url': data.database.url } : {}),
    ...operations?.operations.inputs,
  };
  if (data) {
    show.say(words.backups);
    show.quote((await data.backupNames()).join('\n'));
  }
  show.say(words.runExplained(Object.keys(inputs).join(', ')));
  const result = await runStep({
    folder: values.folder,
    with: inputs,
    // As a workflow passes them: `PDG_ACCESS_CODE: ${{ secrets.PDG_ACCESS_CODE }}`.
    env: { ...(data ? GOOD_CODES : {}), ...operations?.operations.environment },
    ...(operations ? { token: operations.operations.token } : {}),
    onLine: (line) => show.quote(line),
  });
  show.say(words.ended(result.exitCode, seconds(result.durationMs)));
  return result;
}

async function showFiles(result: StepResult): Promise<void> {
  const { fileNames } = words;
  const paths = {
    [fileNames.report]: join(result.folder, 'report.json'),
    [fileNames.page]: join(result.folder, 'report.html'),
    [fileNames.summary]: join(result.folder, 'summary.md'),
    [fileNames.log]: join(result.folder, 'log.txt'),
    [fileNames.config]: join(result.folder, 'workspace', '.github', 'rollback.yml'),
  };
  if (result.reportPath !== '') await copyFile(result.reportPath, join(result.folder, 'report.json'));
  if (result.pageText !== '') await writeFile(join(result.folder, 'report.html'), result.pageText);
  await writeFile(join(result.folder, 'log.txt'), `${result.log}\n`);
  show.step(words.files);
  for (const [name, path] of Object.entries(paths)) show.say(`${shortest(path)}  (${name})`);
}

async function untilStopped({ cluster, application, data, operations }: Scene): Promise<void> {
  const kubectlFolder = dirname(cluster.connection.kubectlPath);
  show.say(['', ...words.keep(cluster.kubeconfigPath, kubectlFolder, application.url)]);
  if (data) show.say(words.keepDatabase(data.database.url));
  if (operations) {
    const { prometheus, alertmanager } = operations.operations.servers;
    show.say(words.keepOperations(prometheus.url, alertmanager.url));
  }
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
