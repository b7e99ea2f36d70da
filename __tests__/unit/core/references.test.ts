import { describe, expect, it } from '@jest/globals';
import { type Found, missingOf, readRules, referencesOf } from '../../../src/core/references.ts';

const everything = {
  spec: {
    serviceAccountName: 'shop',
    imagePullSecrets: [{ name: 'registry' }, {}],
    initContainers: [
      { name: 'migrate', envFrom: [{ secretRef: { name: 'db' } }] },
      { name: 'proxy', restartPolicy: 'Always', envFrom: [{ configMapRef: { name: 'proxy' } }] },
    ],
    containers: [
      {
        name: 'web',
        env: [
          { name: 'PLAIN', value: '1' },
          { name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } },
          { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level', optional: false } } },
          { name: 'EXTRA', valueFrom: { secretKeyRef: { name: 'extra', key: 'x', optional: true } } },
        ],
        envFrom: [{ configMapRef: { name: 'maybe', optional: true } }],
      },
    ],
    volumes: [
      { name: 'tls', secret: { secretName: 'tls', items: [{ key: 'tls.crt', path: 'c' }] } },
      { name: 'optional', secret: { secretName: 'none', optional: true } },
      { name: 'conf', configMap: { name: 'conf' } },
      {
        name: 'all',
        projected: {
          sources: [
            { secret: { name: 'p-secret', items: [{ key: 'k', path: 'k' }] } },
            { configMap: { name: 'p-map' } },
            { serviceAccountToken: { path: 'token' } },
          ],
        },
      },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'csi', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi-secret' } } },
      { name: 'azure', azureFile: { secretName: 'azure-secret', shareName: 's' } },
      { name: 'empty', emptyDir: {} },
    ],
  },
};

const shown = (list: ReturnType<typeof referencesOf>) =>
  list.map(({ kind, name, key, where, need }) => `${kind} ${name}${key ? `[${key}]` : ''} ${where} ${need}`);

describe('referencesOf', () => {
  it('finds everything that a pod needs before it starts, and leaves out what is optional', () => {
    expect(shown(referencesOf(everything))).toEqual([
      'ServiceAccount shop serviceAccountName required',
      'Secret tls[tls.crt] volumes[tls] required',
      'ConfigMap conf volumes[conf] required',
      'Secret p-secret[k] volumes[all] required',
      'ConfigMap p-map volumes[all] required',
      'PersistentVolumeClaim data volumes[data] required',
      'Secret csi-secret volumes[csi] required',
      'Secret azure-secret volumes[azure] required',
      'Secret db initContainers[migrate].envFrom required',
      'ConfigMap proxy initContainers[proxy].envFrom required',
      'Secret db[url] containers[web].env[DB_URL] required',
      'ConfigMap settings[level] containers[web].env[LEVEL] required',
      'Secret registry imagePullSecrets pull',
    ]);
  });

  it('finds nothing in a template that reads nothing, the default service account included', () => {
    expect(referencesOf({ spec: { serviceAccountName: 'default', containers: [{ name: 'web' }] } })).toEqual([]);
  });
});

describe('missingOf', () => {
  const needed = referencesOf(everything);
  const all = (found: Found) => missingOf(needed, () => found);

  it('names an absent object once, with every place that needs it', () => {
    const database = all('absent').find(({ reference }) => reference.name === 'db');
    expect(database).toEqual({
      reference: { kind: 'Secret', name: 'db', where: 'initContainers[migrate].envFrom', need: 'required' },
      wheres: ['initContainers[migrate].envFrom', 'containers[web].env[DB_URL]'],
      what: 'object',
    });
    expect(all('absent')).toHaveLength(12);
  });

  it('names each missing key of an object that is there', () => {
    const missing = all({ keys: new Set(['level']) });
    expect(missing.map(({ reference }) => `${reference.name}.${reference.key}`)).toEqual([
      'tls.tls.crt',
      'p-secret.k',
      'db.url',
    ]);
  });

  it('never takes what cannot be read for absent or present', () => {
    expect(all('unreadable').every(({ what }) => what === 'unreadable')).toBe(true);
  });
});

it('asks to read no more than what is referenced', () => {
  expect(readRules(referencesOf(everything)).filter((rule) => rule.resource === 'persistentvolumeclaims')).toEqual([
    { verb: 'get', group: '', resource: 'persistentvolumeclaims', name: 'data' },
  ]);
});
