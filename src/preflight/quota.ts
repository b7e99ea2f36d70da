import { RollbackError } from '../core/errors.ts';
import { type PodObject, type QuotaObject, refText } from '../core/kubernetes.ts';
import { isOfRevision, podsByController, podsOfMember } from '../core/pods.ts';
import {
  formatQuantity,
  judgeQuota,
  podUsage,
  type QuotaVerdict,
  type Replacement,
  type RolloutNeed,
} from '../core/quota.ts';
import { said } from '../core/said.ts';
import { kubectl } from '../core/shell.ts';
import type { Member, Situation } from '../core/situation.ts';
import type { CheckItem } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { type UndoMember, undoMembersOf } from '../core/undo.ts';
import type { PreflightCheck } from './contract.ts';

/**
 * The namespace's quotas have room for the new pods. Refused only where the rollout provably cannot be completed: the controller ends
 * pods of the bad release as it goes, and what they held is room again.
 */
export const quota: PreflightCheck = {
  id: 'quota',
  async check(ctx, plan) {
    const members = undoMembersOf(plan);
    const { namespace } = ctx.config;
    if (members.length === 0) return [];
    let quotas: readonly QuotaObject[];
    try {
      quotas = await ctx.cluster.list('ResourceQuota');
    } catch (error) {
      if (!(error instanceof RollbackError)) throw error;
      // That quotas may not be listed is said by the check `access`, with the rule. Nor is any other failed read a proof of no room.
      const base = { check: quota.id, subject: `namespace/${namespace}`, severity: 'warn' } as const;
      return error.code === 'CLUSTER_FORBIDDEN' ? [] : [{ ...base, failure: error.toFailure() }];
    }
    const needs = needsOf(members, ctx.situation);
    const items = quotas.flatMap((one) => judgeQuota(one, needs).map((verdict) => itemOf(verdict, one, namespace)));
    return items.length > 0 || quotas.length === 0
      ? items
      : quotas.map((one) => ({ check: quota.id, subject: subjectOf(one), severity: 'info' }));
  },
};

function subjectOf(one: QuotaObject): string {
  return `resourcequota/${one.metadata.name}`;
}

function itemOf(verdict: QuotaVerdict, one: QuotaObject, namespace: string): CheckItem {
  const { resource } = verdict;
  const needed = formatQuantity(verdict.needed, resource);
  const room = formatQuantity(verdict.room, resource);
  const base = { check: quota.id, subject: subjectOf(one) };
  if (verdict.fit === 'tight') {
    return {
      ...base,
      severity: 'warn',
      note: said('note.quota-tight', { quota: one.metadata.name, resource, needed, room }),
    };
  }
  const { hard = {}, used = {} } = one.status ?? {};
  return {
    ...base,
    severity: 'refuse',
    failure: {
      code: 'QUOTA_INSUFFICIENT',
      message: tr`${subjectOf(one)}: the target needs ${needed} more of ${resource}, ${room} is free (used ${used[resource] ?? '?'} of ${hard[resource] ?? '?'}), and no pod of the bad release ends before new ones start`,
      hint: tr`Raise ${resource}, or free some of it, then run again: ${kubectl(namespace, 'edit', 'resourcequota', one.metadata.name)}`,
      causes: [],
    },
  };
}

function needsOf(members: readonly UndoMember[], situation: Situation): RolloutNeed[] {
  const byController = podsByController(situation.pods.filter(isCounted));
  const choices = situation.choice.kind === 'chosen' ? situation.choice.members : [];
  return members.flatMap((undo) => {
    const choice = choices.find(({ member }) => refText(member.ref) === refText(undo.ref));
    if (choice?.kind !== 'go') return [];
    const { member } = choice;
    const targets = member.revisions.filter((revision) => revision.hash === choice.to.hash);
    const pods = podsOfMember(member, byController);
    const present = pods.filter((pod) => targets.some((revision) => isOfRevision(pod, member, revision)));
    const leaving = pods.filter((pod) => !present.includes(pod));
    return [
      {
        desired: desiredOf(member),
        present: present.length,
        leaving: leaving.map((pod) => podUsage(pod.spec)),
        target: undo.template.spec,
        replacement: replacementOf(member),
      },
    ];
  });
}

/** Quotas count pods until they are over; pods in termination still count (QuotaV1Pod). */
function isCounted(pod: PodObject): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
}

function desiredOf({ workload }: Member): number {
  return workload.kind === 'DaemonSet' ? (workload.status?.desiredNumberScheduled ?? 0) : (workload.spec.replicas ?? 1);
}

function replacementOf(member: Member): Replacement {
  const { workload } = member;
  const { strategy } = workload.spec;
  if (workload.kind !== 'Deployment' || strategy?.type === 'Recreate') {
    return { kind: 'in-place', maxSurge: 0, maxUnavailable: 0 };
  }
  const desired = desiredOf(member);
  return {
    kind: 'surge',
    maxSurge: share(strategy?.rollingUpdate?.maxSurge ?? '25%', desired, Math.ceil),
    maxUnavailable: share(strategy?.rollingUpdate?.maxUnavailable ?? '25%', desired, Math.floor),
  };
}

/** A number of pods, or a percentage of the desired ones: surge rounds up, unavailable down (ResolveFenceposts). */
function share(value: number | string, desired: number, round: (value: number) => number): number {
  const percent = /^(\d+)%$/.exec(String(value));
  return percent ? round((Number(percent[1]) * desired) / 100) : Number(value);
}
