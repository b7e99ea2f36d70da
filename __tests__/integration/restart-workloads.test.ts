import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Config } from '../../src/core/config.ts';
import { disableFeatureFlags } from '../../src/steps/disable-feature-flags.ts';
import { restartWorkloads } from '../../src/steps/restart-workloads.ts';
import { restoreManifests } from '../../src/steps/restore-manifests.ts';
import { restoreSecrets } from '../../src/steps/restore-secrets.ts';
import { undoWorkloads } from '../../src/steps/undo-workloads.ts';
import { deployment, type Manifest } from './scene.ts';
import { SecureScene } from './secure-scene.ts';

const STEPS = [restoreSecrets, restoreManifests, disableFeatureFlags, undoWorkloads, restartWorkloads];
const WORKLOADS = ['web', 'api', 'worker', 'idle'].map(deployment);
const CONFIG: Partial<Config> = {
  workloads: WORKLOADS,
  secrets: [{ name: 'codes', keys: { CODE: 'CODE' } }],
  manifests: { path: 'backup', allowClusterScoped: [] },
  featureFlags: { configMap: 'flags', disable: ['fast'] },
};

let secure: SecureScene;
const named = (kind: string, name: string, more: object) => ({ apiVersion: 'v1', kind, metadata: { name }, ...more });
const reading =
  (...envFrom: object[]) =>
  (manifest: Manifest) => {
    manifest.spec.template.spec.containers[0].envFrom = envFrom;
  };

beforeAll(async () => {
  secure = await SecureScene.create('restarts');
  const { scene } = secure;
  await secure.kubectl(['apply', '-f', '-'], named('Secret', 'codes', { stringData: { CODE: 'bad' } }));
  await secure.kubectl(['apply', '-f', '-'], named('ConfigMap', 'app-config', { data: { LEVEL: 'debug' } }));
  await secure.kubectl(['apply', '-f', '-'], named('ConfigMap', 'flags', { data: { fast: 'true' } }));
  await secure.backup({ 'config.json': named('ConfigMap', 'app-config', { data: { LEVEL: 'info' } }) });
  const all = reading(
    { secretRef: { name: 'codes' } },
    { configMapRef: { name: 'app-config' } },
    { configMapRef: { name: 'flags' } },
  );
  await scene.deploy(
    scene.deployment('web', 'shop/web:1', all),
    scene.deployment('api', 'shop/api:1', all),
    scene.deployment('worker', 'shop/worker:1', reading({ configMapRef: { name: 'app-config' } })),
    scene.deployment('idle', 'shop/idle:1'),
  );
  await scene.deploy(scene.deployment('web', 'shop/web:2', all));
});
afterAll(async () => {
  await secure?.close();
});

/** The writes of pod templates that the API server recorded, by workload. */
async function templateWrites(since: number): Promise<(string | undefined)[]> {
  const changes = await secure.scene.changesSince(since);
  return changes
    .filter(
      ({ objectRef, requestObject }) =>
        objectRef?.resource === 'deployments' && JSON.stringify(requestObject ?? '').includes('"/spec/template'),
    )
    .filter(({ requestObject }) => /"op":"(add|replace)","path":"\/spec\/template/.test(JSON.stringify(requestObject)))
    .map(({ objectRef }) => objectRef?.name)
    .sort();
}

describe('restart-workloads on a real API server', () => {
  it('starts each pod that reads what changed once, and no other, whatever changed', async () => {
    const since = await secure.scene.cluster.auditMark();
    const one = await secure.context(CONFIG, { run: 'run-1', values: { CODE: 'good' } });
    const results = await secure.carryOut(one, STEPS);
    expect(Object.entries(results).map(([id, { outcome }]) => `${id} ${outcome.status}`)).toEqual(
      STEPS.map(({ meta }) => `${meta.id} passed`),
    );
    expect(await templateWrites(since)).toEqual(['api', 'web', 'worker']);
    expect(await secure.scene.image('web')).toBe('shop/web:1');
    expect(results['restart-workloads']?.planned).toMatchObject({
      change: { restart: [{ name: 'api' }, { name: 'worker' }], folded: [{ name: 'web' }] },
    });
    const { secrets, manifests, flags } = one.record();
    expect([...(secrets ?? []), ...(manifests ?? []), flags].map((part) => part?.readersRestarted)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('restarts nobody the second time', async () => {
    const since = await secure.scene.cluster.auditMark();
    const again = await secure.context(CONFIG, { run: 'run-2', values: { CODE: 'good' } });
    const results = await secure.carryOut(again, STEPS);
    expect(results['restart-workloads']?.planned).toMatchObject({ kind: 'no-op' });
    expect(await templateWrites(since)).toEqual([]);
  });
});
