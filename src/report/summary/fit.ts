import type { Words } from '../catalogue.ts';
import { details } from './table.ts';

/** GitHub drops a step summary of more than 1 MiB whole; other steps of the job are counted apart. */
export const SUMMARY_LIMIT_BYTES = 900 * 1024;
/** Room for the notice itself and for what closes an opened part. */
const RESERVE_BYTES = 2048;

/** A part of the page that opens on a click, in blocks that are never cut inside. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly string[];
  readonly isOpen?: boolean;
}

/** The page: what must survive, what may be left out of it first, and the sections below, most important first. */
export interface Page {
  readonly head: readonly string[];
  /** Between head and tail; left out as a whole when these three alone are too long. */
  readonly folded: readonly string[];
  readonly tail: readonly string[];
  readonly sections: readonly Section[];
}

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text).length;

/** Joins the page and cuts it by bytes, from the bottom up; a last line names what was left out or cut. */
export function fitPage(
  page: Page,
  words: Pick<Words, 'cutFor' | 'cutLines' | 'workloads'>,
  limit = SUMMARY_LIMIT_BYTES,
): string {
  const cut: string[] = [];
  let room = limit - RESERVE_BYTES;
  const take = (blocks: readonly string[]): boolean => {
    const size = blocks.reduce((sum, block) => sum + bytes(block) + 2, 0);
    if (size > room) return false;
    room -= size;
    return true;
  };

  const head: string[] = [];
  for (const block of page.head) if (take([block])) head.push(block);
  const tail: string[] = [];
  for (const block of page.tail) if (take([block])) tail.push(block);
  if (head.length + tail.length < page.head.length + page.tail.length) cut.push('…');
  const hasRoomForFolded = take(page.folded);
  if (!hasRoomForFolded) cut.push(words.workloads);

  const sections: string[] = [];
  for (const { title, blocks, isOpen = false } of page.sections) {
    const frame = details(title, [`_${words.cutLines}_`], isOpen);
    if (!take([frame])) {
      cut.push(title);
      continue;
    }
    const kept: string[] = [];
    for (const block of blocks) {
      if (!take([block])) break;
      kept.push(block);
    }
    if (kept.length < blocks.length) {
      cut.push(title);
      // What stands below is less important: once something had to be cut, the small rest may still fit.
      kept.push(`_${words.cutLines}_`);
    }
    sections.push(details(title, kept, isOpen));
  }
  const notice = cut.length > 0 ? [`> ✂️ ${words.cutFor} – ${cut.join(', ')}.`] : [];
  return `${[...head, ...(hasRoomForFolded ? page.folded : []), ...tail, ...sections, ...notice].join('\n\n')}\n`;
}
