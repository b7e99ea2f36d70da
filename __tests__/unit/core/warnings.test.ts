import { describe, expect, it } from '@jest/globals';
import type { Condition, EventObject, PodObject } from '../../../src/core/kubernetes.ts';
import { warningsOf } from '../../../src/core/warnings.ts';
import { patientIndex, patientOf } from '../../../src/diagnosis/patient.ts';
import { loadCapture } from '../diagnosis/replay.ts';
import { ago, event, NOW, patient, pod, replicaSet, SINCE, workload } from '../diagnosis/samples.ts';

const is = (type: string, status: Condition['status'], secondsAgo: number): Condition => ({
  type,
  status,
  lastTransitionTime: ago(secondsAgo),
});
const readyFor = (seconds: number, more: Parameters<typeof pod>[0] = {}): PodObject =>
  pod({
    ...more,
    status: { conditions: [is('PodScheduled', 'True', seconds + 5), is('Ready', 'True', seconds)] },
  });
const waiting = (...conditions: Condition[]) =>
  pod({ status: { conditions: [is('Ready', 'False', 30), ...conditions] } });
const complete = workload('Deployment', {
  status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 },
});

function judge(pods: readonly PodObject[], events: readonly EventObject[], more: Parameters<typeof patient>[0] = {}) {
  return warningsOf(patient({ workload: complete, pods, events, ...more }), []);
}

describe('a warning about a pod of the target', () => {
  it('counts when it was seen after the pod became ready', () => {
    const one = readyFor(20);
    expect(judge([one], [event(one, 'Unhealthy', 'Readiness probe failed: 503', { secondsAgo: 5, count: 2 })])).toEqual(
      [
        {
          workload: { kind: 'Deployment', name: 'web' },
          kind: 'Pod',
          name: one.metadata.name,
          objects: 1,
          reason: 'Unhealthy',
          message: 'Readiness probe failed: 503',
          count: 2,
          lastSeen: NOW - 5000,
        },
      ],
    );
  });

  it.each([
    ['Unhealthy', 'Readiness probe failed: connection refused'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "s" : secret "web-db" not found'],
    ['Failed', 'Error: ImagePullBackOff'],
    ['BackOff', 'Back-off pulling image "web:v1"'],
    ['FailedScheduling', '0/1 nodes are available: 1 Insufficient cpu.'],
  ])('%s is healed once the pod is ready, in the same second too', (reason, message) => {
    const one = readyFor(20);
    for (const secondsAgo of [20, 25]) {
      expect(judge([one], [event(one, reason, message, { secondsAgo })])).toMatchObject([{ passedOver: 'healed' }]);
    }
  });

  it('is not healed while the pod is not ready, unless it only lacked a node', () => {
    const one = waiting(is('PodScheduled', 'True', 10));
    const events = [
      event(one, 'FailedScheduling', '0/1 nodes', { secondsAgo: 12 }),
      event(one, 'FailedMount', 'no such volume', { secondsAgo: 12 }),
    ];
    expect(judge([one], events).filter((warning) => !warning.passedOver)).toMatchObject([{ reason: 'FailedMount' }]);
    const alone = waiting(is('PodScheduled', 'False', 20));
    expect(judge([alone], [event(alone, 'FailedScheduling', '0/1 nodes')])[0]?.passedOver).toBeUndefined();
  });

  it('is harmless when the kubelet was only not up to date yet, or says it of healthy pods again and again', () => {
    const one = readyFor(20);
    const events = [
      event(one, 'FailedMount', 'MountVolume.SetUp failed for volume "c" : failed to sync configmap cache: timed out'),
      event(one, 'FailedMount', 'MountVolume.SetUp failed for volume "s" : object "shop"/"web-db" not registered'),
      event(one, 'DNSConfigForming', 'Nameserver limits were exceeded'),
    ];
    const found = judge([one], events);
    expect(found).toHaveLength(3);
    expect(found.every(({ passedOver }) => passedOver === 'harmless')).toBe(true);
    expect(
      judge([one], [event(one, 'FailedMount', 'secret "x" not registered by anybody')])[0]?.passedOver,
    ).toBeUndefined();
  });

  it('is ignored by its reason', () => {
    const one = readyFor(20);
    const events = [event(one, 'FailedToRetrieveImagePullSecret', 'x'), event(one, 'Unhealthy', 'y')];
    const found = warningsOf(patient({ workload: complete, pods: [one], events }), ['FailedToRetrieveImagePullSecret']);
    expect(found.map(({ reason, passedOver }) => [reason, passedOver]).sort()).toEqual([
      ['FailedToRetrieveImagePullSecret', 'ignored'],
      ['Unhealthy', undefined],
    ]);
  });
});

describe('what does not count', () => {
  it('is older than the rollback, normal, or about something else', () => {
    const one = readyFor(20);
    const bad = pod({ name: 'web-bad' });
    const events = [
      event(one, 'Unhealthy', 'old', { secondsAgo: 61 }),
      event(one, 'Killing', 'normal', { type: 'Normal' }),
      event(bad, 'BackOff', 'Back-off restarting failed container'),
      event(pod({ name: 'gone' }), 'Evicted', 'node was low on memory'),
    ];
    expect(judge([one], events, { otherPods: [bad] })).toEqual([]);
  });

  it('is of the second of the write, when it was before: whole seconds are all that the API keeps', () => {
    const one = readyFor(90);
    expect(judge([one], [event(one, 'Unhealthy', 'x', { secondsAgo: 60 })], { since: SINCE + 400 })).toHaveLength(1);
    expect(judge([one], [event(one, 'Unhealthy', 'x', { secondsAgo: 60 })], { since: SINCE + 1000 })).toEqual([]);
  });
});

describe('a warning about ReplicaSet or workload', () => {
  const set = replicaSet(complete);
  const failed = event(set, 'FailedCreate', 'Error creating: pods "web-x" is forbidden: exceeded quota', {
    secondsAgo: 15,
  });

  it('is healed once all pods are ready', () => {
    expect(judge([readyFor(10), readyFor(5)], [failed], { replicaSet: set })).toMatchObject([
      { kind: 'ReplicaSet', name: set.metadata.name, passedOver: 'healed' },
    ]);
    const evicted = pod({ name: 'web-evicted', phase: 'Failed' });
    expect(judge([readyFor(10), evicted], [failed], { replicaSet: set })).toMatchObject([{ passedOver: 'healed' }]);
  });

  it('counts while a pod is missing or not ready, and when it came later', () => {
    const short = workload('Deployment', { status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1 } });
    for (const [pods, more] of [
      [[readyFor(10)], { workload: short }],
      [[readyFor(10), waiting()], {}],
      [[readyFor(20)], {}],
    ] as const) {
      expect(judge(pods, [failed], { replicaSet: set, ...more })[0]?.passedOver).toBeUndefined();
    }
  });

  it('is healed where no pod is wanted', () => {
    const none = workload('Deployment', {
      spec: { ...complete.spec, replicas: 0 },
      status: { observedGeneration: 2 },
    });
    expect(judge([], [event(none, 'FailedCreate', 'x')], { workload: none })).toMatchObject([{ passedOver: 'healed' }]);
  });
});

