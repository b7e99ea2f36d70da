import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api-client.ts';
import { type EventRecorder, timestamp } from './event-recorder.ts';
import type { LogStore } from './log-store.ts';
import type { Condition, ContainerSpec, ContainerState, Pod, Terminated } from './pod.ts';

/** Everything a pod needs from the node that runs it. */
export interface Node {
  readonly api: ApiClient;
  readonly events: EventRecorder;
  readonly logs: LogStore;
  /** Images that were pulled once, by node. */
  readonly images: Set<string>;
  nextAddress(): string;
}

/** Ten times faster than what a real node was seen to do; `testbed/speed: "1"` on the template is real time. */
const DEFAULT_SPEED = 10;

/** One container as the kubelet sees it. */
export interface Container {
  readonly spec: ContainerSpec;
  readonly init: boolean;
  state: ContainerState;
  lastState: ContainerState;
  restartCount: number;
  ready: boolean;
  started: boolean;
  id: string;
}

/** One pod on a node: what is known about it, and the words in which fates are told. */
export class PodRun {
  pod: Pod;
  readonly containers: Container[];
  readonly initContainers: Container[];
  readonly speed: number;
  readonly #node: Node;
  readonly #signal: AbortSignal;
  #phase = 'Pending';
  #sandbox = false;
  #address = '';
  #startTime = '';
  #conditions: readonly Condition[];

  constructor(pod: Pod, node: Node, signal: AbortSignal, before?: PodRun) {
    this.pod = pod;
    this.#node = node;
    this.#signal = signal;
    this.speed = Number(pod.metadata.annotations?.['testbed/speed'] ?? DEFAULT_SPEED);
    this.#conditions = pod.status.conditions ?? [];
    const reason = pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
    const fresh = (init: boolean) => (spec: ContainerSpec) => ({
      spec,
      init,
      state: { waiting: { reason } },
      lastState: {},
      restartCount: 0,
      ready: false,
      started: false,
      id: '',
    });
    this.containers = before?.containers ?? pod.spec.containers.map(fresh(false));
    this.initContainers = before?.initContainers ?? (pod.spec.initContainers ?? []).map(fresh(true));
    if (before) {
      this.#phase = before.#phase;
      this.#sandbox = before.#sandbox;
      this.#address = before.#address;
      this.#startTime = before.#startTime;
      this.#conditions = before.#conditions;
    }
  }

  get first(): Container {
    return this.containers[0] as Container;
  }

