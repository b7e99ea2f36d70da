import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import type { Report } from '../../src/core/report.ts';
import { fate } from '../../testbed/fates/index.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { broken, CASES, type Case, GOOD, web } from './fates-cases.ts';
import { Witness } from './fates-witness.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

interface Episode {
  readonly report: Report;
  readonly live: Manifest;
  readonly pods: readonly Manifest[];
}

const episodes = new Map<string, Promise<Episode>>();
let witness: Witness;

beforeAll(async () => {
  witness = await Witness.open(await sharedCluster());
  const limit = pLimit(8);
  for (const one of CASES)
    episodes.set(
      one.id,
      limit(() => play(one)),
    );
  await Promise.allSettled(episodes.values());
}, 240_000);
afterAll(() => witness.close());

/** A good release, the bad one over it until the API shows what is wrong with it, then the rollback. */
async function play({ id, cause }: Case): Promise<Episode> {
  const scene = await Scene.create(`bad-${id}`);
  await scene.deploy(web(scene, GOOD));
  const old = witness.pods(scene.namespace);
  await scene.apply(...((fate(id).objects?.(scene.namespace, { replicas: 2 }) ?? []) as Manifest[]));
  await scene.apply(web(scene, broken(id)));
  await witness.untilSign(scene.namespace, cause, old);
  // Whether a container is slow or never ready, only time can tell: here, the time that its probe allows.
  if (cause === 'never-ready') await witness.untilSign(scene.namespace, cause, old, 4);
  const report = await scene.rollback([deployment('web')]);
  const [live, pods] = await Promise.all([
    scene.get('Deployment', 'web'),
    scene.cluster.api.call('GET', `/api/v1/namespaces/${scene.namespace}/pods`),
  ]);
  return { report, live, pods: pods.body.items };
}

describe.each(CASES.map((one) => [one.id, one] as const))('%s as the bad release', (id, one) => {
  const episode = () => episodes.get(id) as Promise<Episode>;

  it('is rolled back', async () => {
    const { report, live, pods } = await episode();
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect(report.rolledBack).toBe(true);
    expect(live.spec.template.spec).toEqual(
      expect.objectContaining({ containers: [expect.objectContaining({ image: 'registry.shop.example/web:v1' })] }),
    );
    expect(live.status).toMatchObject({ readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 });
    const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    expect(staying.map((pod) => pod.spec.containers[0].image)).toEqual(Array(2).fill('registry.shop.example/web:v1'));
  });

  it('is called by its cause, with what it printed', async () => {
    const { report } = await episode();
    expect([...new Set(report.findings.before.map((finding) => finding.cause))]).toEqual([one.cause]);
    expect(report.findings.after).toEqual([]);
    const printed = report.kept.flatMap((kept) => kept.log).join('\n');
    if (one.log) expect(printed).toMatch(one.log);
    else expect(printed).toBe('');
  });
});
