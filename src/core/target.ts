import type { TargetRequest } from './config.ts';
import { type Failure, RollbackError } from './errors.ts';
import { refText, type WorkloadRef } from './kubernetes.ts';
import { type Ledger, type RollbackMember, standingRollbacks } from './ledger.ts';
import type { CandidateReport, ReleaseReport } from './report.ts';
import { type Said, said } from './said.ts';
import type { Choice, Member, MemberChoice } from './situation.ts';
import { type Release, type Timeline, timelineOf } from './timeline.ts';
import { tr } from './tr.ts';
import type { Revision } from './workload.ts';

/** Creation times have whole seconds. */
const CLOCK_GRAIN_MS = 1000;

interface Case {
  readonly member: Member;
  readonly timeline: Timeline;
  /** The last rollback that was decided for this workload. */
  readonly last: RollbackMember | undefined;
  /** The live template is where the last rollback was to take it. */
  readonly atTarget: boolean;
  readonly quarantined: ReadonlySet<string>;
  /** The live release came back because a rollback was taken back: its `from` is what that rollback had gone to. */
  readonly takenBack: RollbackMember | undefined;
}

/**
 * Chooses, once and by content, what each workload of the group goes back to.
 *
 * `auto`: T is the start of the newest rollout with a real template change; each workload changed within `deployWindowMs` of T
 * goes to the release it ran just before, all others stay. Restarts, releases under quarantine and rollouts that an earlier run made
 * are passed over. What cannot be proven is refused, with the candidates: a guess here would be the toggle of
 * `kubectl rollout undo` (kubernetes/website#6921).
 */
export function chooseTarget(
  members: readonly Member[],
  request: TargetRequest,
  ledger: Ledger,
  deployWindowMs: number,
): Choice {
  const cases = members.map((member) => caseOf(member, ledger));
  try {
    return request.kind === 'explicit'
      ? { kind: 'chosen', members: cases.map((one) => chooseExplicit(one, request)) }
      : { kind: 'chosen', members: chooseAuto(cases, deployWindowMs) };
  } catch (error) {
    if (error instanceof RollbackError) return { kind: 'refused', failure: error.toFailure() };
    throw error;
  }
}

function caseOf(member: Member, ledger: Ledger): Case {
  const isThis = (other: { readonly kind: string; readonly name: string }) =>
    other.kind === member.ref.kind && other.name === member.ref.name;
  const last = standingRollbacks(ledger).flatMap((record) => record.members.filter(isThis))[0];
  const [newest] = ledger.rollbacks;
  const takenBack = newest?.undoes === undefined ? undefined : newest.members.find(isThis);
  const quarantined = new Set(ledger.quarantine.filter(isThis).map((entry) => entry.template));
  return {
    member,
    timeline: timelineOf(member.workload, member.revisions, member.hash),
    last,
    atTarget: last !== undefined && last.to === member.hash && !quarantined.has(member.hash),
    quarantined,
    takenBack: takenBack?.to === member.hash ? takenBack : undefined,
  };
}

function chooseAuto(cases: readonly Case[], windowMs: number): MemberChoice[] {
  const changed = cases.filter((one) => !one.atTarget && one.timeline.changed);
  if (changed.length === 0) {
    if (cases.some((one) => one.atTarget)) return cases.map((one) => stay(one, said('skipped.at-target')));
    throw new RollbackError(
      'TARGET_NOT_FOUND',
      tr`nothing to go back to: ${names(cases)} never ran another template than the live one (or its history was pruned)`,
      tr`Deploy the last good version again, or name a release: to: kind/name=image:REF`,
    );
  }
  const bad = changed.reduce((a, b) => (b.timeline.startedAt.to > a.timeline.startedAt.to ? b : a));
  return cases.map((one) => {
    if (one.atTarget) return stay(one, said('skipped.at-target'));
    if (!one.timeline.changed)
      return stay(one, said('note.stays-never-changed', { workload: refText(one.member.ref) }));
    const nearest = bad.timeline.startedAt.from - one.timeline.startedAt.to;
    const farthest = bad.timeline.startedAt.to - one.timeline.startedAt.from;
    const isBad = one.quarantined.has(one.member.hash);
    if (!isBad && nearest > windowMs + CLOCK_GRAIN_MS) {
      const changed = iso(one.timeline.startedAt.to);
      const badSince = iso(bad.timeline.startedAt.from);
      return stay(
        one,
        said('note.stays-changed-before', { workload: refText(one.member.ref), changed, bad: badSince }),
      );
    }
    if (!isBad && farthest > windowMs + CLOCK_GRAIN_MS && one !== bad) {
      throw unproven(
        one,
        tr`its live release began between ${iso(one.timeline.startedAt.from)} and ${iso(one.timeline.startedAt.to)}, so it cannot be told whether it belongs to the bad release of ${iso(bad.timeline.startedAt.from)}`,
      );
    }
    return goBack(one);
  });
}

