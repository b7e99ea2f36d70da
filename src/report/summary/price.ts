import type { TablePrice } from '../../core/database/database.ts';
import { givenUpOf } from '../../core/database/price.ts';
import type { Report } from '../../core/report.ts';
import { sayCount, sayRowsGivenUp, shownTable } from '../amounts.ts';
import type { Catalogue } from '../catalogue.ts';
import { wasSwapped } from '../database-state.ts';
import { code } from '../neutral.ts';
import { capital } from '../say.ts';
import type { Section } from './fit.ts';
import { table } from './table.ts';

const MAX_OPEN = 10;
const MAX_FOLDED = 200;

/** What the restore or the undo gives up: the sum, and the tables that cost most. */
export function priceBlocks(catalogue: Catalogue, report: Report): string[] {
  const price = report.database?.price;
  if (!price) return [];
  const words = catalogue.database;
  const { costly, equal } = sorted(price.tables);
  const label = wasSwapped(report) ? words.labels.rowsGivenUp : words.labels.wouldGiveUp;
  const basis = price.basis === 'exact' ? words.exact : words.counted;
  const kept = wasSwapped(report) && price.rowsGivenUp > 0 ? report.database?.kept : undefined;
  const where = kept ? ` ${words.stillIn(code(kept.name))}` : '';
  const head = `**${capital(label)}${catalogue.colon} ${sayRowsGivenUp(catalogue, report)}** (${basis}).${where}`;
  if (costly.length === 0) return [head];
  const rest = costly.length > MAX_OPEN ? [capital(catalogue.phrases.more(costly.length - MAX_OPEN))] : [];
  return [
    head,
    drawTable(catalogue, report, costly.slice(0, MAX_OPEN)),
    [...rest, ...(equal > 0 ? [words.equalTables(equal)] : []), ...(hasChanges(costly) ? [words.changesAre] : [])].join(
      ' ',
    ),
  ].filter((block) => block !== '');
}

/** The tables that found no place in sight, for the end of the page. */
export function priceSections(catalogue: Catalogue, report: Report): Section[] {
  const { costly } = sorted(report.database?.price?.tables ?? []);
  const more = costly.slice(MAX_OPEN);
  if (more.length === 0) return [];
  return [
    {
      title: catalogue.database.moreTables,
      blocks: [
        drawTable(catalogue, report, more.slice(0, MAX_FOLDED)),
        ...(more.length > MAX_FOLDED ? [catalogue.phrases.moreInReport(more.length - MAX_FOLDED)] : []),
      ],
    },
  ];
}

/** The tables that give up rows, most first, and how many give up none. */
export function sorted(tables: readonly TablePrice[]): { costly: TablePrice[]; equal: number } {
  const costly = tables.filter((one) => givenUpOf(one) > 0).sort((a, b) => givenUpOf(b) - givenUpOf(a));
  return { costly, equal: tables.length - costly.length };
}

export function hasChanges(tables: readonly TablePrice[]): boolean {
  return tables.some(({ changes }) => changes.inserted + changes.updated + changes.deleted > 0);
}

function drawTable(catalogue: Catalogue, report: Report, tables: readonly TablePrice[]): string {
  const { columns } = catalogue.database;
  const swapped = wasSwapped(report);
  const withOther = report.mode === 'undo' ? columns.withKept : columns.withBackup;
  const isNewerKnown = tables.some(({ newer }) => newer !== undefined);
  const withChanges = hasChanges(tables);
  const isExact = report.database?.price?.basis === 'exact';
  const count = (value: number) => sayCount(catalogue, value);
  return table(
    [
      columns.table,
      columns.givenUp,
      swapped ? columns.before : columns.now,
      swapped ? columns.after : withOther,
      ...(isNewerKnown ? [columns.newer] : []),
      ...(withChanges ? [columns.changes] : []),
    ],
    tables.map((one) => [
      code(shownTable(one.table)),
      `**${isExact ? '' : '≥\u00a0'}${count(givenUpOf(one))}**`,
      count(one.rowsNow),
      count(one.rowsAfter),
      ...(isNewerKnown ? [one.newer === undefined ? '–' : count(one.newer)] : []),
      ...(withChanges ? [changesText(one.changes, count)] : []),
    ]),
  );
}

/** `+12 ~3 −1`, without what there was none of. */
export function changesText(
  { inserted, updated, deleted }: TablePrice['changes'],
  count: (rows: number) => string,
): string {
  const parts: [string, number][] = [
    ['+', inserted],
    ['~', updated],
    ['−', deleted],
  ];
  const shown = parts.filter(([, rows]) => rows > 0).map(([sign, rows]) => `${sign}${count(rows)}`);
  return shown.length > 0 ? shown.join(' ') : '–';
}
