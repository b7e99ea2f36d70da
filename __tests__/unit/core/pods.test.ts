import { describe, expect, it } from '@jest/globals';
import type { LabelSelector } from '../../../src/core/kubernetes.ts';
import { isOfRevision, matchesSelector, podsByController, podsOfMember } from '../../../src/core/pods.ts';
import { member, podOf } from '../preflight/world.ts';

describe('matchesSelector', () => {
  const labels = { app: 'web', tier: 'front' };
  const expression = (key: string, operator: string, values?: string[]): LabelSelector => ({
    matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
  });
  it.each<[string, LabelSelector | undefined, boolean]>([
    ['no selector', undefined, false],
    ['an empty selector', {}, true],
    ['equal labels', { matchLabels: { app: 'web' } }, true],
    ['another value', { matchLabels: { app: 'api' } }, false],
    ['In', expression('app', 'In', ['web', 'api']), true],
    ['In without the label', expression('none', 'In', ['web']), false],
    ['NotIn', expression('app', 'NotIn', ['web']), false],
    ['NotIn without the label', expression('none', 'NotIn', ['web']), true],
    ['Exists', expression('tier', 'Exists'), true],
    ['DoesNotExist', expression('tier', 'DoesNotExist'), false],
    ['an operator of later versions', expression('tier', 'Novel'), false],
  ])('%s', (_, selector, expected) => expect(matchesSelector(labels, selector)).toBe(expected));
});

describe('pods of a workload', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)('are told apart by revision: %s', (kind) => {
    const one = member({ kind });
    const other = member({ kind, name: 'web-1' });
    const pods = [podOf(one, 1, 0), podOf(one, 2, 0), podOf(other, 1, 0)];
    const own = podsOfMember(one, podsByController(pods));
    expect(own.map((pod) => pod.metadata.name).sort()).toEqual(['web-1-0', 'web-2-0']);
    const good = one.revisions.find((revision) => revision.number === 1);
    expect(own.filter((pod) => good && isOfRevision(pod, one, good)).map((pod) => pod.metadata.name)).toEqual([
      'web-1-0',
    ]);
  });
});
