import type { Report } from '../../core/report.ts';
import type { TroubleshootingEntry } from '../../core/troubleshooting.ts';
import type { Catalogue } from '../catalogue.ts';
import { inlineHint } from '../hint-text.ts';
import { code, prose } from '../neutral.ts';
import { capital } from '../say.ts';
import { byProblem, callsOf, causeTitle, contactFor, subjectText, titlesOf } from '../troubleshooting.ts';
import type { Section } from './fit.ts';
import { bounded, table } from './table.ts';

const MAX_ROWS = 50;
const MAX_TITLES = 4;

/** Whom to call for what, one line a contact; nothing where none is configured. */
export function callBlocks(catalogue: Catalogue, report: Report): string[] {
  const { words, colon, phrases } = catalogue;
  return callsOf(report).map(({ who, number, entries }) => {
    const titles = bounded(titlesOf(catalogue, entries), MAX_TITLES, (title) => title, phrases.moreInReport);
    const what = titles.length > 0 ? ` – ${titles.join(catalogue.troubleshooting.between)}` : '';
    return `☎️ **${words.emergencyContact}${colon}** ${words.contacts[who]}, ${code(number)}${what}`;
  });
}

/** Everything that went wrong, by the lines of the checklist's own troubleshooting. */
export function troubleshootingSections(catalogue: Catalogue, report: Report): Section[] {
  const { words, troubleshooting: own, phrases } = catalogue;
  const blocks = byProblem(report).flatMap(({ problem, entries }) => {
    const { title, advice } = own.problems[problem];
    const [first] = entries;
    const who = contactFor(report, first?.contact);
    const rows = entries.slice(0, MAX_ROWS).map((entry) => rowOf(catalogue, entry));
    return [
      `**${title}**${who ? ` – ☎️ ${words.contacts[who]}, ${code(report.contacts[who] ?? '')}` : ''}`,
      advice,
      table([own.cause, words.object, words.observed, own.nextStep].map(capital), rows),
      ...(entries.length > MAX_ROWS ? [phrases.moreInReport(entries.length - MAX_ROWS)] : []),
    ];
  });
  return blocks.length > 0 ? [{ title: own.title, blocks }] : [];
}

function rowOf(catalogue: Catalogue, entry: TroubleshootingEntry): string[] {
  return [
    causeTitle(catalogue, entry.cause),
    prose(subjectText(catalogue, entry), 200),
    entry.evidence
      .slice(0, 2)
      .map((line) => prose(line, 300))
      .join('<br>'),
    inlineHint(entry.command),
  ];
}
