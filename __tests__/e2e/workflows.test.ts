import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { type JobRun, runWorkflow, type WorkflowOptions, type WorkflowRun } from '../../testbed/act.ts';
import { type Application, type Release, startApplication } from '../../testbed/application.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ACTION = `platform/tiered-rollback@${COMMIT}`;
const GOOD: Release = { tag: 'v1' };
const BAD: Release = { tag: 'v2', frontend: 'unhealthy', backend: 'v2-crash' };

let cluster: Cluster;
/** What a user gets of this repository: the action's definition, its bundle and the reusable workflow. */
let action: string;
/** Where the stand-in of actions/upload-artifact puts files: the real one needs GitHub. */
let artifacts: string;
let uploader: string;

beforeAll(async () => {
  cluster = await sharedCluster();
  [action, artifacts, uploader] = (await Promise.all(
    ['action', 'artifacts', 'uploader'].map((name) => mkdtemp(join(tmpdir(), `tiered-rollback-${name}-`))),
  )) as [string, string, string];
  await cp(join(ROOT, 'action.yml'), join(action, 'action.yml'));
  await cp(join(ROOT, 'dist'), join(action, 'dist'), { recursive: true });
  // act does not know `$/` yet: the same repository at the same commit, spelled out.
  const reusable = replaced(
    await readFile(join(ROOT, '.github/workflows/rollback.yml'), 'utf8'),
    'uses: $/',
    `uses: ${ACTION}`,
  );
  await mkdir(join(action, '.github/workflows'), { recursive: true });
  await writeFile(join(action, '.github/workflows/rollback.yml'), reusable);
  const standIn = {
    name: 'upload',
    inputs: { name: {}, path: {}, archive: {}, 'if-no-files-found': {} },
    runs: {
      using: 'composite',
      steps: [
        {
          shell: 'bash',
          env: { NAME: input('name'), FILE: input('path'), ARCHIVE: input('archive') },
          // Without an archive the artifact has the name of its file.
          run: `if [ "$ARCHIVE" = false ]; then cp "$FILE" "${artifacts}/"; else cp "$FILE" "${artifacts}/$NAME.json"; fi`,
        },
      ],
    },
  };
  await writeFile(join(uploader, 'action.yml'), stringify(standIn));
});

afterAll(async () => {
  await Promise.all([action, artifacts, uploader].map((folder) => rm(folder, { recursive: true, force: true })));
});

const input = (name: string) => `\${{ inputs.${name} }}`;

async function application(prefix: string): Promise<Application> {
  const app = await startApplication(cluster, { namespace: await cluster.namespace(prefix) });
  await app.deploy(GOOD);
  await app.settled();
  return app;
}

const configOf = (app: Application) =>
  stringify({
    namespace: app.namespace,
    workloads: ['deployment/224solutions-frontend', 'deployment/224solutions-backend'],
    health: app.healthUrls,
    'stable-for': '1s',
  });

/** An example, with the owner and commit that a user would fill in, and whatever else differs here. */
async function example(name: string, replacements: Readonly<Record<string, string>> = {}): Promise<string> {
  const text = await readFile(join(ROOT, 'examples/workflows', name), 'utf8');
  return Object.entries({ 'OWNER/': 'platform/', '@COMMIT_SHA': `@${COMMIT}`, ...replacements }).reduce(
    (current, [from, to]) => replaced(current, from, to),
    text,
  );
}

/** Fails when there is nothing to replace, so that a test cannot run something else than it says. */
function replaced(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replaceAll(from, to);
}

async function run(
  options: Omit<WorkflowOptions, 'repository' | 'secrets' | 'repositories' | 'path'>,
  kubeconfig = cluster.kubeconfig,
): Promise<WorkflowRun> {
  const upload = /actions\/upload-artifact@[0-9a-f]{40}/.exec(
    await readFile(join(action, '.github/workflows/rollback.yml'), 'utf8'),
  )?.[0];
  const result = await runWorkflow({
    ...options,
    repository: 'shop/app',
    secrets: { KUBECONFIG: kubeconfig },
    repositories: { [ACTION]: action, ...(upload ? { [upload]: uploader } : {}) },
    path: [dirname(cluster.connection.kubectlPath)],
  });
  expectNoSecret(result, kubeconfig);
  return result;
}

/** The key of the kubeconfig, as it stands there and decoded, occurs in nothing that a person can see. */
function expectNoSecret({ jobs }: WorkflowRun, kubeconfig: string): void {
  const encoded: string = parse(kubeconfig).users[0].user['client-key-data'];
  const [, line = ''] = Buffer.from(encoded, 'base64').toString().split('\n');
  expect(line).toHaveLength(64);
  for (const { log, summary, outputs } of Object.values(jobs)) {
    for (const text of [log, summary, JSON.stringify(outputs)]) {
      expect(text).not.toContain(encoded.slice(0, 200));
      expect(text).not.toContain(line);
    }
  }
}

