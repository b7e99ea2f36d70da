import { describe, expect, it } from '@jest/globals';
import { references } from '../../../src/preflight/references.ts';
import { contextOf, member, named, planOf, server, situationOf, template } from './world.ts';

const reads = (secret: string, key?: string) =>
  template('shop:1', {
    containers: [
      key
        ? { name: 'web', env: [{ name: 'DB_URL', valueFrom: { secretKeyRef: { name: secret, key } } }] }
        : { name: 'web', envFrom: [{ secretRef: { name: secret } }] },
    ],
  });

function check(members: readonly ReturnType<typeof member>[], options: Parameters<typeof server>[0]) {
  const { cluster, requests } = server(options);
  return { items: references.check(contextOf(situationOf(members), cluster), planOf(members)), requests };
}

describe('references', () => {
  it('passes when everything is there', async () => {
    const { items } = check([member({ good: reads('db', 'url') })], {
      objects: { Secret: [named('db', { data: { url: 'aGk=' } })] },
    });
    expect(await items).toEqual([{ check: 'references', subject: 'deployment/web', severity: 'info' }]);
  });

  it('refuses a target whose Secret is gone, also when the release that is left reads it too', async () => {
    const { items } = check([member({ good: reads('db'), bad: reads('db') })], {});
    const [item, ...others] = await items;
    expect(others).toEqual([]);
    expect(item?.severity).toBe('refuse');
    expect(item?.failure).toEqual({
      code: 'REFERENCE_MISSING',
      message:
        'deployment/web: its target reads containers[web].envFrom, but Secret db does not exist in namespace production',
      hint: 'Put it back, then run again: kubectl -n production create secret generic db --from-env-file=FILE',
      causes: [],
    });
  });

  it('refuses a target whose key is gone', async () => {
    const { items } = check([member({ good: reads('db', 'url') })], {
      objects: { Secret: [named('db', { data: { other: '' } })] },
    });
    const [item] = await items;
    expect(item?.failure?.message).toContain('Secret db has no key url');
    expect(item?.failure?.hint).toContain('kubectl -n production edit secret db');
  });

  it('does not miss what the run itself puts there before the workloads', async () => {
    const one = member({ good: reads('db', 'url') });
    const { cluster } = server({ objects: { Secret: [named('db', { data: { other: '' } })] } });
    const ask = (way: string, keys: readonly string[]) => {
      const change = { summary: [], secrets: [{ name: 'db', way, keys }] };
      const plan = planOf([one]);
      const steps = [...plan.steps, { step: 'restore-secrets', planned: { kind: 'change' as const, change } }];
      return references.check(contextOf(situationOf([one]), cluster), { ...plan, steps });
    };
    expect((await ask('set', ['url']))[0]?.severity).toBe('info');
    expect((await ask('put-back', ['another']))[0]?.severity).toBe('info');
    expect((await ask('set', ['another']))[0]?.severity).toBe('refuse');
    expect((await ask('remove', ['url']))[0]?.severity).toBe('refuse');
  });

  it('counts what the manifests and the flags put there, and what they take away', async () => {
    const valueFrom = { configMapKeyRef: { name: 'app-config', key: 'LEVEL' } };
    const one = member({
      good: template('shop:1', { containers: [{ name: 'web', env: [{ name: 'L', valueFrom }] }] }),
    });
    const ask = async (step: string, change: object, live?: object) => {
      const { cluster } = server({ objects: { ConfigMap: live ? [named('app-config', { data: live })] : [] } });
      const planned = { kind: 'change' as const, change: { summary: [], ...change } };
      const plan = planOf([one]);
      const context = contextOf(situationOf([one]), cluster);
      const [item] = await references.check(context, { ...plan, steps: [...plan.steps, { step, planned }] });
      return item?.failure?.message ?? item?.severity;
    };
    const manifest = (way: string, keys: readonly string[], removedKeys: readonly string[] = []) => ({
      objects: [{ ref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'app-config' }, way, keys, removedKeys }],
    });
    expect(await ask('restore-manifests', manifest('create', ['LEVEL']))).toBe('info');
    expect(await ask('restore-manifests', manifest('create', ['OTHER']))).toMatch(/has no key LEVEL/);
    expect(await ask('restore-manifests', manifest('apply', ['LEVEL']), { OTHER: '' })).toBe('info');
    expect(await ask('restore-manifests', manifest('apply', ['LEVEL'], ['LEVEL']), { LEVEL: '' })).toMatch(
      /this run would take key LEVEL of ConfigMap app-config away/,
    );
    expect(await ask('restore-manifests', manifest('remove', ['LEVEL'], ['LEVEL']), { LEVEL: '' })).toMatch(/away/);
    const flags = { configMap: 'app-config', values: { LEVEL: 'false' } };
    expect(await ask('disable-feature-flags', flags, {})).toBe('info');
    expect(await ask('disable-feature-flags', { ...flags, values: { LEVEL: null } }, { LEVEL: '' })).toMatch(/away/);
  });

  it('only warns of a pull secret that is gone: the kubelet goes on without it', async () => {
    const { items } = check([member({ good: template('shop:1', { imagePullSecrets: [{ name: 'registry' }] }) })], {});
    const [item] = await items;
    expect(item?.severity).toBe('warn');
    expect(item?.failure?.message).toContain('private images cannot be pulled');
  });

  it('says in one warning what may not be read, with the narrowest rule', async () => {
    const members = ['a', 'b'].map((name) => member({ name, good: reads(`${name}-secret`) }));
    const { items } = check(members, { forbidden: ['get Secret'] });
    const [item, ...others] = await items;
    expect(others).toEqual([]);
    expect(item?.severity).toBe('warn');
    expect(item?.failure?.code).toBe('CLUSTER_FORBIDDEN');
    expect(item?.failure?.message).toContain('Secret a-secret, Secret b-secret');
    expect(item?.failure?.hint).toContain('resourceNames: [a-secret, b-secret]');
  });

  it('warns of what could not be read for another reason, apart from what is forbidden', async () => {
    const good = template('shop:1', {
      containers: [{ name: 'web', envFrom: [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'settings' } }] }],
    });
    const { items } = check([member({ good })], { forbidden: ['get Secret'], failing: ['get ConfigMap'] });
    expect((await items).map((item) => `${item.severity} ${item.failure?.code}`)).toEqual([
      'warn CLUSTER_FORBIDDEN',
      'warn CLUSTER_ERROR',
    ]);
  });

  it.each([
    [{ serviceAccountName: 'shop' }, 'kubectl -n production create serviceaccount shop'],
    [{ volumes: [{ name: 'v', configMap: { name: 'conf' } }] }, 'kubectl -n production create configmap conf'],
    [{ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }, 'kubectl -n production get pvc'],
  ])('says how to put it back', async (spec, command) => {
    const [item] = await check([member({ good: template('shop:1', spec) })], {}).items;
    expect(item?.failure?.hint).toContain(command);
  });

  it('shortens a long list of what is unknown', async () => {
    const members = Array.from({ length: 9 }, (_, index) => member({ name: `w${index}`, good: reads(`s${index}`) }));
    const more = ['a', 'b', 'c'].map((name) =>
      member({ name, good: template('x', { volumes: [{ name: 'v', configMap: { name } }] }) }),
    );
    const { items } = check([...members, ...more], { forbidden: ['get Secret', 'get ConfigMap'] });
    expect((await items)[0]?.failure?.message).toContain('and 2 more');
  });

  it('looks an object up once, however many workloads read it', async () => {
    const members = Array.from({ length: 50 }, (_, index) => member({ name: `w${index}`, good: reads('db') }));
    const { items, requests } = check(members, { objects: { Secret: [named('db')] } });
    await items;
    expect(requests).toEqual(['get Secret db']);
  });

  it('lists a kind once where many objects of it are asked for, and gets each where it may not list', async () => {
    const members = Array.from({ length: 12 }, (_, index) => member({ name: `w${index}`, good: reads(`s${index}`) }));
    const objects = { Secret: members.map((_, index) => named(`s${index}`)) };
    const listed = check(members, { objects });
    await listed.items;
    expect(listed.requests).toEqual(['list Secret']);
    const got = check(members, { objects, forbidden: ['list Secret'] });
    expect((await got.items).every((item) => item.severity === 'info')).toBe(true);
    expect(got.requests).toHaveLength(13);
  });

  it('prints commands that are safe to paste, whatever a template names', async () => {
    const { items } = check([member({ good: reads('x; reboot\n') })], {});
    const [item] = await items;
    expect(item?.failure?.hint).toContain(`create secret generic 'x; reboot?' --from-env-file=FILE`);
  });
});
