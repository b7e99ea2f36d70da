import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sha256Stream } from '../../../src/adapters/backup/stream-hash.ts';

const MB = 1024 * 1024;

describe.each([
  ['in this thread', 1],
  ['in a thread of its own', 40 * MB],
])('a hash of what streams by, %s', (_, announced) => {
  it('is that of all bytes, whatever their pieces, also of one larger than what is shared with the thread', async () => {
    const whole = randomBytes(29 * MB + 17);
    const ends = [0, 1, 1000, 3 * MB, 3 * MB + 5, 20 * MB, 20 * MB, whole.length];
    const hash = sha256Stream(announced);
    try {
      for (const [index, end] of ends.entries()) await hash.update(whole.subarray(ends[index - 1] ?? 0, end));
      expect(await hash.end()).toBe(createHash('sha256').update(whole).digest('hex'));
    } finally {
      hash.close();
    }
  });

  it('keeps nothing of a piece that may be overwritten afterwards', async () => {
    const expected = createHash('sha256');
    const piece = Buffer.alloc(MB);
    const hash = sha256Stream(announced);
    try {
      for (let turn = 0; turn < 30; turn++) {
        piece.fill(turn);
        expected.update(piece);
        await hash.update(piece);
      }
      expect(await hash.end()).toBe(expected.digest('hex'));
    } finally {
      hash.close();
    }
  });
});
