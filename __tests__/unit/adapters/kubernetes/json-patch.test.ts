import { describe, expect, it } from '@jest/globals';
import { serverJson } from '../../../../src/adapters/kubernetes/json-patch.ts';

describe('JSON for the API server', () => {
  it('is spelled as Go spells it, so that a guard compares equal', () => {
    // What `json.Marshal("a && b < c > d \u2028\u2029")` of Go's encoding/json gives.
    expect(serverJson('a && b < c > d \u2028\u2029')).toBe('"a \\u0026\\u0026 b \\u003c c \\u003e d \\u2028\\u2029"');
  });

  it('means the same', () => {
    const value = { 'a&b': ['<', '\u001B', 'é', '😀', '\\u0026', null, 1.5, true] };
    expect(JSON.parse(serverJson(value))).toEqual(value);
  });
});
