import { oneLine, visible } from '../neutral.ts';

/** Markup that is safe to put into a page. Only {@link html} and {@link trusted} make it, so text cannot be taken for it by mistake. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Markup with values in it. Every value is text, without terminal codes and invisible characters and with all that HTML gives a meaning to
 * escaped, unless it is markup already. Values stand between tags or inside quoted attributes, nowhere else.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? '' : write(values[index - 1])) + part).join(''));
}

/** Text that is a part of this program, as markup. */
export function trusted(text: string): Html {
  return new Html(text);
}

function write(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(write).join('');
  return visible(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Markup with something between each two. */
export function joined(all: readonly Content[], between: Content): Content[] {
  return all.flatMap((one, index) => (index === 0 ? [one] : [between, one]));
}

/** A name or value from outside: one line, at most `max` characters. */
export function code(text: string, max = 200): Html {
  const line = oneLine(text, max);
  return line === '' ? html`–` : html`<code>${line}</code>`;
}
