import { Document, isScalar, isSeq, visit } from 'yaml';
import type { FlagWay } from './feature-flags.ts';
import type { WorkloadKind } from './kubernetes.ts';
import type { ManifestWay } from './manifest.ts';
import type { SecretWay } from './secret-restore.ts';
import { kubectl } from './shell.ts';

/** What is asked of the authoriser: one verb on one resource of the namespace. */
export interface AccessRule {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** `''`, `apps`, `coordination.k8s.io`, ... */
  readonly group: string;
  /** `deployments`, `pods/log`, ... */
  readonly resource: string;
  /** Restricts to one object. */
  readonly name?: string;
}

/** The objects that hold our own state; a Role can name them, so that it grants nothing about anybody else's. */
export const LOCK_NAME = 'tiered-rollback';
export const LEDGER_NAME = 'tiered-rollback-ledger';
const JOURNALS = 10;
/** The journals of the last runs: a ring of fixed names, so that a Role can name them all. */
export const JOURNAL_NAMES: readonly string[] = Array.from(
  { length: JOURNALS },
  (_, index) => `tiered-rollback-journal-${index}`,
);

/** @param sequence which journal it is since the ledger began. */
export function journalName(sequence: number): string {
  return JOURNAL_NAMES[sequence % JOURNALS] ?? '';
}

/** Old values of Secret keys that runs replaced: a ring of fixed names, as with the journals. */
export const KEPT_NAMES: readonly string[] = Array.from({ length: 10 }, (_, index) => `tiered-rollback-kept-${index}`);

/** Objects that manifests replaced, as they were: another ring, so that neither takes the other's copies. */
export const KEPT_OBJECT_NAMES: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `tiered-rollback-kept-objects-${index}`,
);

/** What a run can do without, each with what is lost (`degraded.*` in the catalogues). */
export const DEGRADABLE_PARTS = [
  'lock',
  'ledger',
  'events',
  'logs',
  'unblock',
  'services',
  'metrics',
  'quotas',
  'autoscalers',
  'disruption-budgets',
] as const;
export type DegradablePart = (typeof DEGRADABLE_PARTS)[number];

/** What a run is about to do, as far as permissions depend on it. */
export interface AccessNeeds {
  readonly kinds: readonly WorkloadKind[];
  /** False for a run that only looks: nothing is patched, so `patch` is not asked for. */
  readonly changes: boolean;
  /** Pods may have to be deleted: tier emergency, or a StatefulSet in the plan. */
  readonly unblocks: boolean;
  /** Services that a health check reaches through the API server, as `NAME:PORT`. */
  readonly services: readonly string[];
  /** Health checks are configured: why one fails shows in Services and EndpointSlices. */
  readonly checksHealth?: boolean;
  /** What the pods use is looked at. */
  readonly checksMetrics?: boolean;
  /** The run cannot do without the ledger: a restore that is not recorded would be done again by the next run. */
  readonly needsLedger?: boolean;
  /** Secrets of the application whose keys are restored. */
  readonly secrets?: readonly SecretNeed[];
  /** Objects that manifests change. */
  readonly objects?: readonly ObjectNeed[];
  /** ConfigMap of the feature flags. */
  readonly flags?: { readonly name: string; readonly way?: FlagWay };
  /** Leftovers to delete. */
  readonly leftovers?: readonly Omit<ObjectNeed, 'way'>[];
  /** CronJobs of the namespace are suspended while the database is swapped. */
  readonly fences?: boolean;
  /** Services that the database is reached through, by a port-forward. */
  readonly forwards?: readonly string[];
  /** Pods in which a backup is read, by `exec`. */
  readonly podFiles?: readonly string[];
}

/** An object of any kind, by the resource that permissions are about. */
export interface ObjectNeed {
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly way: ManifestWay;
}

export interface SecretNeed {
  readonly name: string;
  /** How it is written; absent where it is only looked at. */
  readonly way?: SecretWay;
}

export interface PartRules {
  readonly part: DegradablePart;
  readonly rules: readonly AccessRule[];
}

const RESOURCE_OF: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/** `deployments` for `Deployment`. */
export function resourceOf(kind: WorkloadKind): string {
  return RESOURCE_OF[kind];
}

