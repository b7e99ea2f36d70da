import { refText } from '../../core/kubernetes.ts';
import { templateWrittenAt } from '../../core/timeline.ts';
import { templateHash } from '../../core/workload.ts';
import { indexView } from '../../diagnosis/patient.ts';
import { containersOf } from '../../diagnosis/reading/containers.ts';
import type { ReadContext } from '../../ports/context.ts';

/** How far back the logs of the release before are looked at: long enough for a rate, short enough for a release of today. */
const BEFORE_MS = 5 * 60_000;
/** More pods of a workload say no more about the rate of its errors. */
const MOST_PODS = 3;
const SHORTEST_MS = 1000;
/** Times of the API are cut to whole seconds. The doubt is the target's: it may have been there for longer, the release before for less long. */
const ROUNDING_MS = 1000;

/** One container whose log is looked at. */
export interface LogPlace {
  /** `deployment/web`. */
  readonly workload: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly sinceSeconds: number;
  /** How much of that time the container was there, ms. */
  readonly askedMs: number;
}

/** The containers of what runs now, all releases of it: of a rollout that is stuck, the pods of the one before still serve. */
export function placesBefore(ctx: ReadContext): LogPlace[] {
  const { readAt } = ctx.situation;
  return inTurn(
    ctx.situation.members.map(({ ref, workload, hash }) => {
      const { pods, otherPods } = indexView(ctx.view).patientOf(workload, hash, 0, readAt);
      const others = otherPods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return [...pods.slice(0, MOST_PODS), ...others.slice(0, MOST_PODS)].flatMap((pod) =>
        printed(pod).map((container) => ({
          workload: refText(ref),
          pod: pod.metadata.name,
          uid: pod.metadata.uid,
          container,
          sinceSeconds: BEFORE_MS / 1000,
          askedMs: between(SHORTEST_MS, readAt - Date.parse(pod.metadata.creationTimestamp) - ROUNDING_MS, BEFORE_MS),
        })),
      );
    }),
  );
}

/**
 * The containers of the target release, since this run wrote it; since the run began, where it had nothing to write. The clocks of runner and cluster
 * may differ: only times of the same one are compared.
 */
export function placesAfter(ctx: ReadContext): LogPlace[] {
  const now = ctx.clock.now();
  return inTurn(
    ctx.situation.members.map(({ ref }) => {
      const workload = ctx.view.get(ref.kind, ref.name);
      if (!workload) return [];
      const writtenAt = ctx.writtenAt(ref);
      const elapsed = Math.max(SHORTEST_MS, now - (writtenAt ?? ctx.situation.readAt));
      const since = writtenAt === undefined ? Number.POSITIVE_INFINITY : templateWrittenAt(workload);
      const { pods } = indexView(ctx.view).patientOf(workload, templateHash(workload.spec.template), 0, now);
      return pods.slice(0, MOST_PODS).flatMap((pod) => {
        const later = Math.max(0, Date.parse(pod.metadata.creationTimestamp) - since);
        return printed(pod).map((container) => ({
          workload: refText(ref),
          pod: pod.metadata.name,
          uid: pod.metadata.uid,
          container,
          sinceSeconds: Math.ceil((elapsed + ROUNDING_MS) / 1000),
          askedMs: between(SHORTEST_MS, elapsed - later + ROUNDING_MS, elapsed),
        }));
      });
    }),
  );
}

/** Names of the containers, init containers and sidecars too, that may have printed something. */
function printed(pod: Parameters<typeof containersOf>[0]): string[] {
  return containersOf(pod)
    .filter(({ status: { state, lastState } }) => state?.running ?? state?.terminated ?? lastState?.terminated)
    .map(({ spec }) => spec.name);
}

/** The first of each, then the second of each: a bound on their number leaves no workload out for another's sake. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, Number.isFinite(value) ? value : most));
}
