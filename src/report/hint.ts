/** Programs whose calls are worth a code block of their own. */
const PROGRAM = /^(?:kubectl|helm|argocd|flux|gh|git|curl|psql|pg_dump|pg_restore|npm|npx|docker|crane|nslookup)\s/;

/** One command in backquotes at the end of a sentence. */
const QUOTED = /^((?:[^`]*: )?)`([^`]+)`\.?$/;

/** A hint, taken apart: what to read, and what to type or to paste. */
export interface HintParts {
  readonly text: string;
  readonly commands: readonly string[];
  /** Lines after the first: a manifest to paste. */
  readonly paste?: string;
}

/** Takes a hint apart. Hints are written `Do this: COMMAND`, `COMMAND; more words` (the command may stand in backquotes), or with a manifest on the lines that follow. */
export function hintParts(hint: string): HintParts {
  const [first = '', ...rest] = hint.split('\n');
  const texts: string[] = [];
  const commands: string[] = [];
  for (const segment of segments(first)) {
    const [words, command] = wordsAndCommand(segment);
    texts.push(words.trimEnd());
    if (command !== undefined) commands.push(command);
  }
  const paste = rest.join('\n').trimEnd();
  return { text: texts.filter((text) => text !== '').join('; '), commands, ...(paste === '' ? {} : { paste }) };
}

function wordsAndCommand(segment: string): readonly [words: string, command?: string] {
  const [, words = '', quoted = ''] = QUOTED.exec(segment) ?? [];
  if (PROGRAM.test(quoted)) return [words, quoted];
  const start = commandStart(segment);
  if (start === undefined) return [segment];
  // The end of the sentence, not of the command; `.` alone is a folder.
  const command = segment.slice(start).replace(/(?<=[^\s.])\.$/, '');
  return [segment.slice(0, start), command];
}

function commandStart(segment: string): number | undefined {
  if (PROGRAM.test(segment)) return 0;
  const match = /: (?=\S)/g;
  for (let found = match.exec(segment); found; found = match.exec(segment)) {
    const start = found.index + 2;
    // `(check: kubectl ...)` stays where it is: what is in brackets belongs to its sentence.
    const isInBrackets = /\([^)]*$/.test(segment.slice(0, start));
    if (PROGRAM.test(segment.slice(start)) && !isInBrackets) return start;
  }
  return undefined;
}

/** Splits at `; ` outside of shell quotes, so that a quoted name is never torn apart. */
function segments(line: string): string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    // An apostrophe in a word is no quote.
    if (character === "'" && (isQuoted || /^$|[\s=]/.test(line.charAt(index - 1)))) isQuoted = !isQuoted;
    if (!isQuoted && character === ';' && line.charAt(index + 1) === ' ') {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  return [...parts, part.trim()];
}
