import pLimit from 'p-limit';
import { templateDiff } from '../core/diff.ts';
import { RollbackError } from '../core/errors.ts';
import { type PodTemplate, refText } from '../core/kubernetes.ts';
import { QUARANTINE_ANNOTATION, TARGET_ANNOTATION } from '../core/ledger.ts';
import type { Outcome } from '../core/outcome.ts';
import { said } from '../core/said.ts';
import { settle } from '../core/settle.ts';
import type { MemberChoice } from '../core/situation.ts';
import { tr } from '../core/tr.ts';
import type { UndoChange, UndoMember } from '../core/undo.ts';
import { cleanTemplate, imagesOf, templateHash } from '../core/workload.ts';
import type { ReadContext, WriteContext } from '../ports/context.ts';
import { defineStep } from './contract.ts';
import { beforeWorkloads } from './database/order.ts';
import { awaitPutBack } from './put-back.ts';
import { awaitRollouts, type RolloutVerdict } from './rollout-watch.ts';
import { notePods } from './secrets/readers.ts';
import { isBlocked, unblockStatefulSets } from './unblock.ts';

/** The deadline may have passed when a revert begins; it gets this long in any case. */
const PUT_BACK_WITHIN_MS = 30_000;

type Going = Extract<MemberChoice, { kind: 'go' }>;

/**
 * Every workload of the group runs the target release. The template and `paused: false` go in one guarded write each, all in
 * parallel: undo of a paused Deployment, as the checklist has it, can never work (kubectl rollback.go refuses it).
 */
export const undoWorkloads = defineStep<UndoChange>({
  meta: {
    id: 'undo-workloads',
    tiers: ['rapid', 'complete', 'secure', 'emergency'],
    required: true,
    recorded: true,
    needs: ['freeze-rollouts', 'restore-secrets', 'restore-manifests', 'disable-feature-flags'],
  },

  async plan(ctx) {
    const { choice } = ctx.situation;
    // Preflight refuses for it (check `target`), together with everything else that it finds.
    if (choice.kind === 'refused') return { kind: 'check' };
    for (const member of choice.members) for (const note of member.notes) ctx.note(note);
    const going = choice.members.filter((member) => member.kind === 'go');
    for (const member of choice.members) {
      if (member.kind === 'stay' && member.why.key.startsWith('note.')) ctx.note(member.why);
    }
    const limit = pLimit(ctx.config.maxParallel);
    const planned = await settle(going.map((member) => limit(() => planMember(ctx, member))));
    const members = [
      ...planned.filter((member) => member !== undefined),
      ...choice.members.flatMap((one) => unfinished(ctx, one)),
    ];
    if (members.length === 0) return { kind: 'no-op', reason: said('skipped.at-target') };
    noteQuarantineEnded(ctx, members);
    const after = await beforeWorkloads(ctx);
    return {
      kind: 'change',
      change: {
        summary: members.map(summaryOf),
        ...(after.length > 0 ? { after } : {}),
        diffs: members.map((member) => ({
          object: refText(member.ref),
          diff: templateDiff(refText(member.ref), member.before, member.template),
        })),
        members,
      },
    };
  },

  async apply(ctx, { members }) {
    notePods(ctx);
    const limit = pLimit(ctx.config.maxParallel);
    await settle(
      members.map((member) => limit(() => write(ctx, member, { from: member.from, template: member.template }))),
    );
    await unblockStatefulSets(
      ctx,
      members.map((member) => member.ref),
    );
  },

  async verify(ctx, change) {
    const expected = expectedHashes(ctx, change);
    const verdict = await awaitRollouts(ctx, expected);
    return verdictOutcome(verdict);
  },

  async revert(ctx, { members }) {
    const limit = pLimit(ctx.config.maxParallel);
    const written = members.filter((member) => ctx.writtenAt(member.ref) !== undefined);
    await settle(written.map((member) => limit(() => putBack(ctx, member))));
    for (const member of written) ctx.note(said('note.reverted', { workload: refText(member.ref) }));
    const refs = written.map((member) => member.ref);
    const late = { ...ctx, deadline: Math.max(ctx.deadline, ctx.clock.now() + PUT_BACK_WITHIN_MS) };
    await unblockStatefulSets(late, refs);
    await awaitPutBack(late, refs);
  },
});

/** What an undo brings back may be chosen again. */
function noteQuarantineEnded(ctx: ReadContext, members: readonly UndoMember[]): void {
  if (ctx.config.mode !== 'undo') return;
  for (const { ref, toImages } of members) {
    ctx.note(said('note.quarantine-ended', { workload: refText(ref), image: toImages.join(', ') }));
  }
}

async function planMember(ctx: ReadContext, { member, to }: Going): Promise<UndoMember | undefined> {
  const before = cleanTemplate(member.workload.spec.template);
  const template = await normalised(ctx, member, to.template);
  const hash = templateHash(template);
  if (hash === member.hash) return undefined;
  return {
    ref: member.ref,
    uid: member.workload.metadata.uid,
    from: member.hash,
    to: hash,
    template,
    before,
    paused: member.workload.spec.paused === true,
    fromImages: imagesOf(before),
    toImages: imagesOf(template),
    toRevision: to.number,
  };
}

