const INSERT = ['INSERT', 'INTO', '', ''];

/** What the words of a statement say about how it is read: where an SQL routine's body begins and ends, and little else. */
export class StatementWords {
  #first: string[] = [];
  #isRoutine = false;
  #last = '';
  #bodies = 0;
  /** The last token was a string with escapes: a second one that touches it has them too. */
  afterEscapeString = false;

  begin(): void {
    this.#first = [];
    this.#isRoutine = false;
    this.#last = '';
    this.#bodies = 0;
    this.afterEscapeString = false;
  }

  /** The first two words are INSERT INTO: what follows needs no look. */
  beginInsert(): void {
    this.#first = INSERT;
  }

  /** Whether a word that follows can change how the statement is read. */
  get matter(): boolean {
    return this.#first.length < 4 || this.#isRoutine;
  }

  /** Within a body, semicolons end no statement. */
  get isInBody(): boolean {
    return this.#bodies > 0;
  }

  /** A token that is no word. */
  see(symbol: string): void {
    this.#last = symbol;
    this.afterEscapeString = false;
  }

  string(): void {
    this.#last = "'";
  }

  /**
   * psql knows the body of an SQL routine by these words alone (psqlscan.l); `BEGIN` counts only with its `ATOMIC`, as the grammar has it.
   * @param word in upper case.
   */
  word(word: string, parens: number): void {
    if (this.#first.length < 4) {
      this.#first.push(word);
      const [first, second, third, fourth] = this.#first;
      const kind = second === 'OR' && third === 'REPLACE' ? fourth : second;
      if (first === 'CREATE' && (kind === 'FUNCTION' || kind === 'PROCEDURE')) this.#isRoutine = true;
    }
    if (this.#isRoutine && parens === 0) {
      const isName = this.#last === '.' || this.#last === 'AS';
      if (this.#bodies === 0) {
        if (word === 'ATOMIC' && this.#last === 'BEGIN') this.#bodies = 1;
      } else if (word === 'CASE' && !isName) this.#bodies++;
      else if (word === 'END' && !isName) this.#bodies--;
    }
    this.#last = word;
    this.afterEscapeString = false;
  }
}
