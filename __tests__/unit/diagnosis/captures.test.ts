import { describe, expect, it } from '@jest/globals';
import type { Cause } from '../../../src/core/finding.ts';
import type { Contact } from '../../../src/core/troubleshooting.ts';
import { loadCapture, replay, type Step } from './replay.ts';

interface Expected {
  readonly cause: Cause;
  /** The step in which it can be known first. */
  readonly first: string | RegExp;
  /** The step from which it ends the wait; absent: never. */
  readonly fatal?: string;
  readonly container?: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly command: string | RegExp;
}

const POD = 'web-[a-z0-9]+-[a-z0-9]{5}';
const logs = (container: string) => new RegExp(`^kubectl logs ${POD} -c ${container}( --previous)? --tail=50 -n shop$`);
const describePodCommand = new RegExp(`^kubectl describe pod ${POD} -n shop$`);

const EXPECTED: Readonly<Record<string, Expected>> = {
  'v2-crash': {
    cause: 'crash-loop',
    container: 'web',
    first: 'web terminated Error r0',
    fatal: 'web terminated Error r2',
    values: { exitCode: 1, restarts: 0 },
    command: logs('web'),
  },
  'v2b-panic': {
    cause: 'crash-loop',
    container: 'web',
    first: 'web terminated Error r0',
    values: { exitCode: 2, restarts: 0 },
    command: logs('web'),
  },
  'v3-image-tag-missing': {
    cause: 'image-not-found',
    container: 'web',
    first: 'web waiting ErrImagePull r0',
    values: { image: 'registry.shop.example/web:v3' },
    command: describePodCommand,
  },
  'v3b-registry-unreachable': {
    cause: 'registry-unreachable',
    container: 'web',
    first: 'web waiting ErrImagePull r0',
    values: { image: 'ghcr.io/shop-example/web:v3', registry: 'ghcr.io' },
    command: describePodCommand,
  },
  'v3c-invalid-image-name': {
    cause: 'invalid-image-name',
    container: 'web',
    first: 'web waiting InvalidImageName r0',
    fatal: 'web waiting InvalidImageName r0',
    values: { image: 'registry.shop.example/Web:v3' },
    command: describePodCommand,
  },
  'v4-missing-secret': {
    cause: 'missing-secret',
    container: 'web',
    first: 'web waiting CreateContainerConfigError r0',
    values: { name: 'web-db' },
    command: 'kubectl get secrets -n shop',
  },
  'v4b-missing-secret-volume': {
    cause: 'missing-secret',
    first: 'event FailedMount',
    values: { name: 'web-db' },
    command: 'kubectl get secrets -n shop',
  },
  'v4c-missing-configmap': {
    cause: 'missing-config-map',
    container: 'web',
    first: 'web waiting CreateContainerConfigError r0',
    values: { name: 'web-config' },
    command: 'kubectl get configmaps -n shop',
  },
  'v5-readiness-failing': {
    cause: 'never-ready',
    container: 'web',
    // The container started in second 0, and the probe allows 2 failures, 2 s apart.
    first: /^(event Unhealthy|tick)$/,
    values: { request: 'GET :8080/health', seconds: 5 },
    command: logs('web'),
  },
  'v5b-liveness-failing': {
    cause: 'liveness-kill',
    container: 'web',
    first: 'event Killing',
    values: { probe: 'liveness', request: 'GET :8080/health', restarts: 0 },
    command: logs('web'),
  },
  'v6-oom': {
    cause: 'out-of-memory',
    container: 'web',
    first: 'web terminated OOMKilled r0',
    fatal: 'web terminated OOMKilled r2',
    values: { limit: '48Mi', restarts: 0 },
    command: new RegExp(`^kubectl top pod ${POD} --containers -n shop$`),
  },
  'v7-command-not-found': {
    cause: 'command-not-found',
    container: 'web',
    first: 'web waiting RunContainerError r0',
    fatal: 'web waiting RunContainerError r0',
    values: { command: '/usr/bin/gunicorn' },
    command: describePodCommand,
  },
  'v8-unschedulable': {
    cause: 'unschedulable',
    first: 'PodScheduled=Unschedulable',
    values: { why: '1 Insufficient cpu' },
    command: describePodCommand,
  },
  'v9-init-crash': {
    cause: 'init-crash',
    container: 'migrate',
    first: 'migrate terminated Error r0',
    fatal: 'migrate terminated Error r2',
    values: { exitCode: 3, restarts: 0 },
    command: logs('migrate'),
  },
};

