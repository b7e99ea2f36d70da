import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { Backup } from '../../ports/backup.ts';
import { compressionOf } from './magic.ts';

/**
 * The text within. Several frames or members one after the other are one text, as gzip and zstd themselves have it.
 * Node ends the stream of a decoder at the end of a frame and forgets what follows, so that is looked after here: each byte of
 * the input must have been taken by a decoder.
 * @throws DUMP_CORRUPT: cut off, flipped bits (both formats carry checksums; zstd only where it was asked for), garbage at the end.
 */
export async function* decompress(
  input: AsyncIterable<Uint8Array>,
  compression: Backup['compression'],
  name: string,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    yield* input;
    return;
  }
  const source = new Source(input);
  try {
    let frames = 0;
    for (;;) {
      const head = await source.peek(4);
      if (head.length === 0 && frames > 0) return;
      if (compressionOf(head) !== compression)
        throw corrupt(
          frames === 0
            ? tr`${name} is not ${compression}`
            : tr`${name} has garbage after the end of its ${compression} data`,
        );
      yield* frame(source, compression, name);
      frames++;
    }
  } finally {
    await source.close();
  }
}

async function* frame(source: Source, compression: 'gzip' | 'zstd', name: string): AsyncGenerator<Uint8Array> {
  const decoder = (compression === 'gzip' ? createGunzip() : createZstdDecompress()) as Transform & {
    bytesWritten: number;
  };
  /** What the decoder was given and has not taken yet. */
  const given: Buffer[] = [];
  let givenBytes = 0;
  let dropped = 0;
  let sourceFault: unknown;
  let wake = (): void => {};
  for (const event of ['drain', 'end', 'close']) decoder.on(event, () => wake());
  const room = async (): Promise<void> => {
    if (decoder.destroyed || decoder.readableEnded || !decoder.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  const pump = (async () => {
    try {
      for (;;) {
        const chunk = await source.next();
        if (decoder.destroyed || decoder.readableEnded) {
          if (chunk) given.push(chunk);
          if (chunk) givenBytes += chunk.length;
          return;
        }
        if (!chunk) {
          decoder.end();
          return;
        }
        given.push(chunk);
        givenBytes += chunk.length;
        while (given[0] && dropped + given[0].length <= decoder.bytesWritten) dropped += given.shift()?.length ?? 0;
        if (!decoder.write(chunk)) await room();
        if (decoder.readableEnded || decoder.destroyed) return;
      }
    } catch (error) {
      sourceFault = error;
      decoder.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (error) {
    if (sourceFault) throw sourceFault;
    throw corrupt(
      tr`${name} is damaged ${compression} data (${(error as NodeJS.ErrnoException).code ?? tr`unreadable`})`,
      error,
    );
  } finally {
    decoder.destroy();
    await pump;
  }
  const left = Buffer.concat(given).subarray(decoder.bytesWritten - dropped);
  if (givenBytes > decoder.bytesWritten) source.putBack(left);
}

/** An input of which a part can be put back. */
class Source {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #back: Buffer = Buffer.alloc(0);

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#iterator = input[Symbol.asyncIterator]();
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#back.length > 0) {
      const back = this.#back;
      this.#back = Buffer.alloc(0);
      return back;
    }
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done) return undefined;
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  }

  putBack(bytes: Buffer): void {
    this.#back = Buffer.concat([bytes, this.#back]);
  }

  async peek(length: number): Promise<Buffer> {
    while (this.#back.length < length) {
      const back = this.#back;
      this.#back = Buffer.alloc(0);
      const more = await this.next();
      this.#back = more ? Buffer.concat([back, more]) : back;
      if (!more) break;
    }
    return this.#back.subarray(0, length);
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

function corrupt(what: string, cause?: unknown): RollbackError {
  return new RollbackError('DUMP_CORRUPT', what, tr`Take another backup; this file was cut off or damaged.`, {
    cause,
  });
}
