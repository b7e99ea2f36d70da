import { describe, expect, it } from '@jest/globals';
import type { MetricCheck } from '../../../src/core/config.ts';
import { boundsText, judgeMetric, type Sample, windowOf } from '../../../src/core/metrics.ts';

const AT = Date.parse('2026-01-01T12:00:00Z');
const check = (bounds: Partial<MetricCheck>): MetricCheck => ({ name: 'errors', query: 'q', ...bounds });
const sample = (value: number, labels: Sample['labels'] = {}): Sample => ({ labels, value });
const verdictOf = (bounds: Partial<MetricCheck>, value: number, before?: number) =>
  judgeMetric(check(bounds), [sample(value)], before === undefined ? undefined : { at: AT, samples: [sample(before)] })
    .verdict;

describe('a metric held to its bounds', () => {
  it.each<[Partial<MetricCheck>, number, string]>([
    [{ max: 5 }, 5, 'right'],
    [{ max: 5 }, 5.01, 'wrong'],
    [{ min: 1 }, 1, 'right'],
    [{ min: 1 }, 0.99, 'wrong'],
    [{ min: 1, max: 5 }, 3, 'right'],
    [{ min: 1, max: 5 }, 6, 'wrong'],
    [{ max: 0 }, 0, 'right'],
    [{ min: -1 }, -0.5, 'right'],
    [{ max: 5 }, Number.NaN, 'wrong'],
    [{ min: 5 }, Number.NaN, 'wrong'],
    [{ max: 5 }, Number.POSITIVE_INFINITY, 'wrong'],
    [{ min: 5 }, Number.POSITIVE_INFINITY, 'right'],
    [{ min: 5 }, Number.NEGATIVE_INFINITY, 'wrong'],
  ])('%j: %d is %s', (bounds, value, verdict) => {
    expect(verdictOf(bounds, value)).toBe(verdict);
  });

  it.each<[number, number | undefined, string]>([
    [2, 1, 'right'],
    [2.1, 1, 'wrong'],
    [0, 0, 'right'],
    [0.1, 0, 'wrong'],
    [1, Number.NaN, 'unknown'],
    [1, Number.POSITIVE_INFINITY, 'unknown'],
    [1, -1, 'unknown'],
    [1, undefined, 'unknown'],
    [Number.NaN, 1, 'wrong'],
  ])('at most twice what it was: %d against %d is %s', (value, before, verdict) => {
    expect(verdictOf({ maxRatio: 2 }, value, before)).toBe(verdict);
  });

  it('may fail by one bound where the other is unknown', () => {
    expect(verdictOf({ maxRatio: 2, max: 1 }, 5)).toBe('wrong');
  });

  it('compares each sample with the one of the same labels, in whatever order they stand', () => {
    const baseline = {
      at: AT,
      samples: [sample(1, { path: '/a', job: 'x' }), sample(100, { path: '/b', job: 'x' })],
    };
    const now = [sample(50, { job: 'x', path: '/b' }), sample(3, { job: 'x', path: '/a' })];
    const { verdict, evidence } = judgeMetric(check({ maxRatio: 2 }), now, baseline);
    expect(verdict).toBe('wrong');
    expect(evidence).toEqual([
      {
        subject: 'errors{job="x", path="/a"}',
        observed: '3, 1 at 2026-01-01T12:00:00Z',
        expected: '≤ 2 × before the bad release',
      },
      expect.objectContaining({ subject: 'errors{job="x", path="/b"}' }),
    ]);
    expect(judgeMetric(check({ maxRatio: 2 }), [sample(1, { path: '/new' })], baseline)).toMatchObject({
      verdict: 'unknown',
      evidence: [{ observed: '1, no such sample at 2026-01-01T12:00:00Z' }],
    });
  });

  it('says that the beginning of the bad release is not known', () => {
    const { evidence } = judgeMetric(check({ maxRatio: 2 }), [sample(1)]);
    expect(evidence[0]?.observed).toContain('when the bad release began is not known');
  });

  it('is unknown without a sample', () => {
    expect(judgeMetric(check({ max: 1 }), [])).toEqual({
      verdict: 'unknown',
      evidence: [{ subject: 'errors', observed: 'no sample', expected: '≤ 1' }],
    });
  });

  it('shows the worst of many, and how many more there are', () => {
    const many = Array.from({ length: 1000 }, (_, index) => sample(index === 999 ? 9 : 0, { pod: `web-${index}` }));
    const { verdict, evidence } = judgeMetric(check({ max: 1 }), many);
    expect(verdict).toBe('wrong');
    expect(evidence).toHaveLength(6);
    expect(evidence[0]).toMatchObject({ subject: 'errors{pod="web-999"}', observed: '9' });
    expect(evidence[5]).toMatchObject({ observed: '995 more samples, right' });
  });

  it('cuts and quotes labels, which anybody may have written', () => {
    const hostile = { path: `"} 0\n::error::${'x'.repeat(5000)}`, __proto__: 'y' };
    const { evidence } = judgeMetric(check({ max: 1 }), [sample(2, hostile)]);
    expect(evidence[0]?.subject.length).toBeLessThan(250);
    expect(evidence[0]?.subject).not.toContain('\n');
    expect(evidence[0]?.subject).toContain('path="\\"} 0\\n::error::');
  });

  it('writes numbers as people compare them', () => {
    expect(boundsText(check({ min: 0.123456, max: 1e9, maxRatio: 1.5 }))).toBe(
      '≥ 0.1235, ≤ 1000000000, ≤ 1.5 × before the bad release',
    );
  });
});

describe('how far a query looks back', () => {
  it.each([
    ['up', 0],
    ['rate(errors[5m])', 300_000],
    ['rate(errors[5m]) / rate(requests[10m])', 600_000],
    ['rate(errors[1h30m])', 5_400_000],
    ['rate(errors[90])', 90_000],
    ['max_over_time(rate(errors[5m])[30m:1m])', 2_100_000],
    ['max_over_time(up[ 30m : ])', 1_800_000],
    ['sum(rate(errors{path=~"[5m]", q="\\"[1d]"}[1m]))', 60_000],
    ["errors{path='[5m]'}", 0],
    ['rate(errors[500ms] offset 1w)', 500],
  ])('%s: %d ms', (query, ms) => {
    expect(windowOf(query)).toBe(ms);
  });
});
