import { givenUpOf } from '../core/database/price.ts';
import type { Report } from '../core/report.ts';
import { sayAge, sayBytes, sayCount, sayRowsGivenUp, shownTable } from './amounts.ts';
import type { Catalogue } from './catalogue.ts';
import { liveIcon, liveState, takeBackInputs, wasSwapped } from './database-state.ts';
import { logLine } from './neutral.ts';
import { capital, sayDuration, sayTime } from './say.ts';
import { isPlan } from './verdict.ts';

const MAX_TABLES = 5;
const MAX_BY_HAND = 20;

type Database = NonNullable<Report['database']>;

/** The database for somebody who reads the log only: what is live, what was kept, from which backup, at what price. */
export function databaseLines(catalogue: Catalogue, report: Report): string[] {
  const { database } = report;
  if (!database) return [];
  const words = catalogue.database;
  const { labels } = words;
  const state = liveState(report);
  const { kept, live, safetyBackup, byHand = [] } = database;
  const inputs = takeBackInputs(report);
  const lines = [
    ...(live && state !== undefined && state !== 'would' && state !== 'unknown'
      ? [line(catalogue, labels.live, `${liveIcon(report)} ${words.live[state]} (OID ${live.oid})`)]
      : []),
    ...(kept ? [line(catalogue, labels.kept, `${logLine(kept.name)} (OID ${kept.oid})`)] : []),
    ...backupLines(catalogue, database),
    ...(safetyBackup ? [line(catalogue, labels.safetyBackup, logLine(safetyBackup.path))] : []),
    ...priceLines(catalogue, report, database),
    ...(inputs.length > 0 ? [line(catalogue, words.takeBack, inputs.join(', '))] : []),
    ...(byHand.length > 0 ? [line(catalogue, words.byHand, '')] : []),
    ...byHand.slice(0, MAX_BY_HAND).map((command) => `    ${logLine(command)}`),
  ];
  return lines.length === 0 ? [] : [`${words.title}${catalogue.colon}`, ...lines];
}

function line({ colon }: Catalogue, label: string, text: string): string {
  return `  ${capital(label)}${colon} ${text}`;
}

function backupLines(catalogue: Catalogue, { backup, price }: Database): string[] {
  if (!backup) return [];
  const words = catalogue.database;
  const age = price?.ageMs === undefined ? '' : sayAge(catalogue, price.ageMs);
  const made =
    backup.madeAt === undefined ? words.madeUnknown : words.made(sayTime(backup.madeAt, { date: true }), age);
  const size = sayBytes(catalogue, backup.bytes);
  return [
    line(catalogue, words.labels.backup, `${logLine(backup.name)}, ${size}, ${made}, ${words.why[backup.why]}`),
    `    ${backup.integrity === 'proven' ? words.proven(backup.sha256) : words.notProven(backup.sha256)}`,
  ];
}

function priceLines(catalogue: Catalogue, report: Report, { price }: Database): string[] {
  if (!price) return [];
  const { labels, exact, counted, restoreTakes } = catalogue.database;
  const label = wasSwapped(report) ? labels.rowsGivenUp : labels.wouldGiveUp;
  const costly = price.tables.filter((one) => givenUpOf(one) > 0).sort((a, b) => givenUpOf(b) - givenUpOf(a));
  const count = (rows: number) => sayCount(catalogue, rows);
  const takes = (ms: number) => restoreTakes(sayDuration(catalogue, ms), sayDuration(catalogue, report.budgetMs));
  return [
    line(catalogue, label, `${sayRowsGivenUp(catalogue, report)} (${price.basis === 'exact' ? exact : counted})`),
    // No colon after a table: runners mask a kubeconfig line by line, and `users:` is one of its lines.
    ...costly
      .slice(0, MAX_TABLES)
      .map(
        (one) =>
          `    ${logLine(shownTable(one.table), 200)} – ${count(givenUpOf(one))} (${count(one.rowsNow)} → ${count(one.rowsAfter)})`,
      ),
    ...(costly.length > MAX_TABLES ? [`    ${catalogue.phrases.moreInReport(costly.length - MAX_TABLES)}`] : []),
    ...(isPlan(report) && price.estimatedMs !== undefined
      ? [line(catalogue, labels.forecast, takes(price.estimatedMs))]
      : []),
  ];
}
