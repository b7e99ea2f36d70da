import { RollbackError } from '../../core/errors.ts';
import type { KubeObject, ObjectKind, ObjectOf } from '../../core/kubernetes.ts';
import type { Answer } from './failure.ts';
import { type Listed, type ObjectClient, slim, withKind } from './object-client.ts';
import { pathOf, RESOURCES } from './resources.ts';

/** A watch that says nothing for this long is checked against a list: it may be dead, or the namespace may be quiet. */
const SILENT_MS = 15_000;
const SILENT_MAX_MS = 60_000;
/** The server ends a watch by itself, so that one that nobody notices any more cannot last. */
const WATCH_SECONDS = 290;

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

export interface WatchListener {
  changed(): void;
  /** The watch cannot go on, ever: the permission or the credentials are gone. */
  failed(error: unknown): void;
}

/** The objects of one kind: listed once, then kept current. */
export class KindWatch<K extends ObjectKind> {
  readonly #client: ObjectClient;
  readonly #kind: K;
  readonly #signal: AbortSignal;
  readonly #listener: WatchListener;
  readonly #objects = new Map<string, ObjectOf[K]>();
  #all: readonly ObjectOf[K][] | undefined;
  #from = '';
  #heardAt = 0;

  constructor(client: ObjectClient, kind: K, signal: AbortSignal, listener: WatchListener) {
    this.#client = client;
    this.#kind = kind;
    this.#signal = signal;
    this.#listener = listener;
  }

  /** Resolves when the list is in; the watch goes on behind. */
  async start(): Promise<void> {
    await this.#relist();
    void this.#run();
  }

  all(): readonly ObjectOf[K][] {
    this.#all ??= [...this.#objects.values()];
    return this.#all;
  }

  get(name: string): ObjectOf[K] | undefined {
    return this.#objects.get(name);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#signal.aborted) {
      const before = this.#from;
      try {
        const ended = await this.#watchOnce();
        if (ended === 'expired') await this.#relist();
        // A server that closes at once every time is not asked in a tight loop.
        failures = ended === 'closed' && this.#from === before ? failures + 1 : 0;
      } catch (error) {
        if (this.#signal.aborted) return;
        if (error instanceof RollbackError && isFinal(error)) return this.#listener.failed(error);
        failures++;
      }
      if (failures > 0) await this.#sleep(Math.min(100 * 2 ** (failures - 1), 2_000));
    }
  }

  /** One watch until it ends: `expired` asks for a new list, `closed` for a new watch from where it stopped. */
  async #watchOnce(): Promise<'expired' | 'closed'> {
    const { transport } = this.#client;
    const purpose = this.#client.purpose('watch', RESOURCES[this.#kind].plural);
    const end = new AbortController();
    const signal = AbortSignal.any([this.#signal, end.signal]);
    const response = await transport.stream({
      method: 'GET',
      path: pathOf(this.#kind, this.#client.namespace),
      query: { watch: 1, allowWatchBookmarks: true, resourceVersion: this.#from, timeoutSeconds: WATCH_SECONDS },
      purpose,
      signal: AbortSignal.any([signal, AbortSignal.timeout((WATCH_SECONDS + 30) * 1000)]),
    });
    if (response.statusCode !== 200) {
      const answer: Answer = {
        status: response.statusCode,
        headers: response.headers,
        body: await response.body.text(),
      };
      if (answer.status === 410) return 'expired';
      // Listing is allowed and watching is not: the list is asked for again and again instead.
      if (answer.status === 403) return this.#poll();
      if (answer.status === 429 || answer.status >= 500) {
        await transport.pause(0, answer, 5_000, this.#signal);
        return 'closed';
      }
      throw this.#client.error(answer, purpose);
    }
    this.#heardAt = transport.clock.now();
    const guard = this.#guardSilence(end);
    try {
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        this.#heardAt = transport.clock.now();
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        if (this.#take(lines) === 'expired') return 'expired';
      }
      return 'closed';
    } catch (error) {
      if (end.signal.aborted && !this.#signal.aborted) return 'closed';
      throw error;
    } finally {
      end.abort();
      await guard;
    }
  }

  /** Takes whole lines in one go and tells of them once. */
  #take(lines: readonly string[]): 'expired' | undefined {
    let changed = false;
    let outcome: 'expired' | undefined;
    for (const line of lines) {
      if (line === '') continue;
      const event = JSON.parse(line) as WatchEvent;
      if (event.type === 'ERROR') {
        // 410 Gone, or anything else that makes what follows unreliable: only a new list is safe.
        outcome = 'expired';
        break;
      }
      this.#from = event.object.metadata.resourceVersion;
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') this.#objects.delete(event.object.metadata.name);
      else this.#objects.set(event.object.metadata.name, withKind(this.#kind, slim(this.#kind, event.object)));
      changed = true;
    }
    if (changed) this.#tell();
    return outcome;
  }

  /** Lists when the watch is silent; what the list knows and the watch did not tell proves that the watch is dead. */
  async #guardSilence(end: AbortController): Promise<void> {
    const { clock } = this.#client.transport;
    const stop = AbortSignal.any([this.#signal, end.signal]);
    let patience = SILENT_MS;
    while (!stop.aborted) {
      const silent = clock.now() - this.#heardAt;
      if (silent < patience) {
        await clock.sleep(patience - silent, stop).catch(() => undefined);
        continue;
      }
      patience = Math.min(patience * 2, SILENT_MAX_MS);
      try {
        const heardAt = this.#heardAt;
        const listed = await this.#client.list(this.#kind, {}, stop);
        // What the watch told meanwhile may be newer than the list.
        if (this.#heardAt === heardAt && this.#differs(listed)) {
          this.#replace(listed);
          return end.abort();
        }
        this.#heardAt = clock.now();
      } catch (error) {
        if (stop.aborted) return;
        if (error instanceof RollbackError && isFinal(error)) return this.#listener.failed(error);
      }
    }
  }

  async #poll(): Promise<'closed'> {
    while (!this.#signal.aborted) {
      await this.#sleep(1_000);
      await this.#relist();
    }
    return 'closed';
  }

  async #relist(): Promise<void> {
    const listed = await this.#client.list(this.#kind, {}, this.#signal);
    this.#from = listed.resourceVersion;
    if (this.#differs(listed)) this.#replace(listed);
  }

  #differs({ items }: Listed<K>): boolean {
    const same = (item: ObjectOf[K]) =>
      this.#objects.get(item.metadata.name)?.metadata.resourceVersion === item.metadata.resourceVersion;
    return items.length !== this.#objects.size || !items.every(same);
  }

  /** Takes the list as the truth. */
  #replace({ items, resourceVersion }: Listed<K>): void {
    this.#objects.clear();
    for (const item of items) this.#objects.set(item.metadata.name, slim(this.#kind, item) as ObjectOf[K]);
    this.#from = resourceVersion;
    this.#tell();
  }

  #tell(): void {
    this.#all = undefined;
    this.#listener.changed();
  }

  async #sleep(ms: number): Promise<void> {
    await this.#client.transport.clock.sleep(ms, this.#signal).catch(() => undefined);
  }
}

function isFinal(error: RollbackError): boolean {
  return (
    error.code === 'CLUSTER_FORBIDDEN' || error.code === 'CLUSTER_UNAUTHORIZED' || error.code === 'CLUSTER_CERTIFICATE'
  );
}
