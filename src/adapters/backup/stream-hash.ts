import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** A SHA-256 of what streams by. */
export interface StreamHash {
  /** The bytes must not be changed afterwards. Resolves when more may come. */
  update(chunk: Uint8Array): Promise<void>;
  /** In hex, of all that came. */
  end(): Promise<string>;
  /** Legal at any time; ends what is still running. */
  close(): void;
}

/** Below this the start of a thread costs more than it saves. */
const THREAD_FROM_BYTES = 16e6;
/** What may wait for the thread. */
const MOST_WAITING_BYTES = 8e6;

const THREAD = `
const { parentPort } = require('node:worker_threads');
const hash = require('node:crypto').createHash('sha256');
parentPort.on('message', (chunk) => {
  if (chunk === null) return parentPort.postMessage(hash.digest('hex'));
  hash.update(chunk);
  parentPort.postMessage(chunk.length);
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
  readonly #worker = new Worker(THREAD, { eval: true });
  readonly #digest = Promise.withResolvers<string>();
  #waiting = 0;
  #room = Promise.withResolvers<void>();

  constructor() {
    this.#digest.promise.catch(() => {});
    this.#worker.on('message', (said: number | string) => {
      if (typeof said === 'string') return this.#digest.resolve(said);
      this.#waiting -= said;
      if (this.#waiting <= MOST_WAITING_BYTES) this.#room.resolve();
    });
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', () => this.#fail(new Error('the thread that hashes has ended')));
  }

  async update(chunk: Uint8Array): Promise<void> {
    this.#waiting += chunk.length;
    this.#worker.postMessage(chunk);
    if (this.#waiting <= MOST_WAITING_BYTES) return;
    this.#room = Promise.withResolvers();
    await Promise.race([this.#room.promise, this.#digest.promise]);
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
