import type { KubeObject, ObjectKind, ObjectMeta, ObjectOf } from '../../src/core/kubernetes.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** A deep copy that may be written to: what comes out of the store is nobody's to change in place. */
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
export type Draft<K extends ObjectKind> = Mutable<ObjectOf[K]>;

/** An object as a test writes it down: the server fills in the rest. */
export type Seed = { readonly metadata: Partial<ObjectMeta> & { readonly name: string } } & Readonly<
  Record<string, unknown>
>;

const GENERATIONS: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'CronJob',
]);

/** Objects with what the API server gives them: UID, resourceVersion, generation, creation time. */
export class ObjectStore {
  readonly #objects = new Map<ObjectKind, Map<string, KubeObject>>();
  readonly #listeners = new Set<(kind: ObjectKind) => void>();
  readonly #clock: Clock;
  readonly #namespace: string;
  #version = 100;
  #created = 0;

  constructor(clock: Clock, namespace: string) {
    this.#clock = clock;
    this.#namespace = namespace;
  }

  get version(): number {
    return this.#version;
  }

  all<K extends ObjectKind>(kind: K): ObjectOf[K][] {
    return [...this.#of(kind).values()].map((object) => structuredClone(object)) as ObjectOf[K][];
  }

  get<K extends ObjectKind>(kind: K, name: string): ObjectOf[K] | undefined {
    const object = this.#of(kind).get(name);
    return object && (structuredClone(object) as ObjectOf[K]);
  }

  /** Creates; `undefined` when the name is taken. */
  create<K extends ObjectKind>(kind: K, seed: Seed): ObjectOf[K] | undefined {
    if (this.#of(kind).has(seed.metadata.name)) return undefined;
    const metadata: ObjectMeta = {
      namespace: this.#namespace,
      uid: `00000000-0000-4000-8000-${String(++this.#created).padStart(12, '0')}`,
      creationTimestamp: this.time(),
      ...(GENERATIONS.has(kind) ? { generation: 1 } : {}),
      ...seed.metadata,
      resourceVersion: '',
    };
    return this.#put(kind, { ...structuredClone(seed), kind, metadata } as unknown as KubeObject);
  }

  /** Changes a copy and stores it, unless nothing changed. A change of `spec` is a new generation. */
  update<K extends ObjectKind>(kind: K, name: string, change: (draft: Draft<K>) => void): ObjectOf[K] | undefined {
    const before = this.#of(kind).get(name);
    if (!before) return undefined;
    const draft = structuredClone(before) as Draft<K> & { metadata: Mutable<ObjectMeta>; spec?: unknown };
    change(draft as Draft<K>);
    if (JSON.stringify(draft) === JSON.stringify(before)) return structuredClone(before) as ObjectOf[K];
    const specBefore = JSON.stringify((before as { spec?: unknown }).spec);
    if (GENERATIONS.has(kind) && JSON.stringify(draft.spec) !== specBefore) {
      draft.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
    return this.#put(kind, draft as unknown as KubeObject);
  }

  remove(kind: ObjectKind, name: string): void {
    if (!this.#of(kind).delete(name)) return;
    this.#version++;
    this.#tell(kind);
  }

  listen(listener: (kind: ObjectKind) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As the API writes times: whole seconds. */
  time(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  #of(kind: ObjectKind): Map<string, KubeObject> {
    let objects = this.#objects.get(kind);
    if (!objects) {
      objects = new Map();
      this.#objects.set(kind, objects);
    }
    return objects;
  }

  #put<K extends ObjectKind>(kind: K, object: KubeObject): ObjectOf[K] {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#of(kind).set(stored.metadata.name, stored);
    this.#tell(kind);
    return structuredClone(stored) as unknown as ObjectOf[K];
  }

  #tell(kind: ObjectKind): void {
    for (const listener of [...this.#listeners]) listener(kind);
  }
}
