import { describe, expect, it } from '@jest/globals';
import type { PodObject } from '../../../src/core/kubernetes.ts';
import { isMeasurable, type PodMetrics, usageEvidence, usageOf } from '../../../src/core/pod-usage.ts';

const pod = (name: string, status: PodObject['status'] = {}): PodObject => ({
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T12:00:00Z' },
  spec: { containers: [] },
  status: { phase: 'Running', startTime: '2026-01-01T12:00:01Z', ...status },
});
const metrics = (
  name: string,
  usage: readonly Record<string, string>[],
  timestamp = '2026-01-01T12:01:00Z',
): PodMetrics => ({
  metadata: { name },
  timestamp,
  containers: usage.map((one, index) => ({ name: `c${index}`, usage: one })),
});

describe('what pods use', () => {
  it('adds containers up and rounds as kubectl top does', () => {
    const [usage] = usageOf(
      [pod('web-1')],
      [
        metrics('web-1', [
          { cpu: '29876543n', memory: '102400Ki' },
          { cpu: '1m', memory: '1Mi' },
        ]),
      ],
    );
    expect(usage).toMatchObject({ kind: 'measured', cpu: '31m', memory: '101Mi' });
  });

  it('counts no metrics from before the pod began', () => {
    const stale = metrics('db-0', [{ cpu: '1m', memory: '1Mi' }], '2026-01-01T12:00:00Z');
    expect(usageOf([pod('db-0')], [stale])).toMatchObject([
      { kind: 'missing', seen: expect.stringContaining('before') },
    ]);
    const exact = metrics('db-0', [{ cpu: '1m', memory: '1Mi' }], '2026-01-01T12:00:01Z');
    expect(usageOf([pod('db-0')], [exact])).toMatchObject([{ kind: 'measured' }]);
  });

  it.each([
    ['no time', { metadata: { name: 'web-1' }, containers: [{ name: 'c', usage: { cpu: '1m', memory: '1Mi' } }] }],
    ['no container', metrics('web-1', [])],
    ['no memory', metrics('web-1', [{ cpu: '1m' }])],
    ['what is no amount', metrics('web-1', [{ cpu: 'much', memory: '1Mi' }])],
    ['another pod', metrics('web-2', [{ cpu: '1m', memory: '1Mi' }])],
  ] as [string, PodMetrics][])('is missing with %s', (_what, one) => {
    expect(usageOf([pod('web-1')], [one])[0]?.kind).toBe('missing');
  });

  it('shows what is missing first, and a bounded number of pods', () => {
    const pods = Array.from({ length: 100 }, (_, index) => pod(`web-${index}`));
    const all = pods.slice(1).map(({ metadata }) => metrics(metadata.name, [{ cpu: '1m', memory: '1Mi' }]));
    const evidence = usageEvidence(usageOf(pods, all));
    expect(evidence).toHaveLength(21);
    expect(evidence[0]).toEqual({
      subject: 'kubectl top pods',
      observed: 'metrics of 99/100 pods',
      expected: 'metrics of 100/100 pods',
    });
    expect(evidence[1]).toMatchObject({ subject: 'pod/web-0', observed: 'no metrics' });
    expect(evidence[2]).toMatchObject({ subject: 'pod/web-1', observed: 'CPU 1m, memory 1Mi' });
  });

  it('asks only for pods that run', () => {
    expect(isMeasurable(pod('a'))).toBe(true);
    expect(isMeasurable(pod('a', { phase: 'Pending' }))).toBe(false);
    const going = pod('a');
    expect(isMeasurable({ ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T12:00:00Z' } })).toBe(
      false,
    );
  });
});
