import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { disableFeatureFlags } from '../../src/steps/disable-feature-flags.ts';
import { deployment } from './scene.ts';
import { SecureScene } from './secure-scene.ts';

const WEB = deployment('web');
let secure: SecureScene;

beforeAll(async () => {
  secure = await SecureScene.create('flags');
  await secure.scene.deploy(secure.scene.deployment('web', 'shop/web:1'));
});
afterAll(async () => {
  await secure?.close();
});

const flags = (name: string, data: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
  ...more,
});

async function disable(configMap: string, run = `run-${configMap}`) {
  const featureFlags = { configMap, disable: ['fast', 'new-ui'] };
  const one = await secure.context({ workloads: [WEB], featureFlags }, { run });
  const results = await secure.carryOut(one, [disableFeatureFlags]);
  return {
    one,
    outcome: results['disable-feature-flags']?.outcome,
    planned: results['disable-feature-flags']?.planned,
  };
}

describe('disable-feature-flags on a real API server', () => {
  it('switches the flags off; the next deploy in either way meets no conflict', async () => {
    await secure.kubectl(['apply', '-f', '-'], flags('plain', { fast: 'true', other: 'x' }));
    const { outcome, one } = await disable('plain');
    expect(outcome?.status).toBe('passed');
    const now = await secure.configMap('plain');
    expect(now?.['data']).toEqual({ fast: 'false', 'new-ui': 'false', other: 'x' });
    expect(now?.metadata.managedFields?.map(({ manager }) => manager)).not.toContain('tiered-rollback');
    expect(one.record().flags?.before).toEqual({ fast: 'true', 'new-ui': null });
    await secure.kubectl(['apply', '--server-side', '-f', '-'], flags('plain', { fast: 'true' }));
    await secure.kubectl(['apply', '-f', '-'], flags('plain', { fast: 'true' }));
    expect((await secure.configMap('plain'))?.['data']).toMatchObject({ fast: 'true' });
  });

  it('handles an immutable ConfigMap, owners included, and an undo of it', async () => {
    const content = flags('fixed', { fast: 'true', other: 'x' }, { immutable: true });
    await secure.kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], content);
    const { outcome, one } = await disable('fixed');
    expect(outcome?.status).toBe('passed');
    const now = await secure.configMap('fixed');
    expect(now).toMatchObject({ immutable: true, data: { fast: 'false', 'new-ui': 'false', other: 'x' } });
    expect(now?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['helm']);
    const undo = await secure.context(
      { workloads: [WEB], mode: 'undo' },
      { run: 'undo-fixed', situation: { undoes: one.record() } },
    );
    await secure.carryOut(undo, [disableFeatureFlags]);
    expect((await secure.configMap('fixed'))?.['data']).toEqual({ fast: 'true', other: 'x' });
  });

  it('refuses a ConfigMap that is not there', async () => {
    await expect(disable('none')).rejects.toMatchObject({ code: 'FLAGS_INVALID' });
  });
});
