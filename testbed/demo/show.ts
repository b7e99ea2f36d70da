import { styleText } from 'node:util';
import type { Answer } from './answers.ts';
import type { Words } from './words.ts';

/** Prints the demo step by step; nothing else in the demo writes to the terminal. */
export class Show {
  readonly words: Words;
  #step = 0;

  constructor(words: Words) {
    this.words = words;
  }

  title(text: string): void {
    console.log(`\n${styleText('bold', text)}\n`);
  }

  step(text: string): void {
    this.#step++;
    console.log(`\n${styleText('bold', `${this.#step}. ${text}`)}`);
  }

  say(lines: string | readonly string[]): void {
    for (const line of [lines].flat()) console.log(`   ${line}`);
  }

  /** What a program printed, told apart from what the demo says. */
  quote(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`   ${styleText('dim', '│')} ${line}`);
  }

  answers(answers: readonly Answer[]): void {
    this.say(this.words.answers);
    for (const { url, status, about } of answers) {
      const isOk = status === 200;
      const colour = styleText(isOk ? 'green' : 'red', isOk ? this.words.isGreen : this.words.isRed);
      this.say(`  ${colour}  ${status}  ${new URL(url).pathname}  (${about})`);
    }
  }
}
