import type { Cause } from '../../src/core/finding.ts';
import { fate, type PodTemplate } from '../../testbed/fates/index.ts';
import type { Manifest, Scene } from './scene.ts';

/** What one failure is called, and how a run that meets it in its target must end. */
export interface Case {
  readonly id: string;
  readonly cause: Cause;
  /** In the last lines of the broken container, where it printed any. */
  readonly log?: RegExp;
  /** `fatal`: cannot heal, so the wait ends at once. `waits`: named at once, waited for until the deadline. */
  readonly ends: 'fatal' | 'waits' | 'after-ready';
}

/** The failures of the captures, as they are named. */
export const CASES: readonly Case[] = [
  { id: 'v2-crash', cause: 'crash-loop', log: /key DATABASE_URL is empty/, ends: 'fatal' },
  { id: 'v2b-panic', cause: 'crash-loop', log: /assignment to entry in nil map/, ends: 'fatal' },
  { id: 'v3-image-tag-missing', cause: 'image-not-found', ends: 'waits' },
  { id: 'v3b-registry-unreachable', cause: 'registry-unreachable', ends: 'waits' },
  { id: 'v3c-invalid-image-name', cause: 'invalid-image-name', ends: 'fatal' },
  { id: 'v4-missing-secret', cause: 'missing-secret', ends: 'waits' },
  { id: 'v4b-missing-secret-volume', cause: 'missing-secret', ends: 'waits' },
  { id: 'v4c-missing-configmap', cause: 'missing-config-map', ends: 'waits' },
  { id: 'v5-readiness-failing', cause: 'never-ready', log: /listening on :8080/, ends: 'waits' },
  { id: 'v5b-liveness-failing', cause: 'liveness-kill', log: /SIGTERM, draining|listening/, ends: 'waits' },
  { id: 'v6-oom', cause: 'out-of-memory', log: /cache warm-up/, ends: 'after-ready' },
  { id: 'v7-command-not-found', cause: 'command-not-found', ends: 'fatal' },
  { id: 'v8-unschedulable', cause: 'unschedulable', ends: 'waits' },
  { id: 'v9-init-crash', cause: 'init-crash', log: /migration 0042 failed/, ends: 'fatal' },
  { id: 'v10-quota', cause: 'quota-exceeded', ends: 'waits' },
];

/** As the application of the captures, with a probe that tells after 3 s that a container is not ready. */
export const GOOD: PodTemplate = {
  metadata: { labels: { app: 'web' } },
  spec: {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'web',
        image: 'registry.shop.example/web:v1',
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
        resources: { limits: { memory: '48Mi' }, requests: { cpu: '20m', memory: '16Mi' } },
      },
    ],
  },
};

/** The good template under another tag. */
export function tagged(tag: string): PodTemplate {
  const template = structuredClone(GOOD);
  template.spec.containers[0].image = `registry.shop.example/web:${tag}`;
  return template;
}

/** The template of a failure; `speed` 1 is as slow as a real node, which a probe that takes its time must be. */
export function broken(
  id: string,
  speed: number | undefined = id === 'v5-readiness-failing' ? 1 : undefined,
): PodTemplate {
  const template = fate(id).template(GOOD);
  if (speed !== undefined) template.metadata.annotations['testbed/speed'] = String(speed);
  return template;
}

/** A Deployment of two pods that never has less than two. */
export function web(scene: Scene, template: PodTemplate, spec: object = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: scene.namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      ...spec,
      template,
    },
  };
}
