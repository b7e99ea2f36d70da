import { fate, type PodTemplate, withFate } from '../fates/index.ts';

const REGISTRY = 'registry.224solutions.example';

/** What is wrong with one workload of a release: a fate's id, or `unhealthy`: its pods are Ready and answer 503. */
export type Ailment = 'unhealthy' | (string & {});

/** The pod template of a workload; `port` is where its real server listens on this machine. */
export function template(name: string, tag: string, port: number, ailment?: Ailment): PodTemplate {
  const good = {
    metadata: { labels: { app: name }, annotations: { 'testbed/serve': `8080=127.0.0.1:${port}` } },
    spec: {
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: name.replace('224solutions-', ''),
          image: `${REGISTRY}/${name.replace('224solutions-', '')}:${tag}`,
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 2, failureThreshold: 2 },
          envFrom: [{ configMapRef: { name: 'feature-flags' } }, { secretRef: { name: 'app-secrets' } }],
        },
      ],
    },
  };
  if (ailment === undefined) return good;
  if (ailment === 'unhealthy') return withFate(good, 'healthy', { 'testbed/health': 'bad' });
  const bad = fate(ailment).template(good);
  bad.spec.containers[0].image = bad.spec.containers[0].image.replace(/:[^:/]*$/, `:${tag}`);
  return bad;
}

export function deployment({
  namespace,
  name,
  replicas,
  template,
}: {
  namespace: string;
  name: string;
  replicas: number;
  template: PodTemplate;
}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { app: name, 'app.kubernetes.io/part-of': '224solutions' } },
    spec: {
      replicas,
      progressDeadlineSeconds: 60,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template,
    },
  };
}

export const service = (namespace: string, name: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
});

/** The codes of a good release, as a person would put them back. */
export const GOOD_CODES = { PDG_ACCESS_CODE: 'demo-pdg', ADMIN_ACCESS_CODE: 'demo-admin' } as const;
/** What a bad release overwrites them with. */
export const WRONG_CODES = { PDG_ACCESS_CODE: 'wrong-pdg', ADMIN_ACCESS_CODE: 'wrong-admin' } as const;
/** Keys of the same Secret that nobody asks to change. */
export const OTHER_KEYS = { SESSION_KEY: 'demo-session', SMTP_PASSWORD: 'demo-smtp' } as const;

export const appSecrets = (namespace: string, codes: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'app-secrets', namespace },
  stringData: { ...codes, ...OTHER_KEYS },
});

/** The database as the cluster knows it: Service `postgres`, and a pod that stands for the server on this machine. */
export function databaseInCluster(namespace: string, port: number): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'postgres', namespace },
      spec: { selector: { app: 'postgres' }, ports: [{ name: 'postgres', port: 5432, targetPort: 5432 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'postgres', namespace },
      spec: {
        replicas: 1,
        serviceName: 'postgres',
        selector: { matchLabels: { app: 'postgres' } },
        template: {
          metadata: { labels: { app: 'postgres' }, annotations: { 'testbed/serve': `5432=127.0.0.1:${port}` } },
          spec: {
            containers: [{ name: 'postgres', image: 'postgres:16', ports: [{ containerPort: 5432 }] }],
          },
        },
      },
    },
  ];
}
