import { beforeAll, describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import type { Cause } from '../../src/core/finding.ts';
import type { Report } from '../../src/core/report.ts';
import { waitFor } from '../../testbed/condition.ts';
import { broken, GOOD, tagged } from './fates-cases.ts';
import { blindTo, brokenBefore, timed } from './fates-run.ts';
import { deployment, type Manifest, Scene } from './scene.ts';

interface Case {
  readonly id: string;
  readonly cause: Cause;
  /** Takes the cause away; called once. Without it the pods are healed one by one, as they come. */
  readonly mend?: (scene: Scene) => Promise<unknown>;
}

const putSecret = (scene: Scene) => scene.kubectl('create', 'secret', 'generic', 'web-db', '--from-literal=url=x');
const label = (scene: Scene) => `fates/${scene.namespace}`;

const CASES: readonly Case[] = [
  { id: 'v2-crash', cause: 'crash-loop' },
  { id: 'v3-image-tag-missing', cause: 'image-not-found' },
  { id: 'v3b-registry-unreachable', cause: 'registry-unreachable' },
  { id: 'v4-missing-secret', cause: 'missing-secret', mend: putSecret },
  { id: 'v4b-missing-secret-volume', cause: 'missing-secret', mend: putSecret },
  {
    id: 'v4c-missing-configmap',
    cause: 'missing-config-map',
    mend: (scene) => scene.kubectl('create', 'configmap', 'web-config', '--from-literal=a=b'),
  },
  { id: 'v5-readiness-failing', cause: 'never-ready' },
  { id: 'v5b-liveness-failing', cause: 'liveness-kill' },
  {
    id: 'v8-unschedulable',
    cause: 'unschedulable',
    mend: (scene) => scene.kubectl('label', 'node', 'node-1', `${label(scene)}=yes`),
  },
  {
    id: 'v10-quota',
    cause: 'quota-exceeded',
    mend: (scene) =>
      scene.kubectl('patch', 'resourcequota', 'q', '--type=merge', '-p', '{"spec":{"hard":{"pods":"9"}}}'),
  },
];

const episodes = new Map<string, Promise<Report>>();

beforeAll(async () => {
  const limit = pLimit(8);
  for (const one of CASES)
    episodes.set(
      one.id,
      limit(() => play(one)),
    );
  await Promise.allSettled(episodes.values());
}, 240_000);

/** The target fails; once the run has named why, somebody mends it. */
async function play({ id, cause, mend }: Case): Promise<Report> {
  const scene = await Scene.create(`healed-${id}`);
  await brokenBefore(scene, id, { template: templateOf(scene, id) });
  let isNamed = false;
  let isOver = false;
  const onLog = (line: string) => {
    isNamed ||= line.includes(`deployment/web: ${cause}`);
  };
  // The shared control plane has no metrics API.
  const options = { skipSteps: ['check-metrics'], timeoutMs: 90_000, onLog };
  const run = timed(scene, [deployment('web')], { ...(await blindTo(scene, id)), ...options });
  const ended = run.finally(() => {
    isOver = true;
  });
  try {
    await waitFor(`${id} to be named`, () => isNamed || isOver, { timeoutMs: 90_000 });
    if (mend) await mend(scene);
    else await waitFor('the end of the run', async () => isOver || (await healPods(scene)), { timeoutMs: 90_000 });
    return (await ended).report;
  } finally {
    await ended;
    if (id === 'v8-unschedulable') await scene.kubectl('label', 'node', 'node-1', `${label(scene)}-`);
  }
}

function templateOf(scene: Scene, id: string): Manifest {
  if (id === 'v8-unschedulable') {
    const template = tagged('v8');
    template.spec.nodeSelector = { [label(scene)]: 'yes' };
    return template;
  }
  // Slow enough that the crash can be mended before it has repeated itself.
  return id === 'v2-crash' ? broken(id, 1) : broken(id);
}

/** Each pod of the failing release comes broken, so each is healed. Always false: there may be another. */
async function healPods({ cluster, namespace }: Scene): Promise<false> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { body } = await cluster.api.call('GET', path);
  const ill = body.items.filter(
    ({ metadata }: Manifest) => metadata.annotations?.['testbed/fate'] && !metadata.annotations['testbed/heal'],
  );
  const change = { metadata: { annotations: { 'testbed/heal': 'now' } } };
  const options = { contentType: 'application/merge-patch+json', allow: [404] };
  await Promise.all(
    ill.map(({ metadata }: Manifest) => cluster.api.call('PATCH', `${path}/${metadata.name}`, change, options)),
  );
  return false;
}

describe.each(CASES.map((one) => [one.id, one] as const))('%s, mended while it is waited for', (id, { cause }) => {
  it('ends well, and the report still says what it was', async () => {
    const report = await (episodes.get(id) as Promise<Report>);
    expect(report.steps.flatMap(({ outcome }) => ('failure' in outcome ? [outcome.failure] : []))).toEqual([]);
    expect(report.outcome).toBe('succeeded');
    expect(report.rolledBack).toBe(true);
    expect(report.findings.after.map((finding) => finding.cause)).toEqual([cause]);
    expect(report.workloads[0]?.now).toMatchObject({ ready: 2, desired: 2 });
    expect(report.workloads[0]?.now?.images[0]).not.toBe(GOOD.spec.containers[0].image);
  });
});
