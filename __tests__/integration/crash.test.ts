import { describe, expect, it } from '@jest/globals';
import type { ClusterWriter } from '../../src/ports/cluster.ts';
import { deployment, Scene } from './scene.ts';

const GROUP = [deployment('frontend'), deployment('backend')];
/** Lease, ledger, journal, two templates, ledger, journal, lease: a few more than a run makes, so that the last cases see none. */
const WRITES = 9;
const LEASE_MS = 31_000;

class Killed extends Error {}

/** A writer that dies with its process at write number `at`: before the write is sent, or after it arrived. From then on nothing works. */
function dyingWriter(
  at: number,
  when: 'before' | 'after',
  onDeath: () => void,
): (writer: ClusterWriter) => ClusterWriter {
  let count = 0;
  let isDead = false;
  const dieOr = async <T>(write: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Killed('dead');
    const isLast = count++ === at;
    if (isLast && when === 'before') {
      isDead = true;
      onDeath();
      throw new Killed('killed before the write');
    }
    const result = await write();
    if (isLast) {
      isDead = true;
      onDeath();
      throw new Killed('killed after the write');
    }
    return result;
  };
  return (writer) => ({
    setTemplate: (change) => dieOr(() => writer.setTemplate(change)),
    setPaused: (...args) => dieOr(() => writer.setPaused(...args)),
    restart: (...args) => dieOr(() => writer.restart(...args)),
    setSecretKeys: (...args) => dieOr(() => writer.setSecretKeys(...args)),
    createSecret: (...args) => dieOr(() => writer.createSecret(...args)),
    scale: (...args) => dieOr(() => writer.scale(...args)),
    suspendCronJob: (...args) => dieOr(() => writer.suspendCronJob(...args)),
    deletePod: (...args) => dieOr(() => writer.deletePod(...args)),
    applyObject: (...args) => dieOr(() => writer.applyObject(...args)),
    putBackObject: (...args) => dieOr(() => writer.putBackObject(...args)),
    deleteObject: (...args) => dieOr(() => writer.deleteObject(...args)),
    setConfigMapKeys: (...args) => dieOr(() => writer.setConfigMapKeys(...args)),
    create: (...args) => dieOr(() => writer.create(...args)),
    replace: (...args) => dieOr(() => writer.replace(...args)),
    remove: (...args) => dieOr(() => writer.remove(...args)),
  });
}

async function killAndRunAgain(at: number, when: 'before' | 'after'): Promise<void> {
  const scene = await Scene.create(`crash-${at}`);
  await scene.deploy(scene.deployment('frontend', 'shop/f:1'), scene.deployment('backend', 'shop/b:1'));
  await scene.deploy(scene.deployment('frontend', 'shop/f:2'), scene.deployment('backend', 'shop/b:2'));

  const process = new AbortController();
  await scene.rollback(GROUP, {
    wrap: dyingWriter(at, when, () => process.abort(new Killed('killed'))),
    signal: process.signal,
  });

  // The lock of the dead run has expired by then.
  const second = await scene.rollback(GROUP, { clockAheadMs: LEASE_MS });
  expect(second.failures).toEqual([]);
  expect(['succeeded', 'no-op']).toContain(second.outcome);
  const images = await Promise.all(GROUP.map(({ name }) => scene.image(name)));
  expect(images).toEqual(['shop/f:1', 'shop/b:1']);

  const since = await scene.cluster.auditMark();
  const third = await scene.rollback(GROUP, { clockAheadMs: 2 * LEASE_MS });
  expect(third.outcome).toBe('no-op');
  expect(await scene.changesSince(since)).toEqual([]);
}

describe('a run that is killed at any write', () => {
  it.each(['before', 'after'] as const)(
    'is finished by the next run, never toggled: %s the write arrived',
    async (when) => {
      const points = Array.from({ length: WRITES }, (_, at) => at);
      for (let from = 0; from < points.length; from += 3) {
        await Promise.all(points.slice(from, from + 3).map((at) => killAndRunAgain(at, when)));
      }
    },
  );
});
