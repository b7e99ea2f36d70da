import type { Finding } from '../../core/finding.ts';
import type { Report } from '../../core/report.ts';
import type { Catalogue } from '../catalogue.ts';
import { hintParts } from '../hint.ts';
import { inlineHint } from '../hint-text.ts';
import { fenced, prose } from '../neutral.ts';
import { inMarkdown, sayFailure, sayFinding } from '../say.ts';
import { troubleName } from '../trouble-name.ts';
import { isGood, type Trouble, troubles } from '../verdict.ts';
import { ICONS } from './icons.ts';
import { callBlocks } from './troubleshooting.ts';

const MAX_ALSO = 8;
const MAX_CAUSES = 8;
const MAX_COMMANDS = 10;

/** What to do now: the most urgent trouble with its command, the others, the named causes, and whom to call. Nothing when all is good. */
export function nextBlocks(catalogue: Catalogue, report: Report): string[] {
  if (isGood(report)) return [];
  const { words, phrases } = catalogue;
  const shown = new Set<string>();
  const [first, ...others] = troubles(report);
  const blocks = [`### ${words.doThisNext}`];
  if (first) blocks.push(...troubleBlocks(catalogue, first, shown));
  blocks.push(...causeBlocks(catalogue, report.findings.after, words.causeOfFailure, shown));
  if (others.length > 0) {
    const lines = others.slice(0, MAX_ALSO).map((trouble) => `- ${alsoLine(catalogue, trouble, shown)}`);
    if (others.length > MAX_ALSO) lines.push(`- ${phrases.moreInReport(others.length - MAX_ALSO)}`);
    blocks.push(`**${words.also}**\n\n${lines.join('\n')}`);
  }
  const commands = [
    ...others.flatMap((trouble) => hintParts(trouble.failure.hint).commands),
    ...report.next.flatMap((hint) => hintParts(hint).commands),
  ];
  const rest = [...new Set(commands)].filter((command) => !shown.has(command)).slice(0, MAX_COMMANDS);
  if (rest.length > 0) blocks.push(`**${words.thenType}**`, commandBlock(rest.join('\n')));
  return [...blocks, ...callBlocks(catalogue, report)];
}

/** The causes of one release, each with its evidence and command. */
export function causeBlocks(
  catalogue: Catalogue,
  findings: readonly Finding[],
  title: string,
  shown = new Set<string>(),
): string[] {
  if (findings.length === 0) return [];
  const blocks = [`**${title}**`];
  for (const finding of findings.slice(0, MAX_CAUSES)) {
    const { title: cause, sentence } = sayFinding(catalogue, finding, inMarkdown);
    blocks.push(`❌ **${cause}.** ${sentence}`);
    if (finding.evidence.length > 0) {
      blocks.push(
        fenced(finding.evidence.join('\n'), { language: 'text', maxLines: 12, cut: catalogue.words.cutLines }),
      );
    }
    if (finding.command !== '' && !shown.has(finding.command)) {
      shown.add(finding.command);
      blocks.push(commandBlock(finding.command));
    }
  }
  if (findings.length > MAX_CAUSES) blocks.push(catalogue.phrases.moreInReport(findings.length - MAX_CAUSES));
  return blocks;
}

function troubleBlocks(catalogue: Catalogue, trouble: Trouble, shown: Set<string>): string[] {
  const { text, commands, paste } = hintParts(trouble.failure.hint);
  for (const command of commands) shown.add(command);
  return [
    `${ICONS[trouble.status]} **${prose(troubleName(catalogue, trouble))}${catalogue.colon}** ${sayFailure(trouble.failure, (_, value) => prose(value, 1000))}`,
    ...(text === '' ? [] : [prose(text, 1000)]),
    ...(commands.length > 0 ? [commandBlock(commands.join('\n'))] : []),
    ...(paste === undefined ? [] : [fenced(paste, { language: 'yaml', maxLines: 80, cut: catalogue.words.cutLines })]),
  ];
}

function alsoLine(catalogue: Catalogue, trouble: Trouble, shown: Set<string>): string {
  const message = sayFailure(trouble.failure, (_, value) => prose(value, 400));
  const isShown = shown.has(trouble.failure.hint);
  for (const command of hintParts(trouble.failure.hint).commands) shown.add(command);
  const hint = isShown ? '' : ` ${inlineHint(trouble.failure.hint)}`;
  return `${ICONS[trouble.status]} **${prose(troubleName(catalogue, trouble))}${catalogue.colon}** ${message}${hint}`;
}

function commandBlock(commands: string): string {
  return fenced(commands, { language: 'sh', maxLines: 40, maxColumns: 2000 });
}
