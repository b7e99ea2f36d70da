import { describe, expect, it } from '@jest/globals';
import type { ObjectKind, ObjectOf, PodTemplate } from '../../../src/core/kubernetes.ts';
import { templateHash } from '../../../src/core/workload.ts';
import { indexView, patientIndex, patientOf } from '../../../src/diagnosis/patient.ts';
import { ago, controllerRevision, event, NOW, owned, pod, replicaSet, SINCE, template, workload } from './samples.ts';

const old = template('web:v1');
const judged = template('web:v2');
const restarted: PodTemplate = {
  ...judged,
  metadata: { ...judged.metadata, annotations: { 'kubectl.kubernetes.io/restartedAt': ago(1) } },
};
const names = (pods: readonly { readonly metadata: { readonly name: string } }[]) =>
  pods.map((one) => one.metadata.name);
const withHash = (stored: PodTemplate, hash: string): PodTemplate => ({
  ...stored,
  metadata: { ...stored.metadata, labels: { ...stored.metadata?.labels, 'pod-template-hash': hash } },
});

describe('patientOf', () => {
  it('sorts the pods of a Deployment by the release of their ReplicaSet', () => {
    const web = workload();
    const other = workload();
    const before = replicaSet(web, { name: 'web-1', revision: 1, spec: { template: withHash(old, '1') } });
    const first = replicaSet(web, { name: 'web-2', revision: 2, spec: { template: withHash(judged, '2') } });
    const again = replicaSet(web, { name: 'web-3', revision: 3, spec: { template: withHash(restarted, '3') } });
    const foreign = replicaSet(other, { name: 'web-4', spec: { template: judged } });
    const of = (one: typeof before, name: string, more = {}) =>
      pod({ name, metadata: { ...owned(one, 'ReplicaSet'), ...more } });
    const pods = [
      of(before, 'old'),
      of(first, 'first', { creationTimestamp: ago(20) }),
      of(again, 'again', { creationTimestamp: ago(10) }),
      of(again, 'leaving', { deletionTimestamp: ago(-9) }),
      of(foreign, 'foreign'),
      pod({ name: 'orphan' }),
    ];
    const events = [
      event(again, 'FailedCreate', 'older', { secondsAgo: 9 }),
      event(pods[1] as (typeof pods)[0], 'BackOff', 'newer', { secondsAgo: 3 }),
      event(foreign, 'FailedCreate', 'of another'),
    ];
    const index = patientIndex({ pods, replicaSets: [before, first, again, foreign], events });
    const found = patientOf(index, web, templateHash(judged), SINCE, NOW);
    expect(names(found.pods)).toEqual(['again', 'first']);
    expect(names(found.otherPods).toSorted()).toEqual(['leaving', 'old']);
    expect(found.replicaSet?.metadata.name).toBe('web-3');
    expect(found.events.map((one) => one.message)).toEqual(['newer', 'older']);
    expect(found).toMatchObject({ namespace: 'shop', since: SINCE, now: NOW });
  });

  it.each([
    // A StatefulSet's pods carry the name of the ControllerRevision, a DaemonSet's its hash.
    ['StatefulSet', 'web-6d5', 'web-7c4'],
    ['DaemonSet', '6d5', '7c4'],
  ] as const)('sorts the pods of a %s by their revision label', (kind, label, oldLabel) => {
    const web = workload(kind);
    const revisions = [
      controllerRevision(web, 'web-7c4', old, { 'controller-revision-hash': '7c4' }),
      controllerRevision(web, 'web-6d5', judged, { 'controller-revision-hash': '6d5' }),
    ];
    const of = (name: string, revision: string) =>
      pod({ name, metadata: { ...owned(web, kind), labels: { 'controller-revision-hash': revision } } });
    const index = patientIndex({ pods: [of('web-0', oldLabel), of('web-1', label)], controllerRevisions: revisions });
    const found = patientOf(index, web, templateHash(judged), SINCE, NOW);
    expect(names(found.pods)).toEqual(['web-1']);
    expect(names(found.otherPods)).toEqual(['web-0']);
    expect(found.replicaSet).toBeUndefined();
  });

  it('judges no pod of a release that no controller knows yet', () => {
    const web = workload();
    const before = replicaSet(web, { spec: { template: old } });
    const index = patientIndex({ pods: [pod({ metadata: owned(before, 'ReplicaSet') })], replicaSets: [before] });
    const found = patientOf(index, web, templateHash(judged), SINCE, NOW);
    expect(found.pods).toEqual([]);
    expect(found.otherPods).toHaveLength(1);
  });
});

describe('indexView', () => {
  it('indexes a version once, and does without kinds that may not be read', () => {
    const web = workload();
    const now = replicaSet(web, { spec: { template: judged } });
    const asked: ObjectKind[] = [];
    const view = {
      version: 1,
      all<K extends ObjectKind>(kind: K): readonly ObjectOf[K][] {
        asked.push(kind);
        if (kind === 'Event' || kind === 'ControllerRevision') throw new Error(`${kind} is not part of this view`);
        return (kind === 'Pod' ? [pod({ metadata: owned(now, 'ReplicaSet') })] : [now]) as unknown as ObjectOf[K][];
      },
    };
    for (let i = 0; i < 3; i += 1) {
      expect(indexView(view).patientOf(web, templateHash(judged), SINCE, NOW).pods).toHaveLength(1);
    }
    expect(asked).toHaveLength(4);
    view.version = 2;
    indexView(view);
    expect(asked).toHaveLength(8);
  });
});
