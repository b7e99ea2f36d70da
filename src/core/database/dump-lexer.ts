import { isAscii, isUtf8 } from 'node:buffer';
import { RollbackError } from '../errors.ts';
import { tr } from '../tr.ts';
import type { DumpHeader, DumpItem, DumpStatement } from './dump.ts';
import { CLASS, CLASS_OF, CONTINUES_WORD } from './dump-characters.ts';
import { copyTarget } from './dump-copy.ts';
import { FAULTS, type Fault, metaFault, readingSetting, truncatedFault } from './dump-faults.ts';
import { newlines } from './dump-newlines.ts';
import { endOfRows, type RowsSeen } from './dump-rows.ts';
import { IN, type State, UNCLOSED } from './dump-states.ts';
import { CLUSTER_BEGIN, DUMP_BEGIN, DUMP_END, headerOf, isCleaning, neededMajor } from './dump-text.ts';
import { StatementWords } from './dump-words.ts';

export interface DumpLexerOptions {
  /** For messages. */
  readonly name?: string;
  /** Each line comment at the top level, with its dashes. */
  readonly onComment?: (text: string, line: number) => void;
  /** Bytes of one statement; what is longer is refused. */
  readonly maxStatement?: number;
}

const MAX_STATEMENT = 64 * 1024 * 1024;
const MAX_COMMENT = 64 * 1024;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
const DASH = 45;
const SLASH = 47;
const STAR = 42;
const DOLLAR = 36;
const INSERT = 'INSERT INTO ';
/** Strings are short: to call a search costs more than to look at this many bytes. */
const SHORT = 48;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The lexer behind `readDump`, chunk by chunk: `feed` each, then `end`. It follows the rules of psql for where a statement ends
 * (psqlscan.l: quotes, comments, parentheses, BEGIN ATOMIC bodies), has none of psql's meta-commands, and never looks into rows.
 */
export class DumpLexer {
  readonly #options: DumpLexerOptions;
  readonly #maxStatement: number;

  #state: State = IN.text;
  #chunk: Buffer = NOTHING;
  /** Byte offset of the chunk in the text. */
  #base = 0;
  /** Newlines before `#countedTo` in the chunk, 1-based as lines are. */
  #line = 1;
  #countedTo = 0;

  // What is being captured: a statement, or a comment or meta-command at the top level.
  #parts: Buffer[] = [];
  #partBytes = 0;
  #captureFrom = -1;
  #inStatement = false;
  #offset = 0;
  #beginLine = 1;

  // Of the statement.
  #word = '';
  #wordLength = 0;
  readonly #words = new StatementWords();
  #parens = 0;
  #comments = 0;
  #delimiter = '';
  #matched = 0;

  // Of the dump.
  #header: DumpHeader | undefined;
  #begun = false;
  #complete = false;
  #restrict: string | undefined;
  #unrestricted = false;
  #encoding = 'UTF8';

  // Of the rows.
  #held: Buffer = NOTHING;
  #atLineStart = true;
  #rows = 0;
  #table = '';

  constructor(options: DumpLexerOptions = {}) {
    this.#options = options;
    this.#maxStatement = options.maxStatement ?? MAX_STATEMENT;
  }