/** The init container of v9 migrates a database. */
const CONTACTS: Readonly<Record<string, Contact>> = {
  'v4-missing-secret': 'security',
  'v4b-missing-secret-volume': 'security',
  'v9-init-crash': 'database',
};

describe.each(Object.entries(EXPECTED))('%s', (folder, expected) => {
  describe.each([0, 999])('%i ms into each second', (skewMs) => {
    const steps = replay(loadCapture(folder), skewMs);
    const firstNamed = steps.findIndex((step) => step.bad.length > 0);
    const first = steps[firstNamed] as Step;

    it('names its cause in the first step that shows it', () => {
      expect(first).toBeDefined();
      expect(first.label).toMatch(expected.first);
      // Nothing like it came before: the first such step of all is the one.
      if (typeof expected.first === 'string') {
        expect(firstNamed).toBe(steps.findIndex((step) => step.label === expected.first));
      }
      expect(first.bad).toHaveLength(1);
      const [finding] = first.bad;
      expect(finding).toMatchObject({
        cause: expected.cause,
        workload: { kind: 'Deployment', name: 'web' },
        contact: CONTACTS[folder] ?? 'devops',
      });
      expect(finding?.container).toBe(expected.container);
      if (folder !== 'v5-readiness-failing') expect(finding?.values).toEqual(expected.values);
      expect(finding?.command).toMatch(expected.command);
      expect(finding?.evidence.length).toBeGreaterThan(0);
      for (const line of finding?.evidence ?? []) expect(line).toMatch(/^[^\n]{1,300}$/);
    });

    it('names nothing else, ever', () => {
      const named = new Set(steps.flatMap((step) => step.bad.map((finding) => finding.cause)));
      expect([...named]).toEqual([expected.cause]);
      expect(steps.filter((step) => step.bad.length > 1)).toEqual([]);
    });

    it('goes on naming it until the release is undone, and not after', () => {
      const silent = steps.slice(firstNamed).filter((step) => step.badAlive && step.bad.length === 0);
      expect(silent.map((step) => step.label)).toEqual([]);
      expect(steps.filter((step) => !step.badAlive && step.bad.length > 0)).toEqual([]);
    });

    it('says nothing about the good release', () => {
      expect(steps.flatMap((step) => step.good)).toEqual([]);
    });

    it('ends the wait when it cannot heal, not before', () => {
      const fatal = steps.find((step) => step.bad.some((finding) => finding.fatal));
      expect(fatal?.label).toBe(expected.fatal);
    });
  });
});

describe('v5-readiness-failing', () => {
  it.each([0, 999])('waits for the time that the probe allows (%i ms)', (skewMs) => {
    const capture = loadCapture('v5-readiness-failing');
    const steps = replay(capture, skewMs);
    const started = steps.find((step) => step.label === 'web running r0') as Step;
    const named = steps.find((step) => step.bad.length > 0) as Step;
    // 2 failures, 2 s apart, and a second for rounding.
    expect(named.at + skewMs - started.at).toBeGreaterThanOrEqual(5000);
    expect(named.at - started.at).toBeLessThanOrEqual(6000);
    expect(named.bad[0]?.values['request']).toBe('GET :8080/health');
  });
});

describe('v10-quota', () => {
  const capture = loadCapture('v10-quota');

  it('is named from the ReplicaSet alone: there is no pod', () => {
    const steps = replay(capture);
    const named = steps.filter((step) => step.bad.length > 0);
    expect(named.length).toBeGreaterThan(0);
    for (const { bad } of named) {
      expect(bad).toEqual([
        expect.objectContaining({
          cause: 'quota-exceeded',
          fatal: false,
          values: { quota: 'q', requested: 'pods=1', used: 'pods=2', limited: 'pods=2' },
          command: 'kubectl describe resourcequota q -n shop',
        }),
      ]);
    }
    expect(steps.flatMap((step) => step.good)).toEqual([]);
  });

  it.each(['condition of the Deployment', 'events', 'condition of the ReplicaSet'])(
    'needs no more than the %s',
    (only) => {
      const without = {
        ...capture,
        deployment: only === 'condition of the Deployment' ? capture.deployment : { ...capture.deployment, status: {} },
        events: only === 'events' ? capture.events : [],
        replicaSets: capture.replicaSets.map((one) =>
          only === 'condition of the ReplicaSet' ? one : { ...one, status: { ...one.status, conditions: [] } },
        ),
      };
      const named = replay(without).flatMap((step) => step.bad.map((finding) => finding.cause));
      expect(new Set(named)).toEqual(new Set(['quota-exceeded']));
    },
  );
});
