import type { service } from './manifests.ts';

/** What the application is told beside its image, in a ConfigMap that its deploy brings: of a good release. */
export const GOOD_SETTINGS = {
  LOG_LEVEL: 'info',
  PAYMENT_TIMEOUT: '30s',
  API_BASE_URL: 'https://224solutions.com/api',
} as const;
/** What a bad release makes of it. */
export const WRONG_SETTINGS = { ...GOOD_SETTINGS, LOG_LEVEL: 'trace', PAYMENT_TIMEOUT: '1s' } as const;

/** As `kubectl apply` brings it from the application's repository. */
export const appConfig = (namespace: string, settings: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'app-config', namespace, labels: { 'app.kubernetes.io/part-of': '224solutions' } },
  data: settings,
});

/** `k8s/production/backup/`: what somebody put aside before the change, one file an object. */
export const backupManifests = (
  namespace: string,
  services: readonly ReturnType<typeof service>[],
): Readonly<Record<string, object>> => ({
  'app-config.yaml': appConfig(namespace, GOOD_SETTINGS),
  ...Object.fromEntries(services.map((service) => [`service-${service.metadata.name}.yaml`, service])),
});

/** Leftovers of a bad release: the job of its migration, somebody's pod for a dump, and a volume that was never bound. */
export const leftovers = (namespace: string): object[] => [
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'temp-migration-job', namespace },
    spec: { template: podOf('migrate') },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'temp-backup-pod', namespace },
    spec: podOf('dump').spec,
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'temp-storage', namespace },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
  },
];

const podOf = (name: string) => ({
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [{ name, image: `registry.224solutions.example/${name}:v2` }],
  },
});
