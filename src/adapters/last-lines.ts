import { StringDecoder } from 'node:string_decoder';

/** Longer lines lose their end; memory stays bounded whatever a command writes. */
const LONGEST = 8192;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with one
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The last lines of an output, as they would stand on a screen: what a carriage return overwrote is gone, and terminal codes too. */
export class LastLines {
  readonly #keep: number;
  readonly #decoder = new StringDecoder('utf8');
  #lines: string[] = [];
  #open = '';
  /** A carriage return that may turn out to be half of a line end. */
  #returned = false;

  constructor(keep: number) {
    this.#keep = keep;
  }

  push(bytes: Buffer): void {
    this.#take(this.#decoder.write(bytes));
  }

  /** Ends the output. @returns the lines, oldest first, without empty ones at the end. */
  end(): readonly string[] {
    this.#take(this.#decoder.end());
    this.#close();
    const last = this.#lines.findLastIndex((line) => line.trim() !== '');
    return this.#lines.slice(0, last + 1).slice(-this.#keep);
  }

  #take(text: string): void {
    let from = 0;
    for (const { index, 0: mark } of text.matchAll(/[\r\n]/g)) {
      this.#append(text.slice(from, index));
      from = index + 1;
      if (mark === '\n') this.#close();
      else this.#returned = true;
    }
    this.#append(text.slice(from));
  }

  #append(text: string): void {
    if (text === '') return;
    if (this.#returned) this.#open = '';
    this.#returned = false;
    if (this.#open.length < LONGEST) this.#open = (this.#open + text).slice(0, LONGEST);
  }

  #close(): void {
    this.#lines.push(
      this.#open.toWellFormed().replace(TERMINAL, '').replaceAll('\t', '    ').replace(UNSEEN, '\ufffd').trimEnd(),
    );
    this.#open = '';
    this.#returned = false;
    // Half of the time there is nothing to cut; a run of empty lines at the end must not push out what was said.
    if (this.#lines.length > this.#keep * 4) this.#lines = this.#lines.slice(-this.#keep * 2);
  }
}
