import type { ObjectOf, WorkloadObject, WorkloadRef } from '../../core/kubernetes.ts';
import type { ClusterWriter, OwnKind, OwnObject, TemplateChange } from '../../ports/cluster.ts';
import type { ObjectClient } from './object-client.ts';
import { createOwn, deletePod, removeOwn, replaceOwn } from './own-objects.ts';
import { restart, setPaused, setTemplate } from './template-write.ts';

export class KubernetesWriter implements ClusterWriter {
  readonly #client: ObjectClient;

  constructor(client: ObjectClient) {
    this.#client = client;
  }

  setTemplate(change: TemplateChange): Promise<WorkloadObject> {
    return setTemplate(this.#client, change);
  }

  setPaused(ref: WorkloadRef, uid: string, paused: boolean): Promise<WorkloadObject> {
    return setPaused(this.#client, ref, uid, paused);
  }

  restart(ref: WorkloadRef, uid: string, at: string): Promise<WorkloadObject> {
    return restart(this.#client, ref, uid, at);
  }

  deletePod(name: string, uid: string, options?: { readonly force?: boolean }): Promise<void> {
    return deletePod(this.#client, name, uid, options);
  }

  create<K extends OwnKind>(kind: K, object: OwnObject<K>): Promise<ObjectOf[K] | undefined> {
    return createOwn(this.#client, kind, object);
  }

  replace<K extends OwnKind>(
    kind: K,
    object: OwnObject<K> & { readonly metadata: { readonly resourceVersion: string } },
  ): Promise<ObjectOf[K] | undefined> {
    return replaceOwn(this.#client, kind, object);
  }

  remove(kind: OwnKind, name: string, resourceVersion?: string): Promise<void> {
    return removeOwn(this.#client, kind, name, resourceVersion);
  }
}
