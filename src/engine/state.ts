import type { Config } from '../core/config.ts';
import { RollbackError } from '../core/errors.ts';
import { type Finding, findingKey } from '../core/finding.ts';
import { refText, type WorkloadRef } from '../core/kubernetes.ts';
import type { RollbackRecord } from '../core/ledger.ts';
import type { Outcome } from '../core/outcome.ts';
import type { DatabaseReport, KeptEvidence, RecordsReport, Report } from '../core/report.ts';
import type { RunIdentity } from '../core/run.ts';
import type { Said } from '../core/said.ts';
import type { Situation } from '../core/situation.ts';
import { TIER_BUDGET_MS } from '../core/tier.ts';
import { tr } from '../core/tr.ts';
import type { AlertReader, AlertWriter } from '../ports/alerts.ts';
import type { BackupReader } from '../ports/backup.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, ClusterView, ClusterWriter } from '../ports/cluster.ts';
import type { CommandReader, CommandWriter } from '../ports/commands.ts';
import type { LockState, ProbeMonitor, ReadContext, WriteContext } from '../ports/context.ts';
import type { DatabasePlace, DatabaseReader, DatabaseWriter, SafetyDump } from '../ports/database.ts';
import type { GithubReader, GithubWriter, RecordReader, RecordWriter } from '../ports/github.ts';
import type { HttpReader } from '../ports/http.ts';
import type { Log } from '../ports/log.ts';
import type { ManifestReader } from '../ports/manifests.ts';
import type { ChatSender, MailSender } from '../ports/messages.ts';
import type { MetricsReader } from '../ports/metrics.ts';
import type { Texts } from '../ports/texts.ts';
import type { NamedValues } from '../ports/values.ts';
import { findingText } from './bad-release.ts';
import { lastLines } from './container-log.ts';

/** Everything that a run is made of; built by `compose.ts`, or by a test from fakes. */
export interface Parts {
  readonly config: Config;
  readonly run: RunIdentity;
  readonly cluster: { readonly reader: ClusterReader; readonly writer: ClusterWriter };
  readonly github: GithubReader & GithubWriter;
  readonly http: HttpReader;
  /** Absent where the run touches no database. */
  readonly database?: { readonly reader: DatabaseReader & DatabasePlace; readonly writer: DatabaseWriter };
  readonly backup?: BackupReader;
  readonly manifests?: ManifestReader;
  readonly safetyDump?: SafetyDump;
  readonly commands: CommandReader & CommandWriter;
  /** Absent where none is configured, as the three after it. */
  readonly metrics?: MetricsReader;
  readonly alerts?: AlertReader & AlertWriter;
  readonly chat?: ChatSender;
  readonly mail?: MailSender;
  readonly records: RecordReader & RecordWriter;
  readonly texts: Texts;
  /** The report without secrets, before it leaves the run. */
  readonly redact: (report: Report) => Report;
  readonly values: NamedValues;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the run is cancelled from outside. */
  readonly signal: AbortSignal;
}

const MAX_LOGS = 8;

/** What a run has learned so far. Steps see it through their contexts, the report is made from it. */
export class RunState {
  parts: Parts;
  readonly startedAt: number;
  readonly deadline: number;
  readonly probe: ProbeMonitor;
  readonly notes: Said[] = [];
  readonly findings: { before: Finding[]; after: Finding[] } = { before: [], after: [] };
  readonly kept: KeptEvidence[] = [];
  readonly outcomes = new Map<string, Outcome>();
  /** What steps told of the database, for the report. */
  database: DatabaseReport | undefined;
  /** Where the rollback is recorded, as far as that is done. */
  records: RecordsReport = {};
  /** Writes this run's record anew; set once the intent was recorded. */
  recorder: ((change: (record: RollbackRecord) => RollbackRecord) => Promise<void>) | undefined;
  situation: Situation | undefined;
  view: ClusterView | undefined;
  lock: LockState = { kind: 'none' };
  readonly #written = new Map<string, { at: number; generation: number | undefined }>();
  readonly #running = new Set<string>();
  readonly #logs: Promise<void>[] = [];
  readonly #abort = new AbortController();

  constructor(parts: Parts, probe: ProbeMonitor) {
    this.parts = parts;
    this.probe = probe;
    this.startedAt = parts.clock.now();
    this.deadline = this.startedAt + parts.config.timeoutMs;
  }

  /** An undo has the tier of the run that it takes back: its steps, its permissions. */
  takeTierOf(undoes: Situation['undoes']): void {
    const tier = undoes?.tier;
    if (tier !== undefined) this.parts = { ...this.parts, config: { ...this.parts.config, tier } };
  }

