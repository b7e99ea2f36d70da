import type { FieldSet, Json } from '../../core/kubernetes.ts';

/**
 * Sets of fields as the API server keeps them in `metadata.managedFields[].fieldsV1`: `f:name` a field, `k:{...}` an item of a keyed list,
 * `v:value` an item of a set, `.` the thing itself.
 */
export type Path = readonly string[];

export function at(set: FieldSet | undefined, path: Path): FieldSet | undefined {
  let here = set;
  for (const part of path) here = here?.[part];
  return here;
}

/** Number of fields that are owned, not counting what only leads to them. */
export function leafCount(set: FieldSet | undefined): number {
  if (set === undefined) return 0;
  const children = Object.entries(set).filter(([key]) => key !== '.');
  if (children.length === 0) return 1;
  return children.reduce((sum, [, child]) => sum + leafCount(child), 0);
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = { ...a };
  for (const [key, child] of Object.entries(b)) {
    const there = result[key];
    result[key] = there === undefined ? child : union(there, child);
  }
  return result;
}

/** What of `set` is in `other` too. */
export function intersection(set: FieldSet, other: FieldSet): FieldSet | undefined {
  const kept: [string, FieldSet][] = [];
  for (const [key, child] of Object.entries(set)) {
    const there = other[key];
    if (there === undefined) continue;
    const both = isLeaf(child) || isLeaf(there) ? child : intersection(child, there);
    if (both !== undefined) kept.push([key, both]);
  }
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** `set` without what is in `other`. */
export function difference(set: FieldSet, other: FieldSet): FieldSet | undefined {
  const kept: [string, FieldSet][] = [];
  for (const [key, child] of Object.entries(set)) {
    const there = other[key];
    if (there === undefined) kept.push([key, child]);
    else if (!isLeaf(child)) {
      const rest = difference(child, there);
      if (rest !== undefined) kept.push([key, rest]);
    }
  }
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** A set that holds nothing but `set`, under `path`. */
export function nested(path: Path, set: FieldSet): FieldSet {
  return path.reduceRight<FieldSet>((inner, part) => ({ [part]: inner }), set);
}

/** `set` without what lies at `path` and below. */
export function without(set: FieldSet, path: Path): FieldSet {
  const [head, ...rest] = path;
  if (head === undefined) return {};
  const child = set[head];
  if (child === undefined) return set;
  const { [head]: _child, ...others } = set;
  if (rest.length === 0) return others;
  const left = without(child, rest);
  return Object.keys(left).length > 0 ? { ...others, [head]: left } : others;
}

function isLeaf(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** JSON pointer (RFC 6901). */
export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** True when the two are the same JSON, whatever the order of keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  const left = a as { readonly [key: string]: Json };
  const right = b as { readonly [key: string]: Json };
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}
