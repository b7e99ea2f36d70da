import { createContext, Script } from 'node:vm';
import { tr } from './tr.ts';

/** Longer lines are cut before they are matched: a level or an exception stands at the beginning. */
const LONGEST_LINE = 2000;
/** For the lines of one container. A pattern that is not out of the ordinary needs a few milliseconds. */
const WITHIN_MS = 1000;

/** The pattern takes too long: a quantifier within a quantifier may take longer than the universe. */
export class PatternTooSlow extends Error {
  override readonly name = 'PatternTooSlow';
}

const SCRIPT = new Script(`{
  pattern ??= new RegExp(source);
  const found = [];
  for (let index = 0; index < lines.length; index++) if (pattern.test(lines[index])) found.push(index);
  found;
}`);

/**
 * A regular expression that a user wrote, run over lines that an attacker may have written. No bound of lengths makes that safe, and no look at the
 * pattern tells all that are slow, so it runs where V8 ends it: a script with a deadline.
 */
export class LogPattern {
  readonly source: string;
  readonly #context: { lines: readonly string[] };
  #isTooSlow = false;

  /** @param source a regular expression of JavaScript that compiles. */
  constructor(source: string) {
    this.source = source;
    this.#context = createContext({ source, pattern: undefined, lines: [] }) as { lines: readonly string[] };
  }

  /**
   * Which of the lines match, by index.
   * @throws PatternTooSlow once it was, at once
   */
  matching(lines: readonly string[]): number[] {
    if (this.#isTooSlow) throw this.#tooSlow();
    this.#context.lines = lines.map((line) => line.slice(0, LONGEST_LINE));
    try {
      return [...(SCRIPT.runInContext(this.#context, { timeout: WITHIN_MS }) as number[])];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      this.#isTooSlow = true;
      throw this.#tooSlow();
    } finally {
      this.#context.lines = [];
    }
  }

  #tooSlow(): PatternTooSlow {
    return new PatternTooSlow(tr`the pattern /${this.source}/ takes longer than ${WITHIN_MS} ms`);
  }
}
