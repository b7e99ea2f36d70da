import type { Failure } from '../../core/errors.ts';
import type { Said } from '../../core/said.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Put } from '../database-facts.ts';
import { hintParts } from '../hint.ts';
import { oneLine } from '../neutral.ts';
import { isName, type Show, say, sayFailure } from '../say.ts';
import { type Content, code, type Html, html, joined } from './markup.ts';

/**
 * Sentences of the catalogues as markup. What is put into a sentence is kept aside, a number between control characters stands in its place,
 * and only {@link Speech.html} brings it in again: nothing in a sentence is markup but what was made as such. Backticks of our own are code.
 */
export class Speech implements Put {
  readonly #values: Html[] = [];

  readonly name = (text: string, max = 200): string => this.#keep(code(text, max));
  readonly words = (text: string, max = 600): string => this.#keep(html`${oneLine(text, max)}`);
  readonly show: Show = (name, value) => (isName(name) ? this.name(value) : this.words(value, 1000));

  #keep(value: Html): string {
    this.#values.push(value);
    return `\u0001${this.#values.length - 1}\u0001`;
  }

  html(sentence: string): Content {
    // Every second part is the number of a value.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark that #keep sets
    return sentence.split(/\u0001(\d+)\u0001/).map((part, index) => {
      if (index % 2 === 1) return this.#values[Number(part)] ?? '?';
      return part
        .split('`')
        .map((piece, at, all) => (at % 2 === 1 && at < all.length - 1 ? html`<code>${piece}</code>` : piece));
    });
  }
}

/** One sentence with what is put into it. */
export function spoken(make: (speech: Speech) => string): Content {
  const speech = new Speech();
  return speech.html(make(speech));
}

/** A sentence in the language of the catalogue. */
export function sentence(catalogue: Catalogue, what: Said): Content {
  return spoken((speech) => say(catalogue, what, speech.show));
}

/** The message of a failure. */
export function failureText(failure: Failure): Content {
  return spoken((speech) => sayFailure(failure, (_, value) => speech.words(value, 1000)));
}

/** A hint inside of a sentence or a cell: its words, then its commands. */
export function inlineHint(hint: string): Content {
  const { text, commands } = hintParts(hint);
  const words = text === '' ? [] : [oneLine(text, 400)];
  return joined([...words, ...commands.map((command) => code(command, 400))], ' ');
}
