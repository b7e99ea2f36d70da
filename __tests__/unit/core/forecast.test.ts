import { describe, expect, it } from '@jest/globals';
import { earlierRunsMs, forecastOf, startMs, wavesOf } from '../../../src/core/forecast.ts';
import type { PodObject } from '../../../src/core/kubernetes.ts';
import type { RollbackRecord } from '../../../src/core/ledger.ts';

const pod = (created: string, ready: string | undefined): PodObject =>
  ({
    metadata: { name: 'web', creationTimestamp: created },
    status: {
      conditions: [
        { type: 'Ready', status: ready === undefined ? 'False' : 'True', lastTransitionTime: ready ?? created },
      ],
    },
  }) as unknown as PodObject;

const verified = (tier: 'rapid' | 'complete', at: string, verifiedAt?: string): RollbackRecord =>
  ({
    run: at,
    tier,
    at,
    members: [],
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
  }) as unknown as RollbackRecord;

describe('a forecast', () => {
  it('adds what comes one after the other', () => {
    expect(forecastOf({ restoreMs: 60_000, workloadsMs: 20_000, stableMs: 10_000 })).toEqual({
      totalMs: 90_000,
      parts: [
        { of: 'restore', ms: 60_000 },
        { of: 'workloads', ms: 20_000 },
        { of: 'stable-for', ms: 10_000 },
      ],
    });
  });

  it('believes earlier runs where they took longer than the sum', () => {
    expect(forecastOf({ workloadsMs: 20_000, stableMs: 0, earlierMs: 50_000 })).toEqual({
      totalMs: 50_000,
      parts: [{ of: 'earlier-runs', ms: 50_000 }],
    });
    expect(forecastOf({ workloadsMs: 20_000, stableMs: 0, earlierMs: 5000 })?.totalMs).toBe(20_000);
  });

  it('says nothing where nothing tells anything', () => {
    expect(forecastOf({ stableMs: 10_000 })).toBeUndefined();
  });
});

describe('what earlier runs took', () => {
  it('is the median of the newest five of the tier that were verified', () => {
    const rollbacks = [
      verified('rapid', '2026-01-07T00:00:00Z', '2026-01-07T00:00:30Z'),
      verified('rapid', '2026-01-06T00:00:00Z'),
      verified('complete', '2026-01-05T00:00:00Z', '2026-01-05T00:09:00Z'),
      verified('rapid', '2026-01-04T00:00:00Z', '2026-01-04T00:00:10Z'),
      verified('rapid', '2026-01-03T00:00:00Z', '2026-01-03T00:00:20Z'),
    ];
    expect(earlierRunsMs({ rollbacks }, 'rapid')).toBe(20_000);
    expect(earlierRunsMs({ rollbacks }, 'secure')).toBeUndefined();
  });
});

describe('how long a pod takes to start', () => {
  it('is the longest among those that are ready', () => {
    const pods = [
      pod('2026-01-01T00:00:00Z', '2026-01-01T00:00:12Z'),
      pod('2026-01-01T00:00:00Z', '2026-01-01T00:00:40Z'),
      pod('2026-01-01T00:00:00Z', undefined),
      // Fell out and came back days later.
      pod('2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z'),
    ];
    expect(startMs(pods)).toBe(40_000);
    expect(startMs([pod('2026-01-01T00:00:00Z', undefined)])).toBeUndefined();
  });
});

describe('the waves of a rollout', () => {
  it.each([
    [1, undefined, undefined, 1],
    [4, '25%', '25%', 2],
    [10, 1, 0, 10],
    [10, '100%', 0, 1],
    [3, 0, 1, 3],
  ])('for %d pods, surge %s, unavailable %s: %d', (replicas, surge, unavailable, expected) => {
    expect(wavesOf(replicas, surge, unavailable)).toBe(expected);
  });
});
