import { quoteIdentifier } from './client.ts';
import type { Session } from './session.ts';

/** 128 bits of SHA-256 in hex. MD5 is not there on servers in FIPS mode. */
export const HASH_LENGTH = 32;

/** A table as one side of a comparison reads it. */
export interface Source {
  /** `ONLY "schema"."table"`, or without ONLY where the rows lie in partitions. */
  readonly from: string;
  /** Those that are compared. */
  readonly columns: readonly string[];
}

/**
 * A row as one text by the output functions of its types, not by casts, which a database may define anew. NULL and '' differ:
 * only the latter is written with quotes.
 */
const rowText = (columns: readonly string[]) => `ROW(${columns.map(quoteIdentifier).join(', ')})::text`;

const hash = (columns: readonly string[]) =>
  `substr(sha256(convert_to(${rowText(columns)}, getdatabaseencoding())), 1, ${HASH_LENGTH / 2})`;

/** The hash of each row in ascending order, one a line. The server sorts, on its disk where they are many. */
export const hashesSql = ({ from, columns }: Source) =>
  `COPY (SELECT encode(h, 'hex') FROM (SELECT ${hash(columns)} AS h FROM ${from}) s ORDER BY h) TO STDOUT`;

/** As `hashesSql`, each followed by the row as CSV. */
export const hashedRowsSql = ({ from, columns }: Source, exported: readonly string[]) =>
  `COPY (SELECT encode(h, 'hex'), ${exported.map((_, index) => `c${index}`).join(', ')} FROM (SELECT ${hash(columns)} AS h, ${exported.map((name, index) => `${quoteIdentifier(name)} AS c${index}`).join(', ')} FROM ${from}) s ORDER BY h) TO STDOUT (FORMAT csv)`;

/** Count and two sums over all rows, whatever their order: equal for equal tables, and different but for one in 2^100 of others. */
export async function fingerprint(session: Session, { from, columns }: Source): Promise<{ rows: number; sum: string }> {
  const [row] = await session.query<{ rows: number; sum: string }>(
    `SELECT count(*)::float8 AS rows, concat_ws('/', count(*), sum(hashtextextended(r, 1)), sum(hashtextextended(r, 2))) AS sum
     FROM (SELECT ${rowText(columns)} COLLATE "C" AS r FROM ${from} OFFSET 0) s`,
    [],
    0,
  );
  return row ?? { rows: 0, sum: '' };
}

/** Hashes (and rows) in the order of the server, of which the next one is looked at before it is taken. */
export class HashReader {
  readonly #chunks: AsyncIterator<readonly Record[]>;
  #records: readonly Record[] = [];
  #at = 0;

  constructor(chunks: AsyncIterable<readonly Record[]>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next one, when it is here already. */
  get head(): Record | undefined {
    return this.#records[this.#at];
  }

  take(): void {
    this.#at++;
  }

  /** Waits for the next one. False at the end. */
  async more(): Promise<boolean> {
    while (this.head === undefined) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      this.#records = value;
      this.#at = 0;
    }
    return true;
  }
}

export interface Record {
  readonly hash: string;
  /** The row as CSV, with its newline. */
  readonly row?: Buffer;
}

/** Cuts what `hashesSql` gives. */
export async function* hashLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Record[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() as string;
    yield lines.map((line) => ({ hash: line }));
  }
}

/** Cuts what `hashedRowsSql` gives. A newline within quotes belongs to a value. */
export async function* hashedRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Record[]> {
  let begun: Buffer[] = [];
  let quoted = false;
  for await (const chunk of chunks) {
    const records: Record[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === NEWLINE && !quoted) {
        const end = chunk.subarray(from, at + 1);
        const line = begun.length === 0 ? end : Buffer.concat([...begun, end]);
        records.push({ hash: line.toString('latin1', 0, HASH_LENGTH), row: line.subarray(HASH_LENGTH + 1) });
        begun = [];
        from = at + 1;
      }
    }
    // A copy: one long row must not hold on to a chunk for each of its parts.
    if (from < chunk.length) begun.push(Buffer.from(chunk.subarray(from)));
    yield records;
  }
}

const QUOTE = 34;
const NEWLINE = 10;
