/** What a chunk has of the rows of a COPY. */
export interface RowsSeen {
  /** Rows go up to here. */
  readonly rows: number;
  /** Reading goes on here; with a fault, where it is. */
  readonly next: number;
  /** The line `\.` was seen. */
  readonly closed: boolean;
  /** The last bytes may be the beginning of that line: they have to be read again with the next chunk. */
  readonly isHeld?: true;
  readonly fault?: 'carriageReturn' | 'rowLikeEnd';
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const DOT = 46;
const BACKSLASH = 92;
/** Looked for with the newline before it: rows are full of backslashes, and each find costs more than each newline passed over. */
const END = Buffer.from('\n\\.');

/** Rows go on until a line `\.`; rows themselves are not looked into. */
export function endOfRows(chunk: Buffer, from: number, atLineStart: boolean): RowsSeen {
  const { length } = chunk;
  const isFirst = atLineStart && chunk[from] === BACKSLASH && chunk[from + 1] === DOT;
  const before = isFirst ? from - 1 : chunk.indexOf(END, from);
  if (isFirst || before >= 0) {
    const found = before + 1;
    const after = chunk[found + 2];
    if (after === NEWLINE) return { rows: found, next: found + 3, closed: true };
    if (after === undefined) return { rows: found, next: length, closed: false, isHeld: true };
    if (after === CARRIAGE_RETURN) return { rows: found, next: found + 2, closed: false, fault: 'carriageReturn' };
    return { rows: found, next: found, closed: false, fault: 'rowLikeEnd' };
  }
  const last = length - 1;
  const startsLine = last === from ? atLineStart : chunk[last - 1] === NEWLINE;
  if (chunk[last] === BACKSLASH && startsLine) return { rows: last, next: length, closed: false, isHeld: true };
  return { rows: length, next: length, closed: false };
}
