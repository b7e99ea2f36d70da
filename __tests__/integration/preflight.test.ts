import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectCluster, readKubeconfig } from '../../src/adapters/kubernetes/index.ts';
import { type AccessRule, missingRulesYaml, requiredRules, roleYaml } from '../../src/core/access.ts';
import type { Config } from '../../src/core/config.ts';
import type { WorkloadKind } from '../../src/core/kubernetes.ts';
import type { Report } from '../../src/core/report.ts';
import { run } from '../../src/engine/run.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { QUIET_CONFIG, QUIET_PARTS } from '../fakes/quiet.ts';
import { NO_COMMANDS } from '../unit/engine/harness.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await sharedCluster();
});

interface Shape {
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  readonly metadata?: object;
  readonly spec?: object;
  /** Of the container, in the first release only. */
  readonly good?: object;
  /** Of the pod spec, in both releases. */
  readonly pod?: object;
  readonly container?: object;
}

function workload(name: string, tag: string, shape: Shape = {}): object {
  const container = { name: 'app', image: `registry.test/app:${tag}`, ...shape.container };
  return {
    apiVersion: 'apps/v1',
    kind: shape.kind ?? 'Deployment',
    metadata: { name, ...shape.metadata },
    spec: {
      replicas: shape.replicas ?? 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { ...shape.pod, containers: [{ ...container, ...(tag === 'good' ? shape.good : {}) }] },
      },
      ...shape.spec,
    },
  };
}

/** Deploys a good release, then a bad one. */
async function deploy(namespace: string, name: string, shape: Shape = {}): Promise<void> {
  for (const tag of ['good', 'bad']) {
    await kubectl(namespace, ['apply', '-f', '-'], workload(name, tag, shape));
    const ref = `${(shape.kind ?? 'Deployment').toLowerCase()}/${name}`;
    if (tag === 'good') await kubectl(namespace, ['rollout', 'status', ref, '--timeout=30s']);
    else await waitFor(`revision 2 of ${name}`, () => hasRevisions(namespace, name, 2), { timeoutMs: 20_000 });
  }
}

async function hasRevisions(namespace: string, name: string, count: number): Promise<boolean> {
  const kinds = 'replicasets,controllerrevisions';
  const { stdout } = await kubectl(namespace, ['get', kinds, '-l', `app=${name}`, '-o', 'name']);
  return stdout.trim().split('\n').length >= count;
}

async function kubectl(namespace: string, args: readonly string[], input?: object | string) {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return cluster.kubectl(['-n', namespace, ...args], { check: true, ...(input ? { input: text } : {}) });
}

const NOWHERE = { workspace: '/nowhere', temp: '/nowhere', allowInsecure: [], allowExecPlugins: [] };
const QUIET = { phase() {}, info() {}, warn() {}, debug() {} };

/** One run of the engine against the real API server, by default a plan. */
async function plan(namespace: string, names: readonly string[], over: Partial<Config> = {}, kubeconfig?: string) {
  const access = await readKubeconfig({ text: kubeconfig ?? cluster.kubeconfig, ...NOWHERE });
  const connection = await connectCluster(access, namespace, { userAgent: 'test' });
  const config = {
    mode: 'plan',
    tier: 'rapid',
    namespace,
    workloads: names.map((name) => ({ kind: 'Deployment', name })),
    to: { kind: 'auto' },
    deployWindowMs: 1_800_000,
    stableForMs: 0,
    timeoutMs: 30_000,
    maxParallel: 50,
    onFailure: 'keep',
    skipSteps: [],
    requiredChecks: [],
    allowGitops: false,
    deployWorkflows: [],
    health: [],
    contacts: {},
    secrets: [],
    reason: '',
    language: 'en',
    ...QUIET_CONFIG,
    ...over,
  } as Config;
  try {
    return await run({
      config,
      run: { id: 'preflight', url: '', actor: 'a', repository: 'r', commit: 'c', workflow: 'w', reason: '' },
      cluster: connection,
      github: { activeRuns: async () => undefined, cancelRun: async () => false },
      http: { get: async () => ({ status: 200, body: '', durationMs: 1 }) },
      ...QUIET_PARTS,
      commands: NO_COMMANDS,
      values: { get: () => undefined },
      clock: {
        now: () => Date.now(),
        sleep: (ms, signal) => import('node:timers/promises').then((t) => t.setTimeout(ms, undefined, { signal })),
      },
      log: QUIET,
      signal: new AbortController().signal,
    });
  } finally {
    await connection.close();
  }
}

