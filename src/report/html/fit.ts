import type { Catalogue } from '../catalogue.ts';
import { type Content, type Html, html } from './markup.ts';
import { bytesOf } from './parts.ts';

/** No report is longer, whatever stands in it: a browser on a phone opens it at once, and so does a mail program. */
export const HTML_LIMIT_BYTES = 2 * 1024 * 1024;
/** What a section takes up without its content: heading, entry in the contents, and the notice that it was cut. */
const FRAME_BYTES = 1024;

/** A part of the page with a heading of its own. Blocks are never cut inside. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Content[];
}

/** The sections in their order, most important first; what does not fit in `room` bytes is left out, and its place says so. */
export function fitSections(catalogue: Catalogue, sections: readonly Section[], room: number): Html[] {
  let left = room - sections.length * FRAME_BYTES;
  return sections.map(({ id, title, blocks }) => {
    const kept: Html[] = [];
    for (const block of blocks) {
      const markup = html`${block}`;
      const size = bytesOf(markup);
      if (size > left) {
        kept.push(html`<p class="cut">${catalogue.words.cutLines}</p>\n`);
        break;
      }
      left -= size;
      kept.push(markup);
    }
    return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${kept}</section>
`;
  });
}
