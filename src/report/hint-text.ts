import { hintParts } from './hint.ts';
import { code, prose } from './neutral.ts';

/** A hint inside of a sentence or a table cell: its words, then its commands. What is to be pasted stands elsewhere. */
export function inlineHint(hint: string): string {
  const { text, commands } = hintParts(hint);
  return [...(text === '' ? [] : [prose(text, 400)]), ...commands.map((command) => code(command, 400))].join(' ');
}
