import type { FieldSet, WorkloadObject } from './kubernetes.ts';
import { tr } from './tr.ts';
import type { Revision } from './workload.ts';

/** A moment that is known to lie between two, ms since the epoch. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

/** A release in the order in which a workload ran it: revisions in a row with the same hash are one (restarts). */
export interface Release {
  readonly hash: string;
  /** The revision with the highest number of this release. */
  readonly revision: Revision;
  readonly revisions: readonly Revision[];
}

/** What a workload runs, since when, and what it ran before. */
export interface Timeline {
  /** Undefined while no revision has the live template: paused before it was rolled out, or not yet seen by the controller. */
  readonly current?: Release;
  /** Newest first. */
  readonly earlier: readonly Release[];
  /** When the live release began to roll out. */
  readonly startedAt: Moment;
  /** The live release ran before and came back: a redeploy of an old version, or a rollback by somebody. */
  readonly returned: boolean;
  /** The template was changed since the workload was created. */
  readonly changed: boolean;
}

/** Puts the revisions of a workload (newest number first) in the order of what ran when. */
export function timelineOf(workload: WorkloadObject, revisions: readonly Revision[], liveHash: string): Timeline {
  const releases = releasesOf(revisions);
  const [newest, ...others] = releases;
  const isRolledOut = newest?.hash === liveHash;
  const earlier = isRolledOut ? others : releases;
  const lastTemplateWrite = templateWrittenAt(workload);

  if (!isRolledOut) {
    const newestCreation = Math.max(...revisions.map((revision) => revision.createdAt), createdAt(workload));
    return {
      earlier: earlier.filter((release) => release.hash !== liveHash || release !== newest),
      startedAt: { from: Math.min(newestCreation, lastTemplateWrite), to: lastTemplateWrite },
      returned: releases.some((release) => release.hash === liveHash),
      changed: true,
    };
  }

  const first = newest.revisions[newest.revisions.length - 1] ?? newest.revision;
  const newestEarlierCreation = Math.max(
    0,
    ...others.flatMap((release) => release.revisions.map((revision) => revision.createdAt)),
  );
  const returned =
    first.createdAt < newestEarlierCreation ||
    others.some((release) => release.hash === liveHash) ||
    first.formerNumbers.length > 0;
  return {
    current: newest,
    earlier,
    startedAt: returned
      ? { from: newestEarlierCreation, to: Math.max(newestEarlierCreation, lastTemplateWrite) }
      : { from: first.createdAt, to: first.createdAt },
    returned,
    changed: others.length > 0 || first.number > 1,
  };
}

function releasesOf(revisions: readonly Revision[]): Release[] {
  const releases: { hash: string; revision: Revision; revisions: Revision[] }[] = [];
  for (const revision of revisions) {
    const last = releases.at(-1);
    if (last?.hash === revision.hash) last.revisions.push(revision);
    else releases.push({ hash: revision.hash, revision, revisions: [revision] });
  }
  return releases;
}

function createdAt(workload: WorkloadObject): number {
  return Date.parse(workload.metadata.creationTimestamp);
}

/**
 * No later than this the template was last changed: a manager's entry carries the time of its last change of any field it owns
 * (managedFields of the API server; entries of subresources never touch the template).
 */
export function templateWrittenAt(workload: WorkloadObject): number {
  const times = (workload.metadata.managedFields ?? [])
    .filter((entry) => entry.subresource === undefined && entry.time !== undefined && ownsTemplate(entry.fieldsV1))
    .map((entry) => Date.parse(entry.time ?? ''));
  return times.length > 0 ? Math.max(...times) : Number.POSITIVE_INFINITY;
}

export function ownsTemplate(fields: FieldSet | undefined): boolean {
  return fields?.['f:spec']?.['f:template'] !== undefined;
}

/** Who changed the template last, and when, as managedFields has it: `kubectl-edit (2026-01-01T00:00:00Z)`. */
export function lastTemplateManager(workload: WorkloadObject): string {
  const [last] = (workload.metadata.managedFields ?? [])
    .filter((entry) => entry.subresource === undefined && ownsTemplate(entry.fieldsV1))
    .sort((a, b) => Date.parse(b.time ?? '') - Date.parse(a.time ?? ''));
  return last ? `${last.manager ?? tr`an unnamed manager`} (${last.time ?? tr`time unknown`})` : tr`somebody`;
}
