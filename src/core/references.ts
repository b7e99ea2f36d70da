import { type AccessRule, ruleKey } from './access.ts';
import type { ConfigMapObject, Container, PodSpec, PodTemplate, SecretObject, Volume } from './kubernetes.ts';

/** The kinds of object that a pod template can need. */
export const REFERENCED_KINDS = ['Secret', 'ConfigMap', 'PersistentVolumeClaim', 'ServiceAccount'] as const;
export type ReferencedKind = (typeof REFERENCED_KINDS)[number];

/** One object, or one key of it, that a pod needs before its containers can start. */
export interface Reference {
  readonly kind: ReferencedKind;
  readonly name: string;
  readonly key?: string;
  /** Where the template says so: `containers[web].env[DB_URL]`. */
  readonly where: string;
  /**
   * `required`: the pod does not start without it. `pull`: the kubelet goes on without it, and only the pull of a private image fails.
   */
  readonly need: 'required' | 'pull';
}

/**
 * Everything that a template reads and that must exist, in the order of the template: init containers and sidecars first, as they
 * start first. What is marked optional is left out, as is the service account `default`, which every namespace gets.
 */
export function referencesOf(template: PodTemplate): Reference[] {
  const { spec } = template;
  return [
    ...accountOf(spec),
    ...(spec.volumes ?? []).flatMap(ofVolume),
    ...(spec.initContainers ?? []).flatMap((container) => ofContainer(container, 'initContainers')),
    ...spec.containers.flatMap((container) => ofContainer(container, 'containers')),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) =>
      name ? [{ kind: 'Secret', name, where: 'imagePullSecrets', need: 'pull' } as const] : [],
    ),
  ];
}

/** A ConfigMap or Secret of which some keys changed; all of them where none are named. */
export interface ChangedObject {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly keys?: readonly string[];
}

/** Whether a template reads one of these keys of a Secret, or all of it; also where it is marked optional. A pull secret is read by nobody. */
export function readsSecret(template: PodTemplate, name: string, keys: readonly string[]): boolean {
  return readsObject(template, { kind: 'Secret', name, keys });
}

/** As `readsSecret`, of a ConfigMap too. */
export function readsObject(template: PodTemplate, { kind, name, keys }: ChangedObject): boolean {
  const demanding = JSON.parse(
    JSON.stringify(template, (field, value) => (field === 'optional' ? undefined : value)),
  ) as PodTemplate;
  return referencesOf(demanding).some(
    (reference) =>
      reference.kind === kind &&
      reference.name === name &&
      reference.need === 'required' &&
      (reference.key === undefined || keys === undefined || keys.includes(reference.key)),
  );
}

function accountOf(spec: PodSpec): Reference[] {
  const name = spec.serviceAccountName;
  return name && name !== 'default'
    ? [{ kind: 'ServiceAccount', name, where: 'serviceAccountName', need: 'required' }]
    : [];
}

function ofContainer(container: Container, list: string): Reference[] {
  const at = `${list}[${container.name}]`;
  const fromWhole = (container.envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
    ...object('Secret', secretRef?.name, secretRef?.optional, `${at}.envFrom`),
    ...object('ConfigMap', configMapRef?.name, configMapRef?.optional, `${at}.envFrom`),
  ]);
  const fromKeys = (container.env ?? []).flatMap(({ name, valueFrom }) => [
    ...keys('Secret', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef, `${at}.env[${name}]`),
    ...keys('ConfigMap', valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef, `${at}.env[${name}]`),
  ]);
  return [...fromWhole, ...fromKeys];
}