  /** The statement or rows that this chunk completes. */
  *feed(bytes: Uint8Array): Generator<DumpItem> {
    let chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#held.length > 0) {
      chunk = Buffer.concat([this.#held, chunk]);
      this.#held = NOTHING;
    }
    this.#chunk = chunk;
    this.#countedTo = 0;
    this.#refuseBinary(chunk);
    if (this.#captureFrom >= 0) this.#captureFrom = 0;
    const length = chunk.length;
    let at = 0;
    while (at < length) {
      if (this.#state === IN.rows) {
        const end = this.#endOfRows(at);
        if (end.rows > at) {
          const rows = chunk.subarray(at, end.rows);
          this.#rows += this.#countLines(end.rows);
          this.#atLineStart = chunk[end.rows - 1] === NEWLINE;
          yield { kind: 'rows', bytes: rows };
        }
        at = end.next;
        if (end.closed) {
          yield { kind: 'rows-end', count: this.#rows };
          this.#state = IN.text;
        }
      } else {
        at = this.#readText(at);
        if (at > 0 && this.#finished) {
          const statement = this.#finished;
          this.#finished = undefined;
          yield { kind: 'statement', statement };
        }
      }
    }
    const read = length - this.#held.length;
    this.#countLines(read);
    if (this.#captureFrom >= 0) this.#capture(read);
    this.#base += read;
  }

  #finished: DumpStatement | undefined;

  /** @throws DUMP_TRUNCATED, DUMP_EMPTY: the text ends where a dump does not. */
  end(): void {
    this.#chunk = NOTHING;
    this.#countedTo = 0;
    const state = this.#state;
    if (state === IN.lineComment && !this.#inStatement) this.#endComment();
    if (state === IN.meta) this.#endMeta(true);
    if (this.#base === 0) throw this.#fault(FAULTS.empty);
    if (state === IN.rows || state === IN.copyLine)
      throw this.#truncated(tr`in the rows of ${this.#table}, after ${this.#rows} complete rows`);
    if (this.#inStatement) {
      const open = UNCLOSED[state]?.();
      throw this.#truncated(
        open === undefined
          ? tr`within the statement of line ${this.#beginLine}`
          : tr`within ${open} of the statement of line ${this.#beginLine}`,
      );
    }
    if (!this.#complete) throw this.#truncated(tr`the line "PostgreSQL database dump complete" is missing`);
    if (this.#restrict !== undefined && !this.#unrestricted)
      throw this.#truncated(tr`its last line, \\unrestrict, is missing`);
  }

  /** Reads up to the end of one statement, the beginning of rows, or the end of the chunk. */
  #readText(from: number): number {
    const chunk = this.#chunk;
    const length = chunk.length;
    let at = from;
    let state = this.#state;
    while (at < length) {
      const byte = chunk[at] as number;
      switch (state) {
        case IN.text: {
          if (this.#isSettled && !this.#words.afterEscapeString) {
            const plain = this.#skipPlain(at);
            if (plain > at) {
              at = plain;
              break;
            }
          }
          const kind = CLASS_OF[byte];
          if (kind === CLASS.space) {
            at++;
            break;
          }
          if (!this.#inStatement && kind !== CLASS.dash && kind !== CLASS.slash && kind !== CLASS.backslash) {
            if (kind === CLASS.semicolon) {
              at++;
              break;
            }
            this.#begin(at, byte, kind);
            if (startsInsert(chunk, at)) {
              // Of all statements there are most of this kind: its first words need no look one by one.
              this.#words.beginInsert();
              at += INSERT.length;
              break;
            }
          }
          switch (kind) {
            case CLASS.word:
              state = IN.word;
              this.#word = '';
              this.#wordLength = 0;
              break; // the state reads this byte again
            case CLASS.quote:
              state = this.#words.afterEscapeString ? IN.escapeQuote : IN.quote;
              this.#words.string();
              at++;
              break;
            case CLASS.doubleQuote:
              state = IN.doubleQuote;
              this.#words.see('"');
              at++;
              break;
            case CLASS.dollar:
              state = IN.dollarTag;
              this.#delimiter = '$';
              this.#words.see('$');
              at++;
              break;
            case CLASS.dash:
              state = IN.dash;
              if (!this.#inStatement) this.#mark(at);
              at++;
              break;
            case CLASS.slash:
              state = IN.slash;
              if (!this.#inStatement) this.#mark(at);
              at++;
              break;
            case CLASS.backslash:
              if (this.#inStatement) throw this.#metaCommand(at);
              this.#mark(at);
              state = IN.meta;
              at++;
              break;
            case CLASS.carriageReturn:
              throw this.#fault(FAULTS.carriageReturn, at);
            case CLASS.semicolon:
              this.#words.see(';');
              at++;
              if (this.#parens === 0 && !this.#words.isInBody) {
                this.#finish(at - 1);
                return at;
              }
              break;
            case CLASS.open:
              this.#parens++;
              this.#words.see('(');
              at++;
              break;
            case CLASS.close:
              if (this.#parens > 0) this.#parens--;
              this.#words.see(')');
              at++;
              break;
            default:
              this.#words.see(String.fromCharCode(byte));
              at++;
          }
          break;
        }
        case IN.word: {
          const begin = at;
          while (at < length && CONTINUES_WORD[chunk[at] as number] === 1) at++;
          this.#wordLength += at - begin;
          // Only the first words of a statement, those of a routine, and an E before a quote mean anything; no word is long.
          const matters = this.#words.matter;
          if ((matters || this.#wordLength === 1) && this.#word.length < 16)
            this.#word += chunk.toString('latin1', begin, Math.min(at, begin + 16));
          if (at === length) break;
          if (chunk[at] === QUOTE && this.#wordLength === 1 && (this.#word === 'E' || this.#word === 'e')) {
            this.#words.string();
            state = IN.escapeQuote;
            at++;
          } else {
            if (matters) this.#words.word(this.#word.toUpperCase(), this.#parens);
            else this.#words.see('');
            state = IN.text;
          }
          break;
        }
        case IN.dash:
          if (byte === DASH) {
            state = IN.lineComment;
            at++;
          } else {
            if (!this.#inStatement) throw this.#notSql(at - 1);
            this.#words.see('-');
            state = IN.text;
          }
          break;
        case IN.slash:
          if (byte === STAR) {
            state = IN.blockComment;
            this.#comments = 1;
            at++;
          } else {
            if (!this.#inStatement) throw this.#notSql(at - 1);
            this.#words.see('/');
            state = IN.text;
          }
          break;
        case IN.lineComment: {
          const end = chunk.indexOf(NEWLINE, at);
          const stop = end < 0 ? length : end;
          // The server ends a comment at a carriage return as well: what follows it would be a statement there.
          const carriageReturn = chunk.subarray(at, stop).indexOf(CARRIAGE_RETURN);
          if (carriageReturn >= 0) throw this.#fault(FAULTS.carriageReturn, at + carriageReturn);
          at = stop;
          if (end < 0) break;
          if (!this.#inStatement) {
            this.#capture(end);
            this.#endComment();
          }
          at = end + 1;
          state = IN.text;
          break;
        }
        case IN.blockComment:
          if (byte === STAR) state = IN.blockStar;
          else if (byte === SLASH) state = IN.blockSlash;
          at++;
          break;
        case IN.blockStar:
          if (byte === SLASH) {
            this.#comments--;
            state = this.#comments === 0 ? IN.text : IN.blockComment;
            if (this.#comments === 0 && !this.#inStatement) this.#drop();
          } else if (byte !== STAR) state = IN.blockComment;
          at++;
          break;
        case IN.blockSlash:
          if (byte === STAR) {
            this.#comments++;
            state = IN.blockComment;
          } else if (byte !== SLASH) state = IN.blockComment;
          at++;
          break;
        case IN.quote: {
          const end = chunk.indexOf(QUOTE, at);
          at = end < 0 ? length : end + 1;
          if (end >= 0) state = IN.text;
          break;
        }
        case IN.doubleQuote: {
          const end = chunk.indexOf(DOUBLE_QUOTE, at);
          at = end < 0 ? length : end + 1;
          if (end >= 0) state = IN.text;
          break;
        }
        case IN.escapeQuote:
          if (byte === BACKSLASH) state = IN.escaped;
          else if (byte === QUOTE) {
            // 'a''b' is read as two strings; the second one, also on the next line, keeps the escapes.
            this.#words.afterEscapeString = true;
            state = IN.text;
          }
          at++;
          break;
        case IN.escaped:
          state = IN.escapeQuote;
          at++;
          break;
        case IN.dollarTag: {
          const kind = CLASS_OF[byte];
          if (byte === DOLLAR) {
            this.#delimiter += '$';
            this.#matched = 0;
            state = IN.dollarBody;
            at++;
          } else if (kind === CLASS.word || (kind === CLASS.digit && this.#delimiter.length > 1)) {
            // NAMEDATALEN does not bound a tag, but no dump needs a long one.
            if (this.#delimiter.length > 256) throw this.#notSql(at);
            this.#delimiter += String.fromCharCode(byte);
            at++;
          } else if (this.#delimiter.length > 1) {
            throw this.#notSql(at);
          } else state = IN.text;
          break;
        }
        case IN.dollarBody: {
          const delimiter = this.#delimiter;
          if (this.#matched === 0) {
            const next = chunk.indexOf(DOLLAR, at);
            if (next < 0) {
              at = length;
              break;
            }
            this.#matched = 1;
            at = next + 1;
            break;
          }
          if (byte === delimiter.charCodeAt(this.#matched)) {
            this.#matched++;
            if (this.#matched === delimiter.length) state = IN.text;
          } else this.#matched = byte === DOLLAR ? 1 : 0;
          at++;
          break;
        }
        case IN.meta: {
          const end = chunk.indexOf(NEWLINE, at);
          at = end < 0 ? length : end;
          if (end < 0) break;
          this.#capture(end);
          this.#endMeta(false);
          at = end + 1;
          state = IN.text;
          break;
        }
        case IN.copyLine:
          if (byte === CARRIAGE_RETURN) throw this.#fault(FAULTS.carriageReturn, at);
          if (byte !== NEWLINE) throw this.#notSql(at);
          at++;
          this.#countLines(at);
          this.#state = IN.rows;
          this.#rows = 0;
          this.#atLineStart = true;
          return at;
        default:
          throw new Error(`state ${state}`);
      }
    }
    this.#state = state;
    return at;
  }

  /** Nothing that still comes in the statement can change how it is read: its first words are known, and it is no routine. */
  get #isSettled(): boolean {
    return this.#inStatement && !this.#words.matter;
  }

  /**
   * Passes over words, numbers, parentheses and strings: most of a dump with INSERTs. Stops before what only the states understand,
   * and before what this chunk does not show to its end.
   */
  #skipPlain(from: number): number {
    const chunk = this.#chunk;
    const length = chunk.length;
    let parens = this.#parens;
    let at = from;
    scan: while (at < length) {
      switch (CLASS_OF[chunk[at] as number]) {
        case CLASS.space:
        case CLASS.other:
        case CLASS.digit:
          at++;
          break;
        case CLASS.word: {
          let end = at + 1;
          while (end < length && CONTINUES_WORD[chunk[end] as number] === 1) end++;
          // It may go on, or be the E of a string with escapes.
          if (end === length || chunk[end] === QUOTE) break scan;
          at = end;
          break;
        }
        case CLASS.quote: {
          const end = this.#quoteAfter(at);
          if (end < 0) break scan;
          at = end + 1;
          break;
        }
        case CLASS.open:
          parens++;
          at++;
          break;
        case CLASS.close:
          if (parens > 0) parens--;
          at++;
          break;
        default:
          break scan;
      }
    }
    this.#parens = parens;
    return at;
  }

  #quoteAfter(at: number): number {
    const chunk = this.#chunk;
    const near = Math.min(at + SHORT, chunk.length);
    for (let end = at + 1; end < near; end++) if (chunk[end] === QUOTE) return end;
    return chunk.indexOf(QUOTE, near);
  }

  /** The rows that this chunk has from here; what may be the beginning of their end is held back. */
  #endOfRows(from: number): RowsSeen {
    const seen = endOfRows(this.#chunk, from, this.#atLineStart);
    if (seen.fault) throw this.#fault(FAULTS[seen.fault], seen.next);
    if (seen.isHeld) this.#held = Buffer.from(this.#chunk.subarray(seen.rows));
    return seen;
  }

  /** The first byte of a statement. */
  #begin(at: number, byte: number, kind: number | undefined): void {
    if (this.#base + at === 0 && byte >= 0xef) throw this.#fault(FAULTS.byteOrderMark, 0);
    if (kind === CLASS.carriageReturn) throw this.#fault(FAULTS.carriageReturn, at);
    if (kind !== CLASS.word || byte >= 0x80) throw this.#notSql(at);
    if (!this.#begun) throw this.#fault(FAULTS.notDump, at);
    if (this.#complete || this.#unrestricted) throw this.#fault(FAULTS.moreFollows, at);
    this.#mark(at);
    this.#inStatement = true;
    this.#words.begin();
    this.#parens = 0;
  }

  #mark(at: number): void {
    this.#captureFrom = at;
    this.#parts = [];
    this.#partBytes = 0;
    this.#offset = this.#base + at;
    this.#beginLine = this.#lineAt(at);
  }

  #drop(): void {
    this.#captureFrom = -1;
    this.#parts = [];
    this.#partBytes = 0;
  }

  /** Keeps what the chunk has of the capture; a comment is kept in part, a statement wholly or not at all. */
  #capture(to: number): void {
    if (to <= this.#captureFrom) return;
    let part = this.#chunk.subarray(this.#captureFrom, to);
    if (!this.#inStatement && this.#partBytes + part.length > MAX_COMMENT)
      part = part.subarray(0, Math.max(0, MAX_COMMENT - this.#partBytes));
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxStatement) throw this.#fault(FAULTS.tooLong, to);
    // A copy where more chunks are needed: the source may reuse its memory.
    this.#parts.push(to === this.#chunk.length ? Buffer.from(part) : part);
    this.#captureFrom = to;
  }

  #captured(): Buffer {
    const bytes = this.#parts.length === 1 ? (this.#parts[0] ?? NOTHING) : Buffer.concat(this.#parts);
    this.#drop();
    return bytes;
  }

  #finish(at: number): void {
    this.#capture(at);
    const bytes = this.#captured();
    this.#inStatement = false;
    this.#state = IN.text;
    const sql = this.#decode(bytes).trimEnd();
    const copy = this.#isInsert(sql) ? this.#finishInsert(sql) : this.#finishOther(sql, at);
    this.#header = undefined;
    if (copy) {
      this.#table = copy.table;
      this.#rows = 0;
      this.#state = IN.copyLine;
    }
  }

  #isInsert(sql: string): boolean {
    return sql.startsWith(INSERT);
  }

  /** There may be millions of them, and none of the other rules is about them. */
  #finishInsert(sql: string): undefined {
    this.#finished = this.#header
      ? { sql, line: this.#beginLine, offset: this.#offset, header: this.#header }
      : { sql, line: this.#beginLine, offset: this.#offset };
  }

  #finishOther(sql: string, at: number): { readonly table: string } | undefined {
    const copy = copyTarget(sql);
    if (copy === 'foreign') throw this.#fault(FAULTS.copyOptions, at);
    this.#watchSettings(sql, at);
    const major = neededMajor(sql);
    this.#finished = {
      sql,
      line: this.#beginLine,
      offset: this.#offset,
      ...(copy ? { copy } : {}),
      ...(this.#header ? { header: this.#header } : {}),
      ...(major === undefined ? {} : { needsMajor: major }),
      ...(isCleaning(sql) ? { cleans: true } : {}),
    };
    return copy;
  }

  /** Statements are sent as UTF-8; in a dump of another encoding they have to be plain ASCII, only rows go as they are. */
  #decode(bytes: Buffer): string {
    if (this.#encoding === 'UTF8' || this.#encoding === 'SQL_ASCII' ? isUtf8(bytes) : isAscii(bytes))
      return bytes.toString('utf8');
    throw this.#fault(this.#encoding === 'UTF8' ? FAULTS.notUtf8 : FAULTS.notAscii);
  }

  /** Two settings change how the text itself is read; they have to be what this reader takes for granted. */
  #watchSettings(sql: string, at: number): void {
    const setting = readingSetting(sql);
    if (setting?.fault) throw this.#fault(setting.fault, at);
    this.#encoding = setting?.encoding ?? this.#encoding;
  }

  #endComment(): void {
    const line = this.#beginLine;
    const text = this.#captured().toString('utf8').trimEnd();
    if (text.startsWith(CLUSTER_BEGIN)) throw this.#fault(FAULTS.wholeServer);
    if (text === DUMP_BEGIN) {
      if (this.#complete) throw this.#fault(FAULTS.secondDump);
      this.#begun = true;
    } else if (text === DUMP_END && this.#begun) this.#complete = true;
    this.#header = headerOf(text) ?? this.#header;
    this.#options.onComment?.(text, line);
  }

  /** pg_dump writes `\restrict TOKEN` before the first statement and `\unrestrict TOKEN` at the very end, and nothing else. */
  #endMeta(atEnd: boolean): void {
    const line = this.#captured().toString('utf8');
    const [, command, token] = /^\\(restrict|unrestrict) ([A-Za-z0-9]+)$/.exec(line) ?? [];
    if (this.#begun && command === 'restrict' && this.#restrict === undefined && !this.#complete && !atEnd) {
      this.#restrict = token;
      return;
    }
    if (command === 'unrestrict' && token === this.#restrict && this.#complete && !this.#unrestricted) {
      this.#unrestricted = true;
      return;
    }
    if (atEnd) throw this.#truncated(tr`within a line that begins with a backslash`);
    throw this.#refusedMeta(
      command === 'unrestrict' && token === this.#restrict && !this.#complete ? '\\connect' : line,
    );
  }

  #metaCommand(at: number): RollbackError {
    const line = this.#chunk.subarray(at, Math.min(at + 80, this.#chunk.length)).toString('utf8');
    return this.#refusedMeta(line, at);
  }

  #refusedMeta(text: string, at?: number): RollbackError {
    if (!this.#begun) return this.#fault(FAULTS.notDump, at ?? 0);
    const command = /^\\[A-Za-z]*/.exec(text)?.[0] ?? '\\';
    const begin = at === undefined ? tr`from line ${this.#beginLine}` : tr`in line ${this.#lineAt(at)}`;
    const leaves = command === '\\connect' || command === '\\c';
    return this.#fault(leaves ? FAULTS.connects : metaFault(command, begin), at);
  }

  /** Zero bytes are in no text: sparse files after a crash, UTF-16, archives under a wrong name. */
  #refuseBinary(chunk: Buffer): void {
    if (this.#base === 0 && (chunk[0] ?? 0) >= 0xfe) throw this.#fault(FAULTS.byteOrderMark, 0);
    const zero = chunk.indexOf(0);
    if (zero >= 0) {
      this.#countLines(zero);
      throw this.#fault(FAULTS.zeroByte, zero);
    }
  }

  #notSql(at: number): RollbackError {
    return this.#fault(this.#begun ? FAULTS.notSql : FAULTS.notDump, at);
  }

  #truncated(where: string): RollbackError {
    return this.#fault(truncatedFault(where));
  }

  #fault({ code, what, hint }: Fault, at?: number): RollbackError {
    const offset = this.#base + (at ?? this.#countedTo);
    const line = at === undefined ? this.#line : this.#lineAt(at);
    const name = this.#options.name ?? 'dump';
    return new RollbackError(code, tr`${name}: ${what()} (line ${line}, byte ${offset})`, hint());
  }

  #lineAt(at: number): number {
    this.#countLines(at);
    return this.#line;
  }

  /** Counts newlines up to here, once each. */
  #countLines(to: number): number {
    if (to <= this.#countedTo) return 0;
    const count = newlines(this.#chunk, this.#countedTo, to);
    this.#countedTo = to;
    this.#line += count;
    return count;
  }
}

function startsInsert(chunk: Buffer, at: number): boolean {
  for (let index = 0; index < INSERT.length; index++) if (chunk[at + index] !== INSERT.charCodeAt(index)) return false;
  return true;
}
