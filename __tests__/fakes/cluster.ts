import { setTimeout as sleep } from 'node:timers/promises';
import { RollbackError } from '../../src/core/errors.ts';
import {
  type ObjectKind,
  type ObjectOf,
  type PodTemplate,
  refText,
  type WorkloadObject,
  type WorkloadRef,
} from '../../src/core/kubernetes.ts';
import type { PodMetrics } from '../../src/core/pod-usage.ts';
import { templateHash } from '../../src/core/workload.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type {
  AccessRule,
  ClusterReader,
  ClusterView,
  ClusterWriter,
  OwnKind,
  OwnObject,
  TemplateChange,
} from '../../src/ports/cluster.ts';
import type { HttpAnswer } from '../../src/ports/http.ts';
import { Controllers, type Fate, fateOfImage } from './cluster-controller.ts';
import { objectParts } from './cluster-objects.ts';
import { ObjectStore, type Seed } from './cluster-store.ts';
import { fieldWrites } from './cluster-writes.ts';

export type { Fate } from './cluster-controller.ts';

export interface FakeClusterOptions {
  readonly namespace?: string;
  readonly clock?: Clock;
  /** What becomes of a pod; by the image's name unless told (`crash`, `missing`, `unready` in it). */
  readonly fate?: (template: PodTemplate, pod: string) => Fate;
  /** False: controllers move only when the test calls `step()` or `settle()`. */
  readonly running?: boolean;
}

/** A call that a test wants to see fail, or to look at. */
export interface Call {
  readonly method: keyof ClusterReader | keyof ClusterWriter;
  readonly kind?: ObjectKind;
  readonly name?: string;
}

/** A cluster in memory with the semantics that the ports promise, controllers included. Holds one namespace. */
export class FakeCluster {
  readonly namespace: string;
  readonly store: ObjectStore;
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  /** Every call in order; writes are those of `writer`. */
  readonly calls: Call[] = [];
  /** What `logs` answers, by `pod/container`, or by `container` for every pod. */
  readonly logs = new Map<string, readonly string[]>();
  /** Who else owns a field, by `configmap/app .data.a`: a manager's name. */
  readonly owners = new Map<string, string>();
  /** Rules that `access` denies; a call that needs one is CLUSTER_FORBIDDEN where `fail` says so. */
  readonly denied: AccessRule[] = [];
  /** What the metrics API says; undefined: there is none. */
  podMetrics: () => readonly PodMetrics[] | undefined = () => undefined;
  services: (service: string, port: string, path: string) => HttpAnswer | Promise<HttpAnswer> = () => ({
    status: 200,
    body: 'ok',
    durationMs: 1,
  });
  readonly #clock: Clock;
  readonly #controllers: Controllers;
  readonly #failures: { readonly matches: (call: Call) => boolean; readonly error: () => unknown; left: number }[] = [];
  #objects: ReturnType<typeof objectParts> | undefined;
  #moving = false;
  #running: boolean;

