import type { Cause } from '../../src/core/finding.ts';
import type { Cluster } from '../../testbed/cluster.ts';
import { waitFor } from '../../testbed/condition.ts';
import type { Manifest } from './scene.ts';

type Kind = 'pods' | 'events' | 'replicasets';

const PATHS: Readonly<Record<Kind, string>> = {
  pods: '/api/v1/pods',
  events: '/api/v1/events',
  replicasets: '/apis/apps/v1/replicasets',
};

/** One object of the API as it arrived; `about` is the pod or the other object that it speaks of. */
interface Seen {
  readonly at: number;
  readonly kind: Kind;
  readonly object: Manifest;
}

/**
 * A watcher of its own beside the action: what the API showed, and when. One watch per kind for all namespaces, since each takes a
 * connection.
 */
export class Witness {
  readonly #seen = new Map<string, Seen[]>();
  readonly #stop = new AbortController();

  private constructor() {}

  static async open(cluster: Cluster): Promise<Witness> {
    const witness = new Witness();
    for (const kind of Object.keys(PATHS) as Kind[]) void witness.#watch(cluster, kind);
    return witness;
  }

  close(): void {
    this.#stop.abort();
  }

  async #watch(cluster: Cluster, kind: Kind): Promise<void> {
    for await (const { type, object } of cluster.api.watch<Manifest>(PATHS[kind], this.#stop.signal)) {
      if (type === 'DELETED') continue;
      const { namespace } = object.metadata;
      const list = this.#seen.get(namespace) ?? [];
      this.#seen.set(namespace, list);
      list.push({ at: Date.now(), kind, object });
    }
  }

  /** Names of the pods that were seen so far: what is said of them later is no news about another release. */
  pods(namespace: string): Set<string> {
    const pods = (this.#seen.get(namespace) ?? []).filter(({ kind }) => kind === 'pods');
    return new Set(pods.map(({ object }) => object.metadata.name));
  }

  /** When the API first showed, after `since`, what decides on the cause; undefined while it has not. ms since the epoch. */
  firstSign(namespace: string, cause: Cause, since: number, old: ReadonlySet<string>): number | undefined {
    const decides = DECISIVE[cause];
    if (!decides) throw new Error(`what decides on ${cause} is not written down here`);
    return (this.#seen.get(namespace) ?? []).find(
      ({ at, kind, object }) =>
        at >= since &&
        !old.has(kind === 'events' ? object.involvedObject.name : object.metadata.name) &&
        decides(kind, object),
    )?.at;
  }

  /** Waits for a sign; for one that repeats, until it was counted `times`. */
  async untilSign(namespace: string, cause: Cause, old: ReadonlySet<string>, times = 1): Promise<void> {
    const isThere = () =>
      this.firstSign(namespace, cause, 0, old) !== undefined &&
      (times === 1 || this.#counted(namespace, cause, old) >= times);
    await waitFor(`${namespace}: a sign of ${cause}`, isThere, { timeoutMs: 60_000 });
  }

  #counted(namespace: string, cause: Cause, old: ReadonlySet<string>): number {
    const events = (this.#seen.get(namespace) ?? []).filter(
      ({ kind, object }) =>
        kind === 'events' && !old.has(object.involvedObject.name) && DECISIVE[cause]?.(kind, object),
    );
    return Math.max(0, ...events.map(({ object }) => object.count ?? 1));
  }
}

/** Whether an object of the API decides on a cause, told without the rules of the action. */
const DECISIVE: Partial<Record<Cause, (kind: Kind, object: Manifest) => boolean>> = {
  'crash-loop': ended((exit) => exit.exitCode !== 0, 'containerStatuses'),
  'init-crash': ended((exit) => exit.exitCode !== 0, 'initContainerStatuses'),
  'out-of-memory': ended((exit) => exit.reason === 'OOMKilled', 'containerStatuses'),
  'image-not-found': waits('ErrImagePull'),
  'registry-unreachable': waits('ErrImagePull'),
  'invalid-image-name': waits('InvalidImageName'),
  'command-not-found': waits('RunContainerError'),
  'missing-key': waits('CreateContainerConfigError'),
  'missing-secret': either(waits('CreateContainerConfigError'), says('FailedMount', /not found/)),
  'missing-config-map': waits('CreateContainerConfigError'),
  'never-ready': (kind, object) => says('Unhealthy', /^Readiness .* 503/)(kind, object) && (object.count ?? 1) >= 2,
  'liveness-kill': says('Killing', /liveness/),
  'quota-exceeded': says('FailedCreate', /exceeded quota/),
  unschedulable: (kind, object) =>
    kind === 'pods' &&
    (object.status.conditions ?? []).some((one: Manifest) => one.type === 'PodScheduled' && one.status === 'False'),
};

function ended(how: (exit: Manifest) => boolean, list: 'containerStatuses' | 'initContainerStatuses') {
  return (kind: Kind, object: Manifest) =>
    kind === 'pods' &&
    object.metadata.deletionTimestamp === undefined &&
    (object.status[list] ?? []).some((one: Manifest) =>
      [one.state?.terminated, one.lastState?.terminated].some((exit) => exit !== undefined && how(exit)),
    );
}

function waits(reason: string) {
  return (kind: Kind, object: Manifest) =>
    kind === 'pods' &&
    (object.status.containerStatuses ?? []).some((one: Manifest) => one.state?.waiting?.reason === reason);
}

function says(reason: string, text: RegExp) {
  return (kind: Kind, object: Manifest) =>
    kind === 'events' && object.reason === reason && text.test(object.message ?? '');
}

function either(...tests: ((kind: Kind, object: Manifest) => boolean)[]) {
  return (kind: Kind, object: Manifest) => tests.some((test) => test(kind, object));
}
