import type { Manifest } from '../core/manifest.ts';

/** The manifests of the known-good configuration, where the config names a file or a folder. */
export interface ManifestReader {
  /** All documents, in the order of the files' names; read once. @throws MANIFEST_INVALID, every fault at once (RollbackErrors) */
  read(): Promise<readonly Manifest[]>;
}
