import { describe, expect, it } from '@jest/globals';
import type { PodSpec, QuotaObject } from '../../../src/core/kubernetes.ts';
import {
  appliesTo,
  formatQuantity,
  judgeQuota,
  parseQuantity,
  podUsage,
  type RolloutNeed,
} from '../../../src/core/quota.ts';

describe('parseQuantity', () => {
  const nano = 1_000_000_000n;
  it.each([
    ['0', 0n],
    ['2', 2n * nano],
    ['100m', nano / 10n],
    ['0.1', nano / 10n],
    ['.5', nano / 2n],
    ['1.', nano],
    ['250u', 250_000n],
    ['3n', 3n],
    ['0.1n', 1n],
    ['1k', 1000n * nano],
    ['1M', 1_000_000n * nano],
    ['2G', 2_000_000_000n * nano],
    ['1Ki', 1024n * nano],
    ['1.5Gi', 1_610_612_736n * nano],
    ['8Ei', 8n * 1024n ** 6n * nano],
    ['1e3', 1000n * nano],
    ['12E-1', 1_200_000_000n],
    ['1E', 10n ** 18n * nano],
    ['-1', -nano],
    ['+5', 5n * nano],
  ])('reads %s', (text, expected) => expect(parseQuantity(text)).toBe(expected));

  it.each(['', 'x', '1 Gi', '1Gib', 'Gi', '.', '1e', '0x1', '1,5'])('refuses %p', (text) =>
    expect(parseQuantity(text)).toBeUndefined(),
  );

  it.each([
    ['100m', 'requests.cpu', '100m'],
    ['2', 'pods', '2'],
    ['1.5Gi', 'requests.memory', '1.5Gi'],
    ['512Mi', 'limits.memory', '512Mi'],
    ['0', 'memory', '0'],
    ['-256Mi', 'memory', '-256Mi'],
  ])('writes %s of %s as %s', (text, resource, expected) =>
    expect(formatQuantity(parseQuantity(text) ?? 0n, resource)).toBe(expected),
  );
});

const cpu = (requests: string, more: object = {}) => ({
  name: 'c',
  resources: { requests: { cpu: requests } },
  ...more,
});
const pod = (requests: string): PodSpec => ({ containers: [cpu(requests)] });
const used = (spec: PodSpec, resource: string) => formatQuantity(podUsage(spec).get(resource) ?? 0n, resource);

describe('podUsage', () => {
  it('adds containers up and counts an init container only where it needs more', () => {
    expect(used({ containers: [cpu('200m'), cpu('100m')], initContainers: [cpu('250m')] }, 'requests.cpu')).toBe(
      '300m',
    );
    expect(used({ containers: [cpu('200m')], initContainers: [cpu('500m'), cpu('1m')] }, 'requests.cpu')).toBe('500m');
  });

  it('adds sidecars to what runs after them, init containers included', () => {
    const sidecar = cpu('100m', { restartPolicy: 'Always' });
    expect(used({ containers: [cpu('200m')], initContainers: [sidecar] }, 'requests.cpu')).toBe('300m');
    expect(used({ containers: [cpu('200m')], initContainers: [sidecar, cpu('400m')] }, 'requests.cpu')).toBe('500m');
    expect(used({ containers: [cpu('200m')], initContainers: [cpu('250m'), sidecar] }, 'requests.cpu')).toBe('300m');
  });

  it('takes the limit where no request is set, and adds the overhead of a runtime class', () => {
    const limited = {
      containers: [{ name: 'c', resources: { limits: { memory: '1Gi' } } }],
      overhead: { memory: '1Gi' },
    };
    expect(used(limited, 'requests.memory')).toBe('2Gi');
    expect(used(limited, 'memory')).toBe('2Gi');
    expect(used(limited, 'limits.memory')).toBe('2Gi');
  });

  it('counts the pod itself', () => {
    expect([used(pod('1'), 'pods'), used(pod('1'), 'count/pods')]).toEqual(['1', '1']);
  });

  it('takes the resources of the whole pod where they are set', () => {
    expect(used({ ...pod('1'), resources: { requests: { cpu: '3' } } } as PodSpec, 'requests.cpu')).toBe('3');
  });
});

