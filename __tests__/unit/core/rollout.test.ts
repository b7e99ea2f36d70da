import { describe, expect, it } from '@jest/globals';
import type { WorkloadObject } from '../../../src/core/kubernetes.ts';
import { rolloutStatus } from '../../../src/core/rollout.ts';

/** A StatefulSet of three ready pods, which the controller has seen. */
function statefulSet(spec: object, status: object): WorkloadObject {
  return {
    kind: 'StatefulSet',
    metadata: { name: 'db', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 3 },
    spec: { replicas: 3, selector: {}, template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: 3, replicas: 3, readyReplicas: 3, ...status },
  } as unknown as WorkloadObject;
}

const EQUAL = { currentRevision: 'db-1', updateRevision: 'db-1' };

describe('a StatefulSet whose rollout was undone half-way', () => {
  it('is not complete while pods run the release that was left, though its revisions are equal', () => {
    expect(rolloutStatus(statefulSet({}, { ...EQUAL, updatedReplicas: 2 }))).toMatchObject({
      kind: 'waiting',
      waitingFor: '2 of 3 pods updated',
    });
  });

  it('is complete once all run the one that is wanted', () => {
    expect(rolloutStatus(statefulSet({}, { ...EQUAL, updatedReplicas: 3 })).kind).toBe('complete');
  });

  it('needs a person with OnDelete', () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    expect(rolloutStatus(statefulSet(spec, { ...EQUAL, updatedReplicas: 2 })).kind).toBe('manual');
    expect(rolloutStatus(statefulSet(spec, { ...EQUAL, updatedReplicas: 3 })).kind).toBe('complete');
  });

  it('is complete above its partition', () => {
    const spec = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    const other = { currentRevision: 'db-1', updateRevision: 'db-2' };
    expect(rolloutStatus(statefulSet(spec, { ...other, updatedReplicas: 0 })).kind).toBe('waiting');
    expect(rolloutStatus(statefulSet(spec, { ...other, updatedReplicas: 1 })).kind).toBe('complete');
  });
});
