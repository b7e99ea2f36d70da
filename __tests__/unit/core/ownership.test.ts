import { describe, expect, it } from '@jest/globals';
import type { ObjectMeta, WorkloadObject } from '../../../src/core/kubernetes.ts';
import { addedFields, mergesThreeWays, ownerOf } from '../../../src/core/ownership.ts';

const workload = (metadata: Partial<ObjectMeta>): WorkloadObject => ({
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'production',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '',
    ...metadata,
  },
  spec: { selector: {}, template: { spec: { containers: [] } } },
});
const managedBy = (manager: string, operation: 'Apply' | 'Update' = 'Update') => ({
  managedFields: [{ manager, operation, fieldsV1: { 'f:spec': { 'f:template': {} } } }],
});
const tracking = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const helmRelease = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'shop' },
};

describe('ownerOf', () => {
  it.each<[string, Partial<ObjectMeta>, string | undefined]>([
    ['nobody', {}, undefined],
    ['kubectl', managedBy('kubectl-client-side-apply'), undefined],
    ['an Argo CD label', { labels: { 'argocd.argoproj.io/instance': 'shop' } }, 'argo-cd at-once shop'],
    ['an Argo CD tracking id', tracking('shop:apps/Deployment:production/web'), 'argo-cd at-once shop'],
    ['a tracking id copied from another object', tracking('shop:apps/Deployment:production/api'), undefined],
    ['a tracking id copied from another namespace', tracking('shop:apps/Deployment:staging/web'), undefined],
    [
      'Argo CD by a common label and its field manager',
      { labels: { 'app.kubernetes.io/instance': 'shop' }, ...managedBy('argocd-controller', 'Apply') },
      'argo-cd at-once shop',
    ],
    ['a common label alone', { labels: { 'app.kubernetes.io/instance': 'shop' } }, undefined],
    [
      'a Flux Kustomization',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      },
      'flux at-once apps',
    ],
    [
      'a Flux Kustomization that is told to leave it alone',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' },
        annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
      },
      undefined,
    ],
    [
      'a Flux HelmRelease, not the Helm release that it makes',
      { ...helmRelease, labels: { ...helmRelease.labels, 'helm.toolkit.fluxcd.io/name': 'shop' } },
      'flux at-once shop',
    ],
    [
      'Config Sync',
      { annotations: { 'configmanagement.gke.io/managed': 'enabled', 'configsync.gke.io/manager': 'root' } },
      'config-sync at-once root',
    ],
    [
      'an operator',
      { ownerReferences: [{ kind: 'Canary', name: 'web', uid: 'c', controller: true }] },
      'controller at-once web',
    ],
    ['an owner that does not control', { ownerReferences: [{ kind: 'Application', name: 'a', uid: 'c' }] }, undefined],
    ['Helm', helmRelease, 'helm next-deploy shop'],
    ['a label Helm without a release', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, undefined],
    ['kapp', { labels: { 'kapp.k14s.io/app': '1700' } }, 'kapp next-deploy 1700'],
    [
      'Fleet',
      { annotations: { ...helmRelease.annotations, 'objectset.rio.cattle.io/id': 'fleet-agent-bootstrap' } },
      'fleet next-deploy shop',
    ],
  ])('finds %s', (_, metadata, expected) => {
    const owner = ownerOf(workload(metadata));
    expect(owner && `${owner.tool} ${owner.puts} ${owner.name}`).toBe(expected);
  });

  it('says how to keep it from taking the rollback back, in words that are safe to paste', () => {
    const argo = ownerOf(workload({ labels: { 'argocd.argoproj.io/instance': 'shop' } }));
    expect(argo?.stop).toContain('argocd app set shop --sync-policy none');
    const flux = ownerOf(
      workload({
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'ops' },
      }),
    );
    expect(flux?.stop).toContain('flux suspend kustomization apps -n ops');
    const hostile = ownerOf(workload({ labels: { 'argocd.argoproj.io/instance': 'a;reboot' } }));
    expect(hostile?.stop).toContain("argocd app set 'a;reboot' ");
  });
});

describe('mergesThreeWays', () => {
  it('is how Helm 3 patches, and not how Helm 4 applies', () => {
    expect(mergesThreeWays(workload(managedBy('helm')))).toBe(true);
    expect(mergesThreeWays(workload(managedBy('Helm')))).toBe(true);
    expect(mergesThreeWays(workload(managedBy('helm', 'Apply')))).toBe(false);
  });
});

describe('addedFields', () => {
  const of = (container: object, more: object = {}) => ({
    spec: { containers: [{ name: 'web', ...container }], ...more },
  });

  it('names what the target adds, in lists by their keys', () => {
    const left = of({ image: 'shop:2', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] });
    const target = of(
      {
        image: 'shop:1',
        env: [
          { name: 'DEBUG', value: 'secret' },
          { name: 'A', value: '2' },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 81 }],
        livenessProbe: { httpGet: { path: '/' } },
      },
      { volumes: [{ name: 'cache' }] },
    );
    expect(addedFields(left, target)).toEqual([
      'containers[web].env[DEBUG]',
      'containers[web].ports[81]',
      'containers[web].livenessProbe',
      'volumes[cache]',
    ]);
  });

  it('names nothing where the target only takes away or changes', () => {
    const left = of({ image: 'shop:2', env: [{ name: 'A' }], args: ['a'] });
    expect(addedFields(left, of({ image: 'shop:1', args: ['b', 'c'] }))).toEqual([]);
  });

  it('names labels and annotations of the template', () => {
    const target = { ...of({}), metadata: { annotations: { scrape: 'yes' } } };
    expect(addedFields({ ...of({}), metadata: { annotations: {} } }, target)).toEqual(['metadata.annotations.scrape']);
  });
});
