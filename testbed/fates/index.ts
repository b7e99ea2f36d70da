import type { FateName } from './scripts.ts';

// biome-ignore lint/suspicious/noExplicitAny: a pod template as JSON, changed freely
export type PodTemplate = any;

export interface Fate {
  /** The capture's folder name, and the fate's own. */
  readonly id: string;
  /** A pod template that meets this fate, made from a good one; the good one is left as it is. */
  readonly template: (good: PodTemplate) => PodTemplate;
  /** Objects that must stand beside the workload for it. */
  readonly objects?: (namespace: string, good: { readonly replicas: number }) => readonly object[];
  /** Whether a pod is made at all, and reaches a node. */
  readonly reaches: 'node' | 'scheduler' | 'controller';
}

const REGISTRY = 'registry.shop.example/web';

/** The failures of the captures, each as what one changes to cause it. */
export const FATES: readonly Fate[] = [
  played('v2-crash', 'crash', 'v2'),
  played('v2b-panic', 'panic', 'v7'),
  played('v3-image-tag-missing', 'image-not-found', 'v3'),
  played('v3b-registry-unreachable', 'registry-unreachable', 'v3', (container) => {
    container.image = 'ghcr.io/shop-example/web:v3';
  }),
  played('v3c-invalid-image-name', 'invalid-image-name', 'v3', (container) => {
    container.image = 'registry.shop.example/Web:v3';
  }),
  played('v4-missing-secret', 'references', 'v4', (container) => {
    container.env = [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'web-db', key: 'url' } } }];
  }),
  played('v4b-missing-secret-volume', 'references', 'v4', (container, template) => {
    container.volumeMounts = [{ name: 's', mountPath: '/s' }];
    template.spec.volumes = [{ name: 's', secret: { secretName: 'web-db' } }];
  }),
  played('v4c-missing-configmap', 'references', 'v4', (container) => {
    container.envFrom = [{ configMapRef: { name: 'web-config' } }];
  }),
  played('v5-readiness-failing', 'readiness-failing', 'v5'),
  played('v5b-liveness-failing', 'liveness-failing', 'v5', (container) => {
    container.livenessProbe = { httpGet: { path: '/health', port: 8080 }, periodSeconds: 2, failureThreshold: 2 };
  }),
  played('v6-oom', 'oom', 'v6'),
  played('v7-command-not-found', 'command-not-found', 'v8', (container) => {
    container.command = ['/usr/bin/gunicorn', 'app:app'];
  }),
  {
    ...played('v8-unschedulable', 'healthy', 'v8', (container) => {
      container.resources = { limits: { memory: '48Mi' }, requests: { cpu: '64000', memory: '16Mi' } };
    }),
    reaches: 'scheduler',
  },
  played('v9-init-crash', 'init-crash', 'v8', (_container, template) => {
    template.spec.initContainers = [
      {
        name: 'migrate',
        image: `${REGISTRY}:v8`,
        command: ['sh', '-c', 'echo "migration 0042 failed: relation users does not exist"; sleep 1; exit 3'],
      },
    ];
  }),
  {
    ...played('v10-quota', 'healthy', 'v8'),
    objects: (namespace, { replicas }) => [
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q', namespace },
        spec: { hard: { pods: String(replicas) } },
      },
    ],
    reaches: 'controller',
  },
];

/** Throws when there is none of that id. */
export function fate(id: string): Fate {
  const found = FATES.find((one) => one.id === id);
  if (!found) throw new Error(`no fate "${id}"; there are ${FATES.map((one) => one.id).join(', ')}`);
  return found;
}

/** Marks a template so that its pods are played by the script of that name, with nothing else changed. */
export function withFate(template: PodTemplate, name: FateName, annotations: Record<string, string> = {}): PodTemplate {
  const copy = structuredClone(template);
  copy.metadata ??= {};
  copy.metadata.annotations = { ...copy.metadata.annotations, 'testbed/fate': name, ...annotations };
  return copy;
}

function played(
  id: string,
  name: FateName,
  tag: string,
  // biome-ignore lint/suspicious/noExplicitAny: a container as JSON
  change: (container: any, template: PodTemplate) => void = () => {},
): Fate {
  return {
    id,
    reaches: 'node',
    template: (good) => {
      const template = withFate(good, name);
      const [container] = template.spec.containers;
      container.image = `${container.image.replace(/:[^:/]*$/, '')}:${tag}`;
      change(container, template);
      return template;
    },
  };
}
