import {
  type AccessAnswer,
  type AccessNeeds,
  type AccessRule,
  type AnsweredRule,
  type DegradablePart,
  degradableRules,
  degradedParts,
  type PartRules,
  requiredRules,
  ruleKey,
  type SecretNeed,
} from '../core/access.ts';
import type { Config } from '../core/config.ts';
import { serviceOf } from '../core/database/address.ts';
import { flagsChangeOf } from '../core/feature-flags.ts';
import { WORKLOAD_KINDS, type WorkloadKind } from '../core/kubernetes.ts';
import { groupOf, type ManifestWay, manifestChangesOf } from '../core/manifest.ts';
import { secretChangesOf } from '../core/secret-restore.ts';
import type { Situation } from '../core/situation.ts';
import type { Plan, Planned } from '../core/step.ts';
import { takesPart } from '../core/takes-part.ts';
import { undoMembersOf } from '../core/undo.ts';
import type { ClusterReader } from '../ports/cluster.ts';
import type { ReadContext } from '../ports/context.ts';

/** What the credentials may do of what a run needs. */
export interface AccessSummary {
  readonly answers: readonly AnsweredRule[];
  /** Required rules that are missing: nothing can be rolled back without them. */
  readonly missing: readonly AccessRule[];
  /** Parts that the run does without. */
  readonly degraded: readonly PartRules[];
  /** Rules that the authoriser gave no answer about. */
  readonly unknown: readonly AccessRule[];
  /** Whether a part may be used; true also where nothing is known about it, then the request itself will tell. */
  can(part: DegradablePart): boolean;
}

/** One reader has one identity, so each rule is asked about once for its whole life. */
const answersOf = new WeakMap<ClusterReader, Map<string, Promise<AccessAnswer>>>();

/**
 * Asks about all rules that a run needs, in one batch; what was asked before is not asked again, so the engine can use it
 * early (lock, ledger) and the preflight check costs nothing later. Never throws for a missing permission.
 */
export async function reviewAccess(
  cluster: ClusterReader,
  needs: AccessNeeds,
  names: readonly { readonly resource: string; readonly name: string }[] = [],
): Promise<AccessSummary> {
  const required = requiredRules(needs.kinds, needs);
  const optional = degradableRules(needs).flatMap((part) => part.rules);
  const answers = await ask(cluster, [...required, ...optional]);
  const denied = answers.slice(0, required.length).filter(({ answer }) => answer === 'denied');
  const missing = await withoutNamed(
    cluster,
    denied.map(({ rule }) => rule),
    names,
  );
  const degraded = degradedParts(needs, answers);
  return {
    answers,
    missing,
    degraded,
    unknown: answers.filter(({ answer }) => answer === 'unknown').map(({ rule }) => rule),
    can: (part) => !degraded.some((other) => other.part === part),
  };
}

/** A Role may name the workloads instead of granting the kind: a rule that is denied for all may be allowed for each. */
async function withoutNamed(
  cluster: ClusterReader,
  denied: readonly AccessRule[],
  names: readonly { readonly resource: string; readonly name: string }[],
): Promise<AccessRule[]> {
  const isNameable = (rule: AccessRule) =>
    rule.group === 'apps' && rule.name === undefined && (rule.verb === 'get' || rule.verb === 'patch');
  const namedOf = (rule: AccessRule) =>
    isNameable(rule)
      ? names.filter(({ resource }) => resource === rule.resource).map(({ name }) => ({ ...rule, name }))
      : [];
  const answers = await ask(cluster, denied.flatMap(namedOf));
  const isAllowed = new Map(answers.map(({ rule, answer }) => [ruleKey(rule), answer === 'allowed']));
  return denied.flatMap((rule) => {
    const named = namedOf(rule);
    const stillMissing = named.filter((one) => !isAllowed.get(ruleKey(one)));
    return named.length === 0 || stillMissing.length === named.length ? [rule] : stillMissing;
  });
}

async function ask(cluster: ClusterReader, rules: readonly AccessRule[]): Promise<AnsweredRule[]> {
  const known = answersOf.get(cluster) ?? new Map<string, Promise<AccessAnswer>>();
  answersOf.set(cluster, known);
  const fresh = [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()].filter(
    (rule) => !known.has(ruleKey(rule)),
  );
  if (fresh.length > 0) {
    const batch = cluster.access(fresh);
    for (const [index, rule] of fresh.entries()) {
      const answer = batch.then(
        (all) => all[index] ?? 'unknown',
        () => 'unknown' as const,
      );
      known.set(ruleKey(rule), answer);
    }
  }
  return Promise.all(rules.map(async (rule) => ({ rule, answer: (await known.get(ruleKey(rule))) ?? 'unknown' })));
}

