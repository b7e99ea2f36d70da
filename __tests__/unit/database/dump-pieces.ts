/** The bytes in chunks of this size, each in memory of its own that is overwritten afterwards: a reader must not keep views. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    const piece = new Uint8Array(bytes.subarray(at, at + size));
    yield piece;
    piece.fill(0x5a);
  }
}

/** A dump with this in it, as a pg_dump without `\restrict` frames it; the body begins on line 7. */
export function textOf(body: string): string {
  return `--\n-- PostgreSQL database dump\n--\n\n\n\n${body}\n\n--\n-- PostgreSQL database dump complete\n--\n\n`;
}

/** The code of the error that reading ends with, or `none`. */
export async function codeOf(items: AsyncIterable<unknown> | Promise<unknown>): Promise<string> {
  try {
    if (Symbol.asyncIterator in items) for await (const _ of items);
    else await items;
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
