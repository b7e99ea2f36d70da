import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** A SHA-256 of what streams by. */
export interface StreamHash {
  /** Has the bytes when it resolves; they may be changed then, and more may come. */
  update(chunk: Uint8Array): Promise<void>;
  /** In hex, of all that came. */
  end(): Promise<string>;
  /** Legal at any time; ends what is still running. */
  close(): void;
}

/** Below this the start of a thread costs more than it saves. */
const THREAD_FROM_BYTES = 16e6;
/** What may wait for the thread: the size of the memory that both share, so that no byte is copied for it again. */
const SHARED_BYTES = 8 * 1024 * 1024;

const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const hash = require('node:crypto').createHash('sha256');
parentPort.on('message', (part) => {
  if (part === null) return parentPort.postMessage(hash.digest('hex'));
  hash.update(new Uint8Array(workerData, part.from, part.length));
  parentPort.postMessage(part.length);
});`;

/** @param bytes how much will come, about: a large file is hashed by a thread of its own, beside what reads its text. */
export function sha256Stream(bytes: number): StreamHash {
  return bytes < THREAD_FROM_BYTES ? hashHere() : new HashThread();
}

function hashHere(): StreamHash {
  const hash = createHash('sha256');
  return {
    update: async (chunk) => {
      hash.update(chunk);
    },
    end: async () => hash.digest('hex'),
    close: () => {},
  };
}

class HashThread implements StreamHash {
  readonly #shared = new SharedArrayBuffer(SHARED_BYTES);
  readonly #bytes = new Uint8Array(this.#shared);
  readonly #worker = new Worker(THREAD, { eval: true, workerData: this.#shared });
  readonly #digest = Promise.withResolvers<string>();
  /** Where the next byte goes, and how many before it the thread has not hashed yet. */
  #end = 0;
  #waiting = 0;
  #room = Promise.withResolvers<void>();

  constructor() {
    this.#digest.promise.catch(() => {});
    this.#worker.on('message', (said: number | string) => {
      if (typeof said === 'string') return this.#digest.resolve(said);
      this.#waiting -= said;
      this.#room.resolve();
    });
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('the thread that hashes has ended')));
  }

  async update(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const length = Math.min(chunk.length - done, SHARED_BYTES - this.#end, SHARED_BYTES - this.#waiting);
      if (length === 0) {
        this.#room = Promise.withResolvers();
        await Promise.race([this.#room.promise, this.#digest.promise]);
        continue;
      }
      this.#bytes.set(chunk.subarray(done, done + length), this.#end);
      this.#worker.postMessage({ from: this.#end, length });
      this.#waiting += length;
      this.#end = (this.#end + length) % SHARED_BYTES;
      done += length;
    }
  }

  end(): Promise<string> {
    this.#worker.postMessage(null);
    return this.#digest.promise;
  }

  close(): void {
    void this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#digest.reject(error);
  }
}
