import { existsSync, readFileSync } from 'node:fs';
import type { Finding } from '../../../src/core/finding.ts';
import type { EventObject, PodObject, ReplicaSetObject, WorkloadObject } from '../../../src/core/kubernetes.ts';
import { templateHash } from '../../../src/core/workload.ts';
import { diagnose } from '../../../src/diagnosis/index.ts';
import { patientIndex, patientOf } from '../../../src/diagnosis/patient.ts';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url);

export interface Capture {
  readonly deployment: WorkloadObject;
  readonly replicaSets: readonly ReplicaSetObject[];
  readonly events: readonly EventObject[];
  /** Pods as the watch gave them, in order; undefined object: deleted. */
  readonly watch: readonly { readonly name: string; readonly pod: PodObject | undefined; readonly at: number }[];
  readonly badHash: string;
  readonly goodHash: string;
  /** When the bad release was deployed, ms: the creation of its first pod or of its ReplicaSet. */
  readonly since: number;
}

function read(path: string): string {
  return readFileSync(new URL(path, CAPTURES), 'utf8');
}

function items<T>(path: string): T[] {
  const parsed = JSON.parse(read(path)) as { items?: T[] } | T[];
  return Array.isArray(parsed) ? parsed : (parsed.items ?? []);
}

/** The newest time that an object states about what has happened to it; deletionTimestamp lies ahead by the grace period. */
function newestTime(pod: PodObject): number {
  const { deletionTimestamp, ...metadata } = pod.metadata;
  const times = JSON.stringify([metadata, pod.status]).match(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g) ?? [];
  const deletion = deletionTimestamp
    ? [Date.parse(deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000]
    : [];
  return Math.max(...deletion, ...times.map((time) => Date.parse(JSON.parse(time) as string)));
}

export function loadCapture(folder: string): Capture {
  const deployment = JSON.parse(read(`${folder}/deployment.json`)) as WorkloadObject;
  const replicaSets = items<ReplicaSetObject>(`${folder}/replicasets.json`);
  const badHash = templateHash(deployment.spec.template);
  const bad = replicaSets.find((one) => templateHash(one.spec.template) === badHash);
  const good = replicaSets.find((one) => one.metadata.name === 'web-5c89bc597b');
  if (!bad || !good) throw new Error(`${folder}: no ReplicaSet of the bad or the good release`);
  const hasWatch = existsSync(new URL(`${folder}/pods.watch.ndjson`, CAPTURES));
  let at = 0;
  const watch = (hasWatch ? read(`${folder}/pods.watch.ndjson`).trim().split('\n') : []).map((line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: PodObject };
    at = Math.max(at, newestTime(object));
    return { name: object.metadata.name, pod: type === 'DELETED' ? undefined : object, at };
  });
  const firstBad = watch.find(({ pod }) => pod?.metadata.ownerReferences?.[0]?.uid === bad.metadata.uid)?.pod;
  return {
    deployment,
    replicaSets,
    events: items<EventObject>(`${folder}/events.json`),
    watch,
    badHash,
    goodHash: templateHash(good.spec.template),
    since: Date.parse((firstBad ?? bad).metadata.creationTimestamp),
  };
}

export interface Step {
  /** What happened: `web terminated Error r0`, `event Killing`, `tick`. */
  readonly label: string;
  readonly at: number;
  /** A pod of the bad release is there that is not being deleted. */
  readonly badAlive: boolean;
  readonly bad: readonly Finding[];
  readonly good: readonly Finding[];
}

/** When each of an event's repetitions happened; the API keeps the first and the last only. */
function occurrences(event: EventObject): number[] {
  const first = Date.parse(event.firstTimestamp ?? event.eventTime ?? '');
  const last = Date.parse(event.lastTimestamp ?? event.eventTime ?? '');
  const count = event.count ?? 1;
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? first : Math.round(first + ((last - first) * i) / (count - 1)),
  );
}

/** An event as the API shows it after some of its repetitions. */
function after(event: EventObject, times: readonly number[]): EventObject {
  if (event.count === undefined) return event;
  return { ...event, count: times.length, lastTimestamp: new Date(times.at(-1) ?? 0).toISOString() };
}

export function describePod(pod: PodObject): string {
  const scheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status === 'False') return `PodScheduled=${scheduled.reason}`;
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  // The newest of them that is not waiting for another one.
  const [status] = all;
  if (!status) return 'no status';
  const { waiting, terminated } = status.state ?? {};
  const state = waiting ? `waiting ${waiting.reason}` : terminated ? `terminated ${terminated.reason}` : 'running';
  return `${status.name} ${state} r${status.restartCount}`;
}

/**
 * Plays a capture back: every watch event, every event of the cluster and every second between, diagnosed for the bad
 * release and for the good one. Times of the API are cut to seconds; `skewMs` moves now within that second.
 */
export function replay(capture: Capture, skewMs = 0): Step[] {
  const steps: Step[] = [];
  const pods = new Map<string, PodObject>();
  const seen = new Map<EventObject, number[]>();
  const moments: { at: number; label: string; change?: Capture['watch'][number]; event?: EventObject }[] = [
    ...capture.watch.map((one) => ({ at: one.at, label: one.pod ? describePod(one.pod) : 'deleted', change: one })),
    ...capture.events.flatMap((event) =>
      occurrences(event).map((at) => ({ at, label: `event ${event.reason}`, event })),
    ),
  ];
  const end = Math.max(...moments.map((moment) => moment.at), capture.since) + 5000;
  for (let at = capture.since; at <= end; at += 1000) moments.push({ at, label: 'tick' });
  for (const { at, label, change, event } of moments.toSorted((a, b) => a.at - b.at)) {
    if (change?.pod) pods.set(change.name, change.pod);
    else if (change) pods.delete(change.name);
    if (event) seen.set(event, [...(seen.get(event) ?? []), at]);
    if (at < capture.since) continue;
    const now = at + skewMs;
    const status = capture.deployment.status;
    const workload: WorkloadObject = {
      ...capture.deployment,
      ...(status
        ? {
            status: {
              ...status,
              conditions: (status.conditions ?? []).filter((one) => Date.parse(one.lastUpdateTime ?? '') <= now),
            },
          }
        : {}),
    };
    const index = patientIndex({
      pods: [...pods.values()],
      replicaSets: capture.replicaSets,
      events: [...seen].map(([one, times]) => after(one, times)),
    });
    const bad = patientOf(index, workload, capture.badHash, capture.since, now);
    const good = patientOf(index, workload, capture.goodHash, capture.since, now);
    steps.push({ label, at, badAlive: bad.pods.length > 0, bad: diagnose(bad), good: diagnose(good) });
  }
  return steps;
}
