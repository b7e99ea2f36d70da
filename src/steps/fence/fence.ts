import { RollbackError } from '../../core/errors.ts';
import { type PodObject, refText, type WorkloadObject, type WorkloadRef } from '../../core/kubernetes.ts';
import { said } from '../../core/said.ts';
import { settle } from '../../core/settle.ts';
import { kubectl } from '../../core/shell.ts';
import { tr } from '../../core/tr.ts';
import type { ClusterReader, ClusterWriter } from '../../ports/cluster.ts';
import type { ReadContext, WriteContext } from '../../ports/context.ts';
import { FENCED, FENCED_REPLICAS, type LeftFenced, leftFenced } from './left-fenced.ts';

export { type LeftFenced, leftFenced } from './left-fenced.ts';

/** How often the number that a workload asks for may change between reading and stopping it. */
const TRIES = 5;
const POLL_MS = 1000;
/** Longer than this nobody waits for writers, whatever the deadline of the run is. */
const STOPPED_WITHIN_MS = 120_000;

/** What was kept from writing. */
export interface Fenced {
  /** With the number of pods that each had, and gets back. */
  readonly workloads: readonly { readonly ref: WorkloadRef; readonly replicas: number }[];
  readonly cronJobs: readonly string[];
}

/**
 * Keeps the group from writing: Deployments and StatefulSets are scaled to zero, CronJobs of the namespace suspended, and it is waited until
 * none of their pods is left. What each had stands on the object itself, set in the same write: whoever comes after a run that was killed
 * finds it there. An autoscaler does nothing at zero
 * (kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation).
 *
 * @throws DEADLINE_PASSED when pods were left at the deadline. `unfence` is due then, too.
 */
export async function fence(ctx: WriteContext): Promise<Fenced> {
  const members = ctx.situation.members.map(({ ref }) => ref);
  for (const ref of members) {
    if (ref.kind === 'DaemonSet') ctx.note(said('note.daemonset-not-fenced', { workload: refText(ref) }));
  }
  const [workloads, cronJobs] = await Promise.all([
    settle(members.filter(({ kind }) => kind !== 'DaemonSet').map((ref) => stop(ctx, ref))),
    suspendAll(ctx),
  ]);
  const stopped = workloads.filter((one) => one !== undefined);
  const what = [...stopped.map(({ ref }) => refText(ref)), ...cronJobs.map((name) => `cronjob/${name}`)];
  if (what.length > 0) ctx.note(said('note.fenced', { what: what.join(', ') }));
  noteJobs(ctx);
  await untilGone(
    ctx,
    stopped.map(({ ref }) => ref),
  );
  return { workloads: stopped, cronJobs };
}

/** What bringing writers back needs; `post` has no more than that. */
export interface UnfenceContext {
  readonly cluster: ClusterReader;
  readonly write: { readonly cluster: Pick<ClusterWriter, 'scale' | 'suspendCronJob'> };
  readonly wrote?: WriteContext['wrote'];
  readonly note?: WriteContext['note'];
}

/**
 * Brings back exactly what carries our annotation, whichever run left it: the number of pods it had, its schedule. What somebody scaled
 * up meanwhile keeps that number, what somebody had stopped himself has no annotation. Again is no write.
 *
 * @param left what there is to bring back; looked for unless told
 * @returns what runs again, as `deployment/web`
 * @throws all that went wrong, after everything was tried
 */
export async function unfence(ctx: UnfenceContext, left?: LeftFenced): Promise<readonly string[]> {
  const { workloads, cronJobs } = left ?? (await leftFenced(ctx.cluster));
  const { cluster } = ctx.write;
  const back = await settle([
    ...workloads.map(async ({ ref, uid, replicas, now }) => {
      ctx.wrote?.(ref);
      const wanted = now === 0 ? replicas : now;
      const written = await cluster.scale(ref, uid, {
        replicas: wanted,
        from: now,
        annotations: { [FENCED_REPLICAS]: null },
      });
      ctx.wrote?.(ref, written.metadata.generation);
      return refText(ref);
    }),
    ...cronJobs.map(async ({ name, uid }) => {
      await cluster.suspendCronJob(name, uid, { suspend: false, annotations: { [FENCED]: null } });
      return `cronjob/${name}`;
    }),
  ]);
  if (back.length > 0) ctx.note?.(said('note.unfenced', { what: back.join(', ') }));
  return back;
}

