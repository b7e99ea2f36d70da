import type { TablePrice } from '../../core/database/database.ts';
import { givenUpOf } from '../../core/database/price.ts';
import type { Report } from '../../core/report.ts';
import { sayCount, sayRowsGivenUp, shownTable } from '../amounts.ts';
import type { Catalogue } from '../catalogue.ts';
import { keptCommands } from '../database-commands.ts';
import { databaseFacts, type Mark } from '../database-facts.ts';
import { takeBackInputs, wasSwapped } from '../database-state.ts';
import { oneLine } from '../neutral.ts';
import { capital } from '../say.ts';
import { changesText, hasChanges, sorted } from '../summary/price.ts';
import { isPlan } from '../verdict.ts';
import { type Content, code, html } from './markup.ts';
import { boundedList, commands, folded, lines, sign, table } from './parts.ts';
import { Speech, spoken } from './speech.ts';

type Database = NonNullable<Report['database']>;

const MAX_OPEN = 10;
const MAX_PASSED_OVER = 50;

/** What became of the database: what is live, what was kept, from which backup, at what price, and how to go back. */
export function databaseContent(catalogue: Catalogue, report: Report): Content[] {
  const { database } = report;
  if (!database) return [];
  return [
    facts(catalogue, report),
    ...byHand(catalogue, database),
    ...price(catalogue, report),
    ...takeBack(catalogue, report),
    ...passedOver(catalogue, database),
    ...look(catalogue, report, database),
  ];
}

function facts(catalogue: Catalogue, report: Report): Content {
  const speech = new Speech();
  const marked = (mark: Mark | undefined, text: string) => [mark ? [sign(mark), ' '] : undefined, speech.html(text)];
  const entries = databaseFacts(catalogue, report, speech).map(
    ({ label, text, mark, below }) =>
      html`<div><dt>${capital(label)}</dt><dd>${marked(mark, text)}${
        below ? html`<br>${marked(below.mark, below.text)}` : undefined
      }</dd></div>\n`,
  );
  return entries.length > 0 ? html`<dl class="facts rows">\n${entries}</dl>\n` : undefined;
}

function byHand(catalogue: Catalogue, { byHand: all }: Database): Content[] {
  return all && all.length > 0 ? [html`<h3>${catalogue.database.byHand}</h3>\n${commands(catalogue, all)}`] : [];
}

/** What the restore or the undo gives up: the sum, and every table that gives up rows. */
function price(catalogue: Catalogue, report: Report): Content[] {
  const { database } = report;
  if (!database?.price) return [];
  const words = catalogue.database;
  const { costly, equal } = sorted(database.price.tables);
  const isSwapped = wasSwapped(report);
  const label = capital(isSwapped ? words.labels.rowsGivenUp : words.labels.wouldGiveUp);
  const basis = database.price.basis === 'exact' ? words.exact : words.counted;
  const kept = isSwapped && database.price.rowsGivenUp > 0 ? database.kept : undefined;
  const notes = [...(equal > 0 ? [words.equalTables(equal)] : []), ...(hasChanges(costly) ? [words.changesAre] : [])];
  const more = costly.slice(MAX_OPEN);
  return [
    html`<h3>${label}${catalogue.colon} ${sayRowsGivenUp(catalogue, report)}</h3>
<p>${capital(basis)}. ${kept ? spoken((speech) => words.stillIn(speech.name(kept.name))) : undefined}</p>
`,
    costly.length > 0 ? priceTable(catalogue, report, label, costly.slice(0, MAX_OPEN)) : undefined,
    more.length > 0 ? folded(words.moreTables, priceTable(catalogue, report, words.moreTables, more)) : undefined,
    costly.length > 0 && notes.length > 0 ? html`<p>${notes.join(' ')}</p>\n` : undefined,
  ];
}

function priceTable(catalogue: Catalogue, report: Report, caption: string, tables: readonly TablePrice[]): Content {
  const { columns } = catalogue.database;
  const isSwapped = wasSwapped(report);
  const isExact = report.database?.price?.basis === 'exact';
  const isNewerKnown = tables.some(({ newer }) => newer !== undefined);
  const withChanges = hasChanges(tables);
  const withOther = report.mode === 'undo' ? columns.withKept : columns.withBackup;
  const count = (rows: number) => sayCount(catalogue, rows);
  return table(
    catalogue,
    caption,
    [
      columns.table,
      columns.givenUp,
      isSwapped ? columns.before : columns.now,
      isSwapped ? columns.after : withOther,
      ...(isNewerKnown ? [columns.newer] : []),
      ...(withChanges ? [columns.changes] : []),
    ],
    tables.map((one) => [
      code(shownTable(one.table)),
      html`<strong>${isExact ? '' : '≥\u00a0'}${count(givenUpOf(one))}</strong>`,
      count(one.rowsNow),
      count(one.rowsAfter),
      ...(isNewerKnown ? [one.newer === undefined ? '–' : count(one.newer)] : []),
      ...(withChanges ? [changesText(one.changes, count)] : []),
    ]),
  );
}

function takeBack(catalogue: Catalogue, report: Report): Content[] {
  const inputs = takeBackInputs(report);
  if (inputs.length === 0) return [];
  const words = catalogue.database;
  const yaml = ['with:', ...inputs.map((input) => `  ${input}`)].join('\n');
  return [html`<h3>${words.takeBack}</h3>\n<p>${capital(words.takeBackHow)}</p>\n${lines(catalogue, yaml)}`];
}

function passedOver(catalogue: Catalogue, { backup }: Database): Content[] {
  if (!backup || backup.passedOver.length === 0) return [];
  const words = catalogue.database;
  const items = backup.passedOver.map(
    ({ name, why }) => html`${code(name, 300)}${catalogue.colon} ${oneLine(why, 300)}`,
  );
  return [folded(words.passedOver(items.length), boundedList(catalogue, items, MAX_PASSED_OVER))];
}

function look(catalogue: Catalogue, report: Report, database: Database): Content[] {
  if (!database.kept || isPlan(report)) return [];
  const words = catalogue.database;
  const all = keptCommands(report.namespace, database, database.kept.name);
  return [
    folded(capital(words.lookOrDrop), [
      html`<p>${words.lookHow}</p>\n${commands(catalogue, all.look)}`,
      html`<p>${words.dropHow}</p>\n${commands(catalogue, all.drop)}`,
    ]),
  ];
}
