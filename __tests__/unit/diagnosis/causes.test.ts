import { describe, expect, it } from '@jest/globals';
import type { Cause, Finding, Patient } from '../../../src/core/finding.ts';
import type { EventObject, PodObject } from '../../../src/core/kubernetes.ts';
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

type Row = readonly [
  name: string,
  sample: PodSample,
  events: (about: PodObject) => EventObject[],
  expected: Partial<Finding>,
];
const none = () => [];
const restarted = { restartCount: 2, lastState: ended(1, 'Error', 10) };

describe('causes that a pod shows', () => {
  const creating = { phase: 'Pending', states: [status('web', waiting('ContainerCreating'))] };
  const config = (message: string): PodSample => ({
    phase: 'Pending',
    states: [status('web', waiting('CreateContainerConfigError', message))],
  });
  const rows: readonly Row[] = [
    [
      'a missing key in a Secret',
      config("couldn't find key PASSWORD in Secret shop/web-db"),
      none,
      {
        cause: 'missing-key',
        fatal: true,
        values: { object: 'secret/web-db', key: 'PASSWORD' },
        command: 'kubectl describe secret web-db -n shop',
      },
    ],
    [
      'a missing key in a ConfigMap',
      config("couldn't find key url in ConfigMap shop/web.config"),
      none,
      { cause: 'missing-key', fatal: true, values: { object: 'configmap/web.config', key: 'url' } },
    ],
    [
      'a missing key in a mounted Secret',
      { ...creating, spec: { volumes: [{ name: 'tls', secret: { secretName: 'web-tls' } }] } },
      (about) => [
        event(
          about,
          'FailedMount',
          'MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt',
        ),
      ],
      { cause: 'missing-key', fatal: true, values: { object: 'secret/web-tls', key: 'tls.crt' } },
    ],
    [
      'a missing ConfigMap volume',
      creating,
      (about) => [
        event(about, 'FailedMount', 'MountVolume.SetUp failed for volume "c" : configmap "web-config" not found'),
      ],
      { cause: 'missing-config-map', fatal: false, values: { name: 'web-config' } },
    ],
    [
      'a volume that is attached elsewhere',
      creating,
      (about) => [
        event(
          about,
          'FailedAttachVolume',
          'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
        ),
      ],
      { cause: 'volume-not-mounted', fatal: false, values: { volume: 'pvc-1' } },
    ],
    [
      'an image that needs root',
      config('container has runAsNonRoot and image will run as root (pod: "web", container: web)'),
      none,
      { cause: 'runs-as-root', fatal: false, values: { image: 'web:v2' } },
    ],
    [
      'a third crash with the same exit',
      { states: [status('web', ended(1), restarted)] },
      none,
      { cause: 'crash-loop', fatal: true, values: { exitCode: 1, restarts: 2 } },
    ],
    [
      'a third crash with another exit',
      { states: [status('web', ended(139), restarted)] },
      none,
      { cause: 'crash-loop', fatal: false, values: { exitCode: 139, restarts: 2 } },
    ],
    [
      'a third crash, seen in back-off only',
      { states: [status('web', waiting('CrashLoopBackOff'), restarted)] },
      none,
      { cause: 'crash-loop', fatal: true, values: { exitCode: 1, restarts: 2 } },
    ],
    [
      'a crash of an old pod with many restarts: a first one as far as we know',
      {
        metadata: { creationTimestamp: ago(90_000) },
        states: [status('web', ended(1), { restartCount: 57, lastState: ended(1, 'Error', 8_000) })],
      },
      none,
      { cause: 'crash-loop', fatal: false, values: { exitCode: 1, restarts: 57 } },
    ],
    [
      'an application that ends with 0 and has no probe to blame',
      { states: [status('web', ended(0, 'Completed'))] },
      none,
      { cause: 'crash-loop', fatal: false, values: { exitCode: 0, restarts: 0 } },
    ],
    [
      'a memory kill in a container that is ready again',
      {
        containers: [{ name: 'web', resources: { limits: { memory: '64Mi' } } }],
        states: [status('web', running(20), { ready: true, restartCount: 1, lastState: ended(137, 'OOMKilled', 21) })],
      },
      none,
      { cause: 'out-of-memory', fatal: false, values: { limit: '64Mi', restarts: 1 } },
    ],
    [
      'a third memory kill',
      { states: [status('web', ended(137, 'OOMKilled'), { restartCount: 2, lastState: ended(137, 'OOMKilled', 9) })] },
      none,
      { cause: 'out-of-memory', fatal: true, values: { limit: 'none', restarts: 2 } },
    ],
    [
      'a startup probe that kills',
      {
        containers: [{ name: 'web', startupProbe: { tcpSocket: { port: 5432 }, failureThreshold: 3 } }],
        states: [status('web', ended(137), { restartCount: 3, lastState: ended(137) })],
      },
      (about) => [event(about, 'Killing', 'Container web failed startup probe, will be restarted', { type: 'Normal' })],
      { cause: 'liveness-kill', fatal: false, values: { probe: 'startup', request: 'tcp :5432', restarts: 3 } },
    ],
    [
      'a crash after an earlier kill by a probe',
      {
        containers: [{ name: 'web', livenessProbe: { failureThreshold: 1 } }],
        states: [status('web', ended(1), { restartCount: 3, lastState: ended(1, 'Error', 6) })],
      },
      (about) => [
        event(about, 'Killing', 'Container web failed liveness probe, will be restarted', { secondsAgo: 30 }),
      ],
      { cause: 'crash-loop', fatal: true, values: { exitCode: 1, restarts: 3 } },
    ],
    [
      'a fault of the node that stays',
      {
        states: [
          status('web', waiting('CrashLoopBackOff'), {
            restartCount: 3,
            lastState: ended(128, 'StartError', 2, 'error mounting'),
          }),
        ],
      },
      none,
      { cause: 'crash-loop', fatal: false, values: { exitCode: 128, restarts: 3 } },
    ],
    [
      'a readiness probe that never passes, where events may not be read',
      {
        containers: [
          { name: 'web', readinessProbe: { exec: { command: ['pg_isready'] }, periodSeconds: 2, failureThreshold: 3 } },
        ],
        states: [status('web', running(20))],
      },
      none,
      { cause: 'never-ready', fatal: false, values: { request: 'exec pg_isready', seconds: 20 } },
    ],
  ];

  it.each(rows)('%s', (_name, sample, events, expected) => {
    const about = pod(sample);
    const found = findings([about], events(about));
    expect(found).toEqual([expect.objectContaining(expected)]);
  });
});

