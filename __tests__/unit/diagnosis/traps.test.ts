import { describe, expect, it } from '@jest/globals';
import type { Finding, Patient } from '../../../src/core/finding.ts';
import type { EventObject, PodObject } from '../../../src/core/kubernetes.ts';
import { loadCapture, replay } from './replay.ts';
import {
  ago,
  causes,
  ended,
  event,
  findings,
  type PodSample,
  pod,
  replicaSet,
  running,
  status,
  waiting,
  workload,
} from './samples.ts';

const probe = {
  httpGet: { path: '/health', port: 8080 },
  periodSeconds: 2,
  failureThreshold: 3,
  initialDelaySeconds: 1,
};
const probed = { name: 'web', image: 'web:v2', readinessProbe: probe };
const refused = 'Readiness probe failed: Get "http://10.0.0.1:8080/health": dial tcp: connect: connection refused';

interface Trap {
  readonly pod: PodSample;
  readonly events?: (about: PodObject) => EventObject[];
  readonly patient?: Partial<Patient>;
}

const TRAPS: Readonly<Record<string, Trap>> = {
  'one refused connection while the application starts': {
    pod: { containers: [probed], states: [status('web', running(3))] },
    events: (about) => [event(about, 'Unhealthy', refused)],
  },
  'many failures within the time that a startup probe allows': {
    pod: {
      containers: [{ ...probed, startupProbe: { periodSeconds: 10, failureThreshold: 6 } }],
      states: [status('web', running(50))],
    },
    events: (about) => [event(about, 'Unhealthy', 'Startup probe failed: ...', { count: 5 })],
  },
  'one failure long ago, in a run before this one': {
    pod: { containers: [probed], states: [status('web', running(5))] },
    events: (about) => [event(about, 'Unhealthy', refused, { count: 9, secondsAgo: 20 })],
  },
  'a pod that lost readiness a moment ago': {
    pod: {
      containers: [probed],
      states: [status('web', running(500))],
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(2) }] },
    },
    events: (about) => [event(about, 'Unhealthy', refused, { count: 3 })],
  },
  'a container that is ready again after a first crash': {
    pod: { states: [status('web', running(10), { ready: true, restartCount: 1, lastState: ended(1, 'Error', 12) })] },
  },
  'a pod being deleted, in back-off': {
    pod: {
      metadata: { deletionTimestamp: ago(-5) },
      states: [status('web', waiting('CrashLoopBackOff'), { restartCount: 5, lastState: ended(1) })],
    },
  },
  'a container of a pod that never ran, found gone (137)': {
    pod: { states: [status('web', ended(137, 'ContainerStatusUnknown'))] },
  },
  'a container lost with its node (255)': {
    pod: { states: [status('web', ended(255, 'Unknown'))] },
  },
  'an evicted pod': {
    pod: { phase: 'Failed', status: { reason: 'Evicted', message: 'The node was low on resource: memory.' } },
  },
  'a preempted pod': {
    pod: {
      phase: 'Failed',
      status: { reason: 'Preempting', message: 'Preempted in order to admit critical pod' },
      states: [status('web', ended(137))],
    },
  },
  'Completed after a probe, without events': {
    pod: {
      containers: [{ ...probed, livenessProbe: probe }],
      states: [status('web', waiting('CrashLoopBackOff'), { restartCount: 2, lastState: ended(0, 'Completed') })],
    },
  },
  'exit 143 once, where a liveness probe may have done it': {
    pod: {
      containers: [{ ...probed, livenessProbe: probe }],
      states: [status('web', ended(143))],
    },
  },
  'exit 128 by a fault of the node': {
    pod: {
      states: [
        status(
          'web',
          ended(128, 'ContainerCannotRun', 2, 'error mounting "/var/lib/kubelet/x": no such file or directory'),
        ),
      ],
    },
  },
  'StartError by a fault of the node': {
    pod: {
      states: [
        status('web', waiting('RunContainerError', 'failed to create shim task: no space left on device'), {
          restartCount: 1,
          lastState: ended(128, 'StartError', 2, 'failed to create shim task: no space left on device'),
        }),
      ],
    },
  },
  'a cache of the kubelet that is not filled yet (environment)': {
    pod: {
      phase: 'Pending',
      states: [
        status(
          'web',
          waiting('CreateContainerConfigError', 'failed to sync secret cache: timed out waiting for the condition'),
        ),
      ],
    },
  },
  'a cache of the kubelet that is not filled yet (volume)': {
    pod: { phase: 'Pending', states: [status('web', waiting('ContainerCreating'))] },
    events: (about) => [
      event(about, 'FailedMount', 'MountVolume.SetUp failed for volume "s" : object "shop"/"web-db" not registered'),
      event(
        about,
        'FailedMount',
        'MountVolume.SetUp failed for volume "c" : failed to sync configmap cache: timed out',
      ),
    ],
  },
  'a mount that has worked since': {
    pod: { phase: 'Pending', states: [status('web', waiting('ContainerCreating'))] },
    events: (about) => [
      event(about, 'Pulling', 'Pulling image "web:v2"', { secondsAgo: 2, type: 'Normal' }),
      event(about, 'FailedMount', 'MountVolume.SetUp failed for volume "s" : secret "web-db" not found', {
        secondsAgo: 5,
      }),
    ],
  },
  'a mount failure of a pod that runs': {
    pod: { states: [status('web', running(5), { ready: true })] },
    events: (about) => [
      event(about, 'FailedMount', 'MountVolume.SetUp failed for volume "s" : secret "web-db" not found'),
    ],
  },
  'too many pulls at once': {
    pod: { phase: 'Pending', states: [status('web', waiting('ErrImagePull', 'pull QPS exceeded'))] },
  },
  'FailedScheduling without a count, of a pod that has its node': {
    pod: {
      phase: 'Pending',
      spec: { nodeName: 'node-1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
      states: [status('web', waiting('ContainerCreating'))],
    },
    events: (about) => {
      const {
        count: _count,
        firstTimestamp: _first,
        lastTimestamp: _last,
        ...rest
      } = event(about, 'FailedScheduling', '0/1 nodes are available: 1 Insufficient cpu.');
      return [{ ...rest, eventTime: ago(3) }];
    },
  },
  'a pod that waits at a scheduling gate': {
    pod: {
      phase: 'Pending',
      status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    },
  },
  'a crash of long ago in a pod of long ago': {
    pod: {
      metadata: { creationTimestamp: ago(90_000) },
      containers: [probed],
      states: [status('web', running(5), { restartCount: 57, lastState: ended(1, 'Error', 8_000) })],
    },
  },
  'a memory kill of long ago in a pod that serves': {
    pod: {
      metadata: { creationTimestamp: ago(90_000) },
      states: [
        status('web', running(7_000), { ready: true, restartCount: 1, lastState: ended(137, 'OOMKilled', 7_001) }),
      ],
    },
    patient: { since: 0 },
  },
  'a liveness kill before the judged time': {
    pod: {
      containers: [{ ...probed, livenessProbe: probe }],
      states: [status('web', running(5), { restartCount: 1, lastState: ended(0, 'Completed', 200) })],
    },
    events: (about) => [
      event(about, 'Killing', 'Container web failed liveness probe, will be restarted', {
        secondsAgo: 200,
        type: 'Normal',
      }),
    ],
  },
  'an init container that has done its work': {
    pod: {
      initContainers: [{ name: 'migrate' }],
      initStates: [status('migrate', ended(0, 'Completed'), { ready: true })],
      states: [status('web', running(3), { ready: true })],
    },
  },
};

