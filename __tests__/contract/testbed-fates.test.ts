import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../../testbed/api-client.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import { FATES, type Fate } from '../../testbed/fates/index.ts';
import { sharedCluster } from '../../testbed/jest.ts';
import type { ContainerStatus, Pod } from '../../testbed/kubelet/pod.ts';

const GOOD = {
  metadata: { labels: { app: 'web' } },
  spec: {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'web',
        image: 'registry.shop.example/web:v1',
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 2, failureThreshold: 2 },
        resources: { limits: { memory: '48Mi' }, requests: { cpu: '20m', memory: '16Mi' } },
      },
    ],
  },
};

/** Whether an image was pulled before, and what ran when it was undone, differ from one time to the next. */
const MAY_DIFFER = new Set(['Normal Pulling', 'Normal Pulled', 'Normal Killing']);

interface Seen {
  readonly type: string;
  readonly object: Pod;
}

/** One rollout to a bad version and back, as a watcher saw it. */
interface Episode {
  readonly namespace: string;
  readonly seen: Seen[];
  readonly events: CoreEvent[];
}

interface CoreEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly fieldPath?: string };
  readonly source?: { readonly component?: string };
}

let cluster: Cluster;
const episodes = new Map<string, Promise<Episode>>();
const stop = new AbortController();

beforeAll(async () => {
  cluster = await sharedCluster();
  // All at once: each waits most of its time.
  for (const fate of FATES) episodes.set(fate.id, play(fate));
  await Promise.allSettled(episodes.values());
});
afterAll(() => stop.abort());

describe.each(FATES.map((fate) => [fate.id, fate] as const))('%s', (id, fate) => {
  const capture = readCapture(id);

  it('shows the same events as the real node', async () => {
    const { events } = await (episodes.get(id) as Promise<Episode>);
    const mine = kinds(events, capture.subject);
    const expected = kinds(capture.events, capture.subject);
    expect(mine.filter((kind) => !MAY_DIFFER.has(kind))).toEqual(expected.filter((kind) => !MAY_DIFFER.has(kind)));
  });

  if (fate.reaches === 'controller') return;

  it('passes through the same states', async () => {
    const { seen } = await (episodes.get(id) as Promise<Episode>);
    expect(statesBefore(seen).slice(0, capture.states.length)).toEqual(capture.states);
  });

  it('goes away in the same way once undone', async () => {
    const { seen } = await (episodes.get(id) as Promise<Episode>);
    // One that runs now and then may have been stopped in either state: the signal comes some time after the undo.
    const ends = everRan(seen) ? [STOPPED_WHILE_RUNNING, lastBreath(capture.seen)] : [lastBreath(capture.seen)];
    expect(ends).toContainEqual(lastBreath(seen));
  });

  it('has the same fields in each state', async () => {
    const { seen } = await (episodes.get(id) as Promise<Episode>);
    const mine = fieldsByState(seen);
    for (const [state, fields] of fieldsByState(capture.seen)) {
      if (mine.has(state)) expect([state, mine.get(state)]).toEqual([state, fields]);
    }
  });
});

async function play(fate: Fate): Promise<Episode> {
  const namespace = await cluster.namespace(`fate-${fate.id}`);
  const deployment = (template: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 2,
      progressDeadlineSeconds: 30,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template,
    },
  });
  await cluster.apply(deployment(GOOD));
  await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=30s'], { check: true });
  await cluster.apply(fate.objects?.(namespace, { replicas: 2 }) ?? []);
  const old = new Set((await pods(cluster.api, namespace)).map(({ metadata }) => metadata.name));
  const seen: Seen[] = [];
  void watch(namespace, old, seen);
  await cluster.apply(deployment(fate.template(GOOD)));
  const capture = readCapture(fate.id);
  await waitFor(
    `${fate.id} to pass through its states`,
    async () =>
      fate.reaches === 'controller'
        ? (await events(namespace)).some(({ reason }) => reason === 'FailedCreate')
        : statesBefore(seen).length >= capture.states.length && covers(await events(namespace), capture),
    { timeoutMs: 60_000, explain: () => JSON.stringify(statesBefore(seen), null, 1) },
  ).catch((error: Error) => console.error(error.message));
  await cluster.kubectl(['-n', namespace, 'rollout', 'undo', 'deployment/web'], { check: true });
  await waitFor(
    'the bad pods to be gone',
    async () => (await pods(cluster.api, namespace)).every(({ spec }) => spec.containers[0]?.image.endsWith(':v1')),
    { timeoutMs: 30_000 },
  );
  await waitFor(
    'the watch to see it',
    () => fate.reaches === 'controller' || seen.some(({ type }) => type === 'DELETED'),
    {
      timeoutMs: 10_000,
    },
  );
  return { namespace, seen, events: await events(namespace) };
}

async function watch(namespace: string, old: ReadonlySet<string>, seen: Seen[]): Promise<void> {
  for await (const event of cluster.api.watch<Pod>(`/api/v1/namespaces/${namespace}/pods`, stop.signal)) {
    if (!old.has(event.object.metadata.name)) seen.push(event);
  }
}

const pods = async (api: ApiClient, namespace: string) =>
  (await api.call('GET', `/api/v1/namespaces/${namespace}/pods`)).body.items as Pod[];