describe('why an image is not pulled', () => {
  const rows: readonly (readonly [string, string, Cause])[] = [
    [
      'web:v2',
      'rpc error: code = NotFound desc = failed to resolve reference "docker.io/library/web:v2": not found',
      'image-not-found',
    ],
    ['ghcr.io/a/web:v2', 'manifest unknown', 'image-not-found'],
    ['web:v2', 'Container image "web:v2" is not present with pull policy of Never', 'image-not-found'],
    ['web:v2', 'no match for platform in manifest: not found', 'image-not-found'],
    [
      'web:v2',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope',
      'image-pull-denied',
    ],
    [
      'ghcr.io/a/web:v2',
      'failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized',
      'image-pull-denied',
    ],
    [
      'ghcr.io/a/web:v2',
      'unexpected status from HEAD request to https://ghcr.io/v2/a/web/manifests/v2: 403 Forbidden',
      'image-pull-denied',
    ],
    ['web:v2', 'toomanyrequests: You have reached your unauthenticated pull rate limit.', 'image-pull-denied'],
    [
      'ghcr.io/a/web:v2',
      'failed to authorize: failed to fetch oauth token: Post "https://ghcr.io/token": dial tcp: lookup ghcr.io: no such host',
      'registry-unreachable',
    ],
    [
      'r.example:5000/web:v2',
      'Head "https://r.example:5000/v2/web/manifests/v2": tls: failed to verify certificate: x509: certificate has expired',
      'registry-unreachable',
    ],
    ['r.example/web:v2', 'unexpected status from HEAD request: 503 Service Unavailable', 'registry-unreachable'],
    ['web:v2', 'failed to register layer: write /x: no space left on device', 'image-pull-failed'],
    [
      'r.example/denied/not-found:404',
      'failed to pull image "r.example/denied/not-found:404": unexpected media type',
      'image-pull-failed',
    ],
    [
      'r.example/denied:v1',
      'Head "https://r.example/v2/denied/manifests/v1": dial tcp 10.0.0.1:443: i/o timeout',
      'registry-unreachable',
    ],
  ];
  it.each(rows)('%s: %s', (image, message, cause) => {
    const about = pod({
      phase: 'Pending',
      containers: [{ name: 'web', image }],
      states: [status('web', waiting('ErrImagePull', message))],
    });
    expect(findings([about])).toEqual([expect.objectContaining({ cause, fatal: false })]);
  });

  it('reads the event where the back-off does not repeat the reason', () => {
    const about = pod({
      phase: 'Pending',
      states: [status('web', waiting('ImagePullBackOff', 'Back-off pulling image "web:v2"'))],
    });
    const failed = event(about, 'Failed', 'Failed to pull image "web:v2": manifest unknown', { container: 'web' });
    expect(causes(findings([about], [failed]))).toEqual(['image-not-found']);
  });

  it('shows neither user nor token of the registry', () => {
    const image = 'robot:hunter2@r.example/web:v2';
    const about = pod({
      phase: 'Pending',
      containers: [{ name: 'web', image }],
      states: [
        status(
          'web',
          waiting(
            'ErrImagePull',
            `failed to pull ${image}: Get "https://bot:hunter2@r.example/token?scope=a&token=hunter2": denied, Authorization: Basic aHVudGVyMg==`,
          ),
        ),
      ],
    });
    const [finding] = findings([about]);
    expect(finding?.cause).toBe('image-pull-denied');
    expect(JSON.stringify(finding)).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(finding?.values['image']).toBe('***@r.example/web:v2');
  });
});

