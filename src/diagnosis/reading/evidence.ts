import { stripCredentials } from './credentials.ts';

const LONGEST_LINE = 300;
const MOST_LINES = 5;
/** Patterns run over no more than this, so that a huge message costs nothing. */
const LONGEST_READ = 4096;

/** One line of text from the cluster, fit for a report: single line, at most 300 characters, without credentials. */
export function evidenceLine(text: string): string {
  const line = stripCredentials(text.slice(0, LONGEST_READ))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LONGEST_LINE ? line : `${characters.slice(0, LONGEST_LINE - 1).join('')}…`;
}

/** The lines that prove a finding: the first five different ones that say something. */
export function evidenceLines(texts: readonly (string | undefined)[]): string[] {
  const lines = texts.flatMap((text) => (text ? [evidenceLine(text)] : [])).filter((line) => line !== '');
  return [...new Set(lines)].slice(0, MOST_LINES);
}
