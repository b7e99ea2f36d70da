import type { Json } from '../../core/kubernetes.ts';
import { sameJson } from './field-set.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

type Dictionary = Readonly<Record<string, Json>>;

/**
 * Lists that kubectl merges item by item, and the field that tells items apart (`patchMergeKey` in k8s.io/api/core/v1).
 * Every other list is replaced whole.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  resourceClaims: 'name',
};

/**
 * The annotation with which `kubectl apply` knows what to remove, describing `wanted` in place of `left`: else a field that only the
 * release we go back to has would stay for ever. What stood in it stays in it; what `left` and `wanted` share without it being named there
 * is a default of the API server and stays out.
 * @returns undefined where there is nothing to correct.
 */
export function correctedLastApplied(annotation: string | undefined, left: Json, wanted: Json): string | undefined {
  if (annotation === undefined) return undefined;
  let applied: Dictionary;
  try {
    applied = JSON.parse(annotation) as Dictionary;
  } catch {
    return undefined;
  }
  const spec = dictionary(applied?.['spec']);
  if (!spec || !('template' in spec)) return undefined;
  const template = corrected(spec['template'], left, withoutRestart(wanted), '');
  if (template === undefined || sameJson(template, spec['template'])) return undefined;
  // kubectl ends it with a line feed.
  return `${JSON.stringify({ ...applied, spec: { ...spec, template } })}\n`;
}

function corrected(
  applied: Json | undefined,
  left: Json | undefined,
  wanted: Json | undefined,
  field: string,
): Json | undefined {
  if (wanted === undefined) return undefined;
  const wantedFields = dictionary(wanted);
  if (wantedFields) return correctedFields(dictionary(applied), dictionary(left), wantedFields);
  const key = MERGE_KEYS[field];
  if (key !== undefined && Array.isArray(wanted)) {
    return correctedItems(items(applied), items(left), wanted as readonly Json[], key);
  }
  return wanted;
}

function correctedFields(
  applied: Dictionary | undefined,
  left: Dictionary | undefined,
  wanted: Dictionary,
): Dictionary {
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const named = applied !== undefined && Object.hasOwn(applied, name);
    const added = left === undefined || !Object.hasOwn(left, name) || !sameJson(left[name], value);
    if (!named && !added) continue;
    const kept = corrected(named ? applied[name] : undefined, left?.[name], value, name);
    if (kept !== undefined) result[name] = kept;
  }
  return result;
}

function correctedItems(applied: readonly Json[], left: readonly Json[], wanted: readonly Json[], key: string): Json[] {
  const find = (list: readonly Json[], item: Dictionary) =>
    dictionary(list.find((candidate) => sameJson(dictionary(candidate)?.[key], item[key])));
  return wanted.flatMap((value) => {
    const item = dictionary(value);
    if (!item) return [value];
    const named = find(applied, item);
    const before = find(left, item);
    if (!named && before && sameJson(before, item)) return [];
    return [{ [key]: item[key] as Json, ...correctedFields(named, before, item) }];
  });
}

/** A restart is nobody's configuration: `kubectl rollout restart` does not write it there either. */
function withoutRestart(template: Json): Json {
  const root = dictionary(template);
  const metadata = dictionary(root?.['metadata']);
  const annotations = dictionary(metadata?.['annotations']);
  if (!root || !metadata || !annotations || !(RESTARTED_AT in annotations)) return template;
  const { [RESTARTED_AT]: _restarted, ...rest } = annotations;
  if (Object.keys(rest).length > 0) return { ...root, metadata: { ...metadata, annotations: rest } };
  const { annotations: _annotations, ...others } = metadata;
  if (Object.keys(others).length > 0) return { ...root, metadata: others };
  const { metadata: _metadata, ...bare } = root;
  return bare;
}

function dictionary(value: Json | undefined): Dictionary | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Dictionary) : undefined;
}

function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
