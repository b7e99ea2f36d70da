import { RollbackError } from '../../core/errors.ts';
import type { ObjectKind, ObjectOf } from '../../core/kubernetes.ts';
import { tr } from '../../core/tr.ts';
import type { ClusterView } from '../../ports/cluster.ts';
import type { ObjectClient, OpenView } from './object-client.ts';
import { KindWatch } from './watch.ts';

/** Kinds whose absence makes a run poorer but not wrong. */
const OPTIONAL: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'Event',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'ResourceQuota',
]);
/** Waiters wake at most this often: five hundred pods change in one breath. */
const WAKE_EVERY_MS = 10;

interface Waiter {
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Opens one list and watch per kind, all at once. @throws CLUSTER_FORBIDDEN for a kind that a rollback cannot do without */
export async function openView(
  client: ObjectClient,
  kinds: readonly ObjectKind[],
  signal: AbortSignal,
): Promise<ClusterView> {
  const view = new NamespaceView(client, kinds, signal);
  try {
    await view.open();
  } catch (error) {
    view.close();
    throw error;
  }
  return view;
}

class NamespaceView implements ClusterView, OpenView {
  readonly #watches = new Map<ObjectKind, KindWatch<ObjectKind>>();
  readonly #stop = new AbortController();
  readonly #missing = new Set<ObjectKind>();
  readonly #waiters = new Set<Waiter>();
  readonly #client: ObjectClient;
  readonly #signal: AbortSignal;
  #version = 0;
  #wake: NodeJS.Timeout | undefined;
  #wokenAt = 0;
  #failure: unknown;

  constructor(client: ObjectClient, kinds: readonly ObjectKind[], signal: AbortSignal) {
    this.#client = client;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    for (const kind of new Set(kinds)) {
      this.#watches.set(
        kind,
        new KindWatch(client, kind, this.#signal, {
          changed: () => this.#changed(),
          failed: (error) => this.#fail(error),
        }),
      );
    }
  }

  async open(): Promise<void> {
    await Promise.all(
      [...this.#watches].map(async ([kind, watch]) => {
        try {
          await watch.start();
        } catch (error) {
          const denied = error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN';
          if (!denied || !OPTIONAL.has(kind)) throw error;
          this.#missing.add(kind);
        }
      }),
    );
    this.#client.views.add(this);
  }

  get version(): number {
    return this.#version;
  }

  get missing(): readonly ObjectKind[] {
    return [...this.#missing];
  }

  all<K extends ObjectKind>(kind: K): readonly ObjectOf[K][] {
    return this.#watch(kind).all();
  }

  get<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined {
    return this.#watch(kind).get(name);
  }

  known<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined {
    return this.#failure === undefined && this.#watches.has(kind) ? this.#watch(kind).get(name) : undefined;
  }

  changed(version: number, maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#version > version) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      const end = new AbortController();
      const done = (settle: () => void) => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', aborted);
        end.abort();
        settle();
      };
      const waiter: Waiter = {
        since: version,
        resolve: () => done(resolve),
        reject: (error) => done(() => reject(error)),
      };
      const aborted = () => waiter.reject(signal.reason);
      if (signal.aborted) return reject(signal.reason);
      this.#waiters.add(waiter);
      signal.addEventListener('abort', aborted, { once: true });
      this.#client.transport.clock.sleep(Math.max(0, maxMs), end.signal).then(
        () => waiter.resolve(),
        () => undefined,
      );
    });
  }

  close(): void {
    this.#stop.abort();
    this.#client.views.delete(this);
    clearTimeout(this.#wake);
    this.#wake = undefined;
    const closed = new RollbackError('CANCELLED', tr`The view of the namespace was closed.`, tr`Run again.`);
    for (const waiter of [...this.#waiters]) waiter.reject(closed);
  }

  #watch<K extends ObjectKind>(kind: K): KindWatch<K> {
    const watch = this.#watches.get(kind);
    if (!watch) throw new Error(`${kind} is not part of this view`);
    return watch as unknown as KindWatch<K>;
  }

  #changed(): void {
    if (this.#wake !== undefined || this.#signal.aborted) return;
    const wait = Math.max(0, this.#wokenAt + WAKE_EVERY_MS - performance.now());
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#wokenAt = performance.now();
      this.#version++;
      for (const waiter of [...this.#waiters]) if (this.#version > waiter.since) waiter.resolve();
    }, wait);
  }

  #fail(error: unknown): void {
    if (this.#signal.aborted || this.#failure !== undefined) return;
    this.#failure = error;
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }
}
