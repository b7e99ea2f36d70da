import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { tr } from '../../core/tr.ts';

/** What arrives. Calls come in the order of the bytes. */
export interface ChannelListener {
  /**
   * Part of what one channel carries. Messages are not told apart: to all users of this a channel is a stream.
   * @returns false when no more can be taken: nothing more comes until `resume`.
   */
  data(channel: number, chunk: Buffer): boolean;
  /** The peer takes more; after `send` returned false. */
  drain(): void;
  /** Nothing more comes. Called once. `cut`: the connection ended without the peer saying so. */
  end(how: 'closed' | 'cut', why: string): void;
}

const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** Below the idle times of load balancers (AWS 350 s, Azure 240 s, GKE 600 s, HAProxy often 60 s). */
const PING_MS = 30_000;
/** Place for the longest header of a frame; 16, so that what follows is aligned for masking by words. */
const HEADROOM = 16;

/**
 * The client's side of a WebSocket (RFC 6455) whose messages begin with the number of a channel, as the API server speaks in
 * `v4.channel.k8s.io` and `v5.channel.k8s.io` (k8s.io/streaming, wsstream/conn.go). Bytes are passed on as they come, whatever length a
 * frame announces, so that memory stays flat; both directions hold back when the other end does not take more.
 */
export class ChannelSocket {
  readonly #socket: Duplex;
  readonly #listener: ChannelListener;
  readonly #pings: NodeJS.Timeout;
  /** Header of the frame that is arriving, until it is whole. */
  #header: Buffer = Buffer.alloc(0);
  #opcode = 0;
  /** Bytes of the frame that are still to come. */
  #left = 0;
  #control: Buffer[] = [];
  /** Channel of the message that is arriving; undefined before its first byte. */
  #channel: number | undefined;
  #fin = true;
  #unread: Buffer[] = [];
  #paused = false;
  #ended = false;