const rules = (group: string, resource: string, verbs: readonly AccessRule['verb'][], name?: string): AccessRule[] =>
  verbs.map((verb) => ({ verb, group, resource, ...(name === undefined ? {} : { name }) }));

const LEDGER_RULES: readonly AccessRule[] = [
  ...rules('', 'configmaps', ['create']),
  ...rules('', 'configmaps', ['get', 'update'], LEDGER_NAME),
];

/** The rules without which nothing can be rolled back at all, for these kinds of workload. */
export function requiredRules(
  kinds: readonly WorkloadKind[],
  needs: Partial<Omit<AccessNeeds, 'kinds' | 'unblocks'>> = {},
): AccessRule[] {
  const used = [...new Set(kinds)];
  const verbs: AccessRule['verb'][] =
    needs.changes === false ? ['get', 'list', 'watch'] : ['get', 'list', 'watch', 'patch'];
  const look: AccessRule['verb'][] = ['get', 'list', 'watch'];
  return [
    ...used.flatMap((kind) => rules('apps', RESOURCE_OF[kind], verbs)),
    ...(used.includes('Deployment') ? rules('apps', 'replicasets', look) : []),
    ...(used.some((kind) => kind !== 'Deployment') ? rules('apps', 'controllerrevisions', look) : []),
    ...rules('', 'pods', look),
    ...[...new Set(needs.services ?? [])].flatMap((service) => rules('', 'services/proxy', ['get'], service)),
    ...completeRules(needs),
  ];
}

/** What tiers with a database or Secrets need on top. Replicas are set by a `patch` of the workload itself, which is granted already. */
export function completeRules(
  needs: Partial<
    Pick<
      AccessNeeds,
      'needsLedger' | 'secrets' | 'objects' | 'flags' | 'leftovers' | 'fences' | 'forwards' | 'podFiles'
    >
  >,
): AccessRule[] {
  return [
    ...(needs.needsLedger ? LEDGER_RULES : []),
    ...secretRules(needs.secrets ?? []),
    ...secureRules(needs),
    ...(needs.fences ? rules('batch', 'cronjobs', ['list', 'patch']) : []),
    ...(needs.forwards ?? []).flatMap((service) => rules('', 'services', ['get'], service)),
    // The pod behind the Service may be another one by then: this cannot be granted by name.
    ...((needs.forwards ?? []).length > 0 ? rules('', 'pods/portforward', STREAM_VERBS) : []),
    ...(needs.podFiles ?? []).flatMap((pod) => rules('', 'pods/exec', STREAM_VERBS, pod)),
  ];
}

/** A stream begins as a GET, which is `get` to RBAC; Kubernetes 1.35 and later ask for `create` too. */
const STREAM_VERBS: readonly AccessRule['verb'][] = ['get', 'create'];

/** Each Secret by name; only `create` cannot be granted by name. Whatever is replaced is kept first, so the copies need their rules, too. */
function secretRules(secrets: readonly SecretNeed[]): AccessRule[] {
  const writes = secrets.filter(({ way }) => way !== undefined);
  return [
    ...secrets.flatMap(({ name, way }) => rules('', 'secrets', way === undefined ? ['get'] : WAY_VERBS[way], name)),
    ...(writes.length > 0
      ? [...rules('', 'secrets', ['create']), ...rules('', 'secrets', ['get', 'update'], KEPT_NAMES[0])]
      : []),
  ];
}

/**
 * What only tier secure needs: each object by name. Whatever is replaced is kept first; what is not there is created, which cannot be granted
 * by name.
 */
