import type { WorkloadKind } from './kubernetes.ts';

/** One workload's part of a rollback that was decided: from which template to which. Hashes decide, the rest is shown. */
export interface RollbackMember {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly uid: string;
  readonly from: string;
  readonly to: string;
  /** The number that the target had when it was chosen; it moves afterwards. */
  readonly toRevision?: number;
  readonly fromImages: readonly string[];
  readonly toImages: readonly string[];
  /** Salted digest of the ConfigMaps and Secrets that the bad template reads; absent where they may not be read. */
  readonly fromConfig?: string;
}

/** A rollback as it was decided, written before the first change: the intent that a second run goes on from. */
export interface RollbackRecord {
  readonly run: string;
  readonly url: string;
  readonly actor: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  readonly members: readonly RollbackMember[];
  /** Set once the target was verified. */
  readonly verifiedAt?: string;
}

/** What may not be chosen again: a template (with the config it read, where that was readable) that a run rolled away from. */
export interface QuarantineEntry {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly template: string;
  readonly config?: string;
  readonly images: readonly string[];
  readonly run: string;
  readonly reason: string;
  readonly since: string;
}

/** The ConfigMap `tiered-rollback-ledger`. Newest first; bounded by `trimLedger`. */
export interface Ledger {
  readonly apiVersion: 'tiered-rollback/v1';
  /** Random, made once: digests of configuration are salted with it, so that they tell nothing outside of this ledger. */
  readonly salt?: string;
  /** How many journals were opened so far: the next one takes the oldest's place. */
  readonly journals?: number;
  readonly rollbacks: readonly RollbackRecord[];
  readonly quarantine: readonly QuarantineEntry[];
}

export const EMPTY_LEDGER: Ledger = { apiVersion: 'tiered-rollback/v1', rollbacks: [], quarantine: [] };

/** Annotation of a workload with the hashes of its quarantined templates and its last target, where no ledger may be written. */
export const QUARANTINE_ANNOTATION = 'tiered-rollback/quarantine';
export const TARGET_ANNOTATION = 'tiered-rollback/target';

const MAX_ROLLBACKS = 50;
const MAX_QUARANTINE = 200;

/** Adds a rollback's intent: the record, and what it rolls away from as quarantined. Adding the same run again replaces it. */
export function recordIntent(ledger: Ledger, record: RollbackRecord): Ledger {
  const rollbacks = [record, ...ledger.rollbacks.filter((other) => other.run !== record.run)].slice(0, MAX_ROLLBACKS);
  const added = record.members
    .filter((member) => member.from !== member.to)
    .map((member) => ({
      kind: member.kind,
      name: member.name,
      template: member.from,
      ...(member.fromConfig === undefined ? {} : { config: member.fromConfig }),
      images: member.fromImages,
      run: record.run,
      reason: record.reason,
      since: record.at,
    }));
  const isAdded = (entry: QuarantineEntry) =>
    added.some((other) => other.kind === entry.kind && other.name === entry.name && other.template === entry.template);
  // A release that is asked for by name and rolled to is no longer under quarantine.
  const isTarget = (entry: QuarantineEntry) =>
    record.members.some((m) => m.kind === entry.kind && m.name === entry.name && m.to === entry.template);
  const kept = ledger.quarantine.filter((entry) => !isAdded(entry) && !isTarget(entry));
  return { ...ledger, rollbacks, quarantine: [...added, ...kept].slice(0, MAX_QUARANTINE) };
}

/** Marks a run's record as verified. */
export function recordVerified(ledger: Ledger, run: string, at: string): Ledger {
  return {
    ...ledger,
    rollbacks: ledger.rollbacks.map((record) => (record.run === run ? { ...record, verifiedAt: at } : record)),
  };
}
