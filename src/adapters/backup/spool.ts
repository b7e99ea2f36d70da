import { constants, type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';

/** Files of this run for sources that can be read only once: readable by nobody else, gone with `close`. */
export class Spool {
  readonly #temp: string;
  #folder: Promise<string> | undefined;
  #count = 0;

  constructor(temp: string) {
    this.#temp = temp;
  }

  /**
   * Writes all of it, once.
   * @throws BACKUP_UNREADABLE when the disk is full; what the source throws.
   */
  async write(chunks: AsyncIterable<Uint8Array>, name: string, signal: AbortSignal): Promise<string> {
    this.#folder ??= mkdtemp(join(this.#temp, 'tiered-rollback-'));
    const path = join(await this.#folder, `backup-${this.#count++}`);
    const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        await writeAll(file, chunk, name);
      }
    } finally {
      await file.close();
    }
    return path;
  }

  async close(): Promise<void> {
    const folder = await this.#folder;
    this.#folder = undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, name: string): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
  } catch (error) {
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      tr`${name}: the runner's disk does not take it (${String((error as NodeJS.ErrnoException).code)})`,
      tr`Free space in RUNNER_TEMP, or use a runner with a larger disk.`,
      { cause: error },
    );
  }
}
