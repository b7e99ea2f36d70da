import type { OutcomeStatus } from '../../core/outcome.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Mark } from '../database-facts.ts';
import { visible } from '../neutral.ts';
import { type Content, type Html, html } from './markup.ts';

/** Bounds of one table and of one block of lines: a page that is full of them stays readable, and below its limit. */
const MAX_TABLE_BYTES = 160 * 1024;
const MAX_BLOCK_BYTES = 48 * 1024;

const encoder = new TextEncoder();

/** Length in UTF-8. */
export function bytesOf(markup: Html): number {
  return encoder.encode(markup.text).length;
}

export type Tone = Mark | 'none';

const TONE_MARKS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', warn: '!', unknown: '?', none: '–' };
const STATUS_TONES: Readonly<Record<OutcomeStatus, Tone>> = {
  passed: 'good',
  failed: 'bad',
  unknown: 'unknown',
  skipped: 'none',
};

/** A sign, a word and a colour: the colour says nothing that the other two do not. */
export function badge(tone: Tone, word: string): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${TONE_MARKS[tone]}</span> ${word}</span>`;
}

/** The sign alone, where the words beside it say what it means. */
export function sign(tone: Tone): Html {
  return html`<span class="sign ${tone}" aria-hidden="true">${TONE_MARKS[tone]}</span>`;
}

export function statusBadge(catalogue: Catalogue, status: OutcomeStatus): Html {
  return badge(STATUS_TONES[status], catalogue.statuses[status]);
}

export function toneOf(status: OutcomeStatus): Tone {
  return STATUS_TONES[status];
}

/**
 * A table whose first column names its rows. On a narrow screen each row becomes a card (`data-label` is its head), and the roles keep it a
 * table for those who hear it.
 * @param caption says what the table is about to those who do not see where it stands
 */
export function table(
  catalogue: Catalogue,
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  maxRows = 200,
): Content {
  const drawn: Html[] = [];
  let room = MAX_TABLE_BYTES;
  for (const [first, ...cells] of rows.slice(0, maxRows)) {
    const row = html`<tr role="row"><th scope="row" role="rowheader" data-label="${heads[0]}">${first}</th>${cells.map(
      (cell, index) =>
        html`<td role="cell" data-label="${heads[index + 1]}"><div${
          isShort(cell) ? html` class="short"` : undefined
        }>${cell}</div></td>`,
    )}</tr>\n`;
    room -= bytesOf(row);
    if (room < 0) break;
    drawn.push(row);
  }
  const left = rows.length - drawn.length;
  return [
    html`<table role="table"><caption class="unseen">${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">
${drawn}</tbody></table>
`,
    left > 0 ? html`<p>${catalogue.phrases.moreInReport(left)}</p>\n` : undefined,
  ];
}

/** Times and counts are not broken in two. */
function isShort(cell: Content): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && cell.length <= 20);
}

/** Lines as they are. Long lines and long blocks lose their end, and `cut` says so. */
export function lines(
  catalogue: Catalogue,
  text: string,
  {
    maxLines = 120,
    maxColumns = 500,
    kind = 'text',
  }: { maxLines?: number; maxColumns?: number; kind?: 'text' | 'command' } = {},
): Html {
  const all = visible(text).replace(/\n+$/, '').split('\n');
  const shown: Html[] = [];
  let room = MAX_BLOCK_BYTES;
  for (const line of all.slice(0, maxLines)) {
    const characters = line.length > maxColumns ? [...line] : [];
    const one = html`${characters.length > maxColumns ? `${characters.slice(0, maxColumns - 1).join('')}…` : line}\n`;
    room -= bytesOf(one);
    if (room < 0) break;
    shown.push(one);
  }
  const cut = shown.length < all.length ? html`… (${catalogue.words.cutLines})\n` : undefined;
  return html`<pre class="${kind}"><code>${shown}${cut}</code></pre>\n`;
}

export function commands(catalogue: Catalogue, all: readonly string[]): Html {
  return lines(catalogue, all.join('\n'), { maxLines: 40, maxColumns: 2000, kind: 'command' });
}

/** A part that opens on a click. */
export function folded(title: Content, content: Content, isOpen = false): Html {
  return html`<details${isOpen ? html` open` : undefined}><summary>${title}</summary>\n${content}</details>\n`;
}

export function list(items: readonly Content[]): Html | undefined {
  return items.length === 0 ? undefined : html`<ul>\n${items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
}

/** At most `max` items, then how many more there are. */
export function boundedList(catalogue: Catalogue, items: readonly Content[], max: number): Html | undefined {
  const more = items.length > max ? [catalogue.phrases.moreInReport(items.length - max)] : [];
  return list([...items.slice(0, max), ...more]);
}