  constructor(options: FakeClusterOptions = {}) {
    this.namespace = options.namespace ?? 'production';
    this.#clock = options.clock ?? realClock;
    this.store = new ObjectStore(this.#clock, this.namespace);
    this.#controllers = new Controllers(this.store, options.fate ?? fateOfImage);
    this.#running = options.running ?? true;
    this.store.create('Namespace', { metadata: { name: this.namespace } });
    this.store.create('Namespace', { metadata: { name: 'kube-system' } });
    this.store.listen(() => this.#move());
    this.reader = this.#makeReader();
    this.writer = this.#makeWriter();
  }

  /** Puts an object there, as if it had always been. */
  add<K extends ObjectKind>(kind: K, seed: Seed): ObjectOf[K] {
    const object = this.store.create(kind, seed);
    if (!object) throw new Error(`${kind} ${seed.metadata.name} is there already`);
    return object;
  }

  /** Deploys as somebody else would: creates the workload, or gives it another template. */
  deploy(
    ref: WorkloadRef,
    template: PodTemplate,
    more: {
      readonly replicas?: number;
      readonly manager?: string;
      readonly spec?: object;
      readonly metadata?: object;
    } = {},
  ): WorkloadObject {
    const managedFields = [
      {
        manager: more.manager ?? 'kubectl-client-side-apply',
        operation: 'Update' as const,
        apiVersion: 'apps/v1',
        time: this.store.time(),
        fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': {} } } },
      },
    ];
    const known = this.store.update(ref.kind, ref.name, (draft) => {
      Object.assign(draft.spec, more.spec, { template: structuredClone(template) });
      if (more.replicas !== undefined) draft.spec.replicas = more.replicas;
      Object.assign(draft.metadata, more.metadata, { managedFields });
    });
    return (
      known ??
      this.add(ref.kind, {
        metadata: { name: ref.name, ...more.metadata, managedFields },
        spec: {
          ...(ref.kind === 'DaemonSet' ? {} : { replicas: more.replicas ?? 1 }),
          selector: { matchLabels: template.metadata?.labels ?? {} },
          ...more.spec,
          template,
        },
      })
    );
  }

  /** The next `times` calls that match fail with this error (before they do anything). */
  fail(matches: Partial<Call> | ((call: Call) => boolean), error: unknown, times = 1): void {
    const wanted = typeof matches === 'function' ? matches : matching(matches);
    this.#failures.push({ matches: wanted, error: () => error, left: times });
  }

  /** Writes so far, as text: `setTemplate deployment/web`. */
  get writes(): string[] {
    const reads: ReadonlySet<string> = new Set(Object.keys(this.reader));
    return this.calls
      .filter((call) => !reads.has(call.method))
      .map((call) => `${call.method} ${call.kind?.toLowerCase() ?? ''}/${call.name ?? ''}`);
  }

  /** One step of the controllers. False when nothing was left to do. */
  step(): boolean {
    return this.#controllers.step();
  }

  /** Lets the controllers finish. */
  settle(): void {
    for (let steps = 0; this.step(); steps++) if (steps > 1000) throw new Error('the controllers do not come to rest');
  }

  pause(): void {
    this.#running = false;
  }

  resume(): void {
    this.#running = true;
    this.#move();
  }

  /** Controllers act a moment after what they see, one step per turn of the event loop, as real ones do. */
  #move(): void {
    if (this.#moving || !this.#running) return;
    this.#moving = true;
    setImmediate(() => {
      this.#moving = false;
      if (this.#running && this.#controllers.step()) this.#move();
    });
  }

  #call(call: Call): void {
    this.calls.push(call);
    const failure = this.#failures.find((candidate) => candidate.left > 0 && candidate.matches(call));
    if (!failure) return;
    failure.left--;
    throw failure.error();
  }

  #anyObjects(): ReturnType<typeof objectParts> {
    this.#objects ??= objectParts(this.store, this.owners);
    return this.#objects;
  }

  #makeReader(): ClusterReader {
    const { store } = this;
    const { reader } = this.#anyObjects();
    return {
      resource: async (apiVersion, kind) => {
        this.#call({ method: 'resource', name: kind });
        return reader.resource(apiVersion, kind);
      },
      object: async (ref) => {
        this.#call({ method: 'object', kind: ref.kind as ObjectKind, name: ref.name });
        return reader.object(ref);
      },
      objects: async (kind, selector) => {
        this.#call({ method: 'objects', kind: kind.kind as ObjectKind });
        return reader.objects(kind, selector);
      },
      dryRunApply: async (apply) => {
        this.#call({ method: 'dryRunApply', kind: apply.ref.kind as ObjectKind, name: apply.ref.name });
        return reader.dryRunApply(apply);
      },
      identity: async () => {
        this.#call({ method: 'identity' });
        const uid = store.get('Namespace', 'kube-system')?.metadata.uid;
        return { server: 'https://fake:6443', context: 'fake', version: 'v1.37.2', ...(uid ? { uid } : {}) };
      },
      get: async (kind, name) => {
        this.#call({ method: 'get', kind, name });
        return store.get(kind, name);
      },
      list: async (kind, options = {}) => {
        this.#call({ method: 'list', kind });
        return store
          .all(kind)
          .filter((object) => selects(options.labelSelector, object.metadata.labels ?? {}))
          .filter((object) => selects(options.fieldSelector, flat(object)));
      },
      view: async (kinds, signal) => {
        this.#call({ method: 'view' });
        const missing: ObjectKind[] = [];
        for (const kind of kinds) {
          try {
            this.#call({ method: 'list', kind });
          } catch (error) {
            const optional = kind === 'Event' && error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN';
            if (!optional) throw error;
            missing.push(kind);
          }
        }
        return new FakeView(store, this.#clock, kinds, missing, signal);
      },
      access: async (rules) => {
        this.#call({ method: 'access' });
        return rules.map((rule) => (this.denied.some((denied) => covers(denied, rule)) ? 'denied' : 'allowed'));
      },
      dryRunTemplate: async (change) => {
        this.#call({ method: 'dryRunTemplate', ...change.ref });
        const object = this.#guarded(change);
        return {
          ...object,
          metadata: { ...object.metadata, annotations: annotated(object, change) },
          spec: { ...object.spec, paused: false, template: structuredClone(change.template) },
        };
      },
      logs: async (pod, container, options) => {
        this.#call({ method: 'logs', kind: 'Pod', name: pod });
        const lines = this.logs.get(`${pod}/${container}`) ?? this.logs.get(container) ?? [];
        return store.get('Pod', pod) ? lines.slice(-options.tailLines) : [];
      },
      clusterDns: async () => {
        this.#call({ method: 'clusterDns' });
        return undefined;
      },
      podMetrics: async () => {
        this.#call({ method: 'podMetrics' });
        return this.podMetrics();
      },
      serviceGet: async (service, port, path) => {
        this.#call({ method: 'serviceGet', name: service });
        return this.services(service, port, path);
      },
    };
  }

  #makeWriter(): ClusterWriter {
    const { store } = this;
    const fields = fieldWrites(store);
    const { writer } = this.#anyObjects();
    return {
      applyObject: async (apply) => {
        this.#call({ method: 'applyObject', kind: apply.ref.kind as ObjectKind, name: apply.ref.name });
        return writer.applyObject(apply);
      },
      putBackObject: async (before, live, reserved) => {
        this.#call({ method: 'putBackObject', kind: live.kind as ObjectKind, name: live.metadata.name });
        return writer.putBackObject(before, live, reserved);
      },
      deleteObject: async (ref, uid) => {
        this.#call({ method: 'deleteObject', kind: ref.kind as ObjectKind, name: ref.name });
        return writer.deleteObject(ref, uid);
      },
      setConfigMapKeys: async (configMap, values) => {
        this.#call({ method: 'setConfigMapKeys', kind: 'ConfigMap', name: configMap.metadata.name });
        return writer.setConfigMapKeys(configMap, values);
      },
      setSecretKeys: async (secret, values) => {
        this.#call({ method: 'setSecretKeys', kind: 'Secret', name: secret.metadata.name });
        return fields.setSecretKeys(secret, values);
      },
      createSecret: async (secret) => {
        this.#call({ method: 'createSecret', kind: 'Secret', name: secret.metadata.name });
        return fields.createSecret(secret);
      },
      scale: async (ref, uid, change) => {
        this.#call({ method: 'scale', ...ref });
        return fields.scale(ref, uid, change);
      },
      suspendCronJob: async (name, uid, change) => {
        this.#call({ method: 'suspendCronJob', kind: 'CronJob', name });
        return fields.suspendCronJob(name, uid, change);
      },
      setTemplate: async (change) => {
        this.#call({ method: 'setTemplate', ...change.ref });
        const object = this.#guarded(change);
        const written = store.update(change.ref.kind, change.ref.name, (draft) => {
          if (templateHash(object.spec.template) !== templateHash(change.template)) {
            draft.spec.template = structuredClone(change.template) as typeof draft.spec.template;
          }
          delete draft.spec.paused;
          const annotations = annotated(object, change);
          if (Object.keys(annotations).length > 0) draft.metadata.annotations = annotations;
          else delete draft.metadata.annotations;
        });
        return written ?? object;
      },
      setPaused: async (ref, uid, paused) => {
        this.#call({ method: 'setPaused', ...ref });
        const object = this.#same(ref, uid);
        if (ref.kind !== 'Deployment') return object;
        return (
          store.update('Deployment', ref.name, (draft) => {
            if (paused) draft.spec.paused = true;
            else delete draft.spec.paused;
          }) ?? object
        );
      },
      restart: async (ref, uid, at) => {
        this.#call({ method: 'restart', ...ref });
        const object = this.#same(ref, uid);
        return (
          store.update(ref.kind, ref.name, (draft) => {
            const { metadata } = draft.spec.template;
            const annotations = { ...metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': at };
            draft.spec.template.metadata = { ...metadata, annotations };
          }) ?? object
        );
      },
      deletePod: async (name, uid) => {
        this.#call({ method: 'deletePod', kind: 'Pod', name });
        if (store.get('Pod', name)?.metadata.uid === uid) store.remove('Pod', name);
      },
      create: async <K extends OwnKind>(kind: K, object: OwnObject<K>) => {
        this.#call({ method: 'create', kind, name: object.metadata.name });
        return store.create(kind, object as unknown as Seed);
      },
      replace: async <K extends OwnKind>(
        kind: K,
        object: OwnObject<K> & { readonly metadata: { readonly resourceVersion: string } },
      ) => {
        const { name, resourceVersion } = object.metadata;
        this.#call({ method: 'replace', kind, name });
        const found = store.get(kind, name);
        if (found?.metadata.resourceVersion !== resourceVersion) return undefined;
        return store.update(kind, name, (draft) => {
          for (const key of Object.keys(draft))
            if (!/^(kind|apiVersion|metadata)$/.test(key)) delete draft[key as never];
          const { labels, annotations, ...kept } = found.metadata;
          Object.assign(draft, structuredClone(object), { metadata: { ...kept, ...object.metadata } });
        });
      },
      remove: async (kind, name, resourceVersion) => {
        this.#call({ method: 'remove', kind, name });
        const found = store.get(kind, name);
        if (found && resourceVersion !== undefined && found.metadata.resourceVersion !== resourceVersion) {
          throw new RollbackError('PLAN_STALE', `${kind}/${name} was changed by another.`, 'Look at it.');
        }
        store.remove(kind, name);
      },
    };
  }

  #same(ref: WorkloadRef, uid: string): WorkloadObject {
    const object = this.store.get(ref.kind, ref.name);
    if (!object) throw new RollbackError('WORKLOAD_NOT_FOUND', `${refText(ref)} does not exist.`, 'kubectl get');
    if (object.metadata.uid === uid) return object;
    throw new RollbackError('OBJECT_REPLACED', `${refText(ref)} is another object.`, 'kubectl describe');
  }