export function secureRules({
  objects = [],
  flags,
  leftovers = [],
}: Partial<Pick<AccessNeeds, 'objects' | 'flags' | 'leftovers'>>): AccessRule[] {
  const keeps = objects.length > 0 || flags?.way === 'recreate';
  return [
    ...objects.flatMap(({ group, resource, name, way }) => [
      ...rules(group, resource, OBJECT_VERBS[way], name),
      ...(way === 'create' ? rules(group, resource, ['create']) : []),
    ]),
    ...(flags ? rules('', 'configmaps', flags.way === undefined ? ['get'] : FLAG_VERBS[flags.way], flags.name) : []),
    ...(flags?.way === 'recreate' || flags?.way === 'put-back' ? rules('', 'configmaps', ['create']) : []),
    ...leftovers.flatMap(({ group, resource, name }) => rules(group, resource, ['get', 'delete'], name)),
    ...(keeps
      ? [...rules('', 'secrets', ['create']), ...rules('', 'secrets', ['get', 'update'], KEPT_OBJECT_NAMES[0])]
      : []),
  ];
}

const OBJECT_VERBS: Readonly<Record<ManifestWay, readonly AccessRule['verb'][]>> = {
  create: ['get', 'patch'],
  apply: ['get', 'patch'],
  // The content is replaced whole; then a patch gives the fields to those who owned them.
  'put-back': ['get', 'update', 'patch'],
  remove: ['get', 'delete'],
};

const FLAG_VERBS: Readonly<Record<FlagWay, readonly AccessRule['verb'][]>> = {
  set: ['get', 'patch'],
  recreate: ['get', 'patch', 'delete'],
  'put-back': ['get', 'patch'],
};

const WAY_VERBS: Readonly<Record<SecretWay, readonly AccessRule['verb'][]>> = {
  set: ['get', 'patch'],
  // Of what was created, a patch gives the fields to those who own them.
  recreate: ['get', 'patch', 'delete'],
  create: ['get', 'patch'],
  'put-back': ['get', 'patch'],
  remove: ['get', 'delete'],
};

/** The rules that a run is better with, part by part. */
export function degradableRules(
  needs: Pick<AccessNeeds, 'unblocks' | 'needsLedger' | 'checksHealth' | 'checksMetrics'>,
): PartRules[] {
  const parts: PartRules[] = [
    {
      part: 'lock',
      rules: [
        ...rules('coordination.k8s.io', 'leases', ['create']),
        ...rules('coordination.k8s.io', 'leases', ['get', 'update'], LOCK_NAME),
      ],
    },
    { part: 'ledger', rules: needs.needsLedger ? [] : LEDGER_RULES },
    { part: 'events', rules: rules('', 'events', ['list', 'watch']) },
    { part: 'logs', rules: rules('', 'pods/log', ['get']) },
    { part: 'unblock', rules: needs.unblocks ? rules('', 'pods', ['delete']) : [] },
    {
      part: 'services',
      rules: needs.checksHealth
        ? [...rules('', 'services', ['list']), ...rules('discovery.k8s.io', 'endpointslices', ['list'])]
        : [],
    },
    { part: 'metrics', rules: needs.checksMetrics ? rules('metrics.k8s.io', 'pods', ['list']) : [] },
    { part: 'quotas', rules: rules('', 'resourcequotas', ['list']) },
    { part: 'autoscalers', rules: rules('autoscaling', 'horizontalpodautoscalers', ['list']) },
    { part: 'disruption-budgets', rules: rules('policy', 'poddisruptionbudgets', ['list']) },
  ];
  return parts.filter((part) => part.rules.length > 0);
}

export type AccessAnswer = 'allowed' | 'denied' | 'unknown';
export interface AnsweredRule {
  readonly rule: AccessRule;
  readonly answer: AccessAnswer;
}

/** The parts that a run will do without, with the rules that are missing for each. A rule that could not be asked about is not missing. */
export function degradedParts(needs: AccessNeeds, answers: readonly AnsweredRule[]): PartRules[] {
  const denied = new Set(answers.filter(({ answer }) => answer === 'denied').map(({ rule }) => ruleKey(rule)));
  return degradableRules(needs)
    .map((part) => ({ ...part, rules: part.rules.filter((rule) => denied.has(ruleKey(rule))) }))
    .filter((part) => part.rules.length > 0);
}

/** Identity of a rule, for sets and caches. */
export function ruleKey(rule: AccessRule): string {
  return `${rule.verb} ${rule.group}/${rule.resource}/${rule.name ?? ''}`;
}