describe('the same warning', () => {
  it('of several pods, and with other names in it, is one; the newest speaks', () => {
    const [one, two] = [readyFor(20, { name: 'web-a' }), readyFor(20, { name: 'web-b' })];
    const events = [
      event(one, 'Unhealthy', 'Get "http://10.0.0.1:8080/": EOF', { secondsAgo: 9, count: 4 }),
      event(two, 'Unhealthy', 'Get "http://10.0.0.2:8080/": EOF', { secondsAgo: 3, count: 2 }),
      event(two, 'Unhealthy', 'HTTP probe failed with statuscode: 503', { secondsAgo: 6 }),
    ];
    expect(judge([one, two], events)).toMatchObject([
      { name: 'web-b', objects: 2, count: 6, lastSeen: NOW - 3000, message: 'Get "http://10.0.0.2:8080/": EOF' },
      { name: 'web-b', objects: 1, count: 1 },
    ]);
  });

  it('is counted as either API keeps it', () => {
    const one = readyFor(20);
    const bare: Partial<EventObject> = { lastTimestamp: null as never, firstTimestamp: null as never };
    const { count: _count, ...event0 } = event(one, 'A', 'x', { ...bare, eventTime: ago(3) });
    const series = { count: 7, lastObservedTime: ago(2) };
    const { count: _, ...event1 } = event(one, 'B', 'x', { ...bare, eventTime: ago(50), series });
    const event2 = event(one, 'C', 'x', { secondsAgo: 1, count: 3 });
    expect(
      judge([one], [event0, event1, event2]).map(({ reason, count, lastSeen }) => [reason, count, lastSeen]),
    ).toEqual([
      ['C', 3, NOW - 1000],
      ['B', 7, NOW - 2000],
      ['A', 1, NOW - 3000],
    ]);
  });

  it('is not believed when it has no time at all', () => {
    const one = readyFor(20);
    expect(judge([one], [event(one, 'Unhealthy', 'x', { lastTimestamp: 'yesterday' })])).toEqual([]);
  });
});

describe('as real nodes were seen', () => {
  /** The pods as they were last before they were deleted, and all events. */
  function atEnd(folder: string) {
    const capture = loadCapture(folder);
    const last = new Map<string, PodObject>();
    for (const { name, pod: seen } of capture.watch) {
      if (seen && !seen.metadata.deletionTimestamp) last.set(name, seen);
    }
    return {
      capture,
      index: patientIndex({ pods: [...last.values()], replicaSets: capture.replicaSets, events: capture.events }),
    };
  }
  const reasons = (folder: string, release: 'badHash' | 'goodHash') => {
    const { capture, index } = atEnd(folder);
    const at = Math.max(...capture.watch.map((one) => one.at));
    const found = warningsOf(patientOf(index, capture.deployment, capture[release], capture.since, at), []);
    return [...new Set(found.filter(({ passedOver }) => !passedOver).map(({ reason }) => reason))].sort();
  };

  it.each([
    ['v2-crash', ['BackOff', 'Unhealthy']],
    ['v2b-panic', ['BackOff', 'Unhealthy']],
    ['v3-image-tag-missing', ['Failed']],
    ['v3b-registry-unreachable', ['Failed']],
    ['v3c-invalid-image-name', ['Failed', 'InspectFailed']],
    ['v4-missing-secret', ['Failed']],
    ['v4b-missing-secret-volume', ['FailedMount']],
    ['v4c-missing-configmap', ['Failed']],
    ['v5-readiness-failing', ['Unhealthy']],
    ['v5b-liveness-failing', ['BackOff', 'Unhealthy']],
    ['v6-oom', ['BackOff', 'Unhealthy']],
    ['v7-command-not-found', ['BackOff', 'Failed']],
    ['v8-unschedulable', ['FailedScheduling']],
    ['v9-init-crash', ['BackOff']],
    ['v10-quota', ['FailedCreate']],
  ])('%s as the target is warned of by %j, and the good release beside it by nothing', (folder, expected) => {
    expect(reasons(folder, 'badHash')).toEqual(expected);
    expect(reasons(folder, 'goodHash')).toEqual([]);
  });
});
