import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { KEPT_NAMES, KEPT_OBJECT_NAMES } from '../../src/core/access.ts';
import type { Report } from '../../src/core/report.ts';
import { BAD_STATE, GOOD_STATE, GROUP, podsStarted, SecureRelease } from './secure-release.ts';

const statusOf = ({ steps }: Report, id: string) => steps.find(({ step }) => step === id)?.outcome.status;
const OWN = ['restore-manifests', 'disable-feature-flags', 'restart-workloads', 'clean-temporary-resources'];

/** `patch deployments/web`, for each change of the application since the mark. */
async function changes(release: SecureRelease, since: number): Promise<string[]> {
  const events = await release.scene.changesSince(since);
  return events.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}/${objectRef?.name}`).sort();
}

/** Where it looks for a place to keep things. */
const KEPT = [...KEPT_NAMES, ...KEPT_OBJECT_NAMES];

function roleFor({ name, namespace }: { name: string; namespace: string }, rules: readonly object[]): object[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'secure', namespace };
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: 'secure' },
      subjects: [{ apiGroup, kind: 'User', name }],
    },
  ];
}

describe('tier secure', () => {
  it('puts all of it right, starting each pod that reads what changed once; the second time it changes nothing', async () => {
    await using release = await SecureRelease.broken('secure');
    const since = await release.scene.cluster.auditMark();
    const report = await release.rollback();
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(OWN.map((id) => statusOf(report, id))).toEqual(OWN.map(() => 'passed'));
    expect(await release.state()).toEqual(GOOD_STATE);
    expect(await podsStarted(release.scene, since, GROUP)).toEqual({ web: 2, api: 2, worker: 2, idle: 0 });

    const mark = await release.scene.cluster.auditMark();
    const again = await release.rollback();
    expect([again.outcome, again.failures]).toEqual(['no-op', []]);
    expect(await changes(release, mark)).toEqual([]);
    expect(await podsStarted(release.scene, mark, GROUP)).toEqual({ web: 0, api: 0, worker: 0, idle: 0 });

    // Whoever deploys next meets no conflict, and gets what it says.
    const next = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app-config' }, data: { LEVEL: 'warn' } };
    await release.kubectlApply(next);
    await release.scene.deploy(release.scene.deployment('web', 'shop/web:3'));
    expect(await release.state()).toMatchObject({ appConfig: { LEVEL: 'warn' } });
    expect(await release.scene.image('web')).toBe('shop/web:3');
  });

  it('does with the rules that it prints as missing, and no others', async () => {
    await using release = await SecureRelease.broken('granted');
    const { cluster, namespace } = release.scene;
    const user = { name: `secure-${namespace}`, namespace };
    const least = [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'patch'] },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    ];
    // To plan it must look at all of it.
    const objects = ['app-config', 'extra', 'flags', 'tiered-rollback-ledger'];
    const look = [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: objects, verbs: ['get', 'patch'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['codes', ...KEPT], verbs: ['get', 'patch'] },
      { apiGroups: ['batch'], resources: ['jobs'], resourceNames: ['temp-job'], verbs: ['get'] },
    ];
    const grant = (rules: readonly object[]) => cluster.apply(roleFor(user, rules));
    await grant([...least, ...look]);
    const kubeconfig = await cluster.kubeconfigFor(user);
    const refused = await release.rollback({ kubeconfig });
    expect(refused.outcome).toBe('refused');
    const [failure, ...others] = refused.failures;
    expect([failure?.code, others]).toEqual(['CLUSTER_FORBIDDEN', []]);
    const missing = parse(failure?.hint.split('\n').slice(1).join('\n') ?? '') as object[];
    await grant([...least, ...look, ...missing]);
    const report = await release.rollback({ kubeconfig });
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(await release.state()).toEqual(GOOD_STATE);
  });

  it('after complete adds only its own steps', async () => {
    await using release = await SecureRelease.broken('climb');
    const complete = await release.rollback({ tier: 'complete' });
    expect([complete.outcome, complete.failures]).toEqual(['succeeded', []]);
    expect(await release.state()).toEqual({
      ...BAD_STATE,
      images: GOOD_STATE.images,
      codes: { ...BAD_STATE.codes, CODE: 'good' },
    });

    const since = await release.scene.cluster.auditMark();
    const report = await release.rollback();
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(await release.state()).toEqual(GOOD_STATE);
    expect(await podsStarted(release.scene, since, GROUP)).toEqual({ web: 2, api: 2, worker: 2, idle: 0 });
    const changed = new Set(await changes(release, since));
    expect([...changed].filter((change) => /secrets\/|idle/.test(change))).toEqual(['patch secrets/codes']);
    expect(changed).toContain('delete jobs/temp-job');
  });

  it('brings a Secret and a ConfigMap back that are gone and that the target reads', async () => {
    await using release = await SecureRelease.broken('gone');
    await release.scene.kubectl('delete', 'secret/codes', 'configmap/app-config', 'configmap/flags');
    const report = await release.rollback();
    expect([report.outcome, report.failures]).toEqual(['succeeded', []]);
    expect(await release.state()).toEqual(GOOD_STATE);
    // To take it back would leave the pods without it again.
    const undo = await release.rollback({ mode: 'undo', values: {} });
    expect(undo.outcome).toBe('refused');
    expect(undo.failures.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/deployment\/web: .*this run would take ConfigMap app-config away/),
    );
    expect(await release.state()).toEqual(GOOD_STATE);
  });

  it('refuses, before anything is touched, what a controller makes, and a manifest without a key that the target reads', async () => {
    await using release = await SecureRelease.broken('refused');
    const { scene } = release;
    const { uid } = (await scene.get('Deployment', 'web')).metadata;
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid, controller: true };
    await release.kubectlApply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'extra', ownerReferences: [owner] },
      data: { A: 'made' },
    });
    const since = await scene.cluster.auditMark();
    const report = await release.rollback();
    expect(report.outcome).toBe('refused');
    expect(report.failures).toEqual([expect.objectContaining({ code: 'FIELD_OWNED' })]);
    expect(report.failures[0]?.message).toContain('configmap/extra is made by Deployment web');
    expect(await changes(release, since)).toEqual([]);
    expect(await release.state()).toMatchObject({ appConfig: BAD_STATE.appConfig, images: BAD_STATE.images });
  });
});

describe('tier secure, taken back', () => {
  const CONFIGURATION = ['restore-secrets', 'restore-manifests', 'disable-feature-flags'];
  const UNHEALTHY = {
    name: 'nothing answers here',
    at: { kind: 'url', url: 'http://127.0.0.1:9/health' },
    status: { from: 200, to: 299 },
    timeoutMs: 500,
    successes: 1,
  } as const;

  it('by on-failure: revert, each part as it was', async () => {
    await using release = await SecureRelease.broken('revert');
    const report = await release.rollback({ onFailure: 'revert', health: [UNHEALTHY], timeoutMs: 30_000 });
    expect(report.outcome).toBe('failed');
    expect(report.notes.map(({ key }) => key)).not.toContain('note.revert-failed');
    expect(await release.state()).toEqual(BAD_STATE);
  });

  it('by an undo, each part as it was; the same undo again changes nothing, and the way back is open', async () => {
    await using release = await SecureRelease.broken('undo');
    await release.rollback();
    const worker = (await release.scene.get('Deployment', 'worker')).metadata.generation;
    const undone = await release.rollback({ mode: 'undo', values: {} });
    // What it goes back to crashes, as it did before.
    expect(statusOf(undone, 'undo-workloads')).toBe('failed');
    expect(CONFIGURATION.map((id) => statusOf(undone, id))).toEqual(CONFIGURATION.map(() => 'passed'));
    expect(await release.state()).toEqual(BAD_STATE);
    expect((await release.scene.get('Deployment', 'worker')).metadata.generation).toBe((worker ?? 0) + 1);
    const since = await release.scene.cluster.auditMark();
    await release.rollback({ mode: 'undo', values: {} });
    expect(await changes(release, since)).toEqual([]);
    const again = await release.rollback();
    expect([again.outcome, again.failures]).toEqual(['succeeded', []]);
    expect(await release.state()).toEqual(GOOD_STATE);
  });
});