  /** Seconds of a real node; rejects when the pod is deleted or healed meanwhile. */
  async pause(seconds: number): Promise<void> {
    await delay((seconds * 1000) / this.speed, undefined, { signal: this.#signal });
  }

  async event(type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): Promise<void> {
    const list = container?.init ? 'initContainers' : 'containers';
    const path = container ? `spec.${list}{${container.spec.name}}` : undefined;
    await this.#node.events.record(this.pod, type, reason, message, path);
  }

  /** The object that a reference names, or undefined. */
  async look(kind: 'secrets' | 'configmaps', name: string): Promise<{ data?: Record<string, string> } | undefined> {
    const path = `/api/v1/namespaces/${this.pod.metadata.namespace}/${kind}/${name}`;
    const { status, body } = await this.#node.api.call('GET', path, undefined, { allow: [404] });
    return status === 404 ? undefined : body;
  }

  /** First sight of the pod on its node: no sandbox, no address yet. */
  async admit(): Promise<void> {
    this.#startTime ||= timestamp();
    await this.publish();
  }

  async createSandbox(): Promise<void> {
    if (this.#sandbox) return;
    await this.pause(0.3);
    this.#sandbox = true;
    await this.publish();
    this.#address = this.#node.nextAddress();
  }

  /** The events of a pull that succeeds; the second time the image is there already. */
  async pull(container: Container): Promise<void> {
    const { image } = container.spec;
    const key = `${this.pod.spec.nodeName} ${image}`;
    if (this.#node.images.has(key)) {
      const present = `Container image "${image}" already present on machine and can be accessed by the pod`;
      await this.event('Normal', 'Pulled', present, container);
      return;
    }
    await this.event('Normal', 'Pulling', `Pulling image "${image}"`, container);
    await this.pause(0.1);
    this.#node.images.add(key);
    await this.event(
      'Normal',
      'Pulled',
      `Successfully pulled image "${image}" in 126ms (126ms including waiting). Image size: 3903253 bytes.`,
      container,
    );
  }

  /** A new instance of the container, which runs; counts as a restart when one ran before. */
  async start(container: Container): Promise<void> {
    this.create(container);
    await this.event('Normal', 'Created', 'Container created', container);
    await this.event('Normal', 'Started', 'Container started', container);
    container.state = { running: { startedAt: timestamp() } };
    container.started = true;
    if (!container.init) this.#phase = 'Running';
    await this.publish();
  }

  /** Gives the container its next id, without running it. */
  create(container: Container): void {
    if (container.state.terminated) container.lastState = container.state;
    if (container.id !== '') container.restartCount++;
    const name = `${this.pod.metadata.uid}/${container.spec.name}/${container.restartCount}`;
    container.id = `containerd://${createHash('sha256').update(name).digest('hex')}`;
  }

  print(container: Container, text: string): void {
    this.#node.logs.write(container.id, text);
  }

  async ready(container: Container): Promise<void> {
    container.ready = true;
    await this.publish();
  }

  async wait(container: Container, reason: string, message?: string): Promise<void> {
    if (container.state.terminated) container.lastState = container.state;
    container.state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
    container.ready = false;
    container.started = false;
    await this.publish();
  }

  /** What the runtime would say of the running instance if it ended now. */
  ended(container: Container, exitCode: number, reason: string, more: Partial<Terminated> = {}): Terminated {
    return {
      exitCode,
      reason,
      startedAt: container.state.running?.startedAt ?? timestamp(),
      finishedAt: timestamp(),
      containerID: container.id,
      ...more,
    };
  }

  async terminate(container: Container, exitCode: number, reason: string): Promise<void> {
    container.state = { terminated: this.ended(container, exitCode, reason) };
    container.ready = false;
    container.started = false;
    await this.publish();
  }

  /** A pod whose container could not even be created still shows phase Running. */
  markRunning(): void {
    this.#phase = 'Running';
  }

  get address(): string {
    return this.#address;
  }

  /** The last states of a pod that is being deleted, then the removal of its object. */
  async dissolve(): Promise<void> {
    const started = [...this.containers, ...this.initContainers].some(({ id }) => id !== '');
    for (const container of this.containers) {
      if (container.state.running)
        await this.event('Normal', 'Killing', `Stopping container ${container.spec.name}`, container);
      if (container.state.waiting && container.lastState.terminated) container.state = container.lastState;
      if (!started) container.state = { waiting: { reason: 'ContainerCreating' } };
    }
    await this.publish();
    await this.pause(0.3);
    for (const container of this.containers) {
      if (container.state.running) container.state = { terminated: this.ended(container, 0, 'Completed') };
      if (!started && this.initContainers.length === 0) container.state = { terminated: UNKNOWN };
      container.ready = false;
      container.started = false;
    }
    const codes = this.containers.map(({ state }) => state.terminated?.exitCode ?? 137);
    this.#phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
    this.#sandbox = false;
    await this.publish();
    await this.pause(0.4);
    const { namespace, name, uid } = this.pod.metadata;
    await this.#node.api.call(
      'DELETE',
      `/api/v1/namespaces/${namespace}/pods/${name}`,
      { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid } },
      { allow: [404, 409] },
    );
  }

  /** Writes what is known as the pod's status. */
  async publish(): Promise<void> {
    this.#signal.throwIfAborted();
    const { namespace, name } = this.pod.metadata;
    const status = {
      observedGeneration: this.pod.metadata.generation ?? 1,
      phase: this.#phase,
      conditions: this.#nextConditions(),
      hostIP: '127.0.0.1',
      hostIPs: [{ ip: '127.0.0.1' }],
      ...(this.#address ? { podIP: this.#address, podIPs: [{ ip: this.#address }] } : {}),
      startTime: this.#startTime || timestamp(),
      ...(this.initContainers.length > 0
        ? { initContainerStatuses: this.initContainers.map((one) => statusOf(one)) }
        : {}),
      containerStatuses: this.containers.map((one) => statusOf(one)),
    };
    await this.#node.api.call(
      'PATCH',
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      { status },
      { contentType: 'application/merge-patch+json', allow: [404] },
    );
  }

  #nextConditions(): readonly Condition[] {
    const initialized = this.initContainers.every(({ state }) => state.terminated?.exitCode === 0);
    const unready = this.containers.filter(({ ready }) => !ready).map(({ spec }) => spec.name);
    const notReady =
      this.#phase === 'Succeeded'
        ? { reason: 'PodCompleted' }
        : this.#phase === 'Failed' && this.containers.every(({ id }) => id !== '')
          ? { reason: 'PodFailed' }
          : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
    const uninitialized = this.initContainers.filter(({ state }) => state.terminated?.exitCode !== 0);
    const wanted: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[] = [
      this.#sandbox
        ? { type: 'PodReadyToStartContainers', status: 'True' }
        : {
            type: 'PodReadyToStartContainers',
            status: 'False',
            reason: 'PodSandboxNotReady',
            message: 'pod sandbox is not ready',
          },
      initialized
        ? { type: 'Initialized', status: 'True', ...(this.#phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
        : {
            type: 'Initialized',
            status: 'False',
            reason: 'ContainersNotInitialized',
            message: `containers with incomplete status: [${uninitialized.map(({ spec }) => spec.name).join(' ')}]`,
          },
      ...['Ready', 'ContainersReady'].map((type) =>
        unready.length === 0 ? { type, status: 'True' } : { type, status: 'False', ...notReady },
      ),
    ];
    const before = new Map(this.#conditions.map((condition) => [condition.type, condition]));
    const scheduled = this.pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
    this.#conditions = wanted.map((condition) => {
      const old = before.get(condition.type);
      const unchanged = old?.status === condition.status && old.reason === condition.reason;
      return {
        ...condition,
        observedGeneration: this.pod.metadata.generation ?? 1,
        lastProbeTime: null,
        lastTransitionTime: unchanged && old?.lastTransitionTime ? old.lastTransitionTime : timestamp(),
      };
    });
    return scheduled ? [...this.#conditions, scheduled] : this.#conditions;
  }
}

/** A container that never existed when its pod was deleted; 137 is no kill here. */
const UNKNOWN: Terminated = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
  startedAt: null,
  finishedAt: null,
};

function statusOf({ spec, state, lastState, ready, restartCount, started, id }: Container): object {
  const digest = createHash('sha256').update(spec.image).digest('hex');
  const ran = id !== '';
  const { requests, limits } = spec.resources ?? {};
  return {
    name: spec.name,
    state,
    lastState,
    ready,
    restartCount,
    image: spec.image,
    imageID: ran ? `${spec.image.replace(/(:[^:/@]*)?(@.*)?$/, '')}@sha256:${digest}` : '',
    ...(ran ? { containerID: id } : {}),
    started,
    ...(ran && requests ? { allocatedResources: requests } : {}),
    ...(ran ? { resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) } } : {}),
    ...(spec.volumeMounts
      ? {
          volumeMounts: spec.volumeMounts.map((mount) =>
            mount.readOnly ? { ...mount, recursiveReadOnly: 'Disabled' } : mount,
          ),
        }
      : {}),
    ...(ran ? { user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } } } : {}),
  };
}
