import { tr } from '../tr.ts';

/** Where in the text the lexer stands; each state needs to see one byte only, so that chunks may end anywhere. */
export const IN = {
  text: 0,
  word: 1,
  dash: 2,
  slash: 3,
  lineComment: 4,
  blockComment: 5,
  blockStar: 6,
  blockSlash: 7,
  quote: 8,
  escapeQuote: 9,
  escaped: 10,
  doubleQuote: 11,
  dollarTag: 12,
  dollarBody: 13,
  meta: 14,
  /** After `COPY ... FROM stdin;`: the end of its line. */
  copyLine: 15,
  rows: 16,
} as const;
export type State = (typeof IN)[keyof typeof IN];

/** What is open in a state, in words. */
export const UNCLOSED: Partial<Record<State, () => string>> = {
  [IN.blockComment]: () => tr`a comment`,
  [IN.blockStar]: () => tr`a comment`,
  [IN.blockSlash]: () => tr`a comment`,
  [IN.quote]: () => tr`a string`,
  [IN.escapeQuote]: () => tr`a string`,
  [IN.escaped]: () => tr`a string`,
  [IN.doubleQuote]: () => tr`a quoted name`,
  [IN.dollarBody]: () => tr`a dollar-quoted text`,
};
