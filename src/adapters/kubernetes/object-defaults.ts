import type { Json } from '../../core/kubernetes.ts';
import { type AnyObject, isObject, type JsonObject } from '../../core/manifest.ts';
import { anyObject, pathOfObject, purposeOf } from './any-objects.ts';
import { pointer, sameJson } from './field-set.ts';
import { uidTest } from './guarded-write.ts';
import { JSON_PATCH, type JsonPatch } from './json-patch.ts';
import type { ObjectClient } from './object-client.ts';

const NOT_CONTENT = ['apiVersion', 'kind', 'metadata', 'status'];
const METADATA = ['labels', 'annotations'];

/**
 * The object as the server would complete it, were the live one written like this: a field that goes may come back as a default. A dry run;
 * what the server does not take is given back as it is.
 */
export async function withDefaults(client: ObjectClient, object: AnyObject, live: AnyObject): Promise<AnyObject> {
  const ref = { apiVersion: live.apiVersion, kind: live.kind, name: live.metadata.name };
  const purpose = purposeOf(client, 'patch', ref);
  const answer = await client.transport.read({
    method: 'PATCH',
    path: await pathOfObject(client, ref, ref.name),
    query: { dryRun: 'All' },
    contentType: JSON_PATCH,
    body: [uidTest(live.metadata.uid), ...changes(plain(live), plain(object))],
    purpose,
  });
  return answer.status < 300 ? anyObject(client, ref, answer, purpose) : object;
}

const plain = (object: AnyObject) => object as unknown as JsonObject;

function changes(live: JsonObject, object: JsonObject): JsonPatch {
  const content = (one: JsonObject) =>
    Object.fromEntries(Object.entries(one).filter(([name]) => !NOT_CONTENT.includes(name)));
  const about = ({ metadata }: JsonObject) =>
    Object.fromEntries(Object.entries(isObject(metadata) ? metadata : {}).filter(([name]) => METADATA.includes(name)));
  return [...differences(content(live), content(object)), ...differences(about(live), about(object), ['metadata'])];
}

function differences(from: JsonObject, to: JsonObject, under: readonly string[] = []): JsonPatch {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.flatMap((name): JsonPatch => {
    const path = pointer(...under, name);
    const value: Json | undefined = to[name];
    if (sameJson(from[name], value)) return [];
    return value === undefined ? [{ op: 'remove', path }] : [{ op: 'add', path, value }];
  });
}
