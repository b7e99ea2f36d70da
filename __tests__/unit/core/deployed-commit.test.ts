import { describe, expect, it } from '@jest/globals';
import { commitNames } from '../../../src/core/deployed-commit.ts';
import { report, workload } from '../../golden/samples.ts';

/** Names for a group whose workloads went from the first image to the second. */
function names(...moves: readonly (readonly [string, string])[]): string[] {
  const workloads = moves.map(([from, to], index) => ({
    ...workload(`w${index}`),
    before: { hash: 'before', images: [from, 'registry.example/side:9.9'] },
    now: { hash: from === to ? 'before' : 'now', images: [to, 'registry.example/side:9.9'], ready: 1, desired: 1 },
  }));
  return commitNames(report({ workloads }));
}

describe('the commit that images name', () => {
  it.each([
    ['r.example:5000/web:1.4.2@sha256:00', ['tags/v1.4.2', 'tags/1.4.2']],
    ['r.example/web:v2.0-rc.1', ['tags/v2.0-rc.1', 'tags/2.0-rc.1']],
    ['web:0123456789abcdef0123456789abcdef01234567', ['0123456789abcdef0123456789abcdef01234567']],
    ['web:sha-0a1b2c3', ['0a1b2c3']],
    // A date, a branch, nothing, a port.
    ['web:20260301', []],
    ['web:main', []],
    ['web', []],
    ['localhost:5000/web', []],
    ['web@sha256:0a1b2c3', []],
    ['web:../../x', []],
  ])('%s', (image, expected) => {
    expect(names(['web:0', image])).toEqual(expected);
  });

  it('is one that all have in common, of those that changed', () => {
    expect(names(['web:2', 'web:1.0.0'], ['api:2', 'api:1.0.0'])).toHaveLength(2);
    expect(names(['web:2', 'web:1.0.0'], ['api:2', 'api:1.1.0'])).toEqual([]);
    expect(names(['web:2', 'web:1.0.0'], ['api:2', 'api:2'])).toHaveLength(2);
    expect(names(['web:2', 'web:2'])).toEqual([]);
  });
});