describe('a command that the image lacks', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['exec: "gunicorn": executable file not found in $PATH: unknown', 'gunicorn'],
    [
      'runc create failed: unable to start container process: exec: "/bin/x": stat /bin/x: no such file or directory',
      '/bin/x',
    ],
    ['unable to start container process: exec: "/app": permission denied: unknown', '/app'],
    ['unable to start container process: exec: "/": is a directory: unknown', '/'],
    ['crun: executable file `/bin/x` not found: No such file or directory', '/bin/x'],
    ['error finding executable "x" in PATH [/bin]: no such file or directory', 'x'],
  ];
  it.each(rows)('%s', (message, command) => {
    const about = pod({
      states: [
        status('web', waiting('CrashLoopBackOff'), {
          restartCount: 1,
          lastState: ended(128, 'StartError', 2, message),
        }),
      ],
    });
    expect(findings([about])).toEqual([
      expect.objectContaining({ cause: 'command-not-found', fatal: true, values: { command } }),
    ]);
  });
});

describe('pods that are not created', () => {
  const forbidden = 'Error creating: pods "web-7d4b9c6f5-x" is forbidden: ';
  const rows: readonly (readonly [string, Cause, Record<string, string>])[] = [
    [
      `${forbidden}exceeded quota: compute, requested: limits.cpu=1,pods=1, used: limits.cpu=4,pods=2, limited: limits.cpu=4,pods=9`,
      'quota-exceeded',
      {
        quota: 'compute',
        requested: 'limits.cpu=1,pods=1',
        used: 'limits.cpu=4,pods=2',
        limited: 'limits.cpu=4,pods=9',
      },
    ],
    [
      'Error creating: admission webhook "policy.example.com" denied the request: images must be signed',
      'admission-denied',
      { by: 'webhook policy.example.com', why: 'images must be signed' },
    ],
    [
      'Error creating: Internal error occurred: failed calling webhook "policy.example.com": context deadline exceeded',
      'admission-denied',
      { by: 'webhook policy.example.com', why: 'context deadline exceeded' },
    ],
    [
      `${forbidden}violates PodSecurity "restricted:latest": privileged (container "web" must not set it)`,
      'admission-denied',
      { by: 'PodSecurity restricted:latest', why: 'privileged (container "web" must not set it)' },
    ],
    [
      `${forbidden}ValidatingAdmissionPolicy 'limits' with binding 'all' denied request: too many replicas`,
      'admission-denied',
      { by: 'ValidatingAdmissionPolicy limits', why: 'too many replicas' },
    ],
    [
      `${forbidden}error looking up service account shop/web: serviceaccount "web" not found`,
      'admission-denied',
      { by: 'ServiceAccount shop/web', why: 'serviceaccount "web" not found' },
    ],
    [
      `${forbidden}maximum memory usage per Container is 1Gi, but limit is 2Gi`,
      'admission-denied',
      { by: 'admission', why: 'maximum memory usage per Container is 1Gi, but limit is 2Gi' },
    ],
    [
      `${forbidden}failed quota: compute: must specify limits.cpu for: web`,
      'admission-denied',
      { by: 'ResourceQuota compute', why: 'must specify limits.cpu for: web' },
    ],
  ];
  it.each(rows)('%s', (message, cause, values) => {
    const owner = workload();
    const judged = replicaSet(owner, { status: { replicas: 0 } });
    const found = findings([], [event(judged, 'FailedCreate', message)], { workload: owner, replicaSet: judged });
    expect(found).toEqual([expect.objectContaining({ cause, values, fatal: false })]);
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('are found on a %s itself', (kind) => {
    const owner = workload(kind, { status: { desiredNumberScheduled: 2 } });
    const message =
      'create Pod web-1 in StatefulSet web failed error: pods "web-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2';
    const refusal = event(owner, 'FailedCreate', message);
    expect(causes(findings([], [refusal], { workload: owner }))).toEqual(['quota-exceeded']);
    const all = [pod({ name: 'web-0' }), pod({ name: 'web-1' })];
    expect(findings(all, [refusal], { workload: owner })).toEqual([]);
  });

  it('are passed over while their namespace goes away', () => {
    const owner = workload();
    const judged = replicaSet(owner, { status: { replicas: 0 } });
    const message = `${forbidden}unable to create new content in namespace shop because it is being terminated`;
    expect(findings([], [event(judged, 'FailedCreate', message)], { workload: owner, replicaSet: judged })).toEqual([]);
  });
});

describe('several containers', () => {
  const crashed = (name: string, more = {}) => status(name, ended(1), more);

  it('names each container once, for all pods of the release', () => {
    const two = { containers: [{ name: 'web' }, { name: 'proxy' }], states: [crashed('web'), crashed('proxy')] };
    const found = findings([pod({ ...two, name: 'web-a' }), pod({ ...two, name: 'web-b' })]);
    expect(found.map(({ cause, container, pod: name }) => [cause, container, name])).toEqual([
      ['crash-loop', 'web', 'web-a'],
      ['crash-loop', 'proxy', 'web-a'],
    ]);
  });

  it('keeps the pod whose container cannot heal', () => {
    const first = pod({ name: 'web-a', states: [crashed('web')] });
    const third = pod({
      name: 'web-b',
      states: [crashed('web', { restartCount: 2, lastState: ended(1, 'Error', 9) })],
    });
    expect(findings([first, third])).toEqual([expect.objectContaining({ pod: 'web-b', fatal: true })]);
  });

  it('puts what ends the wait first', () => {
    const found = findings([
      pod({
        phase: 'Pending',
        containers: [{ name: 'web' }, { name: 'proxy', image: 'Proxy:v1' }],
        states: [
          status('web', waiting('CreateContainerConfigError', 'secret "web-db" not found')),
          status('proxy', waiting('InvalidImageName', "couldn't parse image name")),
        ],
      }),
    ]);
    expect(causes(found)).toEqual(['invalid-image-name', 'missing-secret']);
  });

  it('does not repeat a symptom beside its cause, but does beside the cause of another container', () => {
    const probed = { readinessProbe: { periodSeconds: 1, failureThreshold: 1 } };
    const web = (other: string) =>
      findings([
        pod({
          name: 'web-a',
          containers: [{ name: 'web', ...probed }, { name: 'proxy' }],
          states: [status('web', running(30)), status(other, ended(137, 'OOMKilled'))],
        }),
        pod({
          name: 'web-b',
          containers: [{ name: 'web', ...probed }, { name: 'proxy' }],
          states: [status('web', ended(137, 'OOMKilled'))],
        }),
      ]);
    expect(causes(web('proxy'))).toEqual(['out-of-memory', 'out-of-memory']);
    const [first] = findings([
      pod({
        containers: [{ name: 'web', ...probed }, { name: 'proxy' }],
        states: [status('web', running(30)), status('proxy', ended(137, 'OOMKilled'))],
      }),
    ]).filter((finding) => finding.cause === 'never-ready');
    expect(first?.container).toBe('web');
  });
});

describe('init containers and native sidecars', () => {
  const app = status('web', waiting('PodInitializing'));

  it.each([
    ['migrate', 'database'],
    ['db-schema', 'database'],
    ['wait-for-cache', 'devops'],
  ] as const)('a crash of the init container %s is for %s', (name, contact) => {
    const about = pod({
      phase: 'Pending',
      initContainers: [{ name }],
      initStates: [status(name, ended(3), { restartCount: 2, lastState: ended(3, 'Error', 9) })],
      states: [app],
    });
    expect(findings([about])).toEqual([
      expect.objectContaining({ cause: 'init-crash', container: name, contact, fatal: true }),
    ]);
  });

  it('an init container killed for memory, or without its command, is named as such', () => {
    const init = (state: Parameters<typeof status>[1]) =>
      findings([
        pod({
          phase: 'Pending',
          initContainers: [{ name: 'migrate' }],
          initStates: [status('migrate', state)],
          states: [app],
        }),
      ]);
    expect(causes(init(ended(137, 'OOMKilled')))).toEqual(['out-of-memory']);
    expect(causes(init(ended(128, 'StartError', 2, 'exec: "flyway": executable file not found in $PATH')))).toEqual([
      'command-not-found',
    ]);
  });

  it('a sidecar crashes, is killed and fails to be ready as an application does', () => {
    const liveness = { periodSeconds: 2, failureThreshold: 2, httpGet: { path: '/live', port: 1 } };
    const sidecar = (
      state: Parameters<typeof status>[1],
      more: object = {},
      events: (about: PodObject) => EventObject[] = none,
    ) => {
      const about = pod({
        initContainers: [{ name: 'mesh', restartPolicy: 'Always', livenessProbe: liveness, readinessProbe: liveness }],
        initStates: [status('mesh', state, more)],
        states: [status('web', running(20), { ready: true })],
      });
      return findings([about], events(about));
    };
    expect(causes(sidecar(ended(1)))).toEqual(['crash-loop']);
    expect(causes(sidecar(running(20)))).toEqual(['never-ready']);
    const killed = (about: PodObject) => [
      event(about, 'Killing', 'Init container mesh failed liveness probe', {
        involvedObject: { uid: about.metadata.uid, fieldPath: 'spec.initContainers{mesh}' },
      }),
    ];
    expect(causes(sidecar(ended(0, 'Completed'), { restartCount: 1 }, killed))).toEqual(['liveness-kill']);
  });
});

describe('StatefulSet that waits for a broken pod of the release before', () => {
  const broken = (name: string, state = waiting('CrashLoopBackOff'), more: PodSample = {}) =>
    pod({ name, states: [status('web', state, { restartCount: 1, lastState: ended(1) })], ...more });
  const ready = (name: string) =>
    pod({
      name,
      states: [status('web', running(50), { ready: true })],
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
  const stuck = (more: Partial<Patient>, spec = {}) => {
    const owner = workload('StatefulSet');
    return findings([], [], { workload: { ...owner, spec: { ...owner.spec, ...spec } }, ...more });
  };

  it('is named with the pod to delete', () => {
    const found = stuck({ otherPods: [broken('web-2'), ready('web-0'), ready('web-1')] });
    expect(found).toEqual([
      expect.objectContaining({
        cause: 'stateful-set-stuck',
        fatal: false,
        pod: 'web-2',
        values: { blocker: 'web-2' },
        command: 'kubectl delete pod web-2 -n shop',
      }),
    ]);
  });

  it.each([
    ['an image that is not pulled', broken('web-10', waiting('ImagePullBackOff'), { phase: 'Pending' })],
    [
      'no node',
      pod({
        name: 'web-10',
        phase: 'Pending',
        status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      }),
    ],
    ['a probe that never passes', pod({ name: 'web-10', states: [status('web', running(300))] })],
  ])('because of %s', (_name, blocker) => {
    expect(causes(stuck({ otherPods: [blocker, ready('web-9')] }))).toEqual(['stateful-set-stuck']);
  });

  it.each([
    ['pods are managed in parallel', { otherPods: [broken('web-2')] }, { podManagementPolicy: 'Parallel' }],
    ['pods are replaced by hand', { otherPods: [broken('web-2')] }, { updateStrategy: { type: 'OnDelete' } }],
    [
      'the pod is being deleted',
      { otherPods: [broken('web-2', waiting('CrashLoopBackOff'), { metadata: { deletionTimestamp: ago(-5) } })] },
      {},
    ],
    [
      'the pod is still starting',
      { otherPods: [pod({ name: 'web-2', phase: 'Pending', states: [status('web', waiting('ContainerCreating'))] })] },
      {},
    ],
    ['all are ready', { otherPods: [ready('web-2'), ready('web-1')] }, {}],
  ])('is not while %s', (_name, more, spec) => {
    expect(stuck(more, spec)).toEqual([]);
  });

  it('is not where the judged release itself fails first', () => {
    const own = broken('web-0', ended(1));
    expect(causes(stuck({ pods: [own], otherPods: [broken('web-2')] }))).toEqual(['crash-loop']);
  });
});

describe('pods that do not go, or are thrown out', () => {
  it('names a pod that is half a minute late, and not one that is in time', () => {
    const leaving = (seconds: number) => pod({ name: 'web-old', metadata: { deletionTimestamp: ago(seconds) } });
    expect(findings([], [], { otherPods: [leaving(29)] })).toEqual([]);
    expect(findings([], [], { otherPods: [leaving(31)] })).toEqual([
      expect.objectContaining({ cause: 'stuck-terminating', pod: 'web-old', values: { seconds: 31 }, fatal: false }),
    ]);
  });

  it('names evictions once they are more than an accident', () => {
    const gone = ['a', 'b', 'c'].map((letter) =>
      pod({
        name: `web-${letter}`,
        phase: 'Failed',
        status: { reason: 'Evicted', message: 'The node was low on resource: memory.' },
      }),
    );
    expect(findings(gone.slice(1))).toEqual([]);
    expect(findings(gone)).toEqual([
      expect.objectContaining({
        cause: 'evicted',
        values: { pods: 3, why: 'The node was low on resource: memory.' },
      }),
    ]);
  });
});