/**
 * At its target, but not there by itself: a Deployment that was paused on its way only has to be resumed, a StatefulSet that waits for a
 * broken pod (the run before was killed between write and cure) only has to be freed.
 */
function unfinished(ctx: ReadContext, choice: MemberChoice): UndoMember[] {
  const { ref, workload, hash } = choice.member;
  if (choice.kind !== 'stay' || choice.why.key !== 'skipped.at-target') return [];
  const paused = workload.spec.paused === true;
  if (!paused && !isBlocked(ctx, workload)) return [];
  const template = cleanTemplate(workload.spec.template);
  const images = imagesOf(template);
  const { uid } = workload.metadata;
  return [{ ref, uid, from: hash, to: hash, template, before: template, paused, fromImages: images, toImages: images }];
}

/** A stored template may lack defaults that a newer API server adds: only what the server makes of it can be compared. */
async function normalised(ctx: ReadContext, member: Going['member'], template: PodTemplate): Promise<PodTemplate> {
  try {
    const change = { ref: member.ref, uid: member.workload.metadata.uid, from: member.hash, template };
    return cleanTemplate((await ctx.cluster.dryRunTemplate(change)).spec.template);
  } catch (error) {
    // A webhook that cannot take part in a dry run says nothing about the real write.
    if (error instanceof RollbackError && error.code === 'DRY_RUN_UNSUPPORTED') {
      ctx.note(said('note.dry-run-unsupported', { workload: refText(member.ref), why: error.message }));
      return cleanTemplate(template);
    }
    throw error;
  }
}

async function write(
  ctx: WriteContext,
  member: UndoMember,
  change: { from: string; template: PodTemplate },
): Promise<void> {
  const hasLedger = ctx.situation.ledger.access === 'full';
  const annotations = hasLedger ? undefined : quarantineAnnotations(ctx, member, change.from);
  ctx.wrote(member.ref);
  const written = await ctx.write.cluster.setTemplate({
    ref: member.ref,
    uid: member.uid,
    ...change,
    ...(annotations ? { annotations } : {}),
  });
  ctx.wrote(member.ref, written.metadata.generation);
}

async function putBack(ctx: WriteContext, member: UndoMember): Promise<void> {
  await write(ctx, member, { from: member.to, template: member.before });
  if (!member.paused) return;
  // Half-way and held there: going on would only spread the release that was to be left.
  const paused = await ctx.write.cluster.setPaused(member.ref, member.uid, true);
  ctx.wrote(member.ref, paused.metadata.generation);
}

/** Without a ledger the workload itself carries what must not be chosen again, in the same write as the template. */
function quarantineAnnotations(ctx: ReadContext, member: UndoMember, from: string): Record<string, string> {
  const known = ctx.situation.members.find((other) => refText(other.ref) === refText(member.ref));
  const before = known?.workload.metadata.annotations?.[QUARANTINE_ANNOTATION]?.split(',') ?? [];
  const target = from === member.from ? member.to : member.from;
  // What is only resumed leaves nothing behind.
  const hashes = new Set([from, ...before].filter((hash) => hash !== '' && hash !== target));
  return { [QUARANTINE_ANNOTATION]: [...hashes].slice(0, 20).join(','), [TARGET_ANNOTATION]: target };
}

/** What each workload of the group must run in the end, by hash. */
function expectedHashes(ctx: ReadContext, change: UndoChange | undefined): Map<string, string> {
  const expected = new Map(ctx.situation.members.map((member) => [refText(member.ref), member.hash]));
  for (const member of change?.members ?? []) expected.set(refText(member.ref), member.to);
  return expected;
}

function verdictOutcome(verdict: RolloutVerdict): Outcome {
  const [first, ...rest] = verdict.evidence;
  if (verdict.failure) return { status: 'failed', failure: verdict.failure, evidence: verdict.evidence };
  if (!first) return { status: 'skipped', reason: said('skipped.nothing-to-do') };
  return { status: 'passed', evidence: [first, ...rest] };
}

function summaryOf(member: UndoMember): string {
  if (member.from === member.to) {
    return member.paused
      ? tr`${refText(member.ref)}: at its target, to be resumed`
      : tr`${refText(member.ref)}: at its target, to be freed from a pod that it waits for`;
  }
  const number = member.toRevision === undefined ? '' : tr` (revision ${member.toRevision})`;
  return tr`${refText(member.ref)}: ${changedImages(member.fromImages, member.toImages)}${number}${member.paused ? tr`, resumed` : ''}`;
}

function changedImages(from: readonly string[], to: readonly string[]): string {
  const same = from.length === to.length && from.every((image, index) => image === to[index]);
  return same ? tr`same images (${to.join(', ')}), other template` : `${from.join(', ')} -> ${to.join(', ')}`;
}
