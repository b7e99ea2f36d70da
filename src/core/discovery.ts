import type { TargetRequest } from './config.ts';
import { discoveryFiles } from './discovery-files.ts';
import type { Failure } from './errors.ts';
import { type PodTemplate, refText } from './kubernetes.ts';
import type { Ledger } from './ledger.ts';
import { ownerOf } from './ownership.ts';
import type { DiscoveredWorkload, Discovery } from './report.ts';
import { rolloutStatus } from './rollout.ts';
import { said } from './said.ts';
import type { Member } from './situation.ts';
import { chooseTarget } from './target.ts';
import { tr } from './tr.ts';
import { groupsOf, type WorkloadGroup } from './workload-groups.ts';

export interface DiscoveryInput {
  readonly namespace: string;
  /** Every workload of the namespace. */
  readonly members: readonly Member[];
  readonly ledger: Ledger;
  /** Why a workload's target cannot start, by `deployment/web`: what it reads is missing. */
  readonly missing: ReadonlyMap<string, Failure>;
}

const AUTO: TargetRequest = { kind: 'auto' };

/** What of a namespace could go back right now, why or why not, and the files with which it will. */
export function discover(input: DiscoveryInput): Discovery {
  const found = input.members.map((member) => ({ member, ...judge(member, input) }));
  const groups = groupsOf(input.members);
  const urgency = (group: WorkloadGroup) =>
    found.filter(({ member, isHealthy }) => !isHealthy && group.members.includes(member)).length;
  const byUrgency = groups.toSorted((a, b) => urgency(b) - urgency(a) || b.members.length - a.members.length);
  return {
    workloads: found.map(({ member, canGoBack, why }) => ({ ref: member.ref, canGoBack, why })),
    files: byUrgency.length === 0 ? [] : discoveryFiles(input.namespace, byUrgency),
  };
}

/** Where a workload would go if it went alone; undefined where it would not. Its references are worth looking up. */
export function wouldGoTo(member: Member, ledger: Ledger): PodTemplate | undefined {
  const choice = chooseTarget([member], AUTO, ledger, 0);
  const [own] = choice.kind === 'chosen' ? choice.members : [];
  return own?.kind === 'go' ? own.to.template : undefined;
}

type Judged = Pick<DiscoveredWorkload, 'canGoBack' | 'why'> & { readonly isHealthy: boolean };

function judge(member: Member, input: DiscoveryInput): Judged {
  const status = rolloutStatus(member.workload);
  const isHealthy = status.kind === 'complete';
  const workload = refText(member.ref);
  const no = (why: DiscoveredWorkload['why']) => ({ canGoBack: false, why, isHealthy });

  const owner = ownerOf(member.workload);
  if (owner?.puts === 'at-once') return no(ownedFailure(workload, owner.title, owner.stop));
  const choice = chooseTarget([member], AUTO, input.ledger, 0);
  if (choice.kind === 'refused') {
    const hasOther = member.revisions.some((revision) => revision.hash !== member.hash);
    return no(hasOther || isPruned(member) ? choice.failure : said('discovery.stays', { workload }));
  }
  const [own] = choice.members;
  if (own?.kind !== 'go') return no(own?.why ?? said('discovery.stays', { workload }));
  const missing = input.missing.get(workload);
  if (missing) return no(missing);

  const image = own.to.images.join(', ');
  const since = new Date(own.to.createdAt).toISOString().replace('.000', '');
  const { ready, desired } = status;
  const why = isHealthy
    ? said('discovery.can-go-back', { workload, image, since })
    : said('discovery.unhealthy', { workload, image, since, ready, desired });
  return { canGoBack: true, why, isHealthy };
}

/** It was changed, but nothing of its past is kept: the refusal says so, with the history limit. */
function isPruned(member: Member): boolean {
  return member.revisions.some((revision) => revision.number > 1);
}

function ownedFailure(workload: string, owner: string, stop: string): Failure {
  return {
    code: 'GITOPS_OWNED',
    message: tr`${workload} is kept at its source's version by ${owner}, which would take a rollback back`,
    hint: stop,
    causes: [],
  };
}
