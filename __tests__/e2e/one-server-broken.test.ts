import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import type { Report } from '../../src/core/report.ts';
import { GOOD_CODES } from '../../testbed/application/manifests.ts';
import { writeProject } from '../../testbed/application/project.ts';
import { type Application, startApplication } from '../../testbed/application.ts';
import { type OwnCluster, startCluster } from '../../testbed/cluster.ts';
import { configOf } from '../../testbed/demo/config.ts';
import { DemoData } from '../../testbed/demo/data.ts';
import { DemoOperations } from '../../testbed/demo/operations.ts';
import { freePorts } from '../../testbed/ports.ts';
import { type Receiver, startReceiver } from '../../testbed/receiver.ts';
import { runStep, type StepResult } from '../../testbed/runner.ts';

/** Everything of the checklist, on one cluster: broken one server at a time, and mended again. */
const open = new AsyncDisposableStack();
let cluster: OwnCluster;
let application: Application;
let data: DemoData;
let operations: DemoOperations;
/** One more server that the health checks ask, and one that the application's own checks ask. */
let partner: Receiver;
let payments: Receiver;
let folder: string;
let whole: StepResult;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-broken-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  cluster = open.use(await startCluster({ audit: false }));
  data = open.use(await DemoData.start(folder));
  application = open.use(await startApplication(cluster, { database: data.database }));
  [partner, payments] = [open.use(await startReceiver()), open.use(await startReceiver())];
  await application.deploy({ tag: 'v1' });
  await application.settled();
  operations = open.use(await DemoOperations.start(cluster, application, folder));
  await writeProject(join(folder, 'workspace'), {
    config: await config(),
    services: [`${payments.url}/payments`],
    manifests: operations.manifests,
  });
  await data.backUpBefore();
  await operations.deployBad();
  await application.deploy({ tag: 'v2', frontend: 'unhealthy', backend: 'v2-crash' });
  whole = await run();
}, 480_000);
afterAll(() => open.disposeAsync(), 60_000);

async function config(): Promise<string> {
  const document = parseDocument(await configOf({ application, data, operations }));
  document.set('health', [...application.healthUrls, `${partner.url}/status`]);
  document.set('language', 'en');
  return document.toString();
}

function run(inputs: Readonly<Record<string, string>> = {}, token = operations.operations.token): Promise<StepResult> {
  return runStep({
    workspace: join(folder, 'workspace'),
    token,
    env: { ...GOOD_CODES, ...operations.operations.environment },
    with: {
      tier: 'secure',
      kubeconfig: cluster.kubeconfig,
      'database-url': data.database.url,
      'stable-for': '0s',
      ...operations.operations.inputs,
      ...inputs,
    },
  });
}

/** Status of each item of the validation checklist. */
const itemsOf = (report: Report | undefined) =>
  Object.fromEntries((report?.validation ?? []).map(({ id, outcome }) => [id, outcome.status]));
const ALL_PASSED = {
  'services-restarted': 'passed',
  'database-restored': 'passed',
  'health-checks-pass': 'passed',
  'monitoring-works': 'passed',
  'alerts-off': 'passed',
  'team-notified': 'passed',
  'documentation-updated': 'passed',
  'post-mortem-planned': 'passed',
};

/** What a person reads as the cause: why the run was refused, or of each step that failed or is unknown. */
function causesOf({ report, log }: StepResult): string {
  if (!report) return log;
  const steps = report.steps.flatMap(({ step, outcome }) =>
    'failure' in outcome && outcome.failure ? [`${step}: ${outcome.failure.message}`] : [],
  );
  return [...report.failures.map(({ message }) => message), ...steps].join('\n');
}

const nobodyAt = async () => `http://127.0.0.1:${(await freePorts(1))[0]}`;

