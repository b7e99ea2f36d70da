import type { Report } from '../core/report.ts';
import { sayAge, sayBytes } from './amounts.ts';
import type { Catalogue } from './catalogue.ts';
import { liveIcon, liveState, plannedFor, plannedRestore, wasSwapped, wouldRestore } from './database-state.ts';
import { sayDuration, sayTime } from './say.ts';
import { isPlan } from './verdict.ts';

type Database = NonNullable<Report['database']>;
export type Mark = 'good' | 'bad' | 'warn' | 'unknown';

/** Puts text that is not ours into a sentence, neutralised for where it will stand. */
export interface Put {
  name(text: string, max?: number): string;
  words(text: string, max?: number): string;
}

/** One thing that is true of the database. */
export interface DatabaseFact {
  readonly label: string;
  readonly text: string;
  readonly mark?: Mark;
  /** What has to be said right below it. */
  readonly below?: { readonly text: string; readonly mark: Mark };
}

const MAX_FILES = 10;

/** What is live, what was kept, from which backup, and what protects it. Each page writes these facts in its own marks. */
export function databaseFacts(catalogue: Catalogue, report: Report, put: Put): DatabaseFact[] {
  const { database } = report;
  if (!database) return [];
  return [
    ...liveFact(catalogue, report, database, put),
    ...keptFact(catalogue, report, database, put),
    ...backupFact(catalogue, database, put),
    ...forecastFact(catalogue, report, database),
    ...safetyFact(catalogue, report, database, put),
    ...exportedFact(catalogue, database, put),
  ];
}

const MARKS: Readonly<Record<ReturnType<typeof liveIcon>, Mark | undefined>> = {
  '✅': 'good',
  '❌': 'bad',
  '❔': 'unknown',
  '': undefined,
};

function liveFact(catalogue: Catalogue, report: Report, database: Database, put: Put): DatabaseFact[] {
  const { labels, live, on, nothingChangedInIt } = catalogue.database;
  const state = liveState(report);
  const where = `${put.name(database.name)} ${on} ${put.name(database.server)}`;
  const liveOid = database.live?.oid ?? plannedRestore(report)?.live.oid;
  const oid = liveOid === undefined || state === 'unknown' ? '' : `, OID ${liveOid}`;
  if (state === undefined) return [{ label: labels.live, text: `${where}${oid}` }];
  if (state === 'would') return [{ label: labels.liveUntilThen, text: `${where}${oid}` }];
  const mark = MARKS[liveIcon(report)];
  const untouched = state === 'before' && mark === 'bad' ? `. ${nothingChangedInIt}` : '';
  const text = `${live[state]} (${where}${oid})${untouched}`;
  return [{ label: labels.live, text, ...(mark ? { mark } : {}) }];
}

function keptFact(catalogue: Catalogue, report: Report, database: Database, put: Put): DatabaseFact[] {
  const words = catalogue.database;
  if (database.kept) {
    const { name, oid } = database.kept;
    // Which of the two is set aside follows from which is live: an undo may have failed, a rollback may have been reverted.
    const what = database.live?.is === 'before' ? words.keptRestored : words.keptBefore;
    return [{ label: words.labels.kept, text: `${put.name(name)} (OID ${oid}), ${what}` }];
  }
  if (!isPlan(report) || !wouldRestore(report)) return [];
  const planned = plannedRestore(report);
  const name = planned ? `${put.name(planned.kept)}, ` : '';
  return [{ label: words.labels.wouldBeKept, text: `${name}${words.wouldKeep}` }];
}

function backupFact(catalogue: Catalogue, { backup, price }: Database, put: Put): DatabaseFact[] {
  if (!backup) return [];
  const words = catalogue.database;
  const age = price?.ageMs === undefined ? '' : sayAge(catalogue, price.ageMs);
  const made =
    backup.madeAt === undefined
      ? words.madeUnknown
      : words.made(put.words(sayTime(backup.madeAt, { date: true })), age);
  const hash = put.name(shortHash(backup.sha256));
  const isProven = backup.integrity === 'proven';
  return [
    {
      label: words.labels.backup,
      text: `${put.name(backup.name, 300)}, ${sayBytes(catalogue, backup.bytes)}, ${made}, ${words.why[backup.why]}`,
      below: isProven ? { mark: 'good', text: words.proven(hash) } : { mark: 'warn', text: words.notProven(hash) },
    },
  ];
}

function forecastFact(catalogue: Catalogue, report: Report, { price }: Database): DatabaseFact[] {
  if (!isPlan(report) || price?.estimatedMs === undefined) return [];
  const words = catalogue.database;
  const { forecast: label } = words.labels;
  const text = words.restoreTakes(sayDuration(catalogue, price.estimatedMs), sayDuration(catalogue, report.budgetMs));
  if (price.estimatedMs <= report.budgetMs) return [{ label, text }];
  return [{ label, mark: 'warn', text: `${text}. ${words.overBudget}` }];
}

function safetyFact(catalogue: Catalogue, report: Report, database: Database, put: Put): DatabaseFact[] {
  const words = catalogue.database;
  const { safetyBackup: label } = words.labels;
  const { safetyBackup, kept } = database;
  if (safetyBackup) {
    const { path, bytes, sha256 } = safetyBackup;
    const text = `${put.name(path, 300)}, ${sayBytes(catalogue, bytes)}, SHA-256 ${put.name(shortHash(sha256))}`;
    return [{ label, mark: 'good', text }];
  }
  if (report.mode === 'undo') return [];
  if (kept && wasSwapped(report)) return [{ label, mark: 'warn', text: words.inKeptOnly }];
  if (isPlan(report) && wouldRestore(report) && plannedFor(report, 'backup-database') !== 'change')
    return [{ label, mark: 'warn', text: words.wouldBeInKeptOnly }];
  return [];
}

function exportedFact(catalogue: Catalogue, { price }: Database, put: Put): DatabaseFact[] {
  const files = price?.exported ?? [];
  if (files.length === 0) return [];
  const shown = files.slice(0, MAX_FILES).map((file) => put.name(file, 300));
  const more = files.length > MAX_FILES ? [catalogue.phrases.more(files.length - MAX_FILES)] : [];
  return [{ label: catalogue.database.labels.exported, text: [...shown, ...more].join(', ') }];
}

function shortHash(hash: string): string {
  return hash.length > 16 ? `${hash.slice(0, 16)}…` : hash;
}
