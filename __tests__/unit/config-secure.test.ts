import { describe, expect, it } from '@jest/globals';
import { resolveConfig } from '../../src/config.ts';
import { RollbackErrors } from '../../src/core/errors.ts';
import { STEPS } from '../../src/steps/index.ts';

const PLACE = 'namespace: production\nworkloads: [deployment/web]\ntier: secure\n';
const resolve = (file: string) =>
  resolveConfig(
    {},
    PLACE + file,
    'rollback.yml',
    STEPS.map(({ meta }) => meta),
  );

function faults(file: string): string[] {
  try {
    resolve(file);
  } catch (error) {
    if (!(error instanceof RollbackErrors)) throw error;
    return error.errors.map(({ message }) => message);
  }
  return [];
}

describe('the sections of tier secure', () => {
  it('are read as the steps need them', () => {
    const { config } = resolve(
      [
        'manifests: k8s/backup/',
        'allow-cluster-scoped: [ClusterRole/shop]',
        'feature-flags: { config-map: flags, disable: [fast, new-ui, fast] }',
        'temporary-resources: [job/import, pod/probe.v2, pvc/scratch, job/import]',
      ].join('\n'),
    );
    expect(config).toMatchObject({
      tier: 'secure',
      timeoutMs: 30 * 60_000,
      manifests: { path: 'k8s/backup/', allowClusterScoped: ['ClusterRole/shop'] },
      featureFlags: { configMap: 'flags', disable: ['fast', 'new-ui'] },
      temporaryResources: [
        { kind: 'Job', name: 'import' },
        { kind: 'Pod', name: 'probe.v2' },
        { kind: 'PersistentVolumeClaim', name: 'scratch' },
      ],
    });
  });

  it('may be left out: their steps are skipped then', () => {
    const { config } = resolve('');
    for (const section of ['manifests', 'featureFlags', 'temporaryResources'])
      expect(config).not.toHaveProperty(section);
  });

  it.each([
    ['manifests: ""', /manifests/],
    ['allow-cluster-scoped: [clusterrole/shop]', /allow-cluster-scoped\[0\].*KIND\/NAME/],
    ['feature-flags: { config-map: Flags, disable: [a] }', /feature-flags\.config-map/],
    ['feature-flags: { config-map: flags, disable: ["a b"] }', /feature-flags\.disable\[0\].*the key of a flag/],
    ['feature-flags: { config-map: flags }', /feature-flags/],
    ['temporary-resources: [deployment/web]', /temporary-resources\[0\].*job\/NAME, pod\/NAME or pvc\/NAME/],
    ['temporary-resources: ["pvc/*"]', /temporary-resources\[0\]/],
    ['temporary-resources: [job/Import]', /temporary-resources\[0\]/],
  ])('refuse %s by its name', (file, expected) => {
    expect(faults(file)).toEqual([expect.stringMatching(expected)]);
  });
});