async function images(namespace: string): Promise<string[]> {
  const { body } = await cluster.api.call('GET', `/apis/apps/v1/namespaces/${namespace}/deployments`);
  return body.items.map(
    (item: { spec: { template: { spec: { containers: [{ image: string }] } } } }) =>
      item.spec.template.spec.containers[0].image.split('/').at(-1) ?? '',
  );
}

function job(result: WorkflowRun, name: RegExp): JobRun {
  const found = Object.entries(result.jobs).filter(([key]) => name.test(key));
  expect(found.map(([key]) => key)).toHaveLength(1);
  return (found[0] as [string, JobRun])[1];
}

describe('by hand (examples/workflows/manual.yml)', () => {
  it('rolls back with the tier that was chosen, and says so', async () => {
    await using app = await application('manual');
    await app.deploy(BAD);
    const result = await run({
      files: { '.github/workflows/rollback.yml': await example('manual.yml'), '.github/rollback.yml': configOf(app) },
      workflow: '.github/workflows/rollback.yml',
      event: 'workflow_dispatch',
      inputs: { tier: 'emergency', mode: 'rollback', reason: 'checkout fails' },
    });
    expect(result.code).toBe(0);
    const rollback = job(result, /rollback$/);
    expect(rollback).toMatchObject({
      result: 'success',
      outputs: { outcome: 'succeeded', 'rolled-back': 'true', healthy: 'true' },
    });
    expect(rollback.summary).toContain('## ✅ Rolled back and verified');
    expect(rollback.summary).toMatch(/Tier: \*\*emergency\*\*/);
    expect(rollback.summary).toContain('checkout fails');
    expect(await images(app.namespace)).toEqual(['backend:v1', 'frontend:v1']);
  });

  it('only shows what it would do when asked for a plan', async () => {
    await using app = await application('plan');
    await app.deploy(BAD);
    const result = await run({
      files: { '.github/workflows/rollback.yml': await example('manual.yml'), '.github/rollback.yml': configOf(app) },
      workflow: '.github/workflows/rollback.yml',
      event: 'workflow_dispatch',
      inputs: { tier: 'rapid', mode: 'plan', reason: 'look first' },
    });
    expect(result.code).toBe(0);
    expect(job(result, /rollback$/).outputs).toMatchObject({ outcome: 'planned', 'rolled-back': 'false' });
    expect(await images(app.namespace)).toEqual(['backend:v2', 'frontend:v2']);
  });
});

describe('after a deploy job that fails (examples/workflows/after-deploy.yml)', () => {
  const workflow = (app: Application) =>
    example('after-deploy.yml', {
      'NAMESPACE: production': `NAMESPACE: ${app.namespace}`,
      '--timeout=3m': '--timeout=5s',
    });
  const deploy = async (app: Application, manifest: string) =>
    run({
      files: {
        '.github/workflows/deploy.yml': await workflow(app),
        '.github/rollback.yml': configOf(app),
        'k8s/production/app.yml': manifest,
      },
      workflow: '.github/workflows/deploy.yml',
      event: 'push',
    });
  const manifestOf = (app: Application, release: Release) =>
    app
      .workloads(release)
      .map((object) => stringify(object))
      .join('---\n');

  it('goes back to what ran before', async () => {
    await using app = await application('after');
    const result = await deploy(app, manifestOf(app, BAD));
    expect(result.code).not.toBe(0);
    expect(job(result, /deploy$/).result).toBe('failure');
    const rollback = job(result, /rollback$/);
    expect(rollback).toMatchObject({ result: 'success', outputs: { outcome: 'succeeded', 'rolled-back': 'true' } });
    expect(rollback.summary).toContain('✅ Rolled back and verified');
    expect(rollback.summary).toMatch(/deploy of [0-9a-f]{40} failure/);
    expect(await images(app.namespace)).toEqual(['backend:v1', 'frontend:v1']);
    await app.settled();
  });

  it('leaves the good release alone when the deploy failed before it changed anything', async () => {
    await using app = await application('before');
    await app.deploy({ tag: 'v1.1' });
    await app.settled();
    const result = await deploy(app, 'kind: Deployment\napiVersion: apps/v1\nmetadata: { name: broken }\n');
    expect(job(result, /deploy$/).result).toBe('failure');
    const rollback = job(result, /rollback$/);
    expect(rollback).toMatchObject({ result: 'success', outputs: { outcome: 'no-op', 'rolled-back': 'false' } });
    expect(await images(app.namespace)).toEqual(['backend:v1.1', 'frontend:v1.1']);
  });

  it('does not roll back after a deploy that succeeds', async () => {
    await using app = await application('fine');
    const result = await deploy(app, manifestOf(app, { tag: 'v3' }));
    expect(result.code).toBe(0);
    expect(Object.values(result.jobs).flatMap(({ outputs }) => outputs['outcome'] ?? [])).toEqual([]);
    expect(await images(app.namespace)).toEqual(['backend:v3', 'frontend:v3']);
  });
});

