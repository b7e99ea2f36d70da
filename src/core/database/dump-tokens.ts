import { CLASS, CLASS_OF, CONTINUES_WORD } from './dump-characters.ts';

/** One token of a statement, comments and space left out. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  /** As it is compared: words in upper case, quoted names and strings as they stand (with their quotes), symbols one character each. */
  readonly text: string;
  /** As it is spelled. */
  readonly raw: string;
}

/** The tokens of one statement, by the rules that the lexer of the dump has. For looking at, not for rewriting. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const length = sql.length;
  let at = 0;
  while (at < length) {
    const code = sql.charCodeAt(at);
    const kind = code < 256 ? CLASS_OF[code] : CLASS.word;
    const from = at;
    switch (kind) {
      case CLASS.space:
      case CLASS.carriageReturn:
        at++;
        continue;
      case CLASS.dash:
        if (sql.charCodeAt(at + 1) !== code) break;
        at = orEnd(sql.indexOf('\n', at), length);
        continue;
      case CLASS.slash:
        if (sql[at + 1] !== '*') break;
        at = endOfComment(sql, at);
        continue;
      case CLASS.quote: {
        // A string that goes on in a second one keeps the escapes of the first: E'a''b\'c'.
        const before = tokens.at(-1);
        const escapes = before?.kind === 'string' && /^e/i.test(before.raw);
        at = escapes ? endOfEscapes(sql, at) : endOfQuote(sql, at, "'");
        tokens.push({ kind: 'string', text: sql.slice(from, at), raw: `${escapes ? 'E' : ''}${sql.slice(from, at)}` });
        continue;
      }
      case CLASS.doubleQuote:
        at = endOfQuote(sql, at, '"');
        tokens.push({ kind: 'name', text: sql.slice(from, at), raw: sql.slice(from, at) });
        continue;
      case CLASS.dollar: {
        const delimiter = DOLLAR_QUOTE.exec(sql.slice(at, at + 300))?.[0];
        if (delimiter === undefined) break;
        const end = sql.indexOf(delimiter, at + delimiter.length);
        at = end < 0 ? length : end + delimiter.length;
        tokens.push({ kind: 'string', text: sql.slice(from, at), raw: sql.slice(from, at) });
        continue;
      }
      case CLASS.digit:
        while (at < length && (isDigit(sql.charCodeAt(at)) || sql[at] === '.')) at++;
        tokens.push({ kind: 'number', text: sql.slice(from, at), raw: sql.slice(from, at) });
        continue;
      case CLASS.word: {
        while (at < length && continues(sql.charCodeAt(at))) at++;
        const raw = sql.slice(from, at);
        if (sql[at] === "'" && /^[ebxn]$/i.test(raw)) {
          at = /^e$/i.test(raw) ? endOfEscapes(sql, at) : endOfQuote(sql, at, "'");
          tokens.push({ kind: 'string', text: sql.slice(from, at), raw: sql.slice(from, at) });
        } else tokens.push({ kind: 'word', text: raw.toUpperCase(), raw });
        continue;
      }
      default:
    }
    at++;
    tokens.push({ kind: 'symbol', text: sql.slice(from, at), raw: sql.slice(from, at) });
  }
  return tokens;
}

/** The text of a string token or the letters of a name, without their quotes; good enough to compare with what is plain. */
export function unquoted(token: Token): string {
  if (token.kind === 'name') return token.raw.slice(1, -1).replaceAll('""', '"');
  if (token.kind === 'string') return token.raw.replace(/^[A-Za-z]?'|'$/g, '').replaceAll("''", "'");
  return token.raw.toLowerCase();
}

const DOLLAR_QUOTE = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/;

function isDigit(code: number): boolean {
  return code >= 48 && code < 58;
}

function continues(code: number): boolean {
  return code >= 256 || CONTINUES_WORD[code] === 1;
}

function orEnd(found: number, length: number): number {
  return found < 0 ? length : found;
}

function endOfQuote(sql: string, from: number, quote: string): number {
  let at = from + 1;
  for (;;) {
    const end = sql.indexOf(quote, at);
    if (end < 0) return sql.length;
    if (sql[end + 1] !== quote) return end + 1;
    at = end + 2;
  }
}

function endOfEscapes(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  return sql.length;
}

function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth++;
    else if (pair === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}
