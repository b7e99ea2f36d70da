import type { Report } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { keptCommands } from '../database-commands.ts';
import { databaseFacts, type Mark } from '../database-facts.ts';
import { takeBackInputs } from '../database-state.ts';
import { code, fenced, prose } from '../neutral.ts';
import { capital } from '../say.ts';
import { isPlan } from '../verdict.ts';
import { priceBlocks } from './price.ts';
import { bounded, details } from './table.ts';

type Database = NonNullable<Report['database']>;

const MAX_PASSED_OVER = 50;
const MAX_BY_HAND = 40;

/** What became of the database: what is live, what was kept, from which backup, at what price, and how to go back. In sight: it is what people fear for. */
export function databaseBlocks(catalogue: Catalogue, report: Report): string[] {
  const { database } = report;
  if (!database) return [];
  const words = catalogue.database;
  const lines = databaseFacts(catalogue, report, { name: code, words: prose }).flatMap(
    ({ label, text, mark, below }) => [
      `- **${label}${catalogue.colon}** ${marked(mark, text)}`,
      ...(below ? [`  - ${marked(below.mark, below.text)}`] : []),
    ],
  );
  return [
    `### ${words.title}`,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...byHandBlocks(catalogue, database),
    ...priceBlocks(catalogue, report),
    ...takeBackBlocks(catalogue, report),
    ...passedOverBlocks(catalogue, database),
    ...lookBlocks(catalogue, report, database),
  ];
}

const ICONS: Readonly<Record<Mark, string>> = { good: '✅', bad: '❌', warn: '⚠️', unknown: '❔' };

function marked(mark: Mark | undefined, text: string): string {
  return mark ? `${ICONS[mark]} ${text}` : text;
}

function byHandBlocks(catalogue: Catalogue, { byHand }: Database): string[] {
  if (!byHand || byHand.length === 0) return [];
  return [`🛠️ **${catalogue.database.byHand}**`, commands(byHand)];
}

/** The inputs that take it back, ready to paste. */
function takeBackBlocks(catalogue: Catalogue, report: Report): string[] {
  const inputs = takeBackInputs(report);
  if (inputs.length === 0) return [];
  const words = catalogue.database;
  return [
    `**${words.takeBack}${catalogue.colon}** ${words.takeBackHow}`,
    fenced(['with:', ...inputs.map((input) => `  ${input}`)].join('\n'), { language: 'yaml' }),
  ];
}

function passedOverBlocks(catalogue: Catalogue, { backup }: Database): string[] {
  if (!backup || backup.passedOver.length === 0) return [];
  const words = catalogue.database;
  const lines = bounded(
    backup.passedOver,
    MAX_PASSED_OVER,
    ({ name, why }) => `- ${code(name, 300)}${catalogue.colon} ${prose(why, 300)}`,
    (count) => `- ${catalogue.phrases.moreInReport(count)}`,
  );
  return [details(words.passedOver(backup.passedOver.length), [lines.join('\n')])];
}

function lookBlocks(catalogue: Catalogue, report: Report, database: Database): string[] {
  if (!database.kept || isPlan(report)) return [];
  const words = catalogue.database;
  const { look, drop } = keptCommands(report.namespace, database, database.kept.name);
  return [details(capital(words.lookOrDrop), [words.lookHow, commands(look), words.dropHow, commands(drop)])];
}

const SQL = /^(?:--|(?:SELECT|ALTER|BEGIN|COMMIT|GRANT|REVOKE|CREATE|DROP)\b)/;

function commands(lines: readonly string[]): string {
  const language = lines.every((one) => SQL.test(one)) ? 'sql' : 'sh';
  return fenced(lines.join('\n'), { language, maxLines: MAX_BY_HAND, maxColumns: 2000 });
}
