import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BACKEND, FRONTEND } from '../../testbed/application.ts';
import { type DatabaseOptions, DatabaseScene, GROUP } from './database-scene.ts';
import { podsStarted } from './secure-release.ts';

const BACKUP = 'k8s/production/backup';
const flags = (value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'feature-flags' },
  data: { ai_insights: 'true', enhanced_auth: 'true', financial_alerts: 'true', limit: value },
});

/** The checklist's own case with its configuration: the bad release changed a ConfigMap that both workloads read. */
async function broken(name: string): Promise<DatabaseScene> {
  const scene = await DatabaseScene.broken(name);
  const folder = join(scene.folder, 'workspace', BACKUP);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'flags.json'), JSON.stringify(flags('10')));
  const input = JSON.stringify(flags('9999'));
  await scene.scene.cluster.kubectl(['-n', scene.scene.namespace, 'apply', '-f', '-'], { check: true, input });
  return scene;
}

const SECURE: DatabaseOptions = {
  tier: 'secure',
  manifests: { path: BACKUP, allowClusterScoped: [] },
  featureFlags: { configMap: 'feature-flags', disable: ['ai_insights', 'enhanced_auth', 'financial_alerts'] },
};

async function expectRight(scene: DatabaseScene): Promise<void> {
  const path = `/api/v1/namespaces/${scene.scene.namespace}/configmaps/feature-flags`;
  expect((await scene.scene.cluster.api.call('GET', path)).body.data).toEqual({
    ai_insights: 'false',
    enhanced_auth: 'false',
    financial_alerts: 'false',
    limit: '10',
  });
  expect(await scene.contents()).toMatchObject({ users: 1000, broken: 0, emailColumn: 'email' });
  expect(await scene.images()).toEqual(['v1', 'v1']);
  expect(await scene.answers()).toEqual([200, 200, 200]);
}

describe('tier secure with a restore', () => {
  it.each([
    ['once where the database goes first', false, 2],
    ['at most twice where the workloads do', true, 4],
  ])('starts each pod %s, and changes nothing the second time', async (_how, schemaCompatible, atMost) => {
    await using scene = await broken('secure-database');
    const since = await scene.scene.cluster.auditMark();
    const report = await scene.rollback({ ...SECURE, database: { schemaCompatible } });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    await expectRight(scene);
    const { [FRONTEND]: front = 0, [BACKEND]: back = 0 } = await podsStarted(scene.scene, since, GROUP);
    expect(Math.min(front, back)).toBeGreaterThanOrEqual(2);
    expect(Math.max(front, back)).toBeLessThanOrEqual(atMost);

    const mark = await scene.mark();
    const again = await scene.rollback({ ...SECURE, database: { schemaCompatible } });
    expect([again.outcome, again.failures]).toEqual(['no-op', []]);
    expect(await scene.changesSince(mark)).toEqual({ cluster: [], server: [] });
  });
});
