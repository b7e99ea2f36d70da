import type { FieldSet, Json } from '../../core/kubernetes.ts';
import { isObject, type JsonObject } from '../../core/manifest.ts';
import { sameJson } from './field-set.ts';

/** Of `value`, only the fields of the set: what a manager would have to apply to own exactly these. */
export function picked(value: Json | undefined, set: FieldSet): Json | undefined {
  const parts = Object.entries(set).filter(([key]) => key !== '.');
  if (value === undefined || parts.length === 0) return value;
  if (Array.isArray(value)) {
    const items = parts.flatMap(([key, child]) => {
      const found = value[itemOf(value, key)];
      if (found === undefined) return [];
      const item = picked(found, child);
      return item === undefined ? [] : [{ at: itemOf(value, key), item: withKeys(key, item) }];
    });
    return items.sort((a, b) => a.at - b.at).map(({ item }) => item);
  }
  if (!isObject(value)) return value;
  const fields = parts.flatMap(([key, child]): [string, Json][] => {
    const name = key.slice(2);
    if (!key.startsWith('f:') || !Object.hasOwn(value, name)) return [];
    const field = picked(value[name], child);
    return field === undefined ? [] : [[name, field]];
  });
  return Object.fromEntries(fields);
}

/** `value` without the fields of the set; an item of a list, or a map, of which nothing is left goes too where the set holds it itself. */
export function dropped(value: Json | undefined, set: FieldSet): Json | undefined {
  const parts = Object.entries(set).filter(([key]) => key !== '.');
  if (parts.length === 0) return undefined;
  if (Array.isArray(value)) {
    const gone = new Map(parts.map(([key, child]) => [itemOf(value, key), child]));
    return value.flatMap((item: Json, index: number) => {
      const child = gone.get(index);
      // What of an item was not set by its owner, its defaults, goes with it.
      const rest = child === undefined ? item : '.' in child ? undefined : dropped(item, child);
      return rest === undefined ? [] : [rest];
    });
  }
  if (!isObject(value)) return undefined;
  const rest: Record<string, Json> = { ...value };
  for (const [key, child] of parts) {
    const name = key.slice(2);
    if (!Object.hasOwn(rest, name)) continue;
    const left = dropped(rest[name], child);
    if (left === undefined) delete rest[name];
    else rest[name] = left;
  }
  return Object.keys(rest).length === 0 && '.' in set ? undefined : rest;
}

/** Index of the item that `k:{...}`, `v:...` or `i:n` names; -1 where it is not there. */
function itemOf(list: readonly Json[], key: string): number {
  const content = key.slice(2);
  if (key.startsWith('i:')) return Number(content);
  let wanted: Json;
  try {
    wanted = JSON.parse(content) as Json;
  } catch {
    return -1;
  }
  if (key.startsWith('v:')) return list.findIndex((item) => sameJson(item, wanted));
  if (!key.startsWith('k:') || !isObject(wanted)) return -1;
  const names = Object.entries(wanted);
  return list.findIndex(
    (item) => isObject(item) && names.every(([name, value]) => sameJson(item[name] ?? defaultOf(name), value)),
  );
}

/** The one key of a list that may be left out. */
function defaultOf(name: string): Json | undefined {
  return name === 'protocol' ? 'TCP' : undefined;
}

function withKeys(key: string, item: Json): Json {
  return key.startsWith('k:') && isObject(item) ? { ...(JSON.parse(key.slice(2)) as JsonObject), ...item } : item;
}