/** What a run needs, from its config and its plan; before there is a plan, or even a situation, what it may come to need. */
export function accessNeeds(
  ctx: Pick<ReadContext, 'config'> & Partial<Pick<ReadContext, 'situation' | 'database'>>,
  plan?: Plan,
): AccessNeeds {
  const { config } = ctx;
  const read = ctx.situation?.members.map((member) => member.ref.kind) ?? namedKinds(config);
  const kinds = [...new Set(read)];
  const moved = plan ? undoMembersOf(plan).map((member) => member.ref.kind) : kinds;
  return {
    kinds,
    changes: plan === undefined || plan.steps.some(({ planned }) => mayChange(planned)),
    unblocks: config.tier === 'emergency' || moved.includes('StatefulSet'),
    checksHealth: config.health.length > 0,
    checksMetrics: takesPart(config, 'check-metrics'),
    services: config.health.flatMap(({ at }) => (at.kind === 'service' ? [`${at.service}:${at.port}`] : [])),
    ...completeNeeds(ctx, plan),
  };
}

/** Of the parts that only tiers with a database and Secrets have. */
function completeNeeds(
  {
    config,
    situation,
    database: place,
  }: Pick<ReadContext, 'config'> & Partial<Pick<ReadContext, 'situation' | 'database'>>,
  plan: Plan | undefined,
): Partial<AccessNeeds> {
  if (config.tier !== 'complete' && config.tier !== 'secure') return {};
  const secrets = takesPart(config, 'restore-secrets') ? secretNeeds(config, situation, plan) : [];
  const database = takesPart(config, 'restore-database') ? config.database : undefined;
  return {
    needsLedger: database !== undefined || secrets.length > 0 || secureKeeps(config),
    secrets,
    ...secureNeeds(config, plan),
    fences: database?.fenceWriters === true,
    forwards: [place && serviceOf(place.host)].filter((name) => name !== undefined),
    podFiles: [podOf(database?.backup?.path)].filter((name) => name !== undefined),
  };
}

/** Whether something is replaced of which the old content must be found again. */
function secureKeeps(config: Config): boolean {
  if (config.tier !== 'secure') return false;
  return (
    (config.manifests !== undefined && takesPart(config, 'restore-manifests')) ||
    (config.featureFlags !== undefined && takesPart(config, 'disable-feature-flags'))
  );
}

/** Of objects by name: which ones they are shows in the plan. */
function secureNeeds(config: Config, plan: Plan | undefined): Pick<AccessNeeds, 'objects' | 'flags' | 'leftovers'> {
  if (config.tier !== 'secure') return {};
  const { featureFlags, temporaryResources = [] } = config;
  const flags = flagsChangeOf(plan ?? NO_PLAN);
  const flagsName =
    flags?.configMap ?? (takesPart(config, 'disable-feature-flags') ? featureFlags?.configMap : undefined);
  const way = plan === undefined ? 'set' : flags?.way;
  return {
    objects: manifestChangesOf(plan ?? NO_PLAN).flatMap(({ ref, resource, way: objectWay }) =>
      waysOf(objectWay, config).map((one) => ({
        group: groupOf(ref.apiVersion),
        resource,
        name: ref.name,
        way: one,
      })),
    ),
    ...(flagsName === undefined ? {} : { flags: { name: flagsName, ...(way === undefined ? {} : { way }) } }),
    leftovers: (takesPart(config, 'clean-temporary-resources') ? temporaryResources : []).map(({ kind, name }) => ({
      ...LEFTOVER_RESOURCES[kind],
      name,
    })),
  };
}

/** With `on-failure: revert` what is applied may have to be put back by the same run. */
function waysOf(way: ManifestWay, { onFailure }: Config): ManifestWay[] {
  if (onFailure !== 'revert' || way === 'put-back' || way === 'remove') return [way];
  return [way, way === 'create' ? 'remove' : 'put-back'];
}

const LEFTOVER_RESOURCES = {
  Job: { group: 'batch', resource: 'jobs' },
  Pod: { group: '', resource: 'pods' },
  PersistentVolumeClaim: { group: '', resource: 'persistentvolumeclaims' },
} as const;

/** The pod of a backup `pod:NAME:/path`. */
function podOf(path: string | undefined): string | undefined {
  return /^pod:([^:]+):\//.exec(path ?? '')?.[1];
}

/** Before there is a plan nobody knows which Secrets are immutable, or there: then what most of them need is asked about. */
function secretNeeds(config: Config, situation: Situation | undefined, plan: Plan | undefined): SecretNeed[] {
  const isUndo = config.mode === 'undo';
  const names = isUndo ? (situation?.undoes?.secrets ?? []) : config.secrets;
  const changes = new Map(secretChangesOf(plan ?? NO_PLAN).map(({ name, way }) => [name, way]));
  return [...new Set(names.map(({ name }) => name))].map((name) => {
    const way = plan === undefined ? 'set' : changes.get(name);
    return { name, ...(way === undefined ? {} : { way }) };
  });
}

const NO_PLAN: Pick<Plan, 'steps'> = { steps: [] };

/** A selector, or no name at all, makes the run look at every kind. */
function namedKinds({ workloads, selector }: ReadContext['config']): readonly WorkloadKind[] {
  return selector === undefined && workloads.length > 0 ? workloads.map((ref) => ref.kind) : WORKLOAD_KINDS;
}

/** Also a step that could not be planned, perhaps for the very permission that is asked about. */
function mayChange(planned: Planned): boolean {
  return planned.kind === 'change' || (planned.kind === 'skipped' && planned.reason.key === 'skipped.blocked');
}
