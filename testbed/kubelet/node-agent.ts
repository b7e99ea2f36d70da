import type { ApiClient } from '../api-client.ts';
import { healthy } from '../fates/healthy.ts';
import type { Script } from '../fates/script.ts';
import { type FateName, SCRIPTS } from '../fates/scripts.ts';
import { EventRecorder } from './event-recorder.ts';
import { LogStore } from './log-store.ts';
import { keyOf, type Pod } from './pod.ts';
import { type Node, PodRun } from './pod-run.ts';

interface Played {
  readonly uid: string;
  run: PodRun;
  interrupt: AbortController;
  /** Settles when the script that plays now has come to its end or was interrupted. */
  done: Promise<void>;
  healed: boolean;
  dissolving: boolean;
}

/** Watches all pods; plays those whose template says how they end, and knows the others for logs and addresses. */
export class NodeAgent {
  readonly logs = new LogStore();
  readonly #pods = new Map<string, Pod>();
  readonly #played = new Map<string, Played>();
  readonly #node: Node;
  readonly #api: ApiClient;
  #addresses = 0;

  constructor(api: ApiClient) {
    this.#api = api;
    this.#node = {
      api,
      events: new EventRecorder(api),
      logs: this.logs,
      images: new Set(),
      nextAddress: () => {
        const n = ++this.#addresses;
        return `10.245.${(n >> 8) & 255}.${n & 255}`;
      },
    };
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  pods(): Iterable<Pod> {
    return this.#pods.values();
  }

  podByAddress(address: string): Pod | undefined {
    for (const pod of this.#pods.values()) {
      if (pod.status.podIP === address && !['Succeeded', 'Failed'].includes(pod.status.phase)) return pod;
    }
    return undefined;
  }

  async watch(signal: AbortSignal): Promise<void> {
    for await (const { type, object } of this.#api.watch<Pod>('/api/v1/pods', signal)) {
      const key = keyOf(object);
      if (type === 'DELETED') {
        this.#pods.delete(key);
        this.#played.get(key)?.interrupt.abort();
        this.#played.delete(key);
      } else {
        this.#pods.set(key, object);
        this.#advance(key, object);
      }
    }
  }

  #advance(key: string, pod: Pod): void {
    const name = pod.metadata.annotations?.['testbed/fate'];
    if (name === undefined || !pod.spec.nodeName) return;
    let played = this.#played.get(key);
    if (played && played.uid !== pod.metadata.uid) {
      played.interrupt.abort();
      played = undefined;
    }
    if (!played) {
      const interrupt = new AbortController();
      const run = new PodRun(pod, this.#node, interrupt.signal);
      played = { uid: pod.metadata.uid, run, interrupt, done: Promise.resolve(), healed: false, dissolving: false };
      this.#played.set(key, played);
      const script: Script | undefined = SCRIPTS[name as FateName];
      if (script) played.done = this.#play(key, run, script);
      else console.error(`pod ${key}: no fate "${name}"; there are ${Object.keys(SCRIPTS).join(', ')}`);
    }
    played.run.pod = pod;
    if (pod.metadata.deletionTimestamp && !played.dissolving) {
      played.dissolving = true;
      this.#change(key, played, (run) => run.dissolve());
    } else if (pod.metadata.annotations?.['testbed/heal'] && !played.healed && !played.dissolving) {
      played.healed = true;
      this.#change(key, played, healthy);
    }
  }

  #change(key: string, played: Played, script: Script): void {
    played.interrupt.abort();
    played.interrupt = new AbortController();
    played.run = new PodRun(played.run.pod, this.#node, played.interrupt.signal, played.run);
    const { run } = played;
    // A write that is under way must not land after the first of the new script.
    played.done = played.done.then(() => this.#play(key, run, script));
  }

  #play(key: string, run: PodRun, script: Script): Promise<void> {
    return script(run).catch((error: Error) => {
      if (error.name !== 'AbortError') console.error(`pod ${key}: ${error.stack}`);
    });
  }
}
