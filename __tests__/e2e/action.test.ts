import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../testbed/cluster.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { freePorts } from '../../testbed/ports.ts';
import { runStep, Step, type StepResult } from '../../testbed/runner.ts';
import { Scene } from './scene.ts';

let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  cluster = await sharedCluster();
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-action-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that a person or another step can see of a run, without the commands that tell the runner what to hide. */
function visible(result: StepResult): string {
  const raw = result.raw.split('\n').filter((line) => !line.startsWith('::add-mask::'));
  return [...raw, result.summary, JSON.stringify(result.outputs), result.reportText, result.pageText].join('\n');
}

const refusal = (result: StepResult) => result.report?.failures.map(({ code }) => code);

describe('a kubeconfig', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.build(cluster, 'kubeconfig');
    await scene.deploy('v2');
    await scene.settled();
  });
  const plan = (kubeconfig: string, more: Record<string, string> = {}) =>
    runStep({ with: scene.inputs({ mode: 'plan', kubeconfig, ...more }) });

  it.each([
    ['as YAML', async () => cluster.kubeconfig],
    ['as base64', async () => Buffer.from(cluster.kubeconfig).toString('base64')],
    ['as a path', async () => cluster.kubeconfigPath],
  ])('is understood %s', async (_form, kubeconfig) => {
    const result = await plan(await kubeconfig());
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
  });

  it('is found by the variable KUBECONFIG', async () => {
    const { kubeconfig: _, ...inputs } = scene.inputs({ mode: 'plan' });
    const result = await runStep({ with: inputs, env: { KUBECONFIG: cluster.kubeconfigPath } });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
  });

  it.each([
    ['is no kubeconfig', async () => 'hello, this is no kubeconfig at all', 'KUBECONFIG_INVALID'],
    ['is another YAML', async () => 'kind: Secret\napiVersion: v1\nmetadata: { name: x }\n', 'KUBECONFIG_INVALID'],
    ['names a file that is not there', async () => '/does/not/exist/kubeconfig', 'KUBECONFIG_INVALID'],
    [
      'starts a program',
      async () => withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh' } }),
      'KUBECONFIG_UNSAFE',
    ],
    ['has expired', () => cluster.kubeconfigFor({ name: 'late', expiresInSeconds: -5 }), 'CLUSTER_UNAUTHORIZED'],
    ['leads nowhere', async () => withServer(`https://127.0.0.1:${(await freePorts(1))[0]}`), 'CLUSTER_UNREACHABLE'],
    ['may do nothing', () => cluster.kubeconfigFor({ name: 'nobody' }), 'CLUSTER_FORBIDDEN'],
  ])('that %s is refused with the next thing to do', async (_what, kubeconfig, code) => {
    const result = await plan(await kubeconfig(), { mode: 'rollback', timeout: '15s' });
    expect(result.exitCode).toBe(1);
    expect(result.outputs['outcome']).toBe('refused');
    expect(refusal(result)).toContain(code);
    for (const { hint } of result.report?.failures ?? []) expect(hint).not.toBe('');
    expect(result.annotations.some(({ level }) => level === 'error')).toBe(true);
    expect(await scene.images()).toEqual(['registry.example/api:v2', 'registry.example/web:v2']);
  });

  function withUser(user: object): string {
    const config = parse(cluster.kubeconfig);
    return stringify({ ...config, users: [{ ...config.users[0], user }] });
  }
  function withServer(server: string): string {
    const config = parse(cluster.kubeconfig);
    const [first] = config.clusters;
    return stringify({ ...config, clusters: [{ ...first, cluster: { ...first.cluster, server } }] });
  }
});

describe('inputs', () => {
  it('that are missing are all named at once, in log, summary and report', async () => {
    const result = await runStep({ with: { tier: 'quick', 'max-parallel': 'many' } });
    expect(result).toMatchObject({
      exitCode: 1,
      postExitCode: 0,
      outputs: { outcome: 'refused', 'rolled-back': 'false' },
    });
    for (const text of [result.log, result.summary, result.reportText, result.pageText]) {
      for (const name of ['tier', 'max-parallel', 'namespace']) expect(text).toContain(name);
    }
  });

  it('that are mistyped name the right one', async () => {
    const result = await runStep({ with: { namepsace: 'shop', kubeconfig: cluster.kubeconfig } });
    expect(result.exitCode).toBe(1);
    expect(result.log).toContain('did you mean "namespace"');
  });
});