/** Undefined for one that runs no pods by somebody's own will. */
async function stop(ctx: WriteContext, ref: WorkloadRef): Promise<Fenced['workloads'][number] | undefined> {
  for (let attempt = 1; ; attempt++) {
    const workload = await ctx.cluster.get(ref.kind, ref.name);
    if (!workload) return undefined;
    const replicas = workload.spec.replicas ?? 1;
    const recorded = workload.metadata.annotations?.[FENCED_REPLICAS];
    // Stopped by a run that was killed: what it had before that stands there already.
    if (replicas === 0) return recorded === undefined ? undefined : { ref, replicas: Number(recorded) };
    try {
      ctx.wrote(ref);
      const written = await ctx.write.cluster.scale(ref, workload.metadata.uid, {
        replicas: 0,
        from: replicas,
        annotations: { [FENCED_REPLICAS]: String(replicas) },
      });
      ctx.wrote(ref, written.metadata.generation);
      return { ref, replicas };
    } catch (error) {
      // An autoscaler was faster: the number to give back is the new one.
      const isOther = error instanceof RollbackError && error.code === 'PLAN_STALE';
      if (!isOther || attempt >= TRIES) throw error;
    }
  }
}

async function suspendAll(ctx: WriteContext): Promise<string[]> {
  const all = await ctx.cluster.list('CronJob');
  const isOurs = (annotations: Readonly<Record<string, string>> | undefined) => annotations?.[FENCED] === 'true';
  return settle(
    all
      .filter(({ spec, metadata }) => spec.suspend !== true || isOurs(metadata.annotations))
      .map(async ({ spec, metadata }) => {
        const { name, uid } = metadata;
        if (spec.suspend !== true) {
          await ctx.write.cluster.suspendCronJob(name, uid, { suspend: true, annotations: { [FENCED]: 'true' } });
        }
        return name;
      }),
  );
}

/** A job that runs may be in the middle of anything: it is not stopped, but said. */
function noteJobs(ctx: WriteContext): void {
  const jobs = ctx.view
    .all('Pod')
    .filter(isRunning)
    .flatMap(({ metadata }) => (metadata.ownerReferences ?? []).filter((owner) => owner.kind === 'Job'))
    .map(({ name }) => `job/${name}`);
  if (jobs.length > 0) ctx.note(said('note.jobs-run-on', { jobs: [...new Set(jobs)].join(', ') }));
}

async function untilGone(ctx: WriteContext, refs: readonly WorkloadRef[]): Promise<void> {
  const deadline = Math.min(ctx.deadline, ctx.clock.now() + STOPPED_WITHIN_MS);
  for (;;) {
    const version = ctx.view.version;
    const left = refs.flatMap((ref) => leftOf(ctx, ref));
    if (left.length === 0) return;
    if (ctx.clock.now() >= deadline) throw stillThere(ctx, left);
    await ctx.view.changed(version, Math.max(1, Math.min(POLL_MS, deadline - ctx.clock.now())), ctx.signal);
  }
}

/** Pods that may still write. The view may lag behind our write: until it shows that, the workload itself counts as one. */
function leftOf(ctx: ReadContext, ref: WorkloadRef): string[] {
  const workload = ctx.view.get(ref.kind, ref.name);
  if (!workload) return [];
  const { generation = 0 } = workload.metadata;
  const isSeen =
    generation >= (ctx.writtenGeneration(ref) ?? 0) && (workload.status?.observedGeneration ?? 0) >= generation;
  const pods = podsOf(ctx, workload).filter(isRunning);
  if (pods.length > 0) return pods.map(({ metadata }) => `pod/${metadata.name}`);
  return isSeen && (workload.status?.replicas ?? 0) === 0 ? [] : [refText(ref)];
}

/** By owner, of whatever revision: a ReplicaSet that was made since the run began counts, too. */
function podsOf(ctx: ReadContext, { kind, metadata }: WorkloadObject): PodObject[] {
  const isOf = (uid: string) => (object: { readonly metadata: PodObject['metadata'] }) =>
    (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
  const owners =
    kind === 'Deployment'
      ? ctx.view
          .all('ReplicaSet')
          .filter(isOf(metadata.uid))
          .map((set) => set.metadata.uid)
      : [metadata.uid];
  return owners.flatMap((uid) => ctx.view.all('Pod').filter(isOf(uid)));
}

/** Also one that is on its way out: until it is gone, its containers may run. */
function isRunning({ status }: PodObject): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function stillThere(ctx: ReadContext, left: readonly string[]): RollbackError {
  const shown = left.slice(0, 5).join(', ');
  const more = left.length > 5 ? tr` and ${left.length - 5} more` : '';
  return new RollbackError(
    'DEADLINE_PASSED',
    tr`these were scaled to zero so that nobody writes, and are still there: ${shown}${more}`,
    tr`See what holds them: ${kubectl(ctx.config.namespace, 'describe', ...(left[0] ?? 'pods').split('/'))}; then run again (safe)`,
  );
}
