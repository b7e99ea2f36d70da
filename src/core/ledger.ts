import type { WorkloadKind } from './kubernetes.ts';
import type { ChangedObject } from './references.ts';
import type { Tier } from './tier.ts';

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

/** The part of a rollback that concerns the database. OIDs decide, names are for people: names move in a swap. */
export interface DatabaseRecord {
  /** Name of the live database. */
  readonly name: string;
  readonly systemIdentifier?: string;
  /** OID of the database that was live before. */
  readonly liveOid: number;
  /** Name of the restored database until it is live. */
  readonly side: string;
  /** OID of the restored database; absent until it was created. */
  readonly sideOid?: number;
  /** Loaded and verified: a run that comes after need not load it again. */
  readonly loaded?: boolean;
  /** Name that the database before gets, and keeps. */
  readonly kept: string;
  readonly backup: { readonly name: string; readonly sha256: string; readonly madeAt?: string };
  /** Migration heads, where a query for them is configured. */
  readonly headBefore?: string;
  readonly headAfter?: string;
  /** Rows and changes per table when it was loaded: what was written since then is counted from these. Left out where there are too many tables. */
  readonly loadedRows?: Readonly<Record<string, number>>;
  /** Rows per table of the database before, when its price was counted. */
  readonly keptRows?: Readonly<Record<string, number>>;
}

/** Old values of Secret keys that were replaced, and where they are kept. */
export interface SecretRecord {
  readonly name: string;
  readonly keys: readonly string[];
  /** Our own Secret that holds the old values. */
  readonly keptIn: string;
  /** The run that kept them; the copy names it too: names of copies are used again. */
  readonly run?: string;
  /** Workloads that read it were restarted, or need not be. */
  readonly readersRestarted?: boolean;
}

/** An object that a manifest of the backup replaced; what it was is kept. */
export interface ManifestRecord {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Of a ConfigMap or Secret: the keys that changed. */
  readonly keys?: readonly string[];
  readonly keptIn: string;
  readonly run: string;
  readonly readersRestarted?: boolean;
}

/** Feature flags that were switched off, with the values they had: null where a key was not there. They are no secret. */
export interface FlagRecord {
  readonly configMap: string;
  readonly before: Readonly<Record<string, string | null>>;
  /** Our own Secret that holds all of an immutable one, as it was, and the run that kept it. */
  readonly keptIn?: string;
  readonly run?: string;
  /** RFC 3339, by the clock of the cluster: pods from before it read the old values. */
  readonly since: string;
  readonly readersRestarted?: boolean;
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
  readonly tier?: Tier;
  /** The first run of the incident that this one goes on with; absent where it is the first. */
  readonly incident?: string;
  /** RFC 3339: when the bad release began, as the first run of the incident saw it. */
  readonly badReleaseAt?: string;
  readonly database?: DatabaseRecord;
  readonly secrets?: readonly SecretRecord[];
  readonly manifests?: readonly ManifestRecord[];
  readonly flags?: FlagRecord;
  /** Migration head before migrations were taken back, where this rollback did that. */
  readonly migrationsBefore?: string;
  /** Migration head that the target was verified with. */
  readonly migrationHead?: string;
  /** Set once the target was verified. */
  readonly verifiedAt?: string;
  /** Set once it was taken back: it counts no more. */
  readonly undoneAt?: string;
  /** The run that this one took back. */
  readonly undoes?: string;
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

/** Rollbacks that count when a target is chosen: what was taken back, and the taking back itself, say nothing about where to go. */
export function standingRollbacks(ledger: Ledger): readonly RollbackRecord[] {
  return ledger.rollbacks.filter((record) => record.undoneAt === undefined && record.undoes === undefined);
}

/** The ConfigMaps and Secrets that this run of ours set, by their keys. */
export function changedObjectsOf({ secrets = [], manifests = [], flags }: RollbackRecord): ChangedObject[] {
  return [
    ...secrets.map(({ name, keys }) => ({ kind: 'Secret' as const, name, keys })),
    ...manifests.flatMap(({ kind, name, keys }): ChangedObject[] =>
      kind === 'ConfigMap' || kind === 'Secret' ? [{ kind, name, ...(keys ? { keys } : {}) }] : [],
    ),
    ...(flags ? [{ kind: 'ConfigMap' as const, name: flags.configMap, keys: Object.keys(flags.before) }] : []),
  ];
}

/** Adds a rollback's intent: the record, and what it rolls away from as quarantined. Adding the same run again replaces it. */
export function recordIntent(ledger: Ledger, record: RollbackRecord): Ledger {
  const rollbacks = [record, ...ledger.rollbacks.filter((other) => other.run !== record.run)].slice(0, MAX_ROLLBACKS);
  // What a rollback had gone to is no bad release when that rollback is taken back.
  const added = (record.undoes === undefined ? record.members : [])
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

/** Changes one run's record. */
export function changeRecord(ledger: Ledger, run: string, change: (record: RollbackRecord) => RollbackRecord): Ledger {
  return { ...ledger, rollbacks: ledger.rollbacks.map((record) => (record.run === run ? change(record) : record)) };
}

/** Marks a run's record as verified, with the migration head that its target was verified with where that is known. */
export function recordVerified(ledger: Ledger, run: string, at: string, migrationHead?: string): Ledger {
  return changeRecord(ledger, run, (record) => ({
    ...record,
    verifiedAt: at,
    ...(migrationHead === undefined ? {} : { migrationHead }),
  }));
}

/** Marks all records of an incident as taken back. */
export function recordUndone(ledger: Ledger, undone: RollbackRecord, at: string): Ledger {
  const incident = undone.incident ?? undone.run;
  return {
    ...ledger,
    rollbacks: ledger.rollbacks.map((record) =>
      (record.incident ?? record.run) === incident ? { ...record, undoneAt: at } : record,
    ),
  };
}