function ofVolume(volume: Volume): Reference[] {
  const at = `volumes[${volume.name}]`;
  return [
    ...volumeObject('Secret', volume.secret?.secretName, volume.secret, at),
    ...volumeObject('ConfigMap', volume.configMap?.name, volume.configMap, at),
    ...(volume.projected?.sources ?? []).flatMap(({ secret, configMap }) => [
      ...volumeObject('Secret', secret?.name, secret, at),
      ...volumeObject('ConfigMap', configMap?.name, configMap, at),
    ]),
    ...object('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName, false, at),
    ...driverSecrets(volume).flatMap((name) => object('Secret', name, false, at)),
  ];
}

/** Volume drivers name a Secret of the namespace in one of these three ways (core/v1 VolumeSource). */
function driverSecrets(volume: Volume): string[] {
  return Object.entries(volume)
    .filter(([source]) => source !== 'secret')
    .flatMap(([, source]) => {
      const driver = source as {
        secretName?: string;
        secretRef?: { name?: string };
        nodePublishSecretRef?: { name?: string };
      };
      return [driver?.secretName, driver?.secretRef?.name, driver?.nodePublishSecretRef?.name];
    })
    .filter((name): name is string => typeof name === 'string' && name !== '');
}

interface Keyed {
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string }[];
}

function volumeObject(
  kind: ReferencedKind,
  name: string | undefined,
  source: Keyed | undefined,
  where: string,
): Reference[] {
  const items = source?.items ?? [];
  if (items.length === 0) return object(kind, name, source?.optional, where);
  return items.flatMap(({ key }) => keys(kind, name, { key, optional: source?.optional ?? false }, where));
}

function keys(
  kind: ReferencedKind,
  name: string | undefined,
  ref: { readonly key: string; readonly optional?: boolean } | undefined,
  where: string,
): Reference[] {
  return ref ? object(kind, name, ref.optional, where).map((reference) => ({ ...reference, key: ref.key })) : [];
}

function object(
  kind: ReferencedKind,
  name: string | undefined,
  optional: boolean | undefined,
  where: string,
): Reference[] {
  return name && optional !== true ? [{ kind, name, where, need: 'required' }] : [];
}

const RESOURCE_OF: Readonly<Record<ReferencedKind, string>> = {
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ServiceAccount: 'serviceaccounts',
};

/** The rules with which these references, and nothing else, can be looked up. */
export function readRules(references: readonly Pick<Reference, 'kind' | 'name'>[]): AccessRule[] {
  const rules = references.map(
    ({ kind, name }): AccessRule => ({ verb: 'get', group: '', resource: RESOURCE_OF[kind], name }),
  );
  return [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()];
}

/** What is known of a referenced object: not there, may not be read, or there with these keys. Values are never looked at. */
export type Found = 'absent' | 'unreadable' | { readonly keys: ReadonlySet<string> };

/** A reference that does not hold, with all places of the template that need it. */
export interface Missing {
  readonly reference: Reference;
  readonly wheres: readonly string[];
  /** `object`: it does not exist. `key`: it exists without the key. `unreadable`: nobody knows. */
  readonly what: 'object' | 'key' | 'unreadable';
}

/** The references that do not hold, each once: a missing object hides its missing keys. */
export function missingOf(
  references: readonly Reference[],
  find: (kind: ReferencedKind, name: string) => Found,
): Missing[] {
  const missing = new Map<string, Missing>();
  for (const reference of references) {
    const what = lacking(reference, find(reference.kind, reference.name));
    if (!what) continue;
    const id = [reference.kind, reference.name, what === 'key' ? reference.key : '', reference.need].join('\n');
    const { key: _key, ...whole } = reference;
    const known = missing.get(id);
    missing.set(id, {
      reference: known?.reference ?? (what === 'key' ? reference : whole),
      wheres: [...new Set([...(known?.wheres ?? []), reference.where])],
      what,
    });
  }
  return [...missing.values()];
}

function lacking(reference: Reference, found: Found): Missing['what'] | undefined {
  if (found === 'absent') return 'object';
  if (found === 'unreadable') return 'unreadable';
  return reference.key === undefined || found.keys.has(reference.key) ? undefined : 'key';
}

/** The keys of a ConfigMap (binary ones too) or Secret. */
export function keysOf(object: ConfigMapObject | SecretObject): ReadonlySet<string> {
  const binary = 'binaryData' in object ? object.binaryData : undefined;
  return new Set([...Object.keys(object.data ?? {}), ...Object.keys(binary ?? {})]);
}
