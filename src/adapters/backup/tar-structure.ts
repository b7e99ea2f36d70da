import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { HeldFile } from './held-file.ts';

const BLOCK = 512;

/**
 * Walks a tar archive from header to header up to its end mark. pg_restore must not see one that is cut: it loops for ever over
 * the missing bytes of a large object, and takes cut rows for whole ones with exit code 0 (seen with 15.18).
 * @throws DUMP_CORRUPT, DUMP_TRUNCATED.
 */
export async function checkTar(file: HeldFile, name: string, signal: AbortSignal): Promise<void> {
  const total = Number(file.identity.size);
  let members = 0;
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const header = await file.block(at, BLOCK);
    if (header.length < BLOCK) throw cut(name, at, tr`before the end mark, after ${members} members`);
    if (header.every((byte) => byte === 0)) return;
    if (sumOf(header) !== octal(header, 148, 8))
      throw new RollbackError(
        'DUMP_CORRUPT',
        tr`${name}: the header at byte ${at} of the tar archive is damaged`,
        tr`Take another backup.`,
      );
    const next = at + BLOCK + Math.ceil(sizeOf(header) / BLOCK) * BLOCK;
    if (!Number.isSafeInteger(next) || next > total) throw cut(name, total, tr`within member ${members + 1}`);
    at = next;
    members++;
  }
}

/** Octal digits, or for 8 GiB and more a binary number after a set high bit. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) === 0) return octal(header, 124, 12);
  let size = 0;
  for (const byte of header.subarray(125, 136)) size = size * 256 + byte;
  return size;
}

function octal(header: Buffer, from: number, length: number): number {
  const digits = /[0-7]+/.exec(header.toString('latin1', from, from + length))?.[0];
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
}

/** Of all bytes of the header, its own field taken for spaces. */
function sumOf(header: Buffer): number {
  let sum = 8 * 32;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function cut(name: string, at: number, where: string): RollbackError {
  return new RollbackError(
    'DUMP_TRUNCATED',
    tr`${name}: the tar archive ends too early: ${where} (byte ${at})`,
    tr`Take another backup; this one was cut off.`,
  );
}
