import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import type { Report } from '../../src/core/report.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import { CASES, type Case } from './fates-cases.ts';
import { blindTo, brokenBefore, type LogLine, timed } from './fates-run.ts';
import { Witness } from './fates-witness.ts';
import { deployment, type RollbackOptions, Scene } from './scene.ts';

/** The requirement: a cause is named within this time after the API showed it. */
const NAMED_WITHIN_MS = 2000;

interface Episode {
  readonly report: Report;
  readonly lines: readonly LogLine[];
  /** When the API first showed what decides on the cause. */
  readonly shownAt: number | undefined;
}

/** A Secret that lacks a key: none of the captures, but on the list of what cannot heal. */
const MISSING_KEY: Case = { id: 'v4-missing-secret', cause: 'missing-key', ends: 'fatal' };
const ALL: readonly (readonly [string, Case])[] = [
  ...CASES.map((one) => [one.id, one] as const),
  ['a missing key', MISSING_KEY],
];

const episodes = new Map<string, Promise<Episode>>();
let witness: Witness;

beforeAll(async () => {
  witness = await Witness.open(await sharedCluster());
  const limit = pLimit(8);
  for (const [name, one] of ALL)
    episodes.set(
      name,
      limit(() => play(one)),
    );
  await Promise.allSettled(episodes.values());
}, 240_000);
afterAll(() => witness.close());

async function play(one: Case): Promise<Episode> {
  const scene = await Scene.create(`target-${one.id}`);
  // At the pace of a real node, so that the rollout completes before memory runs out.
  await brokenBefore(scene, one.id, one.ends === 'after-ready' ? { speed: 1, maxSurge: 2 } : {});
  if (one === MISSING_KEY) {
    await scene.kubectl('create', 'secret', 'generic', 'web-db', '--from-literal=other=1');
  }
  const old = witness.pods(scene.namespace);
  const since = Date.now();
  const { report, lines } = await timed(scene, [deployment('web')], await optionsFor(scene, one));
  return { report, lines, shownAt: witness.firstSign(scene.namespace, one.cause, since, old) };
}

async function optionsFor(scene: Scene, one: Case): Promise<RollbackOptions> {
  return {
    ...(await blindTo(scene, one.id)),
    timeoutMs: one.ends === 'waits' ? 12_000 : 100_000,
    stableForMs: one.ends === 'after-ready' ? 10_000 : 0,
  };
}

describe.each(ALL)('%s as the target', (name, one) => {
  const episode = () => episodes.get(name) as Promise<Episode>;

  it('is called by its cause, and by no other', async () => {
    const { report } = await episode();
    expect([...new Set(report.findings.after.map((finding) => finding.cause))]).toEqual([one.cause]);
    expect(report.findings.before).toEqual([]);
    if (one.log) expect(report.kept.flatMap((kept) => kept.log).join('\n')).toMatch(one.log);
  });

  it('is named within two seconds after the API showed it', async () => {
    const { lines, shownAt } = await episode();
    const said = lines.find(({ line }) => line.includes(`: ${one.cause}`));
    expect(said?.line).toContain(`deployment/web: ${one.cause}`);
    expect(shownAt).toBeDefined();
    expect((said?.at ?? 0) - (shownAt ?? 0)).toBeLessThanOrEqual(NAMED_WITHIN_MS);
  });

  it(`ends the run: ${one.ends}`, async () => {
    const { report } = await episode();
    expect(report.failures).toEqual([]);
    expect(report.outcome).toBe('failed');
    expect(report.rolledBack).toBe(one.ends === 'after-ready');
    expect(report.healthy).toBe(false);
    const failed = report.steps.find((step) => step.required && step.outcome.status === 'failed');
    expect(failed?.step).toBe(one.ends === 'after-ready' ? 'check-pods' : 'undo-workloads');
    if (failed?.outcome.status !== 'failed') throw new Error('no step failed');
    const { failure } = failed.outcome;
    expect(failure.code).toBe(
      { fatal: 'ROLLOUT_FAILED', waits: 'ROLLOUT_TIMEOUT', 'after-ready': 'PODS_UNSTABLE' }[one.ends],
    );
    expect(failure.message).toContain(one.cause);
    expect(failure.hint).toMatch(/^kubectl /);
    expect(report.next).toContain(failure.hint);
  });
});

describe('what the target reads is gone', () => {
  it.concurrent.each([
    ['v4-missing-secret', /Secret web-db does not exist/],
    ['v4b-missing-secret-volume', /Secret web-db does not exist/],
    ['v4c-missing-configmap', /ConfigMap web-config does not exist/],
  ])('%s is refused before anything is touched', async (id, message) => {
    const scene = await Scene.create(`refused-${id}`);
    await brokenBefore(scene, id);
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([deployment('web')]);
    expect(report.outcome).toBe('refused');
    expect(report.failures).toEqual([
      expect.objectContaining({
        code: 'REFERENCE_MISSING',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/kubectl -n \S+ create /),
      }),
    ]);
    expect(await scene.changesSince(since)).toEqual([]);
    expect(await scene.ownChangesSince(since)).toEqual([]);
    expect(await scene.image('web')).toBe('registry.shop.example/web:v2');
  });

  it.concurrent('a key that is gone is refused as well', async () => {
    const scene = await Scene.create('refused-key');
    await scene.kubectl('create', 'secret', 'generic', 'web-db', '--from-literal=other=1');
    await brokenBefore(scene, 'v4-missing-secret');
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([deployment('web')]);
    expect(report.outcome).toBe('refused');
    expect(report.failures.map((failure) => failure.message)).toEqual([
      expect.stringContaining('Secret web-db has no key url'),
    ]);
    expect(await scene.changesSince(since)).toEqual([]);
  });

  it.concurrent('a quota that leaves no way is refused as well', async () => {
    const scene = await Scene.create('refused-quota');
    await brokenBefore(scene, 'v10-quota');
    const since = await scene.cluster.auditMark();
    const report = await scene.rollback([deployment('web')]);
    expect(report.outcome).toBe('refused');
    expect(report.failures.map((failure) => failure.code)).toEqual(['QUOTA_INSUFFICIENT']);
    expect(await scene.changesSince(since)).toEqual([]);
  });

  it.concurrent('between the plan and the pods, and is named then', async () => {
    const scene = await Scene.create('deleted-meanwhile');
    const secret = ['secret', 'generic', 'web-db', '--from-literal=url=x'];
    await scene.kubectl('create', ...secret);
    // Slow pods: they look for the Secret long after it was deleted.
    await brokenBefore(scene, 'v4-missing-secret', { speed: 0.2 });
    const path = `/api/v1/namespaces/${scene.namespace}/secrets/web-db`;
    const deleted: Promise<unknown>[] = [];
    const onLog = (line: string) => {
      if (line === 'Apply') deleted.push(scene.cluster.api.call('DELETE', path));
    };
    const report = await scene.rollback([deployment('web')], { timeoutMs: 12_000, onLog });
    await Promise.all(deleted);
    expect(report.outcome).toBe('failed');
    expect(report.findings.after.map(({ cause }) => cause)).toEqual(['missing-secret']);
    expect(report.steps.find(({ step }) => step === 'undo-workloads')?.outcome).toMatchObject({
      status: 'failed',
      failure: { code: 'ROLLOUT_TIMEOUT', message: expect.stringContaining('missing-secret') },
    });
  });
});
