import type { Report } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { oneLine } from '../neutral.ts';
import { capital } from '../say.ts';
import { byProblem, callsOf, causeTitle, contactFor, subjectText, titlesOf } from '../troubleshooting.ts';
import { type Content, code, html, joined } from './markup.ts';
import { table } from './parts.ts';
import { inlineHint } from './speech.ts';

const MAX_ROWS = 50;
const MAX_TITLES = 4;

/** Whom to call for what, one line a contact; nothing where none is configured. */
export function callContent(catalogue: Catalogue, report: Report): Content[] {
  const { words, colon, phrases } = catalogue;
  return callsOf(report).map(({ who, number, entries }) => {
    const titles = titlesOf(catalogue, entries);
    const more = titles.length > MAX_TITLES ? [phrases.moreInReport(titles.length - MAX_TITLES)] : [];
    const what = [...titles.slice(0, MAX_TITLES), ...more].join(catalogue.troubleshooting.between);
    return html`<p class="contact"><strong>${words.emergencyContact}${colon}</strong> ${words.contacts[who]}, ${code(number)}${
      what === '' ? '' : ` – ${what}`
    }</p>\n`;
  });
}

/** Everything that went wrong, by the lines of the checklist's own troubleshooting. */
export function troubleshootingContent(catalogue: Catalogue, report: Report): Content[] {
  const { words, troubleshooting: own } = catalogue;
  return byProblem(report).flatMap(({ problem, entries }): Content[] => {
    const { title, advice } = own.problems[problem];
    const [first] = entries;
    const who = contactFor(report, first?.contact);
    const rows = entries.map((entry) => [
      causeTitle(catalogue, entry.cause),
      oneLine(subjectText(catalogue, entry), 200),
      joined(
        entry.evidence.slice(0, 2).map((line) => oneLine(line, 300)),
        html`<br>`,
      ),
      inlineHint(entry.command),
    ]);
    return [
      html`<h3>${title}</h3>\n<p>${advice}${
        who ? html` ${words.contacts[who]}${catalogue.colon} ${code(report.contacts[who] ?? '')}` : undefined
      }</p>\n`,
      table(catalogue, title, [own.cause, words.object, words.observed, own.nextStep].map(capital), rows, MAX_ROWS),
    ];
  });
}