const quotaOf = (hard: Record<string, string>, usedNow: Record<string, string>, spec = {}): QuotaObject => ({
  metadata: { name: 'limits', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec,
  status: { hard, used: usedNow },
});

const need = (over: Partial<RolloutNeed> & { left?: number; each?: string }): RolloutNeed => {
  const each = over.each ?? '100m';
  return {
    desired: 2,
    present: 0,
    leaving: Array.from({ length: over.left ?? 2 }, () => podUsage(pod(each))),
    target: pod(each),
    replacement: { kind: 'surge', maxSurge: 1, maxUnavailable: 0 },
    ...over,
  };
};

const fits = (hard: string, usedNow: string, ...needs: RolloutNeed[]) =>
  judgeQuota(quotaOf({ 'requests.cpu': hard }, { 'requests.cpu': usedNow }), needs).map((verdict) => verdict.fit);

describe('judgeQuota', () => {
  it('says nothing where the surge fits', () => expect(fits('1', '200m', need({}))).toEqual([]));

  it('is stuck where nothing may be unavailable and no surge pod fits', () => {
    expect(fits('200m', '200m', need({}))).toEqual(['stuck']);
  });

  it('goes on, more slowly, where an old pod may end first', () => {
    const replacement = { kind: 'surge', maxSurge: 1, maxUnavailable: 1 } as const;
    expect(fits('200m', '200m', need({ replacement }))).toEqual(['tight']);
  });

  it('needs no room for what is back already: a rollout that failed half-way left the target running', () => {
    expect(fits('300m', '300m', need({ present: 2, left: 1 }))).toEqual([]);
  });

  it('goes on where the failed surge pods may end first', () => {
    expect(fits('200m', '200m', need({ present: 1, left: 2 }))).toEqual(['tight']);
  });

  it('is stuck where the left release itself found no room, and no pod of it can end', () => {
    expect(fits('50m', '0', need({ left: 0 }))).toEqual(['stuck']);
  });

  it('is stuck where the target does not fit even when all old pods are gone', () => {
    const replacement = { kind: 'in-place', maxSurge: 0, maxUnavailable: 0 } as const;
    expect(fits('300m', '200m', need({ target: pod('500m'), replacement }))).toEqual(['stuck']);
    expect(fits('1', '200m', need({ target: pod('500m'), replacement }))).toEqual([]);
  });

  it('lets a workload wait for the room that another one frees', () => {
    const frees = { kind: 'surge', maxSurge: 1, maxUnavailable: 1 } as const;
    expect(fits('400m', '400m', need({}), need({ replacement: frees }))).toEqual(['tight']);
  });

  it('proves nothing about what the template does not say (a LimitRange may add it)', () => {
    expect(fits('0', '0', need({ target: { containers: [{ name: 'c' }] } }))).toEqual([]);
  });

  it('names the resource, the need and the room', () => {
    const verdicts = judgeQuota(quotaOf({ pods: '4', 'requests.cpu': '200m' }, { pods: '2', 'requests.cpu': '150m' }), [
      need({}),
    ]);
    expect(verdicts).toEqual([
      { quota: 'limits', resource: 'requests.cpu', fit: 'stuck', needed: 100_000_000n, room: 50_000_000n },
    ]);
  });

  it('passes over a quota that does not count these pods', () => {
    const terminating = quotaOf({ pods: '0' }, { pods: '0' }, { scopes: ['Terminating'] });
    expect(judgeQuota(terminating, [need({ left: 0 })])).toEqual([]);
  });
});

describe('appliesTo', () => {
  const scoped = (scopes: string[]) => quotaOf({}, {}, { scopes });
  const classed = (operator: string, values?: string[]) =>
    quotaOf({}, {}, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] } });
  const important = { ...pod('1'), priorityClassName: 'high' };
  it.each([
    ['no scope', quotaOf({}, {}), pod('1'), 'yes'],
    ['NotTerminating', scoped(['NotTerminating']), pod('1'), 'yes'],
    ['Terminating', scoped(['Terminating']), pod('1'), 'no'],
    ['BestEffort', scoped(['BestEffort']), pod('1'), 'no'],
    ['BestEffort', scoped(['BestEffort']), { containers: [{ name: 'c' }] }, 'yes'],
    ['NotBestEffort', scoped(['NotBestEffort']), pod('1'), 'yes'],
    ['a class it names', classed('In', ['high']), important, 'yes'],
    ['a class it does not name', classed('In', ['low']), important, 'no'],
    ['a class it excludes', classed('NotIn', ['high']), important, 'no'],
    ['any class', classed('Exists'), important, 'yes'],
    ['no class', classed('DoesNotExist'), important, 'no'],
    ['the default class', classed('In', ['high']), pod('1'), 'unknown'],
    ['a scope of later versions', scoped(['Novel']), pod('1'), 'unknown'],
  ] as const)('%s', (_, quota, spec, expected) => expect(appliesTo(quota, spec as PodSpec)).toBe(expected));
});
