/** Classes of bytes outside of quotes, as the lexer of PostgreSQL has them (src/backend/parser/scan.l). */
export const CLASS = {
  other: 0,
  space: 1,
  word: 2,
  digit: 3,
  quote: 4,
  doubleQuote: 5,
  dollar: 6,
  dash: 7,
  slash: 8,
  backslash: 9,
  semicolon: 10,
  open: 11,
  close: 12,
  carriageReturn: 13,
} as const;

/** Bytes of 0x80 and above belong to words: that is what makes every ASCII-safe encoding readable byte by byte. */
export const CLASS_OF = classes();
/** 1 for what continues a word: letters, digits, `_`, `$`, bytes from 0x80. */
export const CONTINUES_WORD = continuations();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(CLASS.word, 0x80);
  for (const byte of ' \t\n\v\f') table[byte.charCodeAt(0)] = CLASS.space;
  for (let byte = 0; byte < 26; byte++) table[65 + byte] = table[97 + byte] = CLASS.word;
  for (let byte = 48; byte < 58; byte++) table[byte] = CLASS.digit;
  const single: Readonly<Record<string, number>> = {
    _: CLASS.word,
    "'": CLASS.quote,
    '"': CLASS.doubleQuote,
    $: CLASS.dollar,
    '-': CLASS.dash,
    '/': CLASS.slash,
    '\\': CLASS.backslash,
    ';': CLASS.semicolon,
    '(': CLASS.open,
    ')': CLASS.close,
    '\r': CLASS.carriageReturn,
  };
  for (const [character, kind] of Object.entries(single)) table[character.charCodeAt(0)] = kind;
  return table;
}

function continuations(): Uint8Array {
  const table = CLASS_OF.map((kind) => (kind === CLASS.word || kind === CLASS.digit ? 1 : 0));
  table[0x24] = 1;
  return table;
}
