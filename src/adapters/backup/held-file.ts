import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';

const READ = 512 * 1024;

export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modifiedNs: bigint;
}

/**
 * A file held by its descriptor from the proof to the end of the restore: whoever replaces the path in between changes nothing.
 * Who writes into the same file is found out by size, time and hash.
 */
export class HeldFile {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly #file: FileHandle;
  readonly #name: string;

  private constructor(path: string, name: string, file: FileHandle, identity: FileIdentity) {
    this.path = path;
    this.#name = name;
    this.#file = file;
    this.identity = identity;
  }

  /** @param path resolved: links are not followed any more. @throws BACKUP_UNREADABLE, BACKUP_CHANGED. */
  static async hold(path: string, name: string, expected?: FileIdentity): Promise<HeldFile> {
    let file: FileHandle;
    try {
      // Not blocking: the path may have become a FIFO.
      file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      throw unreadable(name, error);
    }
    const held = new HeldFile(path, name, file, await identityOf(file));
    if (expected && !same(expected, held.identity)) {
      await held.close();
      throw held.changed(tr`it was replaced after it had been found`);
    }
    return held;
  }

  get descriptor(): number {
    return this.#file.fd;
  }

  /** From the first byte, each time. @throws BACKUP_CHANGED after the last byte when the file is not what it was. */
  async *read(signal: AbortSignal): AsyncGenerator<Buffer> {
    let position = 0;
    // The next piece is read while this one is worked on.
    let next = this.#piece(0);
    try {
      for (;;) {
        signal.throwIfAborted();
        const piece = await next;
        if (piece.length === 0) break;
        position += piece.length;
        next = this.#piece(position);
        yield piece;
      }
    } finally {
      // Who stops early closes the file, and nothing may still be reading it.
      await next.catch(() => {});
    }
    if (BigInt(position) !== this.identity.size || !same(this.identity, await identityOf(this.#file)))
      throw this.changed(tr`it was written to while it was read`);
  }

  async #piece(position: number): Promise<Buffer> {
    // A new buffer each time: what was yielded may still be on its way to the server. Made by the engine, not by Node: the engine then
    // collects it in time.
    const buffer = Buffer.from(new ArrayBuffer(READ));
    const { bytesRead } = await this.#file.read(buffer, 0, READ, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Up to this many bytes from there; fewer only at the end of the file. */
  async block(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async sha256(signal: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.read(signal)) hash.update(chunk);
    return hash.digest('hex');
  }

  changed(how: string): RollbackError {
    return new RollbackError(
      'BACKUP_CHANGED',
      tr`${this.#name}: ${how}`,
      tr`Wait until nothing writes to it any more, then run again.`,
    );
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

export async function identityOf(file: FileHandle): Promise<FileIdentity> {
  const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true });
  return { device: dev, inode: ino, size, modifiedNs: mtimeNs };
}

export function same(one: FileIdentity, other: FileIdentity): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modifiedNs === other.modifiedNs
  );
}

export function unreadable(name: string, error: unknown): RollbackError {
  const code = (error as NodeJS.ErrnoException).code ?? tr`unknown error`;
  return new RollbackError(
    'BACKUP_UNREADABLE',
    tr`${name} cannot be read (${code})`,
    tr`Give the user of the runner the right to read it.`,
    { cause: error },
  );
}
