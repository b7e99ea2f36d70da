import type { AnyObject, FieldPath, JsonObject, ManifestRef } from '../core/manifest.ts';

/** What the server knows of a kind. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  /** `configmaps`: what permissions are about. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Fields that another manager set to other values. */
export interface FieldConflict {
  readonly manager: string;
  /** As the server names them: `.spec.replicas`. */
  readonly fields: readonly string[];
}

/** What is to be applied to one object. */
export interface ObjectApply {
  readonly ref: ManifestRef;
  /** Clean (`cleanManifest`): all that the applier wants of the object. */
  readonly manifest: JsonObject;
  /** Field manager under whose name it is applied. */
  readonly applier: string;
  /** The object as it was read; its fields must still be these. Undefined: there was none. */
  readonly live: AnyObject | undefined;
  /** Fields that others may change meanwhile. */
  readonly reserved: readonly FieldPath[];
}

export interface ApplyPreview {
  /** The object as it would be, defaults and webhooks applied. */
  readonly object: AnyObject;
  /** Who else set fields that would change; none of them is asked. */
  readonly conflicts: readonly FieldConflict[];
}

/** Reads of objects of any kind. */
export interface ObjectReader {
  /** By the server's discovery; undefined where it knows no such kind. Asked once per kind. */
  resource(apiVersion: string, kind: string): Promise<ResourceInfo | undefined>;
  object(ref: ManifestRef): Promise<AnyObject | undefined>;
  objects(kind: Pick<ManifestRef, 'apiVersion' | 'kind'>, labelSelector: string): Promise<readonly AnyObject[]>;
  /**
   * Server-side dry run. Fields that the applier had by client-side apply, and that the manifest lacks, are gone from the result, as they
   * would be. @throws what the server refuses it with: ADMISSION_DENIED also for a field that may not change
   */
  dryRunApply(apply: ObjectApply): Promise<ApplyPreview>;
}

/** Writes of objects of any kind. Each is safe to repeat. */
export interface ObjectWriter {
  /**
   * Server-side apply, with force: whose fields are taken over was decided before. What the applier had by client-side apply becomes what it
   * applied, as `kubectl apply --server-side` does it, so that its next deploy by either way meets no conflict and removes what it lacks.
   * @throws PLAN_STALE when the object has other content than `live`
   */
  applyObject(apply: ObjectApply): Promise<AnyObject>;
  /**
   * Makes the object what it was, owners of its fields included; fields of `reserved` stay as they are now.
   * @throws PLAN_STALE when the object is no longer as `live` says
   */
  putBackObject(before: AnyObject, live: AnyObject, reserved: readonly FieldPath[]): Promise<AnyObject>;
  /** Deletes exactly this one; what it owns goes first. Gone already, or going, is fine. */
  deleteObject(ref: ManifestRef, uid: string): Promise<void>;
  /** Sets keys of a ConfigMap (null removes), as `setSecretKeys` does it, an immutable one by deleting and creating it. @throws PLAN_STALE */
  setConfigMapKeys(configMap: AnyObject, values: Readonly<Record<string, string | null>>): Promise<AnyObject>;
}
