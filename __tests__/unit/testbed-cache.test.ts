import { describe, expect, it } from '@jest/globals';
import { cacheBase } from '../../testbed/cache.ts';

describe('the folder for what is built once', () => {
  it.each([
    [{}, '/home/.cache/tiered-rollback/testbed'],
    [{ XDG_CACHE_HOME: '/cache' }, '/cache/tiered-rollback/testbed'],
    [{ XDG_CACHE_HOME: '' }, '/home/.cache/tiered-rollback/testbed'],
    [{ XDG_CACHE_HOME: 'cache' }, '/home/.cache/tiered-rollback/testbed'],
    [{ XDG_CACHE_HOME: '/cache', TIERED_ROLLBACK_TESTBED_CACHE: '/own' }, '/own'],
    [{ TIERED_ROLLBACK_TESTBED_CACHE: '' }, '/home/.cache/tiered-rollback/testbed'],
  ])('is of %j', (environment, folder) => {
    expect(cacheBase(environment, '/home/.cache')).toBe(folder);
  });
});