  constructor(socket: Duplex, listener: ChannelListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#listener.drain());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end('cut', error.code ?? error.name));
    socket.on('end', () => {
      this.#end('cut', tr`the connection ended`);
      // Kept half open, the other end would wait for us for ever.
      socket.destroy();
    });
    socket.on('close', () => this.#end('cut', tr`the connection was closed`));
    (socket as { unref?: () => void }).unref?.();
    this.#pings = setInterval(() => this.#write(PING, Buffer.alloc(0)), PING_MS).unref();
    // undici leaves the socket paused.
    socket.resume();
  }

  /** Sends on a channel. @returns false when the peer does not keep up: wait for `drain`. */
  send(channel: number, chunk: Uint8Array): boolean {
    return this.#write(BINARY, chunk, channel);
  }

  /** Takes up what `data` refused. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const unread = this.#unread;
    this.#unread = [];
    for (const chunk of unread) this.#receive(chunk);
    if (!this.#paused) this.#socket.resume();
  }

  /** Says that nothing more comes, after what was sent before; what the peer still says is not heard. */
  close(): void {
    if (!this.#ended) {
      this.#write(CLOSE, Buffer.from([0x03, 0xe8]));
      this.#end('closed', tr`closed by us`);
    }
    this.#socket.end();
    // The peer closes at once; one that does not must not keep the connection.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
    this.#socket.resume();
  }

  /** Ends it now, without a word. */
  destroy(): void {
    this.#end('cut', tr`ended by us`);
    this.#socket.destroy();
  }

  #write(opcode: number, chunk: Uint8Array, channel?: number): boolean {
    if (this.#ended || !this.#socket.writable) return false;
    return this.#socket.write(clientFrame(opcode, chunk, channel));
  }

  #receive(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#ended) {
      if (this.#paused) {
        this.#unread.push(chunk.subarray(at));
        return;
      }
      if (this.#left === 0) {
        // Between frames, or within a header.
        const before = this.#header.length;
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + 10 - before)]);
        const size = headerSize(this.#header);
        if (size === undefined) {
          at = chunk.length;
          return;
        }
        at += size - before;
        if (!this.#begin(this.#header)) return;
        this.#header = Buffer.alloc(0);
        if (this.#left === 0) this.#frameEnd();
        continue;
      }
      const part = chunk.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      if (this.#opcode >= CLOSE) this.#control.push(part);
      else this.#deliver(part);
      if (this.#left === 0) this.#frameEnd();
    }
  }

  #begin(header: Buffer): boolean {
    const [first = 0, second = 0] = header;
    const opcode = first & 0x0f;
    const short = second & 0x7f;
    const length = short === 127 ? Number(header.readBigUInt64BE(2)) : short === 126 ? header.readUInt16BE(2) : short;
    // A server masks nothing, no extension was asked for, and control frames are short.
    if (second & 0x80 || first & 0x70 || (opcode >= CLOSE && length > 125) || length > Number.MAX_SAFE_INTEGER) {
      this.#end('cut', tr`what came is no WebSocket frame`);
      this.#socket.destroy();
      return false;
    }
    this.#opcode = opcode;
    this.#left = length;
    if (opcode < CLOSE) {
      if (opcode !== CONTINUATION) this.#channel = undefined;
      this.#fin = (first & 0x80) !== 0;
    }
    return true;
  }

  #deliver(part: Buffer): void {
    let rest = part;
    if (this.#channel === undefined) {
      this.#channel = rest[0] as number;
      rest = rest.subarray(1);
    }
    if (rest.length > 0 && !this.#listener.data(this.#channel, rest)) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #frameEnd(): void {
    if (this.#opcode < CLOSE) {
      if (this.#fin) this.#channel = undefined;
      return;
    }
    const payload = Buffer.concat(this.#control);
    this.#control = [];
    if (this.#opcode === PING) this.#write(PONG, payload);
    if (this.#opcode !== CLOSE) return;
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#write(CLOSE, payload.subarray(0, 2));
    // 1000: done; 1005: no reason given.
    const clean = code === 1000 || code === 1005;
    this.#end(clean ? 'closed' : 'cut', tr`closed with code ${code} ${payload.toString('utf8', 2)}`.trim());
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #end(how: 'closed' | 'cut', why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#pings);
    this.#listener.end(how, why);
  }
}

/** Bytes of a server's frame header; undefined while too little of it is there. */
function headerSize(header: Buffer): number | undefined {
  if (header.length < 2) return undefined;
  const short = (header[1] as number) & 0x7f;
  const size = short === 127 ? 10 : short === 126 ? 4 : 2;
  return header.length >= size ? size : undefined;
}

/** One whole frame, masked as a client must. */
function clientFrame(opcode: number, chunk: Uint8Array, channel?: number): Buffer {
  const prefix = channel === undefined ? 0 : 1;
  const length = chunk.length + prefix;
  const frame = Buffer.allocUnsafeSlow(HEADROOM + length);
  if (channel !== undefined) frame[HEADROOM] = channel;
  frame.set(chunk, HEADROOM + prefix);
  const key = randomBytes(4);
  mask(frame, key);
  const size = 6 + (length > 65_535 ? 8 : length > 125 ? 2 : 0);
  const start = HEADROOM - size;
  frame[start] = 0x80 | opcode;
  if (length > 65_535) {
    frame[start + 1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), start + 2);
  } else if (length > 125) {
    frame[start + 1] = 0x80 | 126;
    frame.writeUInt16BE(length, start + 2);
  } else {
    frame[start + 1] = 0x80 | length;
  }
  frame.set(key, HEADROOM - 4);
  return frame.subarray(start);
}

/** XOR of all behind the headroom, four bytes at a time: a loop over bytes would take as long as TLS does. */
function mask(frame: Buffer, key: Buffer): void {
  const length = frame.length - HEADROOM;
  const words = new Uint32Array(frame.buffer, HEADROOM, length >> 2);
  const word = new Uint32Array(Uint8Array.from(key).buffer)[0] as number;
  for (let at = 0; at < words.length; at++) words[at] = (words[at] as number) ^ word;
  for (let at = words.length * 4; at < length; at++)
    frame[HEADROOM + at] = (frame[HEADROOM + at] as number) ^ (key[at & 3] as number);
}
