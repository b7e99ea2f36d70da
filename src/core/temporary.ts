import type { TemporaryResource } from './config.ts';
import type { ManifestRef } from './manifest.ts';
import type { Change } from './step.ts';

export interface Leftover {
  readonly ref: ManifestRef;
  readonly uid: string;
  /** Of a volume claim: what is lost with it. */
  readonly size?: string;
}

/** What `clean-temporary-resources` would do. */
export interface CleanChange extends Change {
  readonly leftovers: readonly Leftover[];
}

export function temporaryRef({ kind, name }: TemporaryResource): ManifestRef {
  return { apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind, name };
}
