/** A Markdown table. Cells are Markdown already: whoever makes them neutralises what is hostile. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`;
  return [`| ${heads.join(' | ')} |`, `|${heads.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}

/** At most `max` items, then how many more there are. */
export function bounded<T>(
  items: readonly T[],
  max: number,
  show: (item: T) => string,
  more: (count: number) => string,
): string[] {
  const shown = items.slice(0, max).map(show);
  return items.length > max ? [...shown, more(items.length - max)] : shown;
}

/** A part of the page that opens on a click. */
export function details(title: string, blocks: readonly string[], isOpen = false): string {
  return `<details${isOpen ? ' open' : ''}>\n<summary>${title}</summary>\n\n${blocks.join('\n\n')}\n\n</details>`;
}
