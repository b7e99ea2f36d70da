/**
 * Text from a cluster is hostile until it went through here: it may hold Markdown, HTML, terminal codes, workflow commands, or
 * characters that turn the reading direction around. Nothing else in `report/` puts such text into a page or a log.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with one
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
const REPLACEMENT = '\ufffd';

/** Without terminal codes; control, invisible and direction characters become U+FFFD, so that what is read is what is there. */
export function visible(text: string): string {
  // Nearly all names and lines are plain; a page of 500 workloads has thousands of them.
  if (/^[\n\x20-\x7e]*$/.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(TERMINAL, '')
    .replaceAll('\t', '    ')
    .replace(UNSEEN, REPLACEMENT);
}

/** One line of at most `max` characters; what is longer loses its end. */
export function oneLine(text: string, max = 300): string {
  const line = visible(text.slice(0, max * 8))
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : line;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  '\\': '&#92;',
  '`': '&#96;',
  '*': '&#42;',
  _: '&#95;',
  '~': '&#126;',
  '[': '&#91;',
  ']': '&#93;',
  '#': '&#35;',
  $: '&#36;',
};

function encode(line: string): string {
  return (
    line
      .replace(/[&<>|\\`*_~[\]#$]/g, (character) => ENTITIES[character] ?? '')
      // Bare addresses become links, and names behind an at sign become mentions.
      .replace(/:\/\//g, ':&#47;&#47;')
      .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`)
      .replaceAll('@', '&#64;<!-- -->')
  );
}

/** Hostile text as running text of a Markdown page: one line, nothing in it works. */
export function prose(text: string, max = 600): string {
  return (
    encode(oneLine(text, max))
      // At the start of a line these would begin a list, a heading or a rule.
      .replace(/^([-+=])/, (character) => `&#${character.charCodeAt(0)};`)
      .replace(/^(\d+)([.)])/, (_, digits: string, mark: string) => `${digits}&#${mark.charCodeAt(0)};`)
  );
}

/** Hostile text as a name or value in a Markdown page. HTML instead of backticks, as these do not survive a table. */
export function code(text: string, max = 200): string {
  const line = oneLine(text, max);
  return line === '' ? '–' : `<code>${encode(line).replaceAll('<!-- -->', '')}</code>`;
}

/** Hostile lines as a code block, fenced by more backticks than any run in them. Long lines and long blocks lose their end. */
export function fenced(text: string, { language = '', maxLines = 120, maxColumns = 500, cut = '…' } = {}): string {
  const all = visible(text).replace(/\n+$/, '').split('\n');
  const lines = all.slice(0, maxLines).map((line) => {
    const characters = line.length > maxColumns ? [...line] : [];
    return characters.length > maxColumns ? `${characters.slice(0, maxColumns - 1).join('')}…` : line;
  });
  if (all.length > maxLines) lines.push(`… (${cut})`);
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${lines.join('\n')}\n${fence}`;
}

/**
 * Hostile text for a log line: one line, and no workflow command. The runner takes `::name` at the start of a line and `##[name`
 * anywhere in it for a command.
 */
export function logLine(text: string, max = 1000): string {
  return oneLine(text, max)
    .replace(/^(\s*):+:/, '$1: :')
    .replaceAll('##[', '## [');
}