describe('what looks like a failure and is none', () => {
  it.each(Object.entries(TRAPS))('%s', (_name, trap) => {
    const about = pod(trap.pod);
    const isGone = about.metadata.deletionTimestamp !== undefined;
    const found = findings(isGone ? [] : [about], trap.events?.(about) ?? [], {
      otherPods: isGone ? [about] : [],
      ...trap.patient,
    });
    expect(found).toEqual([]);
  });

  it('a ProgressDeadlineExceeded of the release before', () => {
    const owner = workload();
    const judged = replicaSet(owner);
    const about = pod({ containers: [probed], states: [status('web', running(3))] });
    const exceeded = (message: string, seconds: number, observedGeneration = 2) => ({
      workload: {
        ...owner,
        status: {
          observedGeneration,
          conditions: [
            {
              type: 'Progressing',
              status: 'False' as const,
              reason: 'ProgressDeadlineExceeded',
              message,
              lastUpdateTime: ago(seconds),
            },
          ],
        },
      },
      replicaSet: judged,
    });
    const ours = `ReplicaSet "${judged.metadata.name}" has timed out progressing.`;
    expect(findings([about], [], exceeded(ours, 100))).toEqual([]);
    expect(findings([about], [], exceeded('ReplicaSet "web-old" has timed out progressing.', 1))).toEqual([]);
    expect(findings([about], [], exceeded(ours, 1, 1))).toEqual([]);
    expect(causes(findings([about], [], exceeded(ours, 1)))).toEqual(['never-ready']);
  });

  it('refused pods that have been created since', () => {
    const owner = workload();
    const judged = replicaSet(owner, { status: { replicas: 1 } });
    const quota = event(
      judged,
      'FailedCreate',
      'pods "web-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    );
    expect(findings([], [quota], { workload: owner, replicaSet: judged })).toEqual([]);
  });

  it.each(['v2-crash', 'v5b-liveness-failing', 'v6-oom', 'v9-init-crash'])(
    'is not mistaken either where events may not be read: %s',
    (folder) => {
      const capture = loadCapture(folder);
      const steps = replay({ ...capture, events: [] });
      const expected: Record<string, Finding['cause'][]> = {
        'v2-crash': ['crash-loop'],
        // A container that ends with 0 after a probe says nothing without its events.
        'v5b-liveness-failing': [],
        'v6-oom': ['out-of-memory'],
        'v9-init-crash': ['init-crash'],
      };
      const named = new Set(steps.flatMap((step) => causes(step.bad)));
      expect([...named]).toEqual(expected[folder]);
      expect(steps.flatMap((step) => step.good)).toEqual([]);
    },
  );

  it('is told from normal events where only warnings are at hand', () => {
    const capture = loadCapture('v5b-liveness-failing');
    const steps = replay({ ...capture, events: capture.events.filter((one) => one.type === 'Warning') });
    const first = steps.find((step) => step.bad.length > 0);
    expect(first?.label).toBe('web running r1');
    expect(new Set(steps.flatMap((step) => causes(step.bad)))).toEqual(new Set(['liveness-kill']));
  });
});
