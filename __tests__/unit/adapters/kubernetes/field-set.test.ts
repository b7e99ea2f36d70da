import { describe, expect, it } from '@jest/globals';
import {
  at,
  difference,
  intersection,
  leafCount,
  pointer,
  sameJson,
  union,
  without,
} from '../../../../src/adapters/kubernetes/field-set.ts';

const set = {
  'f:spec': { 'f:template': { 'f:a': {}, 'k:{"name":"x"}': { '.': {}, 'f:image': {} } }, 'f:replicas': {} },
};

describe('sets of fields', () => {
  it('are counted by what is owned, not by what leads there', () => {
    expect(leafCount(set)).toBe(3);
    expect(leafCount(undefined)).toBe(0);
    expect(leafCount({ '.': {} })).toBe(1);
  });

  it('are joined, cut and subtracted', () => {
    const other = { 'f:spec': { 'f:template': { 'f:a': {}, 'f:b': {} } } };
    expect(union(set, other)).toEqual({
      'f:spec': {
        'f:template': { 'f:a': {}, 'f:b': {}, 'k:{"name":"x"}': { '.': {}, 'f:image': {} } },
        'f:replicas': {},
      },
    });
    expect(intersection(set, other)).toEqual({ 'f:spec': { 'f:template': { 'f:a': {} } } });
    expect(difference(other, set)).toEqual({ 'f:spec': { 'f:template': { 'f:b': {} } } });
    expect(difference(set, set)).toBeUndefined();
    expect(intersection(set, { 'f:status': {} })).toBeUndefined();
  });

  it('lose what lies at a path, and what only led there', () => {
    expect(without(set, ['f:spec', 'f:template'])).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(without({ 'f:a': { 'f:b': {} } }, ['f:a', 'f:b'])).toEqual({});
    expect(without(set, ['f:nowhere', 'f:x'])).toEqual(set);
    expect(at(set, ['f:spec', 'f:replicas'])).toEqual({});
  });
});

describe('JSON', () => {
  it('is the same whatever the order of keys, not of items', () => {
    expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(sameJson({ a: undefined as never }, { b: undefined as never })).toBe(false);
    expect(sameJson([], {})).toBe(false);
    expect(sameJson(null, {})).toBe(false);
  });

  it('is pointed into', () => {
    expect(pointer('metadata', 'annotations', 'a/b~c', 0)).toBe('/metadata/annotations/a~1b~0c/0');
  });
});
