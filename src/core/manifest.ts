import type { Json, KubeObject } from './kubernetes.ts';
import type { Change, Plan } from './step.ts';

export type JsonObject = { readonly [field: string]: Json };

/** An object of any kind, raw. */
export type AnyObject = KubeObject & { readonly apiVersion: string; readonly kind: string } & {
  readonly [field: string]: unknown;
};

/** Any object of the cluster; its namespace is the run's, unless its kind has none. */
export interface ManifestRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** One document of the backup, as it stands there. */
export interface Manifest {
  /** `k8s/backup/web.yml, document 2`: the name in every message. */
  readonly from: string;
  readonly object: JsonObject;
}

/** Names of fields from the outside in: `['spec', 'replicas']`. */
export type FieldPath = readonly string[];

/** `create` and `apply`: as its manifest says. `put-back` and `remove`: a rollback is taken back. */
export type ManifestWay = 'create' | 'apply' | 'put-back' | 'remove';

export interface ManifestChange {
  readonly ref: ManifestRef;
  /** `configmaps`: what permissions are about. */
  readonly resource: string;
  readonly way: ManifestWay;
  /** Field manager under whose name it is applied: that of who deploys it. */
  readonly applier: string;
  /** Of a ConfigMap or Secret: the keys that change. */
  readonly keys?: readonly string[];
  /** Those of them that are not there afterwards. */
  readonly removedKeys?: readonly string[];
  /** Managers whose fields are taken over. */
  readonly takenFrom: readonly string[];
}

/** What `restore-manifests` would do. No content: that stands in the backup, and may be secret. */
export interface RestoreManifestsChange extends Change {
  readonly objects: readonly ManifestChange[];
  /** Salted digest of each object as it was, by `manifestText`. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** Our own Secret that takes the objects as they were. */
  readonly keptIn: string;
}

/** `configmap/app-config`, `role.rbac.authorization.k8s.io/reader`: what kubectl takes. */
export function manifestText({ apiVersion, kind, name }: ManifestRef): string {
  const group = groupOf(apiVersion);
  const isPlain = group === '' || group === 'apps' || group === 'batch';
  return `${kind.toLowerCase()}${isPlain ? '' : `.${group}`}/${name}`;
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** The same object, whatever the version that it is written in. */
export function sameRef(a: ManifestRef, b: ManifestRef): boolean {
  return groupOf(a.apiVersion) === groupOf(b.apiVersion) && a.kind === b.kind && a.name === b.name;
}

/** Set by the server or by controllers: an export holds them, and an API server refuses or ignores most of them. */
const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'ownerReferences',
];
/** Annotations that say what became of an object, not what it is to be. */
const SERVER_ANNOTATIONS =
  /^(kubectl\.kubernetes\.io\/(last-applied-configuration|restartedAt)|deployment\.kubernetes\.io\/.*|pv\.kubernetes\.io\/.*|volume\.(beta\.)?kubernetes\.io\/.*|control-plane\.alpha\.kubernetes\.io\/.*|autoscaling\.alpha\.kubernetes\.io\/.*|tiered-rollback\/.*)$/;

/** A manifest as it can be applied: without what the server sets, and with the `stringData` of a Secret as `data`. */
export function cleanManifest(object: JsonObject): JsonObject {
  const { status: _status, stringData, metadata = {}, ...rest } = object;
  const about = isObject(metadata) ? metadata : {};
  const { annotations, finalizers: _finalizers, namespace: _namespace, ...others } = about;
  const kept = Object.entries(others).filter(([name]) => !SERVER_METADATA.includes(name));
  const notes = isObject(annotations) ? cleanAnnotations(annotations) : {};
  const text = object['kind'] === 'Secret' && isObject(stringData) ? stringData : {};
  const data = Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  );
  return {
    ...rest,
    metadata: { ...Object.fromEntries(kept), ...(Object.keys(notes).length > 0 ? { annotations: notes } : {}) },
    ...(Object.keys(data).length > 0 ? { data: { ...(isObject(rest['data']) ? rest['data'] : {}), ...data } } : {}),
  };
}

function cleanAnnotations(annotations: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !SERVER_ANNOTATIONS.test(name)));
}

/** What a person set of a live object: two that are alike in it are the same to us. Without the fields that other steps see to. */
export function contentOf(object: AnyObject, reserved: readonly FieldPath[] = []): JsonObject {
  const plain = cleanManifest(JSON.parse(JSON.stringify(object)) as JsonObject);
  return reserved.reduce((rest, path) => withoutField(rest, path), plain);
}

export function fieldOf(object: Json | undefined, path: FieldPath): Json | undefined {
  let here: Json | undefined = object;
  for (const name of path) here = isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
  return here;
}

/** A copy without the field, and without what held nothing else. */
export function withoutField(object: JsonObject, [name, ...rest]: FieldPath): JsonObject {
  if (name === undefined || !Object.hasOwn(object, name)) return object;
  const { [name]: child, ...others } = object;
  if (rest.length === 0 || !isObject(child)) return rest.length === 0 ? others : object;
  const left = withoutField(child, rest);
  return Object.keys(left).length > 0 ? { ...others, [name]: left } : others;
}

export function withField(object: JsonObject, [name, ...rest]: FieldPath, value: Json): JsonObject {
  if (name === undefined) return object;
  const child = object[name];
  return { ...object, [name]: rest.length === 0 ? value : withField(isObject(child) ? child : {}, rest, value) };
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The keys of a ConfigMap or Secret that are not the same in both; only the kinds that have keys get any. */
export function changedKeys(
  { apiVersion, kind }: ManifestRef,
  before: JsonObject = {},
  after: JsonObject = {},
): Pick<ManifestChange, 'keys' | 'removedKeys'> {
  if (apiVersion !== 'v1' || (kind !== 'ConfigMap' && kind !== 'Secret')) return {};
  const [old, now] = [keyValues(before), keyValues(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key)).sort();
  const removedKeys = keys.filter((key) => !now.has(key));
  return { keys, ...(removedKeys.length > 0 ? { removedKeys } : {}) };
}

function keyValues(object: JsonObject): Map<string, Json> {
  const fields = [object['data'], object['binaryData']].flatMap((one) => (isObject(one) ? [one] : []));
  return new Map(fields.flatMap((field) => Object.entries(field)));
}

/** The change of `restore-manifests` in a plan. */
export function manifestChangesOf(plan: Pick<Plan, 'steps'>): readonly ManifestChange[] {
  const planned = plan.steps.find((step) => step.step === 'restore-manifests')?.planned;
  return planned?.kind === 'change' ? (planned.change as RestoreManifestsChange).objects : [];
}
