import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ChannelSocket } from '../../../../src/adapters/kubernetes/channel-socket.ts';

/** The other end of a connection: what it is sent, and what it says. */
class Peer extends Duplex {
  readonly sent: Buffer[] = [];
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.sent.push(chunk);
    done();
  }
  /** What was sent, as opcode and unmasked payload. */
  frames(): { opcode: number; payload: Buffer }[] {
    let rest = Buffer.concat(this.sent);
    const frames = [];
    while (rest.length > 0) {
      const short = (rest[1] as number) & 0x7f;
      const at = short === 127 ? 10 : short === 126 ? 4 : 2;
      const length = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short;
      const key = rest.subarray(at, at + 4);
      const payload = Buffer.from(rest.subarray(at + 4, at + 4 + length)).map(
        (byte, index) => byte ^ (key[index % 4] as number),
      );
      frames.push({ opcode: (rest[0] as number) & 15, payload: Buffer.from(payload) });
      rest = rest.subarray(at + 4 + length);
    }
    return frames;
  }
}

const frame = (opcode: number, payload: Buffer, fin = true) => {
  const { length } = payload;
  const header =
    length > 65_535
      ? Buffer.concat([Buffer.from([0, 127]), Buffer.alloc(8)])
      : length > 125
        ? Buffer.from([0, 126, length >> 8, length & 255])
        : Buffer.from([0, length]);
  if (length > 65_535) header.writeBigUInt64BE(BigInt(length), 2);
  header[0] = opcode | (fin ? 0x80 : 0);
  return Buffer.concat([header, payload]);
};
const message = (channel: number, text: string | Buffer) =>
  frame(2, Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));

const turn = () => new Promise((resolve) => setImmediate(resolve));

function open(takes: (channel: number, chunk: Buffer) => boolean = () => true) {
  const peer = new Peer();
  const got: Record<number, string> = {};
  const ends: string[] = [];
  const socket = new ChannelSocket(peer, {
    data: (channel, chunk) => {
      got[channel] = (got[channel] ?? '') + chunk.toString('latin1');
      return takes(channel, chunk);
    },
    drain: () => {},
    end: (how, why) => ends.push(`${how}: ${why}`),
  });
  return { peer, socket, got, ends };
}

describe('what arrives', () => {
  const large = Buffer.alloc(70_000, 'L');
  const stream = Buffer.concat([
    message(0, 'one'),
    message(1, ''),
    frame(9, Buffer.from('are you there')),
    message(3, Buffer.alloc(300, 's')),
    // One message in three frames, with a ping between them.
    frame(2, Buffer.from([0, 0x41]), false),
    frame(0, Buffer.from('B'), false),
    frame(9, Buffer.alloc(0)),
    frame(0, Buffer.from('C')),
    message(1, large),
    message(0, 'end'),
  ]);

  it.each([1, 2, 3, 7, 1000, stream.length])('is the same in pieces of %d bytes', async (size) => {
    const { peer, got, ends } = open();
    for (let at = 0; at < stream.length; at += size) peer.push(stream.subarray(at, at + size));
    peer.push(frame(8, Buffer.from([0x03, 0xe8])));
    while (ends.length === 0) await turn();
    expect(got).toEqual({ 0: 'oneABCend', 1: large.toString('latin1'), 3: 's'.repeat(300) });
    expect(ends).toEqual(['closed: closed with code 1000']);
    expect(peer.frames().map(({ opcode, payload }) => `${opcode} ${payload.toString('latin1')}`)).toEqual([
      '10 are you there',
      '10 ',
      '8 \u0003\u00e8',
    ]);
  });

  it('waits when no more can be taken, and is whole and in order when it goes on', async () => {
    const { peer, socket, got, ends } = open(() => false);
    peer.push(stream);
    peer.push(frame(8, Buffer.from([0x03, 0xe8])));
    await turn();
    expect(got).toEqual({ 0: 'one' });
    while (ends.length === 0) {
      socket.resume();
      await turn();
    }
    expect(got).toEqual({ 0: 'oneABCend', 1: large.toString('latin1'), 3: 's'.repeat(300) });
  });

  it.each([
    ['a close with an error', frame(8, Buffer.from([0x03, 0xf3, 0x6f, 0x68])), 'cut: closed with code 1011 oh'],
    ['a frame that is masked', Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0]), 'cut: what came is no WebSocket frame'],
    ['an extension that nobody asked for', Buffer.from([0xc2, 1, 0]), 'cut: what came is no WebSocket frame'],
    ['a long control frame', Buffer.from([0x89, 126, 1, 0]), 'cut: what came is no WebSocket frame'],
    ['a length beyond reason', Buffer.from([0x82, 127, ...Array(8).fill(255)]), 'cut: what came is no WebSocket frame'],
  ])('%s ends it', async (_name, bytes, expected) => {
    const { peer, ends } = open();
    peer.push(bytes);
    while (ends.length === 0) await turn();
    await turn();
    expect(ends).toEqual([expected]);
  });

  it('an end without a close frame is a cut', async () => {
    const { peer, ends } = open();
    peer.push(message(0, 'half'));
    peer.push(null);
    while (ends.length === 0) await turn();
    expect(ends).toEqual(['cut: the connection ended']);
  });
});

describe('what is sent', () => {
  it.each([0, 1, 5, 124, 125, 65_534, 65_535, 200_001])('%d bytes are one masked message', (size) => {
    const { peer, socket } = open();
    const chunk = Buffer.alloc(size, 'abcdefg');
    socket.send(0, chunk);
    const [one, ...more] = peer.frames();
    expect(more).toEqual([]);
    expect(one?.opcode).toBe(2);
    expect(one?.payload.equals(Buffer.concat([Buffer.from([0]), chunk]))).toBe(true);
    expect(chunk.equals(Buffer.alloc(size, 'abcdefg'))).toBe(true);
    // Masked: what goes over the wire is not what was sent.
    expect((peer.sent[0]?.[1] as number) & 0x80).toBe(0x80);
    socket.destroy();
  });

  it('a close follows what was sent before, and nothing follows it', () => {
    const { peer, socket, ends } = open();
    socket.send(0, Buffer.from('last'));
    socket.close();
    expect(socket.send(0, Buffer.from('late'))).toBe(false);
    expect(peer.frames().map(({ opcode }) => opcode)).toEqual([2, 8]);
    expect(ends).toEqual(['closed: closed by us']);
  });
});
