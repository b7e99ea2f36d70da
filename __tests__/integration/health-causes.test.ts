import { describe, expect, it } from '@jest/globals';
import type { HealthCheck } from '../../src/core/config.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Report } from '../../src/core/report.ts';
import { waitFor } from '../../testbed/condition.ts';
import { withFate } from '../../testbed/fates/index.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

const WEB = [deployment('web')];
/** They wait for deadlines of their own, side by side. */
const LONG_MS = 300_000;

function check(address: string): HealthCheck {
  const [, name, port = '', path = ''] = /^service\/([^:]+):([^/]+)(\/.*)$/.exec(address) ?? [];
  return {
    name: address,
    at: name ? { kind: 'service', service: name, port, path } : { kind: 'url', url: address },
    status: { from: 200, to: 299 },
    timeoutMs: 3000,
    successes: 2,
  };
}

const service = (scene: Scene, name: string, spec: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: scene.namespace },
  spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
});

const named =
  (scene: Scene, change: (manifest: Manifest) => void = () => {}) =>
  (tag: string) =>
    scene.deployment('web', `shop/web:${tag}`, (manifest) => {
      manifest.spec.template.metadata.labels = { app: 'web', version: `v${tag}` };
      manifest.spec.template.spec.containers[0].ports = [{ name: 'http', containerPort: 8080 }];
      change(manifest);
    });

async function endpoints(
  scene: Scene,
  name: string,
  what: string,
  holds: (ready: boolean[]) => boolean,
): Promise<void> {
  await waitFor(
    `EndpointSlices of ${name}: ${what}`,
    async () => {
      const { body } = await scene.cluster.api.call(
        'GET',
        `/apis/discovery.k8s.io/v1/namespaces/${scene.namespace}/endpointslices?labelSelector=kubernetes.io/service-name%3D${name}`,
      );
      const ready = body.items.flatMap((slice: Manifest) =>
        (slice.endpoints ?? [])
          .filter((one: Manifest) => !one.conditions.terminating)
          .map((one: Manifest) => one.conditions.ready),
      );
      return holds(ready) ? true : undefined;
    },
    { timeoutMs: 60_000 },
  );
}

const failureOf = (report: Report) => {
  const outcome = report.steps.find(({ step }) => step === 'check-health')?.outcome;
  return outcome?.status === 'failed' ? outcome.failure : undefined;
};

const OWN: Partial<Finding> = {
  workload: { kind: 'Deployment', name: 'web' },
  object: 'service/web',
  fatal: false,
  contact: 'devops',
};