describe('a dry run', () => {
  it('changes nothing, by the audit log of the API server', async () => {
    const scene = await Scene.build(cluster, 'dry');
    await scene.deploy('v2');
    const user = `planner-${scene.namespace}`;
    const kubeconfig = await cluster.kubeconfigFor({ name: user, groups: ['system:masters'] });
    const since = await cluster.auditMark();
    const result = await runStep({ with: scene.inputs({ mode: 'plan', kubeconfig }) });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned', 'rolled-back': 'false' } });
    expect(result.summary).toContain('web:v1');
    expect(await cluster.audit({ user, mutating: true, since })).toEqual([]);
    expect((await cluster.audit({ user, since })).length).toBeGreaterThan(0);
  });

  it('that is told nothing but where finds out the rest, and the files that it writes roll back', async () => {
    const scene = await Scene.build(cluster, 'discover', { names: ['shop-web', 'shop-api'] });
    await scene.deploy('v2');
    const found = await runStep({
      with: { mode: 'plan', namespace: scene.namespace, kubeconfig: cluster.kubeconfig },
    });
    expect(found).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
    const files = found.report?.discovery?.files ?? [];
    expect(files.map(({ name }) => name)).toContain('.github/rollback.yml');
    const workspace = join(folder, 'discovered');
    for (const { name, content } of files) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      await writeFile(join(workspace, name), content);
      expect(found.summary).toContain(name);
    }
    const result = await runStep({ workspace, with: { kubeconfig: cluster.kubeconfig, 'stable-for': '0s' } });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect((await scene.images()).every((image) => image.endsWith(':v1'))).toBe(true);
  });
});

describe('a rollback', () => {
  it('speaks French where asked', async () => {
    const scene = await Scene.build(cluster, 'francais');
    await scene.deploy('v2');
    const result = await runStep({ with: scene.inputs({ language: 'fr', tier: 'rapide' }) });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect(result.summary).toContain('Rollback effectué et vérifié');
    expect(result.pageText).toMatch(
      /^<!doctype html>\n<html lang="fr">[\s\S]*Rollback effectué et vérifié[\s\S]*<\/html>\n$/,
    );
    expect(result.log).toContain('Services redémarrés avec succès');
    expect(JSON.parse(result.outputs['checklist'] ?? '')[0].item).toBe('Services redémarrés avec succès');
  });

  it('leaves and reaches releases whatever is written in them', async () => {
    const scene = await Scene.build(cluster, 'text', { names: ['web'] });
    const said = { command: ['sh', '-c', 'a && b < in > out'], env: [{ name: 'URL', value: 'x?a=1&b=\u2028é' }] };
    await scene.deploy('v1', said);
    await scene.settled();
    await scene.deploy('v2', { ...said, args: ['&&'] });
    await scene.settled();
    const result = await runStep({ with: scene.inputs() });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect(await scene.images()).toEqual(['registry.example/web:v1']);
  });

  it('is a no-op when it is run again, and never toggles', async () => {
    const scene = await Scene.build(cluster, 'again');
    await scene.deploy('v2');
    const first = await runStep({ with: scene.inputs() });
    expect(first.outputs['outcome']).toBe('succeeded');
    for (const tier of ['rapid', 'emergency']) {
      const again = await runStep({ with: scene.inputs({ tier }) });
      expect(again).toMatchObject({ exitCode: 0, outputs: { outcome: 'no-op', 'rolled-back': 'false' } });
      expect((await scene.images()).every((image) => image.endsWith(':v1'))).toBe(true);
    }
  });
});

describe('a run that does not come to its end', () => {
  /** Pods take some seconds to get ready, so that there is a middle to be cut off in. */
  const slow = (prefix: string) => Scene.build(cluster, prefix, { annotations: { 'testbed/ready-after': '4s' } });

  it('reports when it is cancelled, and the next run finishes the work', async () => {
    const scene = await slow('cancel');
    await scene.deploy('v2');
    const step = await Step.start({ with: scene.inputs() });
    await scene.begunToRollBack();
    step.cancel();
    const cancelled = await step.finish();
    await step.dispose();
    expect(cancelled).toMatchObject({ exitCode: 1, postExitCode: 0, outputs: { outcome: 'cancelled' } });
    expect(cancelled.summary).toContain('Cancelled midway');
    const { body: lock } = await cluster.api.call(
      'GET',
      `/apis/coordination.k8s.io/v1/namespaces/${scene.namespace}/leases/tiered-rollback`,
    );
    expect(lock.spec.holderIdentity ?? '').toBe('');

    const next = await runStep({ with: scene.inputs() });
    expect(next.exitCode).toBe(0);
    expect(['succeeded', 'no-op']).toContain(next.outputs['outcome']);
    expect((await scene.images()).every((image) => image.endsWith(':v1'))).toBe(true);
    await scene.settled();
  });

  it('is spoken for by post when it was killed, and the next run finishes the work', async () => {
    const scene = await slow('kill');
    await scene.deploy('v2');
    const step = await Step.start({ with: scene.inputs() });
    await scene.begunToRollBack();
    step.signal('SIGKILL');
    const killed = await step.finish();
    await step.dispose();
    expect(killed.exitCode).toBeNull();
    expect(killed.postExitCode).toBe(0);
    expect(killed.summary).toContain('The rollback was killed before it could report');
    expect(killed.annotations).toContainEqual(expect.objectContaining({ level: 'error' }));

    // The lock of the killed run has not expired: only an emergency does not wait for that.
    const next = await runStep({ with: scene.inputs({ tier: 'emergency' }) });
    expect(next.exitCode).toBe(0);
    expect(['succeeded', 'no-op']).toContain(next.outputs['outcome']);
    expect((await scene.images()).every((image) => image.endsWith(':v1'))).toBe(true);
    await scene.settled();
  });
});