const events = async (namespace: string) =>
  (await cluster.api.call('GET', `/api/v1/namespaces/${namespace}/events`)).body.items as CoreEvent[];

interface Capture {
  readonly seen: Seen[];
  readonly events: CoreEvent[];
  readonly states: string[];
  /** What a kubelet says of pods, or for a quota what the controller says of its ReplicaSet. */
  readonly subject: (event: CoreEvent) => boolean;
}

function readCapture(id: string): Capture {
  const folder = new URL(`../fixtures/captures/${id}/`, import.meta.url);
  const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
  const all = JSON.parse(read('events.json')).items as CoreEvent[];
  if (id === 'v10-quota') {
    return { seen: [], events: all, states: [], subject: ({ reason }) => reason === 'FailedCreate' };
  }
  const lines = read('pods.watch.ndjson').trimEnd().split('\n');
  const everything = lines.map((line) => JSON.parse(line) as Seen);
  // The captured ones may also hold pods of the version before and after.
  const bad = everything.find(
    ({ type, object }) => type === 'ADDED' && !object.spec.containers[0]?.image.endsWith(':v1'),
  );
  const name = bad?.object.metadata.name;
  const seen = everything.filter(({ object }) => object.metadata.name === name);
  const subject = (event: CoreEvent) =>
    event.involvedObject.kind === 'Pod' && ['Warning', 'Normal'].includes(event.type) && event.reason !== 'Scheduled';
  return {
    seen,
    events: all.filter(({ involvedObject }) => involvedObject.name !== undefined),
    states: statesBefore(seen),
    subject,
  };
}

const kinds = (list: readonly CoreEvent[], subject: Capture['subject']) =>
  [...new Set(list.filter(subject).map(({ type, reason }) => `${type} ${reason}`))].sort();

function covers(list: readonly CoreEvent[], { events, subject }: Capture): boolean {
  const mine = new Set(kinds(list, subject));
  return kinds(events, subject).every((kind) => mine.has(kind) || MAY_DIFFER.has(kind));
}

/** The distinct states of the first new pod until its deletion was asked for. */
function statesBefore(seen: readonly Seen[]): string[] {
  const name = seen.find(({ type }) => type === 'ADDED')?.object.metadata.name;
  const states: string[] = [];
  for (const { object } of seen) {
    if (object.metadata.name !== name || object.metadata.deletionTimestamp) continue;
    const state = describeState(object);
    if (states.at(-1) !== state) states.push(state);
  }
  return states;
}

function describeState({ status }: Pod): string {
  const scheduled = status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const containers = [
    ...(status.initContainerStatuses ?? []).map((one) => `init/${describeContainer(one)}`),
    ...(status.containerStatuses ?? []).map(describeContainer),
  ];
  return [status.phase, ...(scheduled ? [scheduled.reason] : []), ...containers].join(' | ');
}

function describeContainer({ name, state, lastState, restartCount, ready }: ContainerStatus): string {
  const last = lastState?.terminated ? ` last=${lastState.terminated.reason}(${lastState.terminated.exitCode})` : '';
  return `${name}:${describeOne(state)} r${restartCount}${last}${ready ? ' ready' : ''}`;
}

function describeOne({ waiting, terminated }: ContainerStatus['state']): string {
  if (waiting) return `waiting=${waiting.reason}${/^(back-off \d+s)/.exec(waiting.message ?? '')?.[1] ?? ''}`;
  return terminated ? `terminated=${terminated.reason}(${terminated.exitCode})` : 'running';
}

/** What is seen last of the first new pod, besides its object going away. */
function lastBreath(seen: readonly Seen[]): unknown {
  const name = seen.find(({ type }) => type === 'ADDED')?.object.metadata.name;
  const last = seen.filter(({ object }) => object.metadata.name === name).at(-1)?.object as Pod;
  return {
    phase: last.status.phase,
    // How often it had been started by then is a matter of when it was undone.
    containers: [...(last.status.initContainerStatuses ?? []), ...(last.status.containerStatuses ?? [])].map(
      ({ state }) => describeOne(state),
    ),
    ready: last.status.conditions?.find(({ type }) => type === 'Ready')?.reason,
  };
}

/** Crash loops alternate between running and waiting; the captures were undone while they waited. */
function everRan(seen: readonly Seen[]): boolean {
  return seen.some(({ object }) => object.status.containerStatuses?.[0]?.state.running !== undefined);
}

/** As the capture v5-readiness-failing shows it. */
const STOPPED_WHILE_RUNNING = {
  phase: 'Succeeded',
  containers: ['terminated=Completed(0)'],
  ready: 'PodCompleted',
};

function fieldsByState(seen: readonly Seen[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const { object } of seen) {
    if (object.spec.containers[0]?.image.endsWith(':v1')) continue;
    const { status } = object;
    for (const one of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      fields.set(
        `${one.name} ${describeOne(one.state)} ${one.restartCount > 0}`,
        [
          ...Object.keys(one),
          ...Object.entries(one.state).map(([kind, value]) => `state.${kind}: ${Object.keys(value)}`),
        ].sort(),
      );
    }
  }
  return fields;
}
