import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { createBackupReader } from '../src/adapters/backup/index.ts';
import { readDump } from '../src/core/database/dump-reader.ts';

const BEGIN = `--
-- PostgreSQL database dump
--

-- Dumped from database version 17.4

SET client_encoding = 'UTF8';

CREATE TABLE public.orders (id bigint, customer uuid, note text, total numeric, at timestamptz);

`;
const END = '\n--\n-- PostgreSQL database dump complete\n--\n\n';

/**
 * How fast a dump is read and proven, and what memory that takes: `node bench/dump.ts [MB]`. Printed only: the numbers are those of the machine.
 * Rows look like an order table's; the memory must not grow with the size of the dump.
 */
const megabytes = Number(process.argv[2] ?? 256);
const folder = await mkdtemp(join(tmpdir(), 'bench-dump-'));
const signal = new AbortController().signal;
try {
  const plain = join(folder, 'plain.sql');
  await pipeline(Readable.from(copyDump(megabytes * 1e6)), createWriteStream(plain));
  const inserts = join(folder, 'inserts.sql');
  await pipeline(Readable.from(insertDump((megabytes * 1e6) / 4)), createWriteStream(inserts));
  await pipeline(createReadStream(plain), createGzip({ level: 1 }), createWriteStream(`${plain}.gz`));
  await pipeline(createReadStream(plain), createZstdCompress(), createWriteStream(`${plain}.zst`));
  await measured('read COPY', plain, () => drain(readDump(createReadStream(plain, { highWaterMark: 512 * 1024 }))));
  await measured('read INSERT', inserts, () =>
    drain(readDump(createReadStream(inserts, { highWaterMark: 512 * 1024 }))),
  );
  for (const path of [plain, inserts, `${plain}.gz`, `${plain}.zst`])
    await measured(`prove ${path.slice(folder.length + 1)}`, path, () => prove(path));
} finally {
  await rm(folder, { recursive: true });
}

async function prove(path: string): Promise<number> {
  const reader = createBackupReader({ path, workspace: folder, temp: folder, signal });
  try {
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    return (await reader.prove(backup, { signal, allowUnsafe: false })).textBytes;
  } finally {
    await reader.close();
  }
}

async function measured(name: string, path: string, act: () => Promise<number | undefined>): Promise<void> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const bytes = (await act()) ?? (await stat(path)).size;
  clearInterval(watch);
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  console.log(
    `${name.padEnd(22)} ${(bytes / 1e6 / seconds).toFixed(0).padStart(6)} MB/s of text, ${((used.user + used.system) / 1e6).toFixed(2)} s CPU, peak RSS ${(peak / 1e6).toFixed(0)} MB`,
  );
}

async function drain(items: AsyncIterable<unknown>): Promise<undefined> {
  for await (const _ of items);
}

function* copyDump(bytes: number): Generator<string> {
  yield `${BEGIN}COPY public.orders (id, customer, note, total, at) FROM stdin;\n`;
  let row = 0;
  for (let written = 0; written < bytes; ) {
    let block = '';
    for (let count = 0; count < 5000; count++) {
      row++;
      block += `${row}\t5f1c3a9e-7f0b-4d1e-8a55-${String(row).padStart(12, '0')}\tsome note\\twith \\\\. in it ${row}\t\\N\t2026-11-23 09:${row % 60}:00+00\n`;
    }
    written += block.length;
    yield block;
  }
  yield `\\.\n${END}`;
}

function* insertDump(bytes: number): Generator<string> {
  yield BEGIN;
  let row = 0;
  for (let written = 0; written < bytes; ) {
    let block = '';
    for (let count = 0; count < 5000; count++) {
      row++;
      block += `INSERT INTO public.orders VALUES (${row}, '5f1c3a9e-${row}', 'it''s; a note', NULL, '2026-11-23');\n`;
    }
    written += block.length;
    yield block;
  }
  yield END;
}
