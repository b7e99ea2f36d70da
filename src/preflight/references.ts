import { type Failure, RollbackError } from '../core/errors.ts';
import { type PodTemplate, refText, type WorkloadRef } from '../core/kubernetes.ts';
import { type Missing, missingOf, type ReferencedKind, referencesOf } from '../core/references.ts';
import { kubectl } from '../core/shell.ts';
import type { CheckItem } from '../core/step.ts';
import { undoMembersOf } from '../core/undo.ts';
import type { ClusterReader } from '../ports/cluster.ts';
import type { PreflightCheck } from './contract.ts';
import { findReferenced, type Lookup } from './lookup.ts';

/** What a check of references needs to know of one workload. */
export interface Reading {
  readonly ref: WorkloadRef;
  readonly template: PodTemplate;
}

/**
 * Everything that the target reads exists. Undoing to a release whose Secret is gone "succeeds", and its pods never start
 * (kubernetes/kubernetes#50021); that the release which is left lacks it too is no excuse.
 */
export const references: PreflightCheck = {
  id: 'references',
  async check(ctx, plan) {
    return referenceItems(ctx.cluster, undoMembersOf(plan), ctx.config.namespace);
  },
};

/** One item per missing object or key and workload; an object that many workloads read is looked up once. */
export async function referenceItems(
  cluster: ClusterReader,
  readings: readonly Reading[],
  namespace: string,
): Promise<CheckItem[]> {
  const all = readings.map((reading) => ({ reading, references: referencesOf(reading.template) }));
  const lookup = await findReferenced(
    cluster,
    all.flatMap((one) => one.references),
  );
  const items = all.flatMap(({ reading, references: needed }) =>
    missingOf(needed, lookup.find).map((missing) => itemOf(missing, reading.ref, namespace, lookup)),
  );
  return items.length > 0
    ? items
    : readings.map(({ ref }) => ({ check: references.id, subject: refText(ref), severity: 'info' }));
}

function itemOf(missing: Missing, ref: WorkloadRef, namespace: string, lookup: Lookup): CheckItem {
  const base = { check: references.id, subject: refText(ref) };
  if (missing.what === 'unreadable') {
    return { ...base, severity: 'warn', failure: unreadable(missing, ref, lookup) };
  }
  const severity = missing.reference.need === 'pull' ? 'warn' : 'refuse';
  return { ...base, severity, failure: absent(missing, ref, namespace) };
}

function absent({ reference, wheres, what }: Missing, ref: WorkloadRef, namespace: string): Failure {
  const { kind, name, key, need } = reference;
  const object = `${kind} ${name}`;
  const seen = what === 'key' ? `${object} has no key ${key}` : `${object} does not exist`;
  const effect = need === 'pull' ? '; private images cannot be pulled without it' : '';
  return {
    code: 'REFERENCE_MISSING',
    message: `${refText(ref)}: its target reads ${wheres.join(', ')}, but ${seen} in namespace ${namespace}${effect}`,
    hint: what === 'key' ? addKey(namespace, kind, name, key ?? '') : putBack(namespace, kind, name),
    causes: [],
  };
}

function addKey(namespace: string, kind: ReferencedKind, name: string, key: string): string {
  const edit = kubectl(namespace, 'edit', kind.toLowerCase(), name);
  return `Put the key ${key} back, then run again: ${edit}`;
}

/** The command that creates the object from files, so that no value stands in a command line. */
function putBack(namespace: string, kind: ReferencedKind, name: string): string {
  switch (kind) {
    case 'Secret':
      return `Put it back, then run again: ${kubectl(namespace, 'create', 'secret', 'generic', name)} --from-env-file=FILE`;
    case 'ConfigMap':
      return `Put it back, then run again: ${kubectl(namespace, 'create', 'configmap', name)} --from-env-file=FILE`;
    case 'ServiceAccount':
      return `Put it back, then run again: ${kubectl(namespace, 'create', 'serviceaccount', name)}`;
    case 'PersistentVolumeClaim':
      return `Restore the claim ${name} from its manifest or snapshot, then run again: ${kubectl(namespace, 'get', 'pvc')}`;
  }
}

function unreadable({ reference, wheres }: Missing, ref: WorkloadRef, lookup: Lookup): Failure {
  const { kind, name } = reference;
  const message = `${refText(ref)}: whether ${kind} ${name} exists (${wheres.join(', ')}) is unknown`;
  const cause = lookup.failureOf(kind, name);
  return {
    code: cause instanceof RollbackError ? cause.code : 'CLUSTER_ERROR',
    message,
    hint: cause instanceof RollbackError ? cause.hint : 'Run again.',
    causes: cause instanceof Error ? [cause.message] : [],
  };
}
