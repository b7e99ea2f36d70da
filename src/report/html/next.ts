import type { Finding } from '../../core/finding.ts';
import type { Report } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { hintParts } from '../hint.ts';
import { oneLine } from '../neutral.ts';
import { sayFinding } from '../say.ts';
import { troubleName } from '../trouble-name.ts';
import { isGood, type Trouble, troubles } from '../verdict.ts';
import { type Content, html } from './markup.ts';
import { badge, boundedList, commands, lines, toneOf } from './parts.ts';
import { failureText, inlineHint, spoken } from './speech.ts';
import { callContent } from './troubleshooting.ts';

const MAX_ALSO = 8;
const MAX_CAUSES = 8;
const MAX_COMMANDS = 10;

/** What to do now: the most urgent trouble with its command, the named causes, the others, and whom to call. Nothing when all is good. */
export function nextContent(catalogue: Catalogue, report: Report): Content[] {
  if (isGood(report)) return [];
  const { words } = catalogue;
  const [first, ...others] = troubles(report);
  const shown = new Set(first ? hintParts(first.failure.hint).commands : []);
  const causes = causeContent(catalogue, report.findings.after, words.causeOfFailure, shown);
  const rest = [...others.map(({ failure }) => failure.hint), ...report.next].flatMap(
    (hint) => hintParts(hint).commands,
  );
  const then = [...new Set(rest)].filter((command) => !shown.has(command)).slice(0, MAX_COMMANDS);
  return [
    ...(first ? [trouble(catalogue, first)] : []),
    ...causes,
    ...(others.length > 0
      ? [
          html`<h3>${words.also}</h3>\n${boundedList(
            catalogue,
            others.map((one) => also(catalogue, one)),
            MAX_ALSO,
          )}`,
        ]
      : []),
    ...(then.length > 0 ? [html`<h3>${words.thenType}</h3>\n${commands(catalogue, then)}`] : []),
    ...callContent(catalogue, report),
  ];
}

/** The causes of one release, each with its evidence and command. */
export function causeContent(
  catalogue: Catalogue,
  findings: readonly Finding[],
  title: string,
  shown = new Set<string>(),
): Content[] {
  if (findings.length === 0) return [];
  const { phrases } = catalogue;
  return [
    html`<h3>${title}</h3>\n`,
    ...findings.slice(0, MAX_CAUSES).map((finding) => {
      const isNew = finding.command !== '' && !shown.has(finding.command);
      shown.add(finding.command);
      return html`<p>${badge('bad', sayFinding(catalogue, finding, () => '').title)} ${spoken(
        (speech) => sayFinding(catalogue, finding, speech.show).sentence,
      )}</p>
${finding.evidence.length > 0 ? lines(catalogue, finding.evidence.join('\n'), { maxLines: 12 }) : undefined}${
  isNew ? commands(catalogue, [finding.command]) : undefined
}`;
    }),
    ...(findings.length > MAX_CAUSES ? [html`<p>${phrases.moreInReport(findings.length - MAX_CAUSES)}</p>\n`] : []),
  ];
}

function trouble(catalogue: Catalogue, one: Trouble): Content {
  const { text, commands: toType, paste } = hintParts(one.failure.hint);
  return [
    html`<p>${badge(toneOf(one.status), oneLine(troubleName(catalogue, one)))} <strong>${failureText(one.failure)}</strong></p>\n`,
    text === '' ? undefined : html`<p>${oneLine(text, 1000)}</p>\n`,
    toType.length > 0 ? commands(catalogue, toType) : undefined,
    paste === undefined ? undefined : lines(catalogue, paste, { maxLines: 80 }),
  ];
}

function also(catalogue: Catalogue, one: Trouble): Content {
  const name = badge(toneOf(one.status), oneLine(troubleName(catalogue, one)));
  return html`${name} ${failureText(one.failure)} ${inlineHint(one.failure.hint)}`;
}
