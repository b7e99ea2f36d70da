import type { Config } from '../core/config.ts';
import type { Failure } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { WorkloadRef } from '../core/kubernetes.ts';
import type { RollbackRecord } from '../core/ledger.ts';
import type { Outcome } from '../core/outcome.ts';
import type { DatabaseReport, ProbeReport, RecordsReport, Report } from '../core/report.ts';
import type { RunIdentity } from '../core/run.ts';
import type { Said } from '../core/said.ts';
import type { Situation } from '../core/situation.ts';
import type { AlertReader, AlertWriter } from './alerts.ts';
import type { BackupReader } from './backup.ts';
import type { Clock } from './clock.ts';
import type { ClusterReader, ClusterView, ClusterWriter } from './cluster.ts';
import type { CommandReader, CommandWriter } from './commands.ts';
import type { DatabasePlace, DatabaseReader, DatabaseWriter, SafetyDump } from './database.ts';
import type { GithubReader, GithubWriter, RecordReader, RecordWriter } from './github.ts';
import type { Log } from './log.ts';
import type { ManifestReader } from './manifests.ts';
import type { ChatSender, MailSender } from './messages.ts';
import type { MetricsReader } from './metrics.ts';
import type { Texts } from './texts.ts';
import type { NamedValues } from './values.ts';

/** `held` by this run; `unavailable` where the permission is missing; `none` before it was asked for (plan). */
export type LockState =
  | {
      readonly kind: 'held';
      readonly name: string;
      readonly takenFrom?: { readonly holder: string; readonly url: string };
    }
  | { readonly kind: 'unavailable'; readonly failure: Failure }
  | { readonly kind: 'none' };

/** What a step may see of the continuous health probe. */
export interface ProbeMonitor {
  report(): readonly ProbeReport[];
  /** Right answers in a row since `since` (ms since the epoch), per check in the order of the config. */
  streaks(since: number): readonly number[];
  /** Resolves after the next sample of any check, rejects when aborted. */
  sampled(signal: AbortSignal): Promise<void>;
}

/** All that plan, preflight and verify get: readers only, so a dry run that mutates does not compile. */
export interface ReadContext {
  readonly config: Config;
  readonly run: RunIdentity;
  readonly situation: Situation;
  readonly cluster: ClusterReader;
  /** The server of the application's database; absent where none is configured or the tier does not touch it. */
  readonly database?: DatabaseReader & DatabasePlace;
  readonly backup?: BackupReader;
  /** Absent where no manifests are configured. */
  readonly manifests?: ManifestReader;
  /** Prometheus; absent where none is configured. */
  readonly metrics?: MetricsReader;
  /** Alertmanager; absent where none is configured. */
  readonly alerts?: AlertReader;
  /** Which receivers of messages are configured. */
  readonly receivers: { readonly chat: boolean; readonly mail: boolean };
  readonly commands: CommandReader;
  readonly values: NamedValues;
  /** Live view of workloads, their revisions, pods and events. */
  readonly view: ClusterView;
  readonly github: GithubReader;
  readonly probe: ProbeMonitor;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** ms since the epoch at which every wait of this run ends. */
  readonly deadline: number;
  /** ms since the epoch after which nothing is begun that cannot be taken back by itself: the deadline, or the end of the budget where that was asked for. */
  readonly irreversibleUntil: number;
  /** The lock of this run: what became of asking for it. */
  readonly lock: LockState;
  /** Outcome of a step that was verified already. */
  outcomeOf(step: string): Outcome | undefined;
  /** When apply wrote this workload, ms since the epoch; undefined while it did not. */
  writtenAt(ref: WorkloadRef): number | undefined;
  /** The generation that apply's write gave it: a view that shows an older one lags behind. */
  writtenGeneration(ref: WorkloadRef): number | undefined;
  /** Adds what is known of the database to the report; what was said before and is not named stays. */
  aboutDatabase(part: Partial<Omit<DatabaseReport, 'name' | 'server'>>): void;
  /** Adds a true statement to the report. The same statement twice is one. */
  note(note: Said): void;
  /** Adds a named cause of the target release to the report and tells it at once. The same cause twice is one. */
  found(finding: Finding): void;
  /** The causes of the target release that are named so far. */
  findings(): readonly Finding[];
}

/** What apply gets on top: the writers. */
export interface WriteContext extends ReadContext {
  readonly write: {
    readonly cluster: ClusterWriter;
    readonly github: GithubWriter;
    readonly database?: DatabaseWriter;
    readonly safetyDump?: SafetyDump;
    readonly alerts?: AlertWriter;
    readonly commands: CommandWriter;
  };
  /** Changes this run's record in the ledger, at once: what a run after a kill goes on from. */
  record(change: (record: RollbackRecord) => RollbackRecord): Promise<void>;
  /** Records that apply writes this workload now (before), and the generation that came of it (after). */
  wrote(ref: WorkloadRef, generation?: number): void;
}

/** What a step gets that tells of the verdict. The world may never have been read. */
export interface VerdictContext {
  readonly config: Config;
  readonly run: RunIdentity;
  /** The verdict, without secrets. */
  readonly report: Report;
  /** Id of the first run of this incident, which may be this one. */
  readonly incident: string;
  /** Absent where none is configured. */
  readonly chat?: ChatSender;
  /** Absent where none is configured. */
  readonly mail?: MailSender;
  readonly records: RecordReader & RecordWriter;
  /** The renderers of `report/`, which a step may not import. */
  readonly texts: Texts;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this phase: bounded. */
  readonly signal: AbortSignal;
  /** Outcome of any step, also of those that told before. */
  outcomeOf(step: string): Outcome | undefined;
  /** What is recorded where, so far. */
  recorded(): RecordsReport;
  /** Adds to it. */
  aboutRecords(part: RecordsReport): void;
}
