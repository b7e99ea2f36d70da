import { describe, expect, it } from '@jest/globals';
import type { Report } from '../../src/core/report.ts';
import type { Tier } from '../../src/core/tier.ts';
import type { AuditEvent } from '../../testbed/cluster.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

/** `maxUnavailable` of the strategy, in its own notation and in pods of `REPLICAS`. */
const STRATEGIES = [
  { maxUnavailable: 0, away: 0 },
  { maxUnavailable: '25%', away: 2 },
] as const;
const TIERS: readonly Tier[] = ['rapid', 'emergency'];
const REPLICAS = 8;

const READY_AFTER = { good: '1s', never: '600s' } as const;

/** Eight pods whose releases differ in their image and in when their pods become ready. */
function web(scene: Scene, tag: string, readyAfter: string, maxUnavailable: number | string): Manifest {
  return scene.deployment('web', `shop/web:${tag}`, (manifest) => {
    manifest.spec.replicas = REPLICAS;
    manifest.spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable } };
    manifest.spec.template.metadata.annotations = { 'testbed/ready-after': readyAfter };
  });
}

interface Availability {
  readonly atStart: number;
  /** As the API stored it after each write of the status by the controller. */
  readonly seen: readonly { readonly available: number; readonly desired: number }[];
  readonly report: Report;
}

/** Rolls back, and reads from the audit log what the controller wrote down meanwhile. */
async function rollBack(scene: Scene, tier: Tier, onApply: () => void = () => {}): Promise<Availability> {
  const before = await scene.get('Deployment', 'web');
  const since = await scene.cluster.auditMark();
  const onLog = (line: string) => {
    if (line === 'Apply') onApply();
  };
  const report = await scene.rollback([deployment('web')], { tier, onLog });
  const events = await scene.cluster.audit({ namespace: scene.namespace, mutating: true, since });
  const seen = events.filter(isStatusOfDeployment).map(({ responseObject }) => ({
    available: responseObject.status.availableReplicas ?? 0,
    desired: responseObject.spec.replicas,
  }));
  return { atStart: before.status?.availableReplicas ?? 0, seen, report };
}

function isStatusOfDeployment({ objectRef, responseStatus }: AuditEvent): boolean {
  return objectRef?.resource === 'deployments' && objectRef.subresource === 'status' && responseStatus?.code === 200;
}

function expectNeverBelow({ atStart, seen, report }: Availability, away: number): void {
  expect(report.outcome).toBe('succeeded');
  expect(seen.length).toBeGreaterThan(2);
  const below = seen.filter(({ available, desired }) => available < Math.min(atStart, desired - away));
  expect(below).toEqual([]);
  expect(seen.at(-1)?.available).toBe(seen.at(-1)?.desired);
}

const CASES = TIERS.flatMap((tier) => STRATEGIES.map((strategy) => ({ tier, ...strategy })));

describe.each(CASES)(
  'available replicas, tier $tier, maxUnavailable $maxUnavailable',
  ({ tier, maxUnavailable, away }) => {
    const good = (scene: Scene) => web(scene, '1', READY_AFTER.good, maxUnavailable);

    it.concurrent('never fall below what the strategy allows', async () => {
      const scene = await Scene.create('available');
      await scene.deploy(good(scene));
      await scene.deploy(web(scene, '2', '0s', maxUnavailable));
      const availability = await rollBack(scene, tier);
      expect(availability.atStart).toBe(REPLICAS);
      expectNeverBelow(availability, away);
    });

    it.concurrent('nor when the bad release is half rolled out', async () => {
      const scene = await Scene.create('available-half');
      await scene.deploy(good(scene));
      await scene.apply(web(scene, '2', READY_AFTER.never, maxUnavailable));
      await scene.until('Deployment', 'web', 'is half-way', ({ status }) => {
        return status?.updatedReplicas === 2 + away && status.availableReplicas === REPLICAS - away;
      });
      expectNeverBelow(await rollBack(scene, tier), away);
    });

    it.concurrent('nor when it is scaled up and down meanwhile, and the scale stays', async () => {
      const scene = await Scene.create('available-scaled');
      await scene.deploy(good(scene));
      await scene.deploy(web(scene, '2', '0s', maxUnavailable));
      const scaled: Promise<unknown>[] = [];
      // As an autoscaler does it: through the scale subresource, knowing nothing of the rollback.
      const availability = await rollBack(scene, tier, () =>
        scaled.push(scale(scene, 12).then(() => scale(scene, 10))),
      );
      await Promise.all(scaled);
      expectNeverBelow(availability, away);
      expect((await scene.get('Deployment', 'web')).spec.replicas).toBe(10);
      const writes = await scene.changesSince(0);
      expect(writes.filter(({ requestURI }) => requestURI.includes('/scale'))).toEqual([]);
      expect(writes.flatMap(({ requestObject }) => requestObject ?? []).filter(changesReplicas)).toEqual([]);
    });
  },
);

async function scale({ cluster, namespace }: Scene, replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web/scale`;
  await cluster.api.call('PATCH', path, { spec: { replicas } }, { contentType: 'application/merge-patch+json' });
}

function changesReplicas(operation: Manifest): boolean {
  return operation.path?.startsWith('/spec/replicas') || operation.spec?.replicas !== undefined;
}
