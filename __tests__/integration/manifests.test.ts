import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../src/core/manifest.ts';
import { restoreManifests } from '../../src/steps/restore-manifests.ts';
import { deployment } from './scene.ts';
import { SecureScene } from './secure-scene.ts';

const MANIFESTS = { path: 'backup', allowClusterScoped: [] };
const WEB = deployment('web');
const APPLY = ['apply', '-f', '-'];
const SERVER_SIDE = ['apply', '--server-side', '-f', '-'];

let secure: SecureScene;

beforeAll(async () => {
  secure = await SecureScene.create('manifests');
  await secure.scene.deploy(secure.scene.deployment('web', 'shop/web:1'));
});
afterAll(async () => {
  await secure?.close();
});

const configMap = (name: string, data: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data,
});
const managers = (object: AnyObject | undefined) =>
  (object?.metadata.managedFields ?? []).map(({ manager }) => manager);

async function restore(file: string, content: string | object, run = `run-${file}`) {
  await secure.backup({ [file]: content });
  const one = await secure.context({ workloads: [WEB], manifests: { ...MANIFESTS, path: `backup/${file}` } }, { run });
  const results = await secure.carryOut(one, [restoreManifests]);
  return { one, ...(results['restore-manifests'] as (typeof results)[string]) };
}

