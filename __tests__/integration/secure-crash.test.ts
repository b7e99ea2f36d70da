import { describe, expect, it } from '@jest/globals';
import { killAt, startChild } from './killed.ts';
import type { RollbackOptions } from './scene.ts';
import { BAD_STATE, GOOD_STATE, GROUP, SecureRelease } from './secure-release.ts';

/** The lock of a dead run has expired by then. */
const LEASE_MS = 31_000;
/** Several processes beside each other, on a machine that may be busy. */
const TIMEOUT_MS = 240_000;

function kill(release: SecureRelease, stopAt: string, more: RollbackOptions = {}): Promise<void> {
  const { namespace } = release.scene;
  return killAt(startChild({ namespace, workloads: GROUP, options: release.options(more), stopAt }), stopAt);
}

/** The next run, from any machine, ends what was begun; the one after it has nothing to do; and an undo still knows what was before. */
async function expectFinished(release: SecureRelease): Promise<void> {
  const next = await release.rollback({ clockAheadMs: LEASE_MS });
  expect([next.outcome, next.failures]).toEqual(['succeeded', []]);
  expect(await release.state()).toEqual(GOOD_STATE);
  const since = await release.scene.cluster.auditMark();
  expect((await release.rollback({ clockAheadMs: LEASE_MS })).outcome).toBe('no-op');
  expect(await release.scene.changesSince(since)).toEqual([]);
  const undone = await release.rollback({ mode: 'undo', values: {}, clockAheadMs: LEASE_MS });
  expect([undone.outcome, undone.failures]).toEqual(['succeeded', []]);
  expect(await release.state()).toEqual(BAD_STATE);
}

describe('a run of the secure tier that is killed', () => {
  it.each([
    [['before:applyObject extra', 'after:applyObject app-config']],
    [['before:setConfigMapKeys flags', 'after:setConfigMapKeys flags']],
    [['before:setTemplate web', 'after:restart worker']],
  ])(
    'at each of %j: the next one finishes, and what was before is still known',
    async (points) => {
      await Promise.all(
        points.map(async (point) => {
          await using release = await SecureRelease.broken('killed', { crashes: false });
          await kill(release, point);
          await expectFinished(release);
        }),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'between deleting an immutable ConfigMap and creating it again: the next one creates it, with all that it had',
    async () => {
      await using release = await SecureRelease.broken('immutable', { crashes: false });
      await release.scene.kubectl('patch', 'configmap/flags', '-p', '{"immutable":true}');
      const { flags: data } = BAD_STATE;
      const metadata = { name: 'flags' };
      await release.backup('flags.json', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data, immutable: true });
      await kill(release, 'before:setConfigMapKeys flags');
      await release.scene.kubectl('delete', 'configmap/flags');
      const next = await release.rollback({ clockAheadMs: LEASE_MS });
      expect([next.outcome, next.failures]).toEqual(['succeeded', []]);
      expect((await release.state()).flags).toEqual({ ...BAD_STATE.flags, fast: 'false' });
      const undone = await release.rollback({ mode: 'undo', values: {}, clockAheadMs: LEASE_MS });
      expect([undone.outcome, undone.failures]).toEqual(['succeeded', []]);
      expect(await release.state()).toEqual(BAD_STATE);
    },
    TIMEOUT_MS,
  );
});

describe('an undo of the secure tier that is killed', () => {
  it.each([[['before:putBackObject app-config', 'after:deleteObject extra']], [['after:setConfigMapKeys flags']]])(
    'at each of %j: the next one puts the rest back',
    async (points) => {
      await Promise.all(
        points.map(async (point) => {
          await using release = await SecureRelease.broken('undo-killed', { crashes: false });
          expect((await release.rollback()).outcome).toBe('succeeded');
          await kill(release, point, { mode: 'undo', values: {} });
          const next = await release.rollback({ mode: 'undo', values: {}, clockAheadMs: LEASE_MS });
          expect([next.outcome, next.failures]).toEqual(['succeeded', []]);
          expect(await release.state()).toEqual(BAD_STATE);
        }),
      );
    },
    TIMEOUT_MS,
  );
});
