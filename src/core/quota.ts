import type { Container, PodSpec, QuotaObject } from './kubernetes.ts';

/** An amount in billionths, so that `100m`, `1.5Gi` and `1e3` add up exactly (k8s.io/apimachinery resource.Quantity). */
export type Quantity = bigint;

const NANO = 1_000_000_000n;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Decimal suffixes and the power of ten that each stands for. */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** Reads a quantity of the Kubernetes API (`500m`, `1.5Gi`, `1e3`, `2`); undefined for what is none. Below a billionth it rounds up. */
export function parseQuantity(text: string | number): Quantity | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?$/.exec(
    String(text).trim(),
  );
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const binary = BINARY.indexOf(suffix);
  const power = exponent ? Number(exponent.slice(1)) : binary > 0 ? 0 : (DECIMAL[suffix] ?? 0);
  const scale = binary > 0 ? 1024n ** BigInt(binary) : 1n;
  const digits = BigInt(`${whole}${fraction}` || '0') * scale;
  const tens = power + 9 - fraction.length;
  const amount = tens >= 0 ? digits * 10n ** BigInt(tens) : ceilDivide(digits, 10n ** BigInt(-tens));
  return sign === '-' ? -amount : amount;
}

/** An amount as people read it: `250m`, `512Mi`, `3`. */
export function formatQuantity(amount: Quantity, resource: string): string {
  if (/memory|storage|hugepages/.test(resource)) {
    const bytes = Number(amount) / 1e9;
    const step = bytes === 0 ? 0 : Math.min(6, Math.max(0, Math.floor(Math.log2(Math.abs(bytes)) / 10)));
    const scaled = bytes / 1024 ** step;
    return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)}${BINARY[step]}`;
  }
  return amount % NANO === 0n ? `${amount / NANO}` : `${ceilDivide(amount, NANO / 1000n)}m`;
}

/** What one pod counts for in a quota, by the names that quotas use (`pods`, `requests.cpu`, `limits.memory`, ...). */
export type Usage = ReadonlyMap<string, Quantity>;

/**
 * What one pod of this spec counts for: containers add up, sidecars too, and an init container counts only where it needs more than all
 * that run later (PodRequests in k8s.io/component-helpers resource). A request that is not set is the limit, as the API server defaults it.
 */
export function podUsage(spec: PodSpec): Usage {
  const usage = new Map<string, Quantity>([
    ['pods', NANO],
    ['count/pods', NANO],
  ]);
  for (const [resource, amount] of podSum(spec, requestsOf)) {
    usage.set(`requests.${resource}`, amount);
    if (/^(cpu|memory|ephemeral-storage|hugepages-.*)$/.test(resource)) usage.set(resource, amount);
  }
  for (const [resource, amount] of podSum(spec, limitsOf)) usage.set(`limits.${resource}`, amount);
  return usage;
}

interface Resourced {
  readonly resources?: Container['resources'];
  readonly overhead?: Readonly<Record<string, string>>;
}

function podSum(spec: PodSpec, of: (from: Resourced) => Map<string, Quantity>): Map<string, Quantity> {
  const total = new Map<string, Quantity>();
  for (const container of spec.containers) add(total, of(container));
  const sidecars = new Map<string, Quantity>();
  const highest = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const started = new Map(sidecars);
    add(started, of(container));
    raise(highest, started);
    if (container.restartPolicy === 'Always') add(sidecars, of(container));
  }
  add(total, sidecars);
  raise(total, highest);
  // Resources of the whole pod stand in place of the sum (PodLevelResources).
  for (const [resource, amount] of of(spec as Resourced)) total.set(resource, amount);
  const overhead = amounts((spec as Resourced).overhead);
  for (const [resource, amount] of overhead)
    if (total.has(resource)) total.set(resource, (total.get(resource) ?? 0n) + amount);
  return total;
}

function requestsOf({ resources }: Resourced): Map<string, Quantity> {
  return new Map([...amounts(resources?.limits), ...amounts(resources?.requests)]);
}

function limitsOf({ resources }: Resourced): Map<string, Quantity> {
  return amounts(resources?.limits);
}

function amounts(values: Readonly<Record<string, string>> | undefined): Map<string, Quantity> {
  return new Map(
    Object.entries(values ?? {}).flatMap(([resource, text]) => {
      const amount = parseQuantity(text);
      return amount === undefined ? [] : [[resource, amount] as const];
    }),
  );
}

function add(total: Map<string, Quantity>, more: ReadonlyMap<string, Quantity>): void {
  for (const [resource, amount] of more) total.set(resource, (total.get(resource) ?? 0n) + amount);
}

function raise(total: Map<string, Quantity>, floor: ReadonlyMap<string, Quantity>): void {
  for (const [resource, amount] of floor) if (amount > (total.get(resource) ?? 0n)) total.set(resource, amount);
}

/** How a workload replaces its pods, as far as room matters. */
export interface Replacement {
  /** `surge`: Deployment that rolls. `in-place`: one pod ends before its successor is created (StatefulSet, DaemonSet, Recreate). */
  readonly kind: 'surge' | 'in-place';
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** One workload's part of a rollout. */
export interface RolloutNeed {
  readonly desired: number;
  /** Pods of the target that exist already: they need no room. */
  readonly present: number;
  /** What the pods that will go count for now, one entry each. */
  readonly leaving: readonly Usage[];
  readonly target: PodSpec;
  readonly replacement: Replacement;
}

/** Whether a rollout fits a quota. `stuck`: it provably cannot be completed while nothing else frees room. `tight`: it goes on, with fewer new pods at once. */
export interface QuotaVerdict {
  readonly quota: string;
  readonly resource: string;
  readonly fit: 'tight' | 'stuck';
  /** What is needed at once, and what is free. */
  readonly needed: Quantity;
  readonly room: Quantity;
}

/** The resources of a quota for which a rollout of these workloads has too little room; nothing where all is well. */
export function judgeQuota(quota: QuotaObject, needs: readonly RolloutNeed[]): QuotaVerdict[] {
  const counted = needs.filter((need) => appliesTo(quota, need.target) === 'yes');
  return Object.entries(quota.status?.hard ?? {}).flatMap(([resource, hardText]) => {
    const hard = parseQuantity(hardText);
    const used = parseQuantity(quota.status?.used?.[resource] ?? '0');
    if (hard === undefined || used === undefined) return [];
    const room = hard - used;
    const parts = counted.flatMap((need) => partOf(need, resource));
    const verdict = judge(parts, room);
    return verdict ? [{ quota: quota.metadata.name, resource, room, ...verdict }] : [];
  });
}

interface Part {
  /** One pod of the target. */
  readonly each: Quantity;
  /** Pods still to be created. */
  readonly missing: number;
  /** What ends with the pods that go. */
  readonly frees: Quantity;
  /** What ends before the first new pod must be there. */
  readonly freesFirst: Quantity;
  readonly atOnce: number;
}

function partOf(need: RolloutNeed, resource: string): Part[] {
  const each = podUsage(need.target).get(resource);
  const missing = Math.max(0, need.desired - need.present);
  // What the template does not say may come from a LimitRange: nothing can be proven then.
  if (each === undefined || each === 0n || missing === 0) return [];
  const leaving = ascending(need.leaving.map((usage) => usage.get(resource) ?? 0n));
  const frees = leaving.reduce((sum, amount) => sum + amount, 0n);
  const early = endsBeforeFirst(need);
  const freesFirst = leaving.slice(Math.max(0, leaving.length - early)).reduce((sum, amount) => sum + amount, 0n);
  const atOnce = need.replacement.kind === 'surge' ? Math.min(missing, Math.max(1, need.replacement.maxSurge)) : 0;
  return [{ each, missing, frees, freesFirst, atOnce }];
}

/**
 * How many pods the controller may end before a new one is there: all that exceed what must stay, minus new ones that are not ready yet
 * (cleanupUnhealthyReplicas in the Deployment controller: pods - (desired - maxUnavailable)). In-place rollouts end first anyway.
 */
function endsBeforeFirst({ desired, present, leaving, replacement }: RolloutNeed): number {
  if (replacement.kind === 'in-place') return leaving.length;
  const unavailable =
    replacement.maxUnavailable + (replacement.maxSurge === 0 && replacement.maxUnavailable === 0 ? 1 : 0);
  return Math.max(0, Math.min(leaving.length, present + leaving.length - (desired - unavailable)));
}

function judge(parts: readonly Part[], room: Quantity): Pick<QuotaVerdict, 'fit' | 'needed'> | undefined {
  if (parts.length === 0) return undefined;
  const sum = (of: (part: Part) => Quantity) => parts.reduce((total, part) => total + of(part), 0n);
  const inTheEnd = sum((part) => part.each * BigInt(part.missing) - part.frees);
  if (inTheEnd > room) return { fit: 'stuck', needed: inTheEnd };
  // What others free while they roll may unblock a workload: stuck is only the group of which not even one can begin.
  const begins = (part: Part) => part.each <= room + part.freesFirst;
  if (!parts.some(begins)) return { fit: 'stuck', needed: ascending(parts.map((part) => part.each))[0] ?? 0n };
  const atOnce = sum((part) => part.each * BigInt(part.atOnce));
  return atOnce > room ? { fit: 'tight', needed: atOnce } : undefined;
}

/** Whether a quota counts pods of this spec, by its scopes; `unknown` where the spec alone does not tell. */
export function appliesTo(quota: QuotaObject, spec: PodSpec): 'yes' | 'no' | 'unknown' {
  const expressions = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({
      scopeName,
      operator: 'Exists',
      values: [] as readonly string[],
    })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  const answers = expressions.map(({ scopeName, operator, values = [] }) => inScope(spec, scopeName, operator, values));
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

function inScope(spec: PodSpec, scope: string, operator: string, values: readonly string[]): 'yes' | 'no' | 'unknown' {
  const isBestEffort = ![...podSum(spec, requestsOf).keys(), ...podSum(spec, limitsOf).keys()].some((resource) =>
    /^(cpu|memory)$/.test(resource),
  );
  const answer = (holds: boolean) => (holds ? 'yes' : 'no');
  switch (scope) {
    case 'Terminating':
      return answer('activeDeadlineSeconds' in spec);
    case 'NotTerminating':
      return answer(!('activeDeadlineSeconds' in spec));
    case 'BestEffort':
      return answer(isBestEffort);
    case 'NotBestEffort':
      return answer(!isBestEffort);
    case 'PriorityClass':
      // Without a class in the template the cluster's default class counts, which only the pod shows.
      return spec.priorityClassName === undefined
        ? 'unknown'
        : answer(matches(spec.priorityClassName, operator, values));
    default:
      return 'unknown';
  }
}

function matches(value: string, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return values.includes(value);
    case 'NotIn':
      return !values.includes(value);
    case 'DoesNotExist':
      return false;
    default:
      return true;
  }
}

function ascending(list: readonly Quantity[]): Quantity[] {
  return list.toSorted((a, b) => Number(a - b));
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? (a + b - 1n) / b : a / b;
}