/** `get,list pods; patch deployments.apps`: rules as one short line. */
export function rulesText(list: readonly AccessRule[]): string {
  return roleRules(list)
    .map(({ apiGroups, resources, resourceNames, verbs }) => {
      const group = apiGroups[0] ? `.${apiGroups[0]}` : '';
      const named = resourceNames ? ` (${resourceNames.join(', ')})` : '';
      return `${verbs.join(',')} ${resources.map((resource) => `${resource}${group}`).join(',')}${named}`;
    })
    .join('; ');
}

/** The command that asks the API server about one rule. */
export function canICommand(rule: AccessRule, namespace: string): string {
  const [resource = '', subresource] = rule.resource.split('/');
  const object = `${resource}${rule.group ? `.${rule.group}` : ''}${rule.name ? `/${rule.name}` : ''}`;
  const words = ['auth', 'can-i', rule.verb, object, ...(subresource ? [`--subresource=${subresource}`] : [])];
  return kubectl(namespace, ...words);
}

/** Who may keep the ledger may keep the journals, and one copy of old values is as good as another: asked about once, granted together. */
const GRANTED_TOGETHER: ReadonlyMap<string, readonly string[]> = new Map([
  [LEDGER_NAME, [LEDGER_NAME, ...JOURNAL_NAMES]],
  [KEPT_NAMES[0] ?? '', KEPT_NAMES],
  [KEPT_OBJECT_NAMES[0] ?? '', KEPT_OBJECT_NAMES],
]);

export interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Rules as a Role holds them: one entry per set of verbs, with all resources, or all names of one resource, that share it. */
export function roleRules(list: readonly AccessRule[]): RoleRule[] {
  const objects = Map.groupBy(list, (rule) => [rule.group, rule.resource, rule.name ?? ''].join('\n'));
  const entries = [...objects.values()].map((same) => {
    const { group, resource, name } = same[0] as AccessRule;
    return { group, resource, name, verbs: [...new Set(same.map((rule) => rule.verb))] };
  });
  const alike = Map.groupBy(entries, ({ group, resource, name, verbs }) =>
    [group, ...verbs, name === undefined ? '' : resource].join('\n'),
  );
  return [...alike.values()].map((same) => {
    const { group, verbs } = same[0] as (typeof entries)[number];
    const names = same.flatMap(({ name }) => (name === undefined ? [] : (GRANTED_TOGETHER.get(name) ?? [name])));
    return {
      apiGroups: [group],
      resources: [...new Set(same.map(({ resource }) => resource))],
      ...(names.length > 0 ? { resourceNames: names } : {}),
      verbs,
    };
  });
}

/**
 * Missing rules ready to paste: the `rules` of a Role, or, where the user is known, a Role with its RoleBinding.
 * @param user the name as the API server knows it (`system:serviceaccount:NAMESPACE:NAME` for service accounts)
 */
export function missingRulesYaml(list: readonly AccessRule[], namespace: string, user?: string): string {
  if (user === undefined) return yamlOf(roleRules(list)).trimEnd();
  return roleYaml({ name: 'tiered-rollback-missing', namespace, rules: list, user });
}

/** A Role and the RoleBinding that gives it to the user. */
export function roleYaml(role: {
  name: string;
  namespace: string;
  rules: readonly AccessRule[];
  user: string;
}): string {
  const { name, namespace } = role;
  const [, accountNamespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(role.user) ?? [];
  const subject = account
    ? { kind: 'ServiceAccount', name: account, namespace: accountNamespace }
    : { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: role.user };
  const documents = [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace },
      rules: roleRules(role.rules),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [subject],
    },
  ];
  return documents.map((document) => yamlOf(document)).join('---\n');
}

const LISTS_ON_ONE_LINE = ['apiGroups', 'resources', 'resourceNames', 'verbs', 'options'];

/** YAML as people write it: short lists on one line, nothing folded, no anchors for what repeats. `adorn` may add comments. */
export function yamlOf(value: unknown, adorn: (document: Document) => void = () => {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, { key, value: list }) {
      if (isScalar(key) && LISTS_ON_ONE_LINE.includes(String(key.value)) && isSeq(list)) list.flow = true;
    },
  });
  adorn(document);
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 });
}
