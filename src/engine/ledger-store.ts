import { randomBytes } from 'node:crypto';
import { LEDGER_NAME } from '../core/access.ts';
import { RollbackError } from '../core/errors.ts';
import type { ConfigMapObject, WorkloadObject } from '../core/kubernetes.ts';
import {
  EMPTY_LEDGER,
  type Ledger,
  QUARANTINE_ANNOTATION,
  type QuarantineEntry,
  TARGET_ANNOTATION,
} from '../core/ledger.ts';
import type { LedgerState } from '../core/situation.ts';
import { tr } from '../core/tr.ts';
import type { ClusterReader, ClusterWriter } from '../ports/cluster.ts';

const KEY = 'ledger.json';
const MAX_TRIES = 5;

/** Reads the ledger. Where it may not be read the state says so, and `withAnnotations` stands in. */
export async function readLedger(cluster: ClusterReader): Promise<LedgerState> {
  try {
    const found = await cluster.get('ConfigMap', LEDGER_NAME);
    if (!found) return { ledger: { ...EMPTY_LEDGER, salt: randomBytes(16).toString('hex') }, access: 'full' };
    return { ledger: parse(found), resourceVersion: found.metadata.resourceVersion, access: 'full' };
  } catch (error) {
    if (error instanceof RollbackError && error.code === 'CLUSTER_FORBIDDEN')
      return { ledger: EMPTY_LEDGER, access: 'none' };
    throw error;
  }
}

function parse(found: ConfigMapObject): Ledger {
  try {
    const ledger = JSON.parse(found.data?.[KEY] ?? '') as Ledger;
    if (
      ledger.apiVersion === 'tiered-rollback/v1' &&
      Array.isArray(ledger.rollbacks) &&
      Array.isArray(ledger.quarantine)
    )
      return ledger;
  } catch {
    // Falls through to the refusal: a ledger that cannot be read must not be taken for an empty one.
  }
  throw new RollbackError(
    'CLUSTER_ERROR',
    tr`configmap/${LEDGER_NAME} is not a ledger of this action`,
    tr`Look at it, keep a copy, then remove it: kubectl get configmap ${LEDGER_NAME} -o yaml > ledger.yaml && kubectl delete configmap ${LEDGER_NAME}`,
  );
}

/** Changes the ledger under optimistic locking. @throws LOCK_LOST when others keep changing it. */
export async function updateLedger(
  reader: ClusterReader,
  writer: ClusterWriter,
  state: LedgerState,
  change: (ledger: Ledger) => Ledger,
): Promise<LedgerState> {
  let current = state;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const ledger = change(current.ledger);
    const data = { [KEY]: JSON.stringify(ledger) };
    const labels = { 'app.kubernetes.io/managed-by': 'tiered-rollback' };
    const written =
      current.resourceVersion === undefined
        ? await writer.create('ConfigMap', { metadata: { name: LEDGER_NAME, labels }, data })
        : await writer.replace('ConfigMap', {
            metadata: { name: LEDGER_NAME, labels, resourceVersion: current.resourceVersion },
            data,
          });
    if (written) return { ledger, resourceVersion: written.metadata.resourceVersion, access: 'full' };
    current = await readLedger(reader);
  }
  throw new RollbackError(
    'LOCK_LOST',
    tr`configmap/${LEDGER_NAME} was changed ${MAX_TRIES} times while this run wanted to write it`,
    tr`Another rollback is under way: wait for it, then run again (safe)`,
  );
}

/** The ledger as far as the workloads' own annotations tell it: for runs that may not keep one. */
export function withAnnotations(state: LedgerState, workloads: readonly WorkloadObject[]): LedgerState {
  const marked = workloads.filter((workload) => workload.metadata.annotations?.[TARGET_ANNOTATION] !== undefined);
  if (marked.length === 0) return state;
  const known = new Set(state.ledger.quarantine.map((entry) => `${entry.kind}/${entry.name}/${entry.template}`));
  const quarantine: QuarantineEntry[] = marked.flatMap((workload) =>
    (workload.metadata.annotations?.[QUARANTINE_ANNOTATION] ?? '')
      .split(',')
      .filter((hash) => /^[0-9a-f]{16}$/.test(hash) && !known.has(`${workload.kind}/${workload.metadata.name}/${hash}`))
      .map((hash) => ({
        kind: workload.kind,
        name: workload.metadata.name,
        template: hash,
        images: [],
        run: 'annotation',
        reason: '',
        since: workload.metadata.creationTimestamp,
      })),
  );
  const members = marked
    .filter(
      (workload) =>
        !state.ledger.rollbacks.some((record) =>
          record.members.some((m) => m.kind === workload.kind && m.name === workload.metadata.name),
        ),
    )
    .map((workload) => ({
      kind: workload.kind,
      name: workload.metadata.name,
      uid: workload.metadata.uid,
      from: '',
      to: workload.metadata.annotations?.[TARGET_ANNOTATION] ?? '',
      fromImages: [],
      toImages: [],
    }));
  const record = { run: 'annotation', url: '', actor: '', reason: '', at: '', members };
  return {
    ...state,
    ledger: {
      ...state.ledger,
      rollbacks: members.length > 0 ? [...state.ledger.rollbacks, record] : state.ledger.rollbacks,
      quarantine: [...state.ledger.quarantine, ...quarantine],
    },
  };
}