  /** Ends every wait of the run: cancelled from outside, or the lock was lost. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.parts.signal, this.#abort.signal]);
  }

  abort(reason: RollbackError): void {
    this.#abort.abort(reason);
  }

  get isCancelled(): boolean {
    return this.parts.signal.aborted;
  }

  /** Something may have changed: a workload was written, or the intent was recorded. */
  get hasWritten(): boolean {
    return this.#written.size > 0 || this.recorder !== undefined;
  }

  /** The logs that were asked for, for as long as they may take. */
  async logsArrived(withinMs: number): Promise<void> {
    const stop = new AbortController();
    const late = this.parts.clock.sleep(withinMs, stop.signal).catch(() => {});
    await Promise.race([Promise.all(this.#logs), late]);
    stop.abort();
  }

  context(): WriteContext {
    const { situation, view, parts } = this;
    if (!situation || !view)
      throw new RollbackError('INTERNAL', tr`the world was not read yet`, tr`Report this defect`);
    const { config, run, cluster, github, clock, log, database, backup, manifests, safetyDump, commands, values } =
      parts;
    const { metrics, alerts, chat, mail } = parts;
    const shared: ReadContext = {
      config,
      run,
      situation,
      view,
      cluster: cluster.reader,
      ...(database ? { database: database.reader } : {}),
      ...(backup ? { backup } : {}),
      ...(manifests ? { manifests } : {}),
      ...(metrics ? { metrics } : {}),
      ...(alerts ? { alerts } : {}),
      receivers: { chat: chat !== undefined, mail: mail !== undefined },
      commands,
      values,
      github,
      probe: this.probe,
      clock,
      log,
      signal: this.signal,
      deadline: this.deadline,
      irreversibleUntil: this.#irreversibleUntil(),
      lock: this.lock,
      outcomeOf: (step) => this.outcomes.get(step),
      writtenAt: (ref) => this.#written.get(refText(ref))?.at,
      writtenGeneration: (ref) => this.#written.get(refText(ref))?.generation,
      aboutDatabase: (part) => this.aboutDatabase(part),
      note: (note) => this.note(note),
      found: (finding) => this.found(finding),
      findings: () => this.findings.after,
    };
    return {
      ...shared,
      write: {
        cluster: cluster.writer,
        github,
        commands,
        ...(database ? { database: database.writer } : {}),
        ...(safetyDump ? { safetyDump } : {}),
        ...(alerts ? { alerts } : {}),
      },
      record: async (change) => this.recorder?.(change),
      wrote: (ref, generation) => this.#wrote(ref, generation),
    };
  }

  /** Marks a step as under way until what it does settles. */
  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#running.add(id);
    try {
      return await work();
    } finally {
      this.#running.delete(id);
    }
  }

  /** Ids of the steps that are under way. */
  running(): readonly string[] {
    return [...this.#running];
  }

  #irreversibleUntil(): number {
    const { atBudgetEnd, tier } = this.parts.config;
    return atBudgetEnd === 'stop' ? Math.min(this.deadline, this.startedAt + TIER_BUDGET_MS[tier]) : this.deadline;
  }

  #wrote(ref: WorkloadRef, generation: number | undefined): void {
    const before = this.#written.get(refText(ref));
    this.#written.set(refText(ref), { at: before?.at ?? this.parts.clock.now(), generation });
  }

  aboutDatabase(part: Partial<Omit<DatabaseReport, 'name' | 'server'>>): void {
    const { reader } = this.parts.database ?? {};
    if (!reader) return;
    const base = this.database ?? { name: reader.name, server: `${reader.host}:${reader.port}` };
    this.database = { ...base, ...part };
  }

  note(note: Said): void {
    const text = JSON.stringify(note);
    if (!this.notes.some((other) => JSON.stringify(other) === text)) this.notes.push(note);
  }

  /** A cause of the target release: told at once, with the last log lines of its container. */
  found(finding: Finding): void {
    const key = findingKey(finding);
    const index = this.findings.after.findIndex((other) => findingKey(other) === key);
    if (index >= 0) {
      this.findings.after[index] = finding;
      return;
    }
    this.findings.after.push(finding);
    this.parts.log.warn(findingText(finding));
    const { pod, container } = finding;
    if (pod === undefined || container === undefined || this.#logs.length >= MAX_LOGS) return;
    this.#logs.push(
      lastLines(this.parts.cluster.reader, pod, container).then((log) => {
        if (log.length > 0) this.kept.push({ pod, container, log });
      }),
    );
  }
}
