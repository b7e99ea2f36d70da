import { missingRulesYaml } from '../core/access.ts';
import { type Failure, RollbackError } from '../core/errors.ts';
import { type PodTemplate, refText, type WorkloadRef } from '../core/kubernetes.ts';
import {
  type Missing,
  missingOf,
  type Reference,
  type ReferencedKind,
  readRules,
  referencesOf,
} from '../core/references.ts';
import { type SecretChange, secretChangesOf } from '../core/secret-restore.ts';
import { kubectl } from '../core/shell.ts';
import type { CheckItem, Plan } from '../core/step.ts';
import { tr } from '../core/tr.ts';
import { undoMembersOf } from '../core/undo.ts';
import type { ClusterReader } from '../ports/cluster.ts';
import type { PreflightCheck } from './contract.ts';
import { foreseen } from './foreseen.ts';
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
    return referenceItems(ctx.cluster, undoMembersOf(plan), ctx.config.namespace, plan);
  },
};

/**
 * One item per missing object or key and workload; an object that many workloads read is looked up once.
 * @param plan what the run itself does before the workloads go: what it puts there is not missing, what it takes away is
 */
export async function referenceItems(
  cluster: ClusterReader,
  readings: readonly Reading[],
  namespace: string,
  plan: Pick<Plan, 'steps'> = { steps: [] },
): Promise<CheckItem[]> {
  const restored = secretChangesOf(plan);
  const all = readings.map((reading) => ({
    reading,
    references: referencesOf(reading.template).filter((reference) => !isRestored(reference, restored)),
  }));
  const lookup = await findReferenced(
    cluster,
    all.flatMap((one) => one.references),
  );
  const find = foreseen(lookup, plan);
  const missing = all.flatMap(({ reading, references: needed }) =>
    missingOf(needed, find).map((one) => ({ one, ref: reading.ref })),
  );
  const items = missing
    .filter(({ one }) => one.what !== 'unreadable')
    .map(({ one, ref }) => absentItem(one, ref, namespace, missingOf([one.reference], lookup.find).length === 0));
  const unread = missing.filter(({ one }) => one.what === 'unreadable').map(({ one }) => one);
  items.push(...unreadItems(unread, lookup, namespace));
  return items.length > 0
    ? items
    : readings.map(({ ref }) => ({ check: references.id, subject: refText(ref), severity: 'info' }));
}

function isRestored({ kind, name, key }: Reference, restored: readonly SecretChange[]): boolean {
  const change = kind === 'Secret' ? restored.find((one) => one.name === name) : undefined;
  if (!change || change.way === 'remove') return false;
  // A copy that is put back whole has all its keys.
  return change.way === 'put-back' || key === undefined || change.keys.includes(key);
}

function absentItem(missing: Missing, ref: WorkloadRef, namespace: string, isTaken: boolean): CheckItem {
  const severity = missing.reference.need === 'pull' ? 'warn' : 'refuse';
  return {
    check: references.id,
    subject: refText(ref),
    severity,
    failure: isTaken ? taken(missing, ref) : absent(missing, ref, namespace),
    ...(missing.reference.kind === 'Secret' ? { problem: 'secrets' } : {}),
  };
}

/** It is there now; the manifests lack it, or an undo deletes what the rollback had created. */
function taken({ reference: { kind, name, key }, wheres }: Missing, ref: WorkloadRef): Failure {
  const what = key === undefined ? `${kind} ${name}` : tr`key ${key} of ${kind} ${name}`;
  return {
    code: 'REFERENCE_MISSING',
    message: tr`${refText(ref)}: its target reads ${wheres.join(', ')}, but this run would take ${what} away`,
    hint: tr`Leave it where it is: skip-steps: restore-manifests; or, in a rollback, add it to the manifests. Then run again`,
    causes: [],
  };
}

function absent({ reference, wheres, what }: Missing, ref: WorkloadRef, namespace: string): Failure {
  const { kind, name, key, need } = reference;
  const object = `${kind} ${name}`;
  const seen = what === 'key' ? tr`${object} has no key ${key ?? ''}` : tr`${object} does not exist`;
  const effect = need === 'pull' ? tr`; private images cannot be pulled without it` : '';
  return {
    code: 'REFERENCE_MISSING',
    message: tr`${refText(ref)}: its target reads ${wheres.join(', ')}, but ${seen} in namespace ${namespace}${effect}`,
    hint: what === 'key' ? addKey(namespace, kind, name, key ?? '') : putBack(namespace, kind, name),
    causes: [],
  };
}

function addKey(namespace: string, kind: ReferencedKind, name: string, key: string): string {
  const edit = kubectl(namespace, 'edit', kind.toLowerCase(), name);
  return tr`Put the key ${key} back, then run again: ${edit}`;
}

/** The command that creates the object from files, so that no value stands in a command line. */
function putBack(namespace: string, kind: ReferencedKind, name: string): string {
  switch (kind) {
    case 'Secret':
      return tr`Put it back, then run again: ${kubectl(namespace, 'create', 'secret', 'generic', name)} --from-env-file=FILE`;
    case 'ConfigMap':
      return tr`Put it back, then run again: ${kubectl(namespace, 'create', 'configmap', name)} --from-env-file=FILE`;
    case 'ServiceAccount':
      return tr`Put it back, then run again: ${kubectl(namespace, 'create', 'serviceaccount', name)}`;
    case 'PersistentVolumeClaim':
      return tr`Restore the claim ${name} from its manifest or snapshot, then run again: ${kubectl(namespace, 'get', 'pvc')}`;
  }
}

/** One item per reason, however many objects: what nobody may read is one missing rule, not a hundred warnings. */
function unreadItems(unread: readonly Missing[], lookup: Lookup, namespace: string): CheckItem[] {
  const failureOf = ({ reference }: Missing) => lookup.failureOf(reference.kind, reference.name);
  const byCode = Map.groupBy(unread, (missing) => {
    const failure = failureOf(missing);
    return failure instanceof RollbackError ? failure.code : 'CLUSTER_ERROR';
  });
  return [...byCode].map(([code, list]) => {
    const objects = [...new Set(list.map(({ reference }) => `${reference.kind} ${reference.name}`))];
    const failure = failureOf(list[0] as Missing);
    const rules = readRules(list.map(({ reference }) => reference));
    return {
      check: references.id,
      subject: `namespace/${namespace}`,
      severity: 'warn',
      failure: {
        code,
        message: tr`whether these exist, which the target reads, is unknown: ${listText(objects)}`,
        hint:
          code === 'CLUSTER_FORBIDDEN'
            ? tr`To have it checked, add these rules to the Role in namespace ${namespace}:\n${missingRulesYaml(rules, namespace)}`
            : tr`Run again; running again is safe.`,
        causes: failure instanceof Error ? [failure.message] : [],
      },
    };
  });
}

function listText(objects: readonly string[]): string {
  const shown = objects.slice(0, MAX_OBJECTS).join(', ');
  return objects.length > MAX_OBJECTS ? tr`${shown} and ${objects.length - MAX_OBJECTS} more` : shown;
}

const MAX_OBJECTS = 10;