describe('restore-manifests on a real API server', () => {
  it('restores what kubectl applied, without a conflict now or at the next deploy in either way', async () => {
    await secure.kubectl(APPLY, configMap('classic', { LEVEL: 'debug', NEW: 'x' }));
    const { planned, outcome } = await restore('classic.json', configMap('classic', { LEVEL: 'info' }));
    if (planned.kind !== 'change') throw new Error('no change');
    expect(planned.change.diffs?.[0]?.diff).toMatch(/- {2}LEVEL: debug\n- {2}NEW: x\n\+ {2}LEVEL: info/);
    expect(outcome.status).toBe('passed');
    const restored = await secure.configMap('classic');
    expect(restored?.['data']).toEqual({ LEVEL: 'info' });
    expect(managers(restored)).not.toContain('tiered-rollback');
    // The owner goes on, with what the restored release had and the next one lacks.
    await secure.kubectl(APPLY, configMap('classic', { OTHER: 'y' }));
    expect((await secure.configMap('classic'))?.['data']).toEqual({ OTHER: 'y' });
    await secure.kubectl(SERVER_SIDE, configMap('classic', { OTHER: 'z' }));
    expect((await secure.configMap('classic'))?.['data']).toEqual({ OTHER: 'z' });
  });

  it('finds nothing to do where kubectl applied the same, although the server added defaults to it', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'same' }, stringData: { CODE: 'x' } };
    await secure.kubectl(APPLY, secret);
    expect((await restore('same-secret.json', secret)).planned.kind).toBe('no-op');
    const idle = secure.scene.deployment('idle', 'shop/idle:1');
    await secure.kubectl(APPLY, idle);
    expect((await restore('same-deployment.json', idle)).planned.kind).toBe('no-op');
  });

  it('goes straight to server-side apply, too', async () => {
    await secure.kubectl(APPLY, configMap('moves', { LEVEL: 'debug' }));
    await restore('moves.json', configMap('moves', { LEVEL: 'info', OLD: 'x' }));
    await secure.kubectl(SERVER_SIDE, configMap('moves', { LEVEL: 'warn' }));
    expect((await secure.configMap('moves'))?.['data']).toEqual({ LEVEL: 'warn' });
  });

  it.each(['helm', 'kubectl'])('restores under the name of who applied it server-side: %s', async (manager) => {
    const name = `by-${manager}`;
    const how = [...SERVER_SIDE, `--field-manager=${manager}`];
    await secure.kubectl(how, configMap(name, { LEVEL: 'debug', NEW: 'x' }));
    const { outcome } = await restore(`${name}.json`, configMap(name, { LEVEL: 'info' }));
    expect(outcome.status).toBe('passed');
    expect((await secure.configMap(name))?.['data']).toEqual({ LEVEL: 'info' });
    expect(managers(await secure.configMap(name))).toEqual([manager]);
    await secure.kubectl(how, configMap(name, { LEVEL: 'warn' }));
    expect((await secure.configMap(name))?.['data']).toEqual({ LEVEL: 'warn' });
  });

  it('creates what is gone so that its owner meets no conflict', async () => {
    await restore('gone.json', configMap('gone', { LEVEL: 'info' }));
    await secure.kubectl(SERVER_SIDE, configMap('gone', { LEVEL: 'warn' }));
    await secure.kubectl(APPLY, configMap('gone', { LEVEL: 'error' }));
    expect((await secure.configMap('gone'))?.['data']).toEqual({ LEVEL: 'error' });
  });

  it('refuses a field that a controller set, by its name', async () => {
    await secure.kubectl(APPLY, configMap('owned', { LEVEL: 'debug' }));
    await secure.kubectl([
      'patch',
      'configmap',
      'owned',
      '--field-manager=shop-operator',
      '-p',
      '{"data":{"LEVEL":"trace"}}',
    ]);
    await expect(restore('owned.json', configMap('owned', { LEVEL: 'info' }))).rejects.toThrow(
      /shop-operator \(\.data\.LEVEL\)/,
    );
    expect((await secure.configMap('owned'))?.['data']).toEqual({ LEVEL: 'trace' });
  });

  it('takes an export of what is there for what is there, and names a field that cannot change', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop', labels: { app: 'web' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    await secure.kubectl(APPLY, service);
    const exported = await secure.kubectl(['get', 'service', 'shop', '-o', 'yaml']);
    const same = await restore('same.yml', exported);
    expect(same.planned.kind === 'change' ? same.planned.change.diffs : []).toEqual([]);
    const spec = { ...service.spec, clusterIP: 'None' };
    const error = await restore('other.json', { ...service, spec }).catch((thrown) => thrown);
    expect(error.errors[0]).toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('service/shop'),
    });
    expect(error.errors[0].hint).toContain('clusterIP');
  });

  it('leaves the pod template of the group, and whoever owns it, alone', async () => {
    const manifest = secure.scene.deployment('web', 'shop/web:0', (one) => {
      one.metadata.labels = { tier: 'front' };
      one.spec.replicas = 3;
    });
    const before = await secure.scene.get('Deployment', 'web');
    const { outcome } = await restore('web.json', manifest);
    expect(outcome.status).toBe('passed');
    const after = await secure.scene.get('Deployment', 'web');
    expect(after.spec.template).toEqual(before.spec.template);
    expect(after.spec.replicas).toBe(3);
    expect(after.metadata.labels).toEqual({ tier: 'front' });
    await secure.kubectl(SERVER_SIDE, secure.scene.deployment('web', 'shop/web:2'));
    await secure.kubectl(APPLY, secure.scene.deployment('web', 'shop/web:3'));
    expect(await secure.scene.image('web')).toBe('shop/web:3');
  });

  it('puts everything back as it was, owners included', async () => {
    await secure.kubectl(APPLY, configMap('back', { LEVEL: 'debug', NEW: 'x' }, { labels: { a: 'b' } }));
    const before = await secure.configMap('back');
    const { one } = await restore(
      'back.json',
      [
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata: { name: back }',
        'data: { LEVEL: info }',
        '---',
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata: { name: back-created }',
        'data: { A: b }',
      ].join('\n'),
    );
    expect(await secure.configMap('back-created')).toBeDefined();
    const undo = await secure.context(
      { workloads: [WEB], mode: 'undo', manifests: MANIFESTS },
      { run: 'undo-1', situation: { undoes: one.record() } },
    );
    await secure.carryOut(undo, [restoreManifests]);
    const after = await secure.configMap('back');
    expect(after?.['data']).toEqual(before?.['data']);
    expect(after?.metadata.labels).toEqual(before?.metadata.labels);
    expect(after?.metadata.annotations).toEqual(before?.metadata.annotations);
    const owned = (object: AnyObject | undefined) =>
      object?.metadata.managedFields?.map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }));
    expect(owned(after)).toEqual(owned(before));
    expect(await secure.configMap('back-created')).toBeUndefined();
    await secure.kubectl(APPLY, configMap('back', { LEVEL: 'warn' }));
    expect((await secure.configMap('back'))?.['data']).toEqual({ LEVEL: 'warn' });
  });

  it('keeps values of Secrets out of everything but the kept Secret', async () => {
    const secret = (code: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'codes' },
      stringData: { CODE: code },
    });
    await secure.kubectl(APPLY, secret('bad-code-0815'));
    const { one, planned, outcome } = await restore('codes.json', secret('good-code-4711'));
    expect(outcome.status).toBe('passed');
    const said = JSON.stringify({ planned, outcome, notes: one.notes, record: one.record() });
    for (const code of ['bad-code-0815', 'good-code-4711']) {
      for (const form of [code, Buffer.from(code).toString('base64')]) expect(said).not.toContain(form);
    }
  });
});