describe('a health check fails although all pods are ready', () => {
  it.concurrent(
    'the Service still selects the version that was left',
    async () => {
      const scene = await Scene.create('selector');
      await scene.apply(service(scene, 'web', { selector: { app: 'web', version: 'v2' } }));
      await scene.deploy(named(scene)('1'));
      await scene.deploy(named(scene)('2'));
      const report = await scene.rollback(WEB, { health: [check('service/web:80/health')], timeoutMs: 30_000 });
      expect(report.outcome).toBe('failed');
      expect(report.workloads[0]?.now).toMatchObject({ images: ['shop/web:1'], ready: 2 });
      expect(report.findings.after).toEqual([
        expect.objectContaining({
          ...OWN,
          cause: 'service-selector-mismatch',
          values: { service: 'service/web', key: 'version', wanted: 'v2', carried: 'v1' },
          command: `kubectl get pods --show-labels -n ${scene.namespace}`,
        }),
      ]);
      // Before, the Service selected the pods: whatever was wrong then, it was not that.
      expect(report.findings.before.map(({ cause }) => cause)).not.toContain('service-selector-mismatch');
      expect(failureOf(report)).toMatchObject({
        code: 'HEALTH_FAILED',
        message: expect.stringContaining('(service-selector-mismatch; deployment/web)'),
        hint: `kubectl get pods --show-labels -n ${scene.namespace}`,
      });
      expect(report.troubleshooting?.[0]).toMatchObject({
        problem: 'service-discovery',
        cause: 'service-selector-mismatch',
        contact: 'devops',
      });
      expect(report.troubleshooting?.filter(({ cause }) => cause === 'HEALTH_FAILED')).toEqual([]);
    },
    LONG_MS,
  );

  it.concurrent(
    'several of them, each for a cause of its own: a port, a Service, a name',
    async () => {
      const scene = await Scene.create('causes');
      await scene.apply(service(scene, 'web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'grpc' }] }));
      await scene.deploy(named(scene)('1'));
      await scene.deploy(named(scene)('2'));
      expect((await scene.rollback(WEB)).outcome).toBe('succeeded');
      const health = ['service/web:80/health', 'service/wbe:80/health', 'http://shop.invalid/health'].map(check);
      const causes = [
        expect.objectContaining({
          cause: 'service-missing',
          object: 'service/wbe',
          evidence: [expect.stringMatching(/: web$/)],
        }),
        expect.objectContaining({
          ...OWN,
          cause: 'service-port-mismatch',
          values: { from: 'service/web port 80', leads: 'grpc', there: '8080 (http)' },
        }),
        expect.objectContaining({
          cause: 'name-not-resolved',
          object: 'shop.invalid',
          values: { host: 'shop.invalid', check: 'http://shop.invalid/health' },
          command: 'nslookup shop.invalid; kubectl get pods,endpointslices -l k8s-app=kube-dns -n kube-system',
        }),
      ];
      // The group is at its target, and nothing is left to do but to look at its health.
      const report = await scene.rollback(WEB, { health, timeoutMs: 8000 });
      expect(report.findings.after).toEqual(causes);
      expect(failureOf(report)).toMatchObject({
        message: expect.stringContaining('(service-port-mismatch; deployment/web)'),
        hint: `kubectl describe service web -n ${scene.namespace}`,
      });
      expect(report.probes[2]?.last).toMatchObject({ silence: 'name-not-resolved', host: 'shop.invalid' });
      const told = report.troubleshooting?.filter(({ problem }) => problem === 'service-discovery');
      expect(told?.map(({ subject }) => subject)).toEqual(['service/wbe', 'deployment/web', 'shop.invalid']);
      // A plan says them, too, of what is live.
      const plan = await scene.rollback(WEB, { health, mode: 'plan' });
      expect(plan.findings).toEqual({ before: causes, after: [] });
    },
    LONG_MS,
  );
});

describe('a health check fails with the pods', () => {
  it.concurrent(
    'no pod behind the Service is ready: said for the live release, with the addresses',
    async () => {
      const scene = await Scene.create('readiness-failing');
      await scene.apply(service(scene, 'web', { selector: { app: 'web' } }));
      const release = (tag: string) =>
        named(scene, (manifest) => {
          // Runs, and is not ready for so long that no probe explains it.
          if (tag === '2') manifest.spec.template = withFate(manifest.spec.template, 'readiness-failing');
        })(tag);
      await scene.deploy(release('1'));
      await scene.apply({ ...release('2'), spec: { ...release('2').spec, strategy: { type: 'Recreate' } } });
      await endpoints(scene, 'web', 'two that are not ready', (ready) => ready.length === 2 && !ready.some(Boolean));
      const report = await scene.rollback(WEB, {
        health: [check('service/web:80/health')],
        timeoutMs: 20_000,
        mode: 'plan',
      });
      expect(report.findings.before).toEqual([
        expect.objectContaining({
          ...OWN,
          cause: 'service-without-endpoints',
          values: { service: 'service/web', pods: 2, ready: 0 },
          command: `kubectl describe pods -l app=web -n ${scene.namespace}`,
        }),
      ]);
      expect(report.findings.before[0]?.evidence).toContain('EndpointSlices: 0 of 2 addresses ready');
    },
    LONG_MS,
  );
});

describe('without the permission to read Services', () => {
  it.concurrent(
    'the check fails as before, no cause is made up, and the missing rule is said',
    async () => {
      const scene = await Scene.create('unseen');
      await scene.apply(service(scene, 'web', { selector: { app: 'web', version: 'v2' } }));
      await scene.deploy(named(scene)('1'));
      await scene.deploy(named(scene)('2'));
      const user = `health-${scene.namespace}`;
      const rule = (group: string, resources: string[], verbs: string[]) => ({ apiGroups: [group], resources, verbs });
      const rbac = 'rbac.authorization.k8s.io';
      await scene.apply(
        {
          apiVersion: `${rbac}/v1`,
          kind: 'Role',
          metadata: { name: 'health', namespace: scene.namespace },
          rules: [
            rule('apps', ['deployments', 'replicasets'], ['get', 'list', 'watch', 'patch']),
            rule('', ['pods'], ['get', 'list', 'watch']),
            rule('', ['services/proxy'], ['get']),
          ],
        },
        {
          apiVersion: `${rbac}/v1`,
          kind: 'RoleBinding',
          metadata: { name: 'health', namespace: scene.namespace },
          roleRef: { apiGroup: rbac, kind: 'Role', name: 'health' },
          subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
        },
      );
      const kubeconfig = await scene.cluster.kubeconfigFor({ name: user, namespace: scene.namespace });
      const report = await scene.rollback(WEB, {
        kubeconfig,
        health: [check('service/web:80/health')],
        timeoutMs: 30_000,
      });
      expect(failureOf(report)?.code).toBe('HEALTH_FAILED');
      expect(report.findings).toEqual({ before: [], after: [] });
      const degraded = report.preflight.find(({ note }) => note?.key === 'degraded.services');
      expect(degraded?.note?.values).toEqual({ rule: 'list services; list endpointslices.discovery.k8s.io' });
    },
    LONG_MS,
  );
});