const items = (report: Report, check: string) => report.preflight.filter((item) => item.check === check);
const refused = (report: Report) => report.failures.map((failure) => failure.code);
const notes = (report: Report) => report.preflight.flatMap((item) => item.note?.key ?? []);

/** A user who may do exactly what these rules say. */
async function userWith(namespace: string, name: string, rules: readonly AccessRule[]): Promise<string> {
  await kubectl(namespace, ['apply', '-f', '-'], roleYaml({ name, namespace, rules, user: name }));
  return cluster.kubeconfigFor({ name, namespace });
}

describe('permissions', () => {
  it('plans with the required rules alone, and says what is lost', async () => {
    const namespace = await cluster.namespace('least');
    await deploy(namespace, 'web');
    const user = await userWith(namespace, `least-${namespace}`, requiredRules(['Deployment']));
    const report = await plan(namespace, ['web'], {}, user);
    expect([report.outcome, report.failures]).toEqual(['planned', []]);
    expect(notes(report)).toEqual([
      'degraded.lock',
      'degraded.ledger',
      'degraded.events',
      'degraded.logs',
      'degraded.metrics',
      'degraded.quotas',
      'degraded.autoscalers',
      'degraded.disruption-budgets',
    ]);
  });

  it('refuses without patch, and what it prints is what was missing', async () => {
    const namespace = await cluster.namespace('nopatch');
    await deploy(namespace, 'web');
    const all = requiredRules(['Deployment']);
    const without = all.filter((rule) => rule.verb !== 'patch');
    const user = await userWith(namespace, `nopatch-${namespace}`, without);
    const report = await plan(namespace, ['web'], {}, user);
    expect(report.outcome).toBe('refused');
    const [item] = items(report, 'access');
    expect(item?.failure?.code).toBe('CLUSTER_FORBIDDEN');
    const missing = all.filter((rule) => rule.verb === 'patch');
    expect(item?.failure?.hint).toContain(missingRulesYaml(missing, namespace));

    await kubectl(
      namespace,
      ['apply', '-f', '-'],
      roleYaml({ name: 'missing', namespace, rules: missing, user: `nopatch-${namespace}` }),
    );
    const granted = await waitFor(
      'the rule to count',
      async () => {
        const again = await plan(namespace, ['web'], {}, user);
        return again.outcome === 'planned' ? again : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(items(granted, 'access').every((one) => one.severity !== 'refuse')).toBe(true);
  });

  it('runs without any restriction on the Role that discovery prints', async () => {
    const namespace = await cluster.namespace('discovered');
    await kubectl(namespace, ['create', 'secret', 'generic', 'db', '--from-literal=url=x']);
    const container = { envFrom: [{ secretRef: { name: 'db' } }] };
    await deploy(namespace, 'web', { container });
    await kubectl(namespace, ['rollout', 'status', 'deployment/web', '--timeout=30s']);
    const found = await plan(namespace, []);
    expect(found.discovery?.workloads).toMatchObject([{ ref: { name: 'web' }, canGoBack: true }]);
    const role = found.discovery?.files.find((file) => file.name === 'rollback-role.yaml')?.content ?? '';
    await kubectl(namespace, ['apply', '-f', '-'], role);
    const account = await cluster.serviceAccountKubeconfig(namespace, 'tiered-rollback');
    const report = await waitFor(
      'the Role to count',
      async () => {
        const one = await plan(namespace, ['web'], {}, account);
        return one.outcome === 'planned' ? one : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(report.preflight.filter((item) => item.severity !== 'info')).toEqual([]);
  });
});

describe('what the target reads', () => {
  it('refuses before anything is touched when a Secret or a key is gone', async () => {
    const namespace = await cluster.namespace('reads');
    await kubectl(namespace, ['create', 'secret', 'generic', 'db', '--from-literal=url=x']);
    await kubectl(namespace, ['create', 'configmap', 'settings', '--from-literal=level=x']);
    const ref = { configMapKeyRef: { name: 'settings', key: 'level' } };
    await deploy(namespace, 'web', {
      good: { envFrom: [{ secretRef: { name: 'db' } }], env: [{ name: 'LEVEL', valueFrom: ref }] },
    });
    await kubectl(namespace, ['delete', 'secret', 'db']);
    await kubectl(namespace, [
      'patch',
      'configmap',
      'settings',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/data"}]',
    ]);
    const mark = await cluster.auditMark();
    const report = await plan(namespace, ['web'], { mode: 'rollback' });
    expect(report.outcome).toBe('refused');
    expect(items(report, 'references').map((item) => item.failure?.message)).toEqual([
      expect.stringContaining('Secret db does not exist'),
      expect.stringContaining('ConfigMap settings has no key level'),
    ]);
    const user = 'testbed:admin';
    expect(await cluster.audit({ namespace, user, mutating: true, since: mark })).toEqual([]);
    const asked = await cluster.audit({ namespace, user, since: mark });
    expect(asked.filter((event) => event.verb === 'patch').map((event) => event.requestURI)).toEqual([
      expect.stringContaining('dryRun=All'),
    ]);
  });
});

describe('quota', () => {
  const rolling = (maxUnavailable: number) => ({
    replicas: 2,
    container: { resources: { requests: { cpu: '100m' } } },
    spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable } } },
  });
  const restrict = async (namespace: string) => {
    await kubectl(namespace, ['create', 'quota', 'limits', '--hard=requests.cpu=200m']);
    await waitFor(
      'the quota to be counted',
      async () => {
        const { stdout } = await kubectl(namespace, ['get', 'quota', 'limits', '-o', 'jsonpath={.status.used}']);
        return stdout.includes('200m');
      },
      { timeoutMs: 30_000 },
    );
  };

  it('refuses what the controller could never finish: without room nothing may end, and nothing can begin', async () => {
    const namespace = await cluster.namespace('quota');
    await deploy(namespace, 'web', rolling(0));
    await kubectl(namespace, ['rollout', 'status', 'deployment/web', '--timeout=30s']);
    await restrict(namespace);
    const report = await plan(namespace, ['web']);
    expect(refused(report)).toEqual(['QUOTA_INSUFFICIENT']);

    // The real controller agrees.
    await kubectl(namespace, ['rollout', 'undo', 'deployment/web']);
    const message = await waitFor(
      'the controller to be refused',
      async () => {
        const path = '{.status.conditions[?(@.type=="ReplicaFailure")].message}';
        const { stdout } = await kubectl(namespace, ['get', 'deployment', 'web', '-o', `jsonpath=${path}`]);
        return stdout === '' ? undefined : stdout;
      },
      { timeoutMs: 20_000 },
    );
    expect(message).toContain('exceeded quota: limits');
  });

  it('sees that nothing is needed where the bad release never found room: the good pods still run', async () => {
    const namespace = await cluster.namespace('quota');
    await kubectl(namespace, ['apply', '-f', '-'], workload('web', 'good', rolling(0)));
    await kubectl(namespace, ['rollout', 'status', 'deployment/web', '--timeout=30s']);
    await restrict(namespace);
    await kubectl(namespace, ['apply', '-f', '-'], workload('web', 'bad', rolling(0)));
    await waitFor('the bad revision', () => hasRevisions(namespace, 'web', 2), { timeoutMs: 20_000 });
    const report = await plan(namespace, ['web']);
    expect([report.outcome, notes(report), refused(report)]).toEqual(['planned', [], []]);
  });

  it('only warns where an old pod may end first, and the controller does finish', async () => {
    const namespace = await cluster.namespace('quota');
    await deploy(namespace, 'web', rolling(1));
    await kubectl(namespace, ['rollout', 'status', 'deployment/web', '--timeout=30s']);
    await restrict(namespace);
    const report = await plan(namespace, ['web']);
    expect([report.outcome, notes(report)]).toEqual(['planned', ['note.quota-tight']]);
    await kubectl(namespace, ['rollout', 'undo', 'deployment/web']);
    await kubectl(namespace, ['rollout', 'status', 'deployment/web', '--timeout=60s']);
  });
});

describe('controllers that do not take every pod there', () => {
  it('names the pods that somebody must delete: updateStrategy OnDelete', async () => {
    const namespace = await cluster.namespace('ondelete');
    const shape = { kind: 'StatefulSet' as const, spec: { serviceName: 'db', updateStrategy: { type: 'OnDelete' } } };
    await kubectl(namespace, ['apply', '-f', '-'], workload('db', 'good', shape));
    const isReady = async () => {
      const { stdout } = await kubectl(namespace, ['get', 'pod', '-l', 'app=db', '-o', 'name']);
      return stdout.trim() === 'pod/db-0';
    };
    await waitFor('its pod', isReady, { timeoutMs: 20_000 });
    await kubectl(namespace, ['apply', '-f', '-'], workload('db', 'bad', shape));
    await waitFor('the bad revision', () => hasRevisions(namespace, 'db', 2), { timeoutMs: 20_000 });
    const config = { workloads: [{ kind: 'StatefulSet', name: 'db' }] } as const;
    // The pod still runs the good release: there is nothing to delete.
    const [before] = items(await plan(namespace, [], config), 'target');
    expect(before?.note?.values?.['command']).toBe(`kubectl -n ${namespace} delete pod POD`);
    await kubectl(namespace, ['delete', 'pod', 'db-0']);
    await waitFor('its pod again', isReady, { timeoutMs: 20_000 });
    const [after] = items(await plan(namespace, [], config), 'target');
    expect(after?.note?.values?.['command']).toBe(`kubectl -n ${namespace} delete pod db-0`);
  });
});

describe('who would take it back', () => {
  it('refuses an Argo CD application, and goes on when that is allowed', async () => {
    const namespace = await cluster.namespace('gitops');
    await deploy(namespace, 'web', { metadata: { labels: { 'argocd.argoproj.io/instance': 'shop' } } });
    expect(refused(await plan(namespace, ['web']))).toEqual(['GITOPS_OWNED']);
    const allowed = await plan(namespace, ['web'], { allowGitops: true });
    expect([allowed.outcome, notes(allowed)]).toEqual(['planned', ['note.gitops-allowed']]);
  });
});

describe('the right cluster', () => {
  it('refuses any other', async () => {
    const namespace = await cluster.namespace('identity');
    await deploy(namespace, 'web');
    expect(refused(await plan(namespace, ['web'], { expectedCluster: 'another' }))).toEqual(['CLUSTER_MISMATCH']);
    const { stdout } = await kubectl('kube-system', ['get', 'ns', 'kube-system', '-o', 'jsonpath={.metadata.uid}']);
    expect((await plan(namespace, ['web'], { expectedCluster: stdout })).outcome).toBe('planned');
  });
});

describe('admission', () => {
  it('finds by dry run what a policy would refuse, and touches nothing', async () => {
    const namespace = await cluster.namespace('policy');
    await deploy(namespace, 'web');
    await denyGoodImages(namespace);
    const report = await waitFor(
      'the policy to count',
      async () => {
        const one = await plan(namespace, ['web'], {});
        return one.outcome === 'refused' ? one : undefined;
      },
      { timeoutMs: 30_000 },
    );
    expect(refused(report)).toEqual(['ADMISSION_DENIED']);
    expect(report.failures[0]?.message).toContain('the good image is banned');
  });

  async function denyGoodImages(namespace: string): Promise<void> {
    const name = `ban-${namespace}`;
    await cluster.apply([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] },
            ],
          },
          validations: [
            {
              expression: "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':good'))",
              message: 'the good image is banned',
            },
          ],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ['Deny'],
          matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
        },
      },
    ]);
  }
});
