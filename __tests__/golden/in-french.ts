import type { Report } from '../../src/core/report.ts';
import { TEXTS } from '../../src/report/texts/fr/index.ts';

/** How the English of each text looks, those with the most words first. */
const PATTERNS = Object.entries(TEXTS)
  .map(([english, french]) => ({ words: english.replace(/\{\d+\}/g, '').trim().length, english, french }))
  .filter(({ words }) => words > 3)
  .sort((one, other) => other.words - one.words)
  .map(({ words, english, french }) => {
    // `database {0}` is no sentence that begins so.
    const value = words > 20 ? '(.+?)' : '(\\S+)';
    const places: string[] = [];
    const source = english
      .split(/(\{\d+\})/)
      .map((part) =>
        /^\{\d+\}$/.test(part) ? places.push(part) && value : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
      )
      .join('');
    return { pattern: new RegExp(`^${source}$`, 's'), places, french };
  });

/** A sample as a French run writes it: what the steps and the adapters say of themselves is in French, too, where it is a text of theirs. */
export function inFrench(sample: Report): Report {
  return JSON.parse(JSON.stringify(sample), (key, value) =>
    SAID.has(key) && typeof value === 'string' ? translated(value) : value,
  ) as Report;
}

const SAID = new Set(['message', 'hint', 'subject', 'observed', 'expected', 'why']);

function translated(text: string): string {
  for (const { pattern, places, french } of PATTERNS) {
    const [, ...values] = pattern.exec(text) ?? [];
    if (values.length > 0 || (places.length === 0 && pattern.test(text)))
      return french.replace(/\{\d+\}/g, (place) => values[places.indexOf(place)] ?? place);
  }
  return text;
}
