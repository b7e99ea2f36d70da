import { distance } from 'fastest-levenshtein';
import type * as z from 'zod';
import { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { withoutSecrets } from './health.ts';

/** One thing wrong with one value. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly on: 'key' | 'value';
  /** Completes "<where>: ...". */
  readonly text: string;
}

/** Turns zod's issues about the value of `key` into faults; one for each place, the most exact one. */
export function faultsOf(key: string, value: unknown, issues: readonly z.core.$ZodIssue[]): Fault[] {
  const faults = issues.flatMap((issue) => explain(issue)).map((issue) => faultOf(key, value, issue));
  const flat = faults.flat();
  const place = (fault: Fault) =>
    JSON.stringify([fault.path.map(String), fault.on, fault.on === 'key' ? fault.text : '']);
  return flat.filter(
    (fault, index) =>
      flat.findIndex((other) => place(other) === place(fault)) === index || isCustom(fault, flat, index),
  );
}

/** Elements of a list that was written as one text share a place; each of them is worth its own line. */
function isCustom(fault: Fault, all: readonly Fault[], index: number): boolean {
  return all.findIndex((other) => other.text === fault.text) === index && all.every((other) => other.path.length === 1);
}

function faultOf(key: string, value: unknown, issue: z.core.$ZodIssue): Fault[] {
  const path = [key, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    // The message of `onlyKeys`.
    const known = issue.message.split(', ');
    return issue.keys.map((unknown) => ({ path: [...path, unknown], on: 'key', text: unknownKey(unknown, known) }));
  }
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    return [{ path, on: 'key', text: tr`saw the key ${show(issue.path.at(-1))}; ${inner?.message ?? issue.message}` }];
  }
  const given = (issue as { params?: { seen?: string } }).params?.seen ?? at(value, issue.path);
  // Whoever writes the value where the name of its variable belongs must not find it in the log.
  if (key === 'secrets' && issue.path.includes('keys')) return [{ path, on: 'value', text: issue.message }];
  const text = given === undefined ? tr`is missing; ${issue.message}` : tr`saw ${show(given)}; ${issue.message}`;
  return [{ path, on: 'value', text }];
}

/** Of a value that may have several forms, tells about the form that was meant: the one that was understood the furthest. */
function explain(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    Math.max(0, ...branch.map((inner) => inner.path.length + (inner.code === 'unrecognized_keys' ? 1 : 0)));
  const sameType = (branch: readonly z.core.$ZodIssue[]) =>
    branch.every((inner) => inner.code !== 'invalid_type' || inner.path.length > 0);
  const candidates = issue.errors.filter((branch) => branch.length > 0);
  const best =
    candidates.toSorted((a, b) => depth(b) - depth(a)).find((branch) => depth(branch) > 0) ?? candidates.find(sameType);
  if (!best) return [issue];
  return best.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue));
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

/** Names the nearest known key: the one that was probably meant. */
export function unknownKey(unknown: string, known: readonly string[]): string {
  const near = nearest(unknown, known);
  return near === undefined
    ? tr`unknown key ${show(unknown)}; known keys: ${known.join(', ')}`
    : tr`unknown key ${show(unknown)}; did you mean "${near}"?`;
}

/** The known name at most a third of its letters away; undefined when nothing is near. */
export function nearest(unknown: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[_\s-]/g, '');
  const away = (name: string) => distance(plain(unknown), plain(name));
  const [best] = known.toSorted((a, b) => away(a) - away(b));
  return best !== undefined && away(best) <= Math.max(1, Math.floor(plain(best).length / 3)) ? best : undefined;
}

/** A value as it is shown to people: quoted, short, without credentials and control characters. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? tr`an empty list` : tr`a list`;
  if (typeof value === 'object' && value !== null) return tr`a map`;
  if (typeof value !== 'string') return String(value);
  const plain = withoutSecrets(value.slice(0, 4000))
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  const short = plain.length > 80 ? `${plain.slice(0, 77)}...` : plain;
  return value === '' ? tr`an empty text` : `"${short}"`;
}

/** How messages name an input of the step. */
export function inputText(name: string): string {
  return tr`input ${name}`;
}

export function invalid(where: string, text: string, hint: string): RollbackError {
  return new RollbackError('INPUT_INVALID', tr`${where}: ${text}`, hint);
}