function goBack(one: Case): MemberChoice {
  const ref = refText(one.member.ref);
  const before = one.member.revisions.find((revision) => revision.hash === one.takenBack?.from);
  if (before && !one.quarantined.has(before.hash)) return { kind: 'go', member: one.member, to: before, notes: [] };
  if (one.timeline.returned && !one.quarantined.has(one.member.hash)) {
    throw unproven(one, tr`it runs a release again that it ran before: somebody may have rolled it back already`);
  }
  const notes: Said[] = [];
  for (const release of one.timeline.earlier) {
    if (release.hash === one.member.hash) continue;
    if (!one.quarantined.has(release.hash)) return { kind: 'go', member: one.member, to: release.revision, notes };
    notes.push(
      said('note.revision-passed-over', { workload: ref, revision: release.revision.number, why: 'quarantine' }),
    );
  }
  const seen = notes.length > 0 ? tr`all earlier releases are under quarantine` : tr`no earlier release is kept`;
  throw new RollbackError(
    'TARGET_NOT_FOUND',
    tr`${ref}: ${seen} (revisionHistoryLimit ${one.member.workload.spec.revisionHistoryLimit ?? 10})`,
    tr`Name a release yourself (to: ${ref}=revision:N), or deploy the last good version again. kubectl rollout history ${ref} -n ${one.member.workload.metadata.namespace ?? ''}`,
  );
}

function chooseExplicit(one: Case, request: TargetRequest & { kind: 'explicit' }): MemberChoice {
  const { ref, hash, revisions } = one.member;
  const line = request.lines.find((other) => other.ref.kind === ref.kind && other.ref.name === ref.name);
  if (!line) return stay(one, said('note.stays-not-named', { workload: refText(ref) }));
  const { to } = line;
  const found =
    'revision' in to ? byNumber(one, to.revision) : revisions.find((revision) => revision.images.includes(to.image));
  if (!found) {
    const wanted = 'revision' in to ? tr`revision ${to.revision}` : tr`a revision with image ${to.image}`;
    const have =
      revisions.map((revision) => `${revision.number} (${revision.images.join(', ')})`).join('; ') || tr`none`;
    throw new RollbackError(
      'TARGET_NOT_FOUND',
      tr`${refText(ref)}: ${wanted} does not exist; kept are: ${have}`,
      tr`Choose one of these: to: ${refText(ref)}=revision:${revisions[1]?.number ?? revisions[0]?.number ?? 'N'}`,
    );
  }
  if (found.hash === hash) return stay(one, said('skipped.at-target'));
  return { kind: 'go', member: one.member, to: found, notes: [] };
}

/** A number moves when its release comes back: the former numbers and the last record find it again (kubernetes#51315). */
function byNumber(one: Case, wanted: number): Revision | undefined {
  const { revisions } = one.member;
  const direct = revisions.find((revision) => revision.number === wanted);
  if (direct) return direct;
  const former = revisions.find((revision) => revision.formerNumbers.includes(wanted));
  if (former) return former;
  return one.atTarget && one.last?.toRevision === wanted
    ? revisions.find((revision) => revision.hash === one.member.hash)
    : undefined;
}

function stay(one: Case, why: Said): MemberChoice {
  return { kind: 'stay', member: one.member, why, notes: [] };
}

function unproven(one: Case, seen: string): RollbackError {
  const ref = refText(one.member.ref);
  const lines = one.timeline.earlier.map((release) => toLine(one.member.ref, release));
  return new RollbackError(
    'TARGET_UNPROVEN',
    tr`${ref}: ${seen}`,
    tr`Say where to go: to: ${lines[0] ?? `${ref}=revision:N`}${lines.length > 1 ? tr` (or ${lines.slice(1, 4).join(', ')})` : ''}`,
  );
}

function toLine(ref: WorkloadRef, release: Release): string {
  return `${refText(ref)}=revision:${release.revision.number}`;
}

/** All releases that could be gone back to, with what the ledger knows of each, newest first. */
export function candidatesOf(members: readonly Member[], ledger: Ledger): CandidateReport[] {
  return members.flatMap((member) => {
    const { timeline, quarantined } = caseOf(member, ledger);
    const seen = new Set<string>();
    return [...(timeline.current ? [timeline.current] : []), ...timeline.earlier]
      .filter((release) => !seen.has(release.hash) && seen.add(release.hash))
      .map((release) => {
        const verified = verifiedAt(ledger, member.ref, release.hash);
        return {
          ref: member.ref,
          release: releaseReport(release.revision),
          ...(verified === undefined ? {} : { verified }),
          quarantined: quarantined.has(release.hash),
          current: release.hash === member.hash,
          line: toLine(member.ref, release),
        };
      });
  });
}

export function releaseReport(revision: Revision): ReleaseReport {
  return {
    hash: revision.hash,
    images: revision.images,
    revision: revision.number,
    since: new Date(revision.createdAt).toISOString(),
  };
}

function verifiedAt(ledger: Ledger, ref: WorkloadRef, hash: string): string | undefined {
  return ledger.rollbacks.find(
    (record) =>
      record.verifiedAt !== undefined &&
      record.members.some((member) => member.kind === ref.kind && member.name === ref.name && member.to === hash),
  )?.verifiedAt;
}

function names(cases: readonly Case[]): string {
  return cases.map((one) => refText(one.member.ref)).join(', ');
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000', '') : tr`an unknown time`;
}

/** Failure of a choice, for callers that only want to know whether there is a target. */
export function refusalOf(choice: Choice): Failure | undefined {
  return choice.kind === 'refused' ? choice.failure : undefined;
}