interface Breakage {
  readonly what: string;
  /** Inputs of the run in which it is broken. */
  readonly broken: () => Promise<Readonly<Record<string, string>>>;
  readonly mend?: () => void;
  readonly token?: string;
  readonly changes: Readonly<Record<string, 'failed' | 'unknown'>>;
  readonly cause: RegExp;
  readonly isRed?: boolean;
}

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'the server behind a health check',
    broken: async () => {
      partner.always({ status: 503 });
      // It is waited for as long as the run may last.
      return { timeout: '75s' };
    },
    mend: () => partner.clear(),
    changes: { 'health-checks-pass': 'failed' },
    cause: /check-health: .*503/,
    isRed: true,
  },
  {
    what: "a server that the application's own check asks",
    broken: async () => {
      payments.always('reset');
      return {};
    },
    mend: () => payments.clear(),
    changes: { 'health-checks-pass': 'failed' },
    cause: /run-commands: .*test:critical:services/,
    isRed: true,
  },
  {
    what: 'Prometheus',
    broken: async () => ({ 'prometheus-url': await nobodyAt() }),
    changes: { 'monitoring-works': 'unknown' },
    cause: /check-metrics: .*Prometheus/,
  },
  {
    what: 'Alertmanager',
    broken: async () => ({ 'alertmanager-url': await nobodyAt() }),
    changes: { 'alerts-off': 'unknown' },
    cause: /check-alerts: .*Alertmanager/,
  },
  {
    what: 'the chat',
    broken: async () => {
      operations.operations.servers.chat.always({ status: 404, body: 'no_service' });
      return {};
    },
    mend: () => operations.operations.servers.chat.clear(),
    changes: { 'team-notified': 'failed' },
    cause: /notify-team: .*404 no_service/,
  },
  {
    what: 'the mail server',
    broken: async () => {
      operations.operations.servers.mail.refuseRecipients(() => ({ code: 550, text: '5.1.1 no such user' }));
      return { 'notify-users': 'always' };
    },
    mend: () => operations.operations.servers.mail.clear(),
    changes: {},
    cause: /notify-users: .*refused/,
  },
  {
    what: 'GitHub',
    broken: async () => ({}),
    token: 'ghs_expired',
    changes: { 'documentation-updated': 'failed', 'post-mortem-planned': 'failed' },
    cause: /record-rollback: [\s\S]*plan-post-mortem: /,
  },
];

describe('the eight items', () => {
  it('are all passed where every server works', () => {
    expect({ items: itemsOf(whole.report), causes: causesOf(whole) }).toEqual({ items: ALL_PASSED, causes: '' });
    expect([whole.exitCode, whole.outputs['outcome']]).toEqual([0, 'succeeded']);
  });

  it.each(BREAKAGES)(
    'change in one place when $what is broken',
    async ({ broken, mend, token, changes, cause, isRed = false }) => {
      const result = await run(await broken(), token);
      mend?.();
      expect({ items: itemsOf(result.report), causes: causesOf(result) }).toEqual({
        items: { ...ALL_PASSED, ...changes },
        causes: expect.stringMatching(cause),
      });
      expect(result.exitCode).toBe(isRed ? 1 : 0);
      if (isRed) expect(operations.operations.servers.chat.requests.at(-1)?.body).not.toMatch(/stable/i);
    },
    240_000,
  );

  it('are not begun when PostgreSQL is gone: refused by its name, nothing touched, and no word of "stable"', async () => {
    const { host } = new URL(await nobodyAt());
    const before = await data.databases();
    const result = await run({ 'database-url': `postgresql://owner:secret@${host}/224solutions` });
    expect([result.exitCode, result.outputs['outcome']]).toEqual([1, 'refused']);
    expect(result.report?.failures).toMatchObject([
      { code: 'DATABASE_UNREACHABLE', message: expect.stringContaining(host) },
    ]);
    const { 'team-notified': told, ...others } = itemsOf(result.report);
    expect([told, new Set(Object.values(others))]).toEqual(['passed', new Set(['skipped'])]);
    expect(operations.operations.servers.chat.requests.at(-1)?.body).not.toMatch(/stable/i);
    expect(await data.databases()).toEqual(before);
  }, 240_000);

  it('change in one place when metrics-server is gone', async () => {
    await operations.operations.servers.metricsServer.stop();
    const result = await run();
    expect({ items: itemsOf(result.report), causes: causesOf(result) }).toEqual({
      items: { ...ALL_PASSED, 'monitoring-works': 'unknown' },
      causes: expect.stringMatching(/check-metrics: /),
    });
  }, 240_000);

  it('leave one issue, no silence, and nothing that GitHub does not describe, after all these runs', async () => {
    const { issues, silences, violations } = await operations.received();
    expect({ issues: issues.length, violations }).toEqual({ issues: 1, violations: [] });
    expect(new Set(silences)).toEqual(new Set(['expired']));
  });
});
