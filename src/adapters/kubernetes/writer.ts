import type { CronJobObject, ObjectOf, SecretObject, WorkloadObject, WorkloadRef } from '../../core/kubernetes.ts';
import type { AnyObject, FieldPath, ManifestRef } from '../../core/manifest.ts';
import type { ClusterWriter, NewSecret, OwnKind, OwnObject, SecretValue, TemplateChange } from '../../ports/cluster.ts';
import type { ObjectApply } from '../../ports/objects.ts';
import { deleteObject } from './any-objects.ts';
import { setConfigMapKeys } from './config-map-write.ts';
import { applyObject } from './object-apply.ts';
import type { ObjectClient } from './object-client.ts';
import { putBackObject } from './object-put-back.ts';
import { createOwn, deletePod, removeOwn, replaceOwn } from './own-objects.ts';
import { scale, suspendCronJob } from './scale-write.ts';
import { createSecret, setSecretKeys } from './secret-write.ts';
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

  setSecretKeys(secret: SecretObject, values: Readonly<Record<string, SecretValue | null>>): Promise<SecretObject> {
    return setSecretKeys(this.#client, secret, values);
  }

  createSecret(secret: NewSecret): Promise<SecretObject | undefined> {
    return createSecret(this.#client, secret);
  }

  scale(ref: WorkloadRef, uid: string, change: Parameters<ClusterWriter['scale']>[2]): Promise<WorkloadObject> {
    return scale(this.#client, ref, uid, change);
  }

  suspendCronJob(
    name: string,
    uid: string,
    change: Parameters<ClusterWriter['suspendCronJob']>[2],
  ): Promise<CronJobObject> {
    return suspendCronJob(this.#client, name, uid, change);
  }

  deletePod(name: string, uid: string, options?: { readonly force?: boolean }): Promise<void> {
    return deletePod(this.#client, name, uid, options);
  }

  applyObject(apply: ObjectApply): Promise<AnyObject> {
    return applyObject(this.#client, apply);
  }

  putBackObject(before: AnyObject, live: AnyObject, reserved: readonly FieldPath[]): Promise<AnyObject> {
    return putBackObject(this.#client, before, live, reserved);
  }

  deleteObject(ref: ManifestRef, uid: string): Promise<void> {
    return deleteObject(this.#client, ref, uid);
  }

  setConfigMapKeys(configMap: AnyObject, values: Readonly<Record<string, string | null>>): Promise<AnyObject> {
    return setConfigMapKeys(this.#client, configMap, values);
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
