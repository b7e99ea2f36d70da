/** Manifests of the next-deploy tests: `good`, then `bad`, rolled back to `good`, then `fixed`. */

interface Parts {
  readonly containers: readonly object[];
  readonly volumes?: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pod?: object;
}

export interface Story {
  readonly name: string;
  readonly good: Parts;
  readonly bad: Parts;
  readonly fixed: Parts;
}

const app = (tag: string, more: object = {}) => ({ name: 'app', image: `registry.test/app:${tag}`, ...more });
const sidecar = { name: 'proxy', image: 'registry.test/proxy:1', ports: [{ containerPort: 9000 }] };
const env = (...names: readonly string[]) => names.map((name) => ({ name, value: name.toLowerCase() }));
const cache = { name: 'cache', emptyDir: {} };
const mount = { name: 'cache', mountPath: '/cache' };
const probe = (path: string) => ({ httpGet: { path, port: 8080 }, periodSeconds: 5 });

export const STORIES: readonly Story[] = [
  {
    name: 'another image',
    good: { containers: [app('1')] },
    bad: { containers: [app('2')] },
    fixed: { containers: [app('3')] },
  },
  {
    name: 'an env var that only the bad release has',
    good: { containers: [app('1', { env: env('A') })] },
    bad: { containers: [app('2', { env: env('A', 'BAD') })] },
    fixed: { containers: [app('3', { env: env('A') })] },
  },
  {
    name: 'an env var that only the good release has',
    good: { containers: [app('1', { env: env('A', 'GOOD') })] },
    bad: { containers: [app('2', { env: env('A') })] },
    fixed: { containers: [app('3', { env: env('A') })] },
  },
  {
    name: 'a container and a volume that only the bad release has',
    good: { containers: [app('1')] },
    bad: { containers: [app('2', { volumeMounts: [mount] }), sidecar], volumes: [cache] },
    fixed: { containers: [app('3')] },
  },
  {
    name: 'a container, a volume and an annotation that only the good release has',
    good: { containers: [app('1', { volumeMounts: [mount] }), sidecar], volumes: [cache], annotations: { team: 'a' } },
    bad: { containers: [app('2')] },
    fixed: { containers: [app('3')] },
  },
  {
    name: 'settings that the good release has and later ones have not',
    good: {
      containers: [
        app('1', {
          command: ['serve', '--old'],
          readinessProbe: probe('/ready'),
          resources: { limits: { memory: '64Mi' }, requests: { memory: '32Mi' } },
          imagePullPolicy: 'Always',
          ports: [{ containerPort: 8080, name: 'http' }],
        }),
      ],
      pod: { terminationGracePeriodSeconds: 5, securityContext: { runAsUser: 1000 }, tolerations: [{ key: 'x' }] },
    },
    bad: { containers: [app('2', { readinessProbe: probe('/bad'), ports: [{ containerPort: 8081 }] })] },
    fixed: { containers: [app('3', { ports: [{ containerPort: 8082 }] })] },
  },
  {
    name: 'a restart in between and everything swapped',
    good: { containers: [app('1', { env: env('A', 'B', 'C') })], annotations: { a: '1' } },
    bad: { containers: [sidecar], volumes: [cache], annotations: { b: '1' } },
    fixed: { containers: [app('3', { env: env('C', 'D') }), sidecar], annotations: { c: '1' } },
  },
];

export type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** A workload that runs no pods: these tests are about what is stored. */
export function manifest(kind: Kind, namespace: string, name: string, parts: Parts): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: 0 }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(parts.annotations ? { annotations: parts.annotations } : {}) },
        spec: {
          containers: parts.containers,
          ...(parts.volumes ? { volumes: parts.volumes } : {}),
          ...(kind === 'DaemonSet' ? { nodeSelector: { none: 'such' } } : {}),
          ...parts.pod,
        },
      },
    },
  };
}