describe('from another repository (examples/workflows/caller.yml, .github/workflows/rollback.yml)', () => {
  /** A job of the caller that goes on with what came out. */
  const after = (['outcome', 'healthy', 'rolled-back'] as const).map(
    (name) => `${name}=\${{ needs.rollback.outputs.${name} }}`,
  );
  const afterJob = stringify({
    after: {
      needs: 'rollback',
      if: 'always()',
      'runs-on': 'ubuntu-latest',
      steps: [{ run: `echo "${after.join(' ')} ."` }],
    },
  }).replace(/^/gm, '  ');

  const call = async (environments: unknown, files: Record<string, string>, kubeconfig: string) =>
    run(
      {
        files: {
          '.github/workflows/rollback.yml': `${await example('caller.yml', {
            '[{"name": "production-eu", "context": "eu"}, {"name": "production-us", "context": "us"}]':
              JSON.stringify(environments),
          })}\n${afterJob}`,
          ...files,
        },
        workflow: '.github/workflows/rollback.yml',
        event: 'workflow_dispatch',
        inputs: { tier: 'rapid', reason: 'both are down' },
      },
      kubeconfig,
    );

  it('rolls back every environment to its own end, and keeps each report', async () => {
    await using eu = await application('eu');
    await using us = await application('us');
    await Promise.all([eu.deploy(BAD), us.deploy(BAD)]);
    const kubeconfig = withContexts(cluster.kubeconfig, ['eu', 'us']);
    const config = stringify({ ...parse(configOf(eu)), namespace: undefined, health: undefined });
    const result = await call(
      [
        { name: 'production-eu', context: 'eu', namespace: eu.namespace },
        { name: 'production-us', context: 'us', namespace: us.namespace },
      ],
      { '.github/rollback.yml': config },
      kubeconfig,
    );
    expect(result.code).toBe(0);
    expect(job(result, /after$/).log).toContain('outcome= healthy= rolled-back= .');
    const summaries = Object.values(result.jobs).filter(({ summary }) => summary !== '');
    expect(summaries).toHaveLength(2);
    for (const { summary, outputs } of summaries) {
      expect(summary).toContain('## ✅ Rolled back and verified');
      expect(outputs).toMatchObject({ outcome: 'succeeded', 'rolled-back': 'true' });
    }
    for (const app of [eu, us]) {
      expect(await images(app.namespace)).toEqual(['backend:v1', 'frontend:v1']);
      await app.settled();
    }
    const kept = await readdir(artifacts);
    const [pages, files] = await Promise.all(
      ['.html', '.json'].map((end) =>
        Promise.all(kept.filter((name) => name.endsWith(end)).map((name) => readFile(join(artifacts, name), 'utf8'))),
      ),
    );
    expect(pages?.map((page) => page.split('\n')[0])).toEqual(['<!doctype html>', '<!doctype html>']);
    const reports = files?.map((text) => JSON.parse(text)) ?? [];
    expect(reports.map(({ namespace }) => namespace).sort()).toEqual([eu.namespace, us.namespace].sort());
    expect(reports.map(({ cluster: { context } }) => context).sort()).toEqual(['eu', 'us']);
  });

  it('hands the outcome of a single environment to the caller', async () => {
    await using app = await application('single');
    await app.deploy(BAD);
    const files = { '.github/rollback.yml': configOf(app) };
    const result = await call(['production'], files, cluster.kubeconfig);
    expect(result.code).toBe(0);
    expect(job(result, /after$/).log).toContain('outcome=succeeded healthy=true rolled-back=true .');
  });

  it('carries on in the others when one environment cannot be rolled back, and is red', async () => {
    await using eu = await application('half');
    await eu.deploy(BAD);
    const result = await call(
      [
        { name: 'production-eu', context: 'eu', namespace: eu.namespace },
        { name: 'production-us', context: 'us', namespace: 'there-is-none' },
      ],
      { '.github/rollback.yml': stringify({ ...parse(configOf(eu)), namespace: undefined, health: undefined }) },
      withContexts(cluster.kubeconfig, ['eu', 'us']),
    );
    expect(result.code).not.toBe(0);
    const outcomes = Object.values(result.jobs).flatMap(({ outputs }) => outputs['outcome'] ?? []);
    expect(outcomes.sort()).toEqual(['refused', 'succeeded']);
    expect(await images(eu.namespace)).toEqual(['backend:v1', 'frontend:v1']);
  });
});

/** The same cluster under several names, as one kubeconfig for several clusters has them. */
function withContexts(kubeconfig: string, names: readonly string[]): string {
  const config = parse(kubeconfig);
  const [{ context }] = config.contexts;
  return stringify({ ...config, contexts: names.map((name) => ({ name, context })) });
}
