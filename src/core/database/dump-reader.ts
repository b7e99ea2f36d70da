import type { DumpItem } from './dump.ts';
import { DumpLexer, type DumpLexerOptions } from './dump-lexer.ts';

/**
 * Cuts the decompressed text of a plain `pg_dump` into statements and rows, while it streams by.
 * The items are believed only once the generator has ended without an error: the end marker of the dump stands at its end.
 * `rows` are views into the chunks: a chunk must stay as it is until the next item is asked for.
 * @throws DUMP_TRUNCATED, DUMP_CORRUPT, DUMP_FOREIGN, DUMP_EMPTY, DUMP_UNSAFE (meta-commands of psql), with line and byte.
 */
export async function* readDump(
  chunks: AsyncIterable<Uint8Array>,
  options: DumpLexerOptions = {},
): AsyncGenerator<DumpItem> {
  const lexer = new DumpLexer(options);
  for await (const chunk of chunks) for (const item of lexer.feed(chunk)) yield item;
  lexer.end();
}
