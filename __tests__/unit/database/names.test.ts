import { describe, expect, it } from '@jest/globals';
import { keptName, leftoverPrefixes, restoreTag, sideName } from '../../../src/core/database/names.ts';

describe('names of the databases of a restore', () => {
  it('are the same for the same incident and backup, and others for any other', () => {
    expect(restoreTag('run', 'aa')).toBe(restoreTag('run', 'aa'));
    expect(new Set([restoreTag('run', 'aa'), restoreTag('run', 'ab'), restoreTag('other', 'aa')]).size).toBe(3);
    expect(restoreTag('run', 'aa')).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each([['224solutions'], ['x'.repeat(63)], ['é'.repeat(31)], [`${'a'.repeat(49)}🙂🙂`]])(
    'D32: of %s fit into what the server keeps, whole characters only',
    (live) => {
      for (const name of [sideName(live, '0123abcd'), keptName(live, '0123abcd')]) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name).not.toContain('\ufffd');
        expect(name.isWellFormed()).toBe(true);
        expect(leftoverPrefixes(live).some((prefix) => name.startsWith(prefix))).toBe(true);
      }
      expect(sideName(live, '0123abcd')).not.toBe(keptName(live, '0123abcd'));
    },
  );
});