  #guarded(change: TemplateChange): WorkloadObject {
    const object = this.#same(change.ref, change.uid);
    const seen = templateHash(object.spec.template);
    if (seen === change.from || seen === templateHash(change.template)) return object;
    const by = object.metadata.managedFields?.[0];
    throw new RollbackError(
      'PLAN_STALE',
      `${refText(change.ref)} was changed by "${by?.manager}" at ${by?.time}.`,
      'kubectl rollout history',
    );
  }
}

class FakeView implements ClusterView {
  readonly missing: readonly ObjectKind[];
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #kinds: ReadonlySet<ObjectKind>;
  readonly #signal: AbortSignal;
  readonly #wakers = new Set<() => void>();
  readonly #stop: () => void;
  #version = 0;
  #closed = false;

  constructor(
    store: ObjectStore,
    clock: Clock,
    kinds: readonly ObjectKind[],
    missing: readonly ObjectKind[],
    signal: AbortSignal,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#kinds = new Set(kinds);
    this.missing = missing;
    this.#signal = signal;
    this.#stop = store.listen((kind) => {
      if (!this.#kinds.has(kind)) return;
      this.#version++;
      for (const wake of [...this.#wakers]) wake();
    });
  }

  get version(): number {
    return this.#version;
  }

  all<K extends ObjectKind>(kind: K): readonly ObjectOf[K][] {
    if (!this.#kinds.has(kind)) throw new Error(`${kind} is not part of this view`);
    return this.missing.includes(kind) ? [] : this.#store.all(kind);
  }

  get<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined {
    return this.all(kind).find((object) => object.metadata.name === name);
  }

  async changed(version: number, maxMs: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#signal]);
    either.throwIfAborted();
    if (this.#closed) throw new RollbackError('CANCELLED', 'The view was closed.', 'Run again.');
    if (this.#version > version) return;
    const end = new AbortController();
    let wake: () => void = () => undefined;
    let aborted: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        wake = () =>
          this.#closed ? reject(new RollbackError('CANCELLED', 'The view was closed.', 'Run again.')) : resolve();
        aborted = () => reject(either.reason);
        this.#wakers.add(wake);
        either.addEventListener('abort', aborted, { once: true });
        this.#clock.sleep(maxMs, end.signal).then(resolve, () => undefined);
      });
    } finally {
      this.#wakers.delete(wake);
      either.removeEventListener('abort', aborted);
      end.abort();
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    for (const wake of [...this.#wakers]) wake();
  }
}

const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : undefined);
  },
};

function matching(wanted: Partial<Call>): (call: Call) => boolean {
  return (call) => Object.entries(wanted).every(([key, value]) => call[key as keyof Call] === value);
}

function covers(denied: AccessRule, rule: AccessRule): boolean {
  return (
    denied.verb === rule.verb &&
    denied.group === rule.group &&
    denied.resource === rule.resource &&
    (denied.name === undefined || denied.name === rule.name)
  );
}

function annotated(object: WorkloadObject, change: TemplateChange): Record<string, string> {
  const wanted = { ...object.metadata.annotations, ...change.annotations };
  return Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** `a=b,c!=d,e`: what field and label selectors have in common. */
function selects(selector: string | undefined, values: Readonly<Record<string, string>>): boolean {
  return (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [, key = '', operator, value] = /^([^=!]+)(?:(!=|==?)(.*))?$/.exec(term) ?? [];
      if (operator === undefined) return key in values;
      return operator === '!=' ? values[key] !== value : values[key] === value;
    });
}

function flat(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item !== null && typeof item === 'object'
        ? Object.entries(flat(item as object, `${prefix}${key}.`))
        : [[`${prefix}${key}`, String(item)]],
    ),
  );
}