describe('secrets', () => {
  it('of the kubeconfig, of health checks and of the job occur nowhere', async () => {
    const scene = await Scene.build(cluster, 'secrets');
    await scene.deploy('v2');
    const [password, token] = ['marker-pass-5c1e7f', 'ghs_markertoken0123456789'];
    const health = createServer((request, response) => {
      const isAllowed =
        request.headers.authorization === `Basic ${Buffer.from(`probe:${password}`).toString('base64')}`;
      // A server that sends the credentials back is a careless one, not an unlikely one.
      response.writeHead(isAllowed ? 200 : 401).end(`hello ${request.headers.authorization} ${password}`);
    });
    await new Promise<void>((resolve) => health.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://probe:${password}@127.0.0.1:${(health.address() as AddressInfo).port}/health`;
      // No GitHub there: the client's error must not carry the token either.
      const env = { GITHUB_API_URL: `http://127.0.0.1:${(await freePorts(1))[0]}` };
      const result = await runStep({ with: scene.inputs({ 'health-urls': url }), token, env });
      expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded', healthy: 'true' } });
      const user = parse(cluster.kubeconfig).users[0].user;
      const key = Buffer.from(user['client-key-data'], 'base64').toString();
      const everywhere = `${visible(result)}\n${await scene.leftInCluster()}`;
      for (const secret of [
        password,
        Buffer.from(`probe:${password}`).toString('base64'),
        token,
        user['client-key-data'],
        key.split('\n')[1] ?? '',
      ])
        expect(everywhere.includes(secret)).toBe(false);
    } finally {
      health.close();
    }
  });

  it('occur in no error about them', async () => {
    const scene = await Scene.build(cluster, 'refused');
    const marker = 'marker-token-8d02b1c4';
    const config = parse(cluster.kubeconfig);
    const kubeconfig = stringify({ ...config, users: [{ ...config.users[0], user: { token: marker } }] });
    const refused = await runStep({ with: scene.inputs({ kubeconfig }) });
    expect(refusal(refused)).toContain('CLUSTER_UNAUTHORIZED');
    expect(visible(refused)).not.toContain(marker);
    const broken = await runStep({ with: scene.inputs({ kubeconfig: `${kubeconfig}\n  : : ${marker}` }) });
    expect(broken.exitCode).toBe(1);
    expect(visible(broken)).not.toContain(marker);
  });
});

describe('hostile text', () => {
  it('from the cluster is shown, and does nothing in log, summary and outputs', async () => {
    const scene = await Scene.build(cluster, 'hostile', { names: ['web'] });
    const evil = [
      'registry.example/web:v2|<img src=x onerror=alert(1)> [link](https://evil.example) `code`',
      '::error title=forged::forged',
      '::set-output name=outcome::forged',
      '::add-mask::deployment',
      '##[error]forged',
      '```',
      '</details><img src=y>',
      '\u001B[2J\u202E@everyone',
    ].join('\n');
    await scene.deploy('v2', { image: evil });
    await scene.settled();
    const result = await runStep({ with: scene.inputs({ mode: 'rollback' }) });
    expect(result).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect(result.annotations.filter(({ title, message }) => `${title}${message}`.includes('forged'))).toEqual([]);
    expect(result.masks).not.toContain('deployment');
    // Inside a fence everything is text; one that hostile text could close would leave its own tail behind here.
    const outside = result.summary.replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '');
    expect(outside).not.toMatch(/<img|\]\(https:\/\/evil|@everyone/);
    expect(result.pageText).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(result.pageText).not.toMatch(/<img|href="https:\/\/evil|\u202E/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    for (const text of [result.log, result.summary]) expect(text).not.toMatch(/[\u001B\u202E]/);
  });
});
