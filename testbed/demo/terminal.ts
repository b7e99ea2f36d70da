import { styleText } from 'node:util';

/** A table is made to fit; no column gets narrower than this. */
const NARROWEST_CELL = 24;
const GAP = 2;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: ' ' };

/**
 * The job summary as text for a terminal: the little Markdown and HTML that summaries consist of. Closed `<details>` stay closed, as on
 * GitHub, and show their title.
 *
 * @param width columns that a table may take.
 */
export function terminalText(markdown: string, width: number): string {
  const lines: string[] = [];
  let isClosed = false;
  let table: string[][] = [];
  const endTable = () => {
    if (table.length > 0) lines.push(...tableLines(table, width));
    table = [];
  };
  for (const line of withoutPictures(markdown).split('\n')) {
    if (/^<details>/.test(line)) isClosed = true;
    const [, title] = /^<summary>(.*)<\/summary>/.exec(line) ?? [];
    if (title !== undefined) lines.push(`${isClosed ? '▸' : '▾'} ${inline(title)}`);
    if (/^<\/details>/.test(line)) {
      isClosed = false;
      continue;
    }
    if (isClosed || title !== undefined || /^<details/.test(line)) continue;
    if (/^\|/.test(line)) {
      if (!/^\|[\s:|-]+\|$/.test(line)) table.push(cellsOf(line));
      continue;
    }
    endTable();
    const [, heading] = /^#+ (.*)/.exec(line) ?? [];
    if (heading !== undefined) lines.push(bold(inline(heading)));
    else if (!/^```/.test(line)) lines.push(inline(line));
  }
  endTable();
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/(▸[^\n]*\n)\n(?=▸)/g, '$1')
    .trim();
}

/** A terminal draws none; the tables beside them say the same. */
const withoutPictures = (markdown: string) => markdown.replace(/^```mermaid\n[\s\S]*?^```\n/gm, '');

function cellsOf(line: string): string[] {
  return line
    .replace(/^\|\s*|\s*\|$/g, '')
    .split(/\s*(?<!\\)\|\s*/)
    .map((cell) => cell.replaceAll('\\|', '|'));
}

function tableLines(rows: readonly string[][], width: number): string[] {
  const texts = rows.map((row) => row.map((cell) => cell.split('<br>').map(inline)));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...texts.flatMap((row) => (row[column] ?? ['']).map(columnsOf))),
  );
  const tooWide = () => widths.reduce((sum, one) => sum + one + GAP, 0) - width;
  while (tooWide() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const one = widths[widest] ?? 0;
    if (one <= NARROWEST_CELL) break;
    widths[widest] = Math.max(NARROWEST_CELL, one - Math.ceil(tooWide() / columns));
  }
  const cells = texts.map((row) => row.map((cell, column) => cell.flatMap((part) => wrap(part, widths[column] ?? 0))));
  return cells.flatMap((row, index) => {
    const height = Math.max(...row.map((cell) => cell.length));
    const lines = Array.from({ length: height }, (_, line) =>
      widths
        .map((one, column) => pad(row[column]?.[line] ?? '', one + GAP))
        .join('')
        .trimEnd(),
    );
    return index === 0 ? lines.map((line) => styleText('underline', line)) : lines;
  });
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  const words = text.split(' ').flatMap((word) => (columnsOf(word) > width ? pieces(word, width) : [word]));
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && columnsOf(last) + 1 + columnsOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

const pieces = (word: string, width: number) => word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [word];

function inline(text: string): string {
  return text
    .replace(/<(https?:[^>]*)>/g, '$1')
    .replace(/<\/?(code|b|strong|em|sub|sup)>/g, '')
    .replace(/\*\*(.+?)\*\*/g, (_, inner: string) => bold(inner))
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 ($2)')
    .replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (ENTITIES[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .replace(/\\([\\`*_{}[\]()#+.!|~>-])/g, '$1');
}

const bold = (text: string) => styleText('bold', text);
const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - columnsOf(text)));

/** Columns of a terminal: pictures take two, what joins or colours takes none. */
function columnsOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of styleText
  const plain = text.replace(/\u001B\[\d+m/g, '');
  return [...new Intl.Segmenter().segment(plain)].reduce(
    (sum, { segment }) => sum + (/\p{Emoji_Presentation}|\uFE0F/u.test(segment) ? 2 : 1),
    0,
  );
}
