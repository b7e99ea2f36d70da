/** A name, plain or quoted. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`;
const HEAD = new RegExp(
  String.raw`INSERT INTO (${NAME}(?:\.${NAME})?) (?:\(${NAME}(?:, ${NAME})*\) )?(?:OVERRIDING SYSTEM VALUE )?VALUES(?=[\s(])`,
  'y',
);
const WORD = /[A-Za-z]\w*/y;
const VALUES: ReadonlySet<string> = new Set(['NULL', 'true', 'false', 'DEFAULT']);
const CONFLICT = /ON CONFLICT DO NOTHING$/y;

/**
 * Table and rows of an INSERT exactly as pg_dump writes it: literal values, nothing computed. Undefined for any other one, which is
 * then looked at token by token: this is the short way for a statement that a dump may hold millions of.
 */
export function plainInsert(sql: string): { readonly table: string; readonly rows: number } | undefined {
  HEAD.lastIndex = 0;
  const table = HEAD.exec(sql)?.[1];
  if (table === undefined) return undefined;
  const length = sql.length;
  let at = HEAD.lastIndex;
  let depth = 0;
  let rows = 0;
  while (at < length) {
    const code = sql.charCodeAt(at);
    if (code === QUOTE) {
      // Twice in a row is a quote within: it is read as two strings that touch.
      at = sql.indexOf("'", at + 1) + 1;
      if (at === 0) return undefined;
    } else if (code === OPEN) {
      if (depth === 0) rows++;
      depth++;
      at++;
    } else if (code === CLOSE) {
      depth--;
      at++;
    } else if (isSeparator(code)) {
      if (code === MINUS && sql.charCodeAt(at + 1) === MINUS) return undefined;
      at++;
    } else {
      const after = isDigit(code) ? afterNumber(sql, at) : afterWord(sql, at, depth);
      if (after === undefined) return undefined;
      at = after;
    }
  }
  return depth === 0 ? { table, rows } : undefined;
}

function afterNumber(sql: string, from: number): number {
  let at = from;
  while (isDigit(sql.charCodeAt(at)) || sql.charCodeAt(at) === DOT) at++;
  // 1e+20, 1e-07
  if ((sql.charCodeAt(at) | 0x20) === 0x65 && /^e[+-]?\d/i.test(sql.slice(at, at + 3))) at += 2;
  return at;
}

function afterWord(sql: string, at: number, depth: number): number | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(sql)?.[0];
  if (word === undefined || sql.charCodeAt(WORD.lastIndex) === QUOTE) return undefined;
  if (VALUES.has(word)) return WORD.lastIndex;
  CONFLICT.lastIndex = at;
  return depth === 0 && CONFLICT.test(sql) ? CONFLICT.lastIndex : undefined;
}

const QUOTE = 39;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;

const isDigit = (code: number) => code >= 48 && code < 58;
const isSeparator = (code: number) =>
  code === COMMA || code === 32 || code === 10 || code === 9 || code === MINUS || code === DOT || code === 43;
