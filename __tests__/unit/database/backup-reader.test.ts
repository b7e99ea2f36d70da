import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BackupReaderOptions, createBackupReader } from '../../../src/adapters/backup/index.ts';
import type { BackupReader } from '../../../src/ports/backup.ts';
import { codeOf } from './dump-pieces.ts';

const small = readFileSync(new URL('../../fixtures/dumps/small.sql', import.meta.url));
const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let readers: BackupReader[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backups-'));
  await mkdir(join(folder, 'temp'));
  await mkdir(join(folder, 'b'));
  readers = [];
});
afterEach(async () => {
  for (const reader of readers) await reader.close();
  expect(await readdir(join(folder, 'temp'))).toEqual([]);
  await rm(folder, { recursive: true });
});

function reading(options: Partial<BackupReaderOptions>): BackupReader {
  const reader = createBackupReader({ workspace: folder, temp: join(folder, 'temp'), signal, ...options });
  readers.push(reader);
  return reader;
}

async function proving(options: Partial<BackupReaderOptions>) {
  const reader = reading(options);
  const [backup] = await reader.find();
  if (!backup) throw new Error('nothing found');
  return reader.prove(backup, { signal, allowUnsafe: false });
}

const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes);

describe('the bytes of a backup', () => {
  it.each([
    ['plain', small, 'none'],
    ['gzip', gzipSync(small), 'gzip'],
    ['two gzip members', Buffer.concat([gzipSync(small.subarray(0, 700)), gzipSync(small.subarray(700))]), 'gzip'],
    ['zstd', zstdCompressSync(small), 'zstd'],
    [
      'D13: two zstd frames',
      Buffer.concat([zstdCompressSync(small.subarray(0, 700)), zstdCompressSync(small.subarray(700))]),
      'zstd',
    ],
    [
      'D13: twenty zstd frames',
      Buffer.concat(
        Array.from({ length: 20 }, (_, part) =>
          zstdCompressSync(small.subarray(part * 72, part === 19 ? undefined : part * 72 + 72)),
        ),
      ),
      'zstd',
    ],
  ])('are proven: %s, whatever the name', async (_, bytes, compression) => {
    await put('b/x.bin', bytes);
    const reader = reading({ path: 'b/x.bin' });
    const [backup] = await reader.find();
    expect(backup).toMatchObject({ name: 'b/x.bin', format: 'plain', compression, bytes: bytes.length });
    if (!backup) return;
    const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
    expect(manifest).toMatchObject({
      rows: { 'public.t': 3 },
      textBytes: small.length,
      bytes: bytes.length,
      sha256: sha256(bytes),
    });
    const kinds: string[] = [];
    for await (const item of reader.items(backup, manifest, signal)) kinds.push(item.kind);
    expect(kinds.filter((kind) => kind === 'statement')).toHaveLength(manifest.statements);
  });

  it.each([
    ['D12', gzipSync(small)],
    ['D13', zstdCompressSync(small)],
  ])('%s: cut at every byte they are refused', async (_, bytes) => {
    for (let length = 1; length < bytes.length; length++) {
      await put('b/x', bytes.subarray(0, length));
      expect([length, await codeOf(proving({ path: 'b/x' }))]).toEqual([
        length,
        expect.stringMatching(/^DUMP_(CORRUPT|FOREIGN)$/),
      ]);
    }
  });

  it.each([
    ['D12', gzipSync(small), 10],
    ['D13', zstdCompressSync(small, { params: { 201: 1 } }), 4],
  ])('%s: with a flipped bit they are refused', async (_, bytes, from) => {
    for (let at = from; at < bytes.length; at += 7) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await put('b/x', flipped);
      expect([at, await codeOf(proving({ path: 'b/x' }))]).toEqual([at, expect.stringMatching(/^DUMP_/)]);
    }
  });

  it.each([
    ['D12 garbage', gzipSync(small), 'garbage'],
    ['D12 zero bytes', gzipSync(small), '\0\0\0\0\0\0\0\0'],
    ['D12 half a mark', gzipSync(small), '\x1f'],
    ['D13 garbage', zstdCompressSync(small), 'garbage'],
    ['D13 zero bytes', zstdCompressSync(small), '\0\0\0\0\0\0\0\0'],
    ['D13 half a mark', zstdCompressSync(small), '\x28'],
  ])('%s after their end is refused', async (_, bytes, more) => {
    await put('b/x', Buffer.concat([bytes, Buffer.from(more, 'latin1')]));
    expect(await codeOf(proving({ path: 'b/x' }))).toBe('DUMP_CORRUPT');
  });

  it('D13: a second frame that is cut is refused', async () => {
    const second = zstdCompressSync(small.subarray(700));
    for (const length of [1, 5, second.length - 1]) {
      await put('b/x', Buffer.concat([zstdCompressSync(small.subarray(0, 700)), second.subarray(0, length)]));
      expect(await codeOf(proving({ path: 'b/x' }))).toBe('DUMP_CORRUPT');
    }
  });

  it('in large: many chunks, several frames', async () => {
    const rows = Buffer.from(
      Array.from({ length: 200_000 }, (_, row) => `${row}\t${sha256(Buffer.from([row & 255]))}\n`).join(''),
    );
    const at = small.indexOf('1\tone');
    const large = Buffer.concat([small.subarray(0, at), rows, small.subarray(at)]);
    const cut = [0, 3_000_001, 9_000_000, large.length];
    const framed = (compress: (bytes: Uint8Array) => Uint8Array) =>
      Buffer.concat(cut.slice(1).map((end, index) => compress(large.subarray(cut[index], end))));
    for (const bytes of [
      large,
      framed((part) => gzipSync(part, { level: 1 })),
      framed((part) => zstdCompressSync(part)),
    ]) {
      await put('b/x', bytes);
      expect(await proving({ path: 'b/x' })).toMatchObject({ rows: { 'public.t': 200_003 }, textBytes: large.length });
    }
  });

  it('that are something else are named', async () => {
    for (const [bytes, what] of [
      ['PK\x03\x04zip', 'a zip file'],
      ['<!doctype html><p>log in', 'a web page'],
      ['version https://git-lfs.github.com/spec/v1\n', 'a pointer of Git LFS'],
      [gzipSync('PGDMP and so on'), 'an archive of pg_dump, compressed once more'],
    ] as const) {
      await put('b/x', bytes);
      await expect(proving({ path: 'b/x' })).rejects.toMatchObject({ code: 'DUMP_FOREIGN', message: `b/x is ${what}` });
    }
  });
});

describe('D14: an expected hash', () => {
  it.each([
    ['alone', (hash: string) => `${hash}\n`],
    ['with the name', (hash: string) => `${hash}  x.sql\n`],
    ['in binary mode, in capitals', (hash: string) => `${hash.toUpperCase()} *x.sql\r\n`],
    ['among others', (hash: string) => `${'0'.repeat(64)}  y.sql\n${hash}  /backups/x.sql\n`],
  ])('in a sidecar %s', async (_, write) => {
    await put('b/x.sql', small);
    await put('b/x.sql.sha256', write(sha256(small)));
    expect(await codeOf(proving({ path: 'b/x.sql' }))).toBe('none');
    await put('b/x.sql.sha256', write('1'.repeat(64)));
    expect(await codeOf(proving({ path: 'b/x.sql' }))).toBe('BACKUP_CHANGED');
  });

  it('in an input wins, and a sidecar without a hash is refused', async () => {
    await put('b/x.sql', small);
    await put('b/x.sql.sha256', `${'1'.repeat(64)}\n`);
    expect(await codeOf(proving({ path: 'b/x.sql', sha256: sha256(small).toUpperCase() }))).toBe('none');
    await put('b/x.sql.sha256', 'nothing\n');
    expect(await codeOf(proving({ path: 'b/x.sql' }))).toBe('BACKUP_UNREADABLE');
  });
});

describe('D15: a file that changes', () => {
  it('between finding and reading is refused', async () => {
    await put('b/x.sql', small);
    const reader = reading({ path: 'b/x.sql' });
    const [backup] = await reader.find();
    await put('b/y.sql', Buffer.concat([small, Buffer.from('\n')]));
    await rename(join(folder, 'b/y.sql'), join(folder, 'b/x.sql'));
    if (backup) expect(await codeOf(reader.prove(backup, { signal, allowUnsafe: false }))).toBe('BACKUP_CHANGED');
  });

  it('that is replaced between proof and restore does not matter; one that is written to is refused', async () => {
    await put('b/x.sql', small);
    const reader = reading({ path: 'b/x.sql' });
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
    await rename(join(folder, 'b/x.sql'), join(folder, 'b/old.sql'));
    await put('b/x.sql', 'something else');
    expect(await codeOf(reader.items(backup, manifest, signal))).toBe('none');
    await appendFile(join(folder, 'b/old.sql'), '\n');
    expect(await codeOf(reader.items(backup, manifest, signal))).toBe('BACKUP_CHANGED');
  });

  it('with the same size and time is found out by its hash, at the end', async () => {
    await put('b/x.sql', small);
    const then = new Date(1_700_000_000_000);
    await utimes(join(folder, 'b/x.sql'), then, then);
    const reader = reading({ path: 'b/x.sql' });
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
    const other = Buffer.from(small.toString('latin1').replace('1\tone', '1\ttwo'), 'latin1');
    await writeFile(join(folder, 'b/x.sql'), other, { flag: 'r+' });
    await utimes(join(folder, 'b/x.sql'), then, then);
    let seen = 0;
    const read = async () => {
      for await (const _ of reader.items(backup, manifest, signal)) seen++;
    };
    expect(await codeOf(read())).toBe('BACKUP_CHANGED');
    expect(seen).toBeGreaterThan(10);
  });
});

describe('D30: where backups lie', () => {
  it('a pattern finds all, newest first, without the sidecars', async () => {
    for (const [name, day] of [
      ['pre_change_a.sql', 1],
      ['pre_change_b.sql', 3],
      ['pre_change_c.sql', 2],
    ] as const) {
      await put(`b/${name}`, small);
      await put(`b/${name}.sha256`, sha256(small));
      await utimes(join(folder, 'b', name), day * 86_400, day * 86_400);
    }
    const found = await reading({ path: 'b/pre_change_*' }).find();
    expect(found.map((one) => one.name)).toEqual(['b/pre_change_b.sql', 'b/pre_change_c.sql', 'b/pre_change_a.sql']);
    expect(found[0]).toMatchObject({ modifiedAt: 3 * 86_400_000, sha256: sha256(small) });
  });

  it('a name with signs of a pattern that exists is that file', async () => {
    await put('b/x[1]*.sql', small);
    expect(await reading({ path: 'b/x[1]*.sql' }).find()).toHaveLength(1);
  });

  it.each(['b/nothing.sql', 'b/*.dump', 'missing/*.sql', 'b'])('nothing at %s', async (path) => {
    await expect(reading({ path }).find()).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('a link within the folder is followed, one out of it is refused', async () => {
    await put('b/x.sql', small);
    await put('outside.sql', small);
    await symlink('x.sql', join(folder, 'b/latest.sql'));
    expect(await codeOf(proving({ path: 'b/latest.sql' }))).toBe('none');
    await symlink('../outside.sql', join(folder, 'b/other.sql'));
    await expect(reading({ path: 'b/other.sql' }).find()).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
    await expect(reading({ path: 'b/*.sql' }).find()).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
  });
});

describe('a backup from a command', () => {
  const environment = { PATH: process.env['PATH'] ?? '', FILE: '' };
  it('is its output', async () => {
    await put('b/x.sql.gz', gzipSync(small));
    const manifest = await proving({
      command: 'gunzip < "$FILE" | cat',
      environment: { ...environment, FILE: join(folder, 'b/x.sql.gz') },
    });
    expect(manifest).toMatchObject({ rows: { 'public.t': 3 } });
  });

  it('that fails anywhere in a pipe is refused, with its last words', async () => {
    for (const command of ['echo no right to read >&2; false | cat', 'echo no right to read >&2; exit 3'])
      await expect(reading({ command, environment }).find()).rejects.toMatchObject({
        code: 'BACKUP_UNREADABLE',
        message: expect.stringContaining('no right to read'),
      });
    await expect(reading({ command: 'echo "$UNSET"', environment }).find()).rejects.toMatchObject({
      code: 'BACKUP_UNREADABLE',
    });
  });

  it('ends with the run, with all its processes', async () => {
    const abort = new AbortController();
    const mark = join(folder, 'pid');
    const finding = reading({
      command: `sleep 600 & echo $! > ${mark}; wait`,
      environment,
      signal: abort.signal,
    }).find();
    finding.catch(() => {});
    const deadline = Date.now() + 20_000;
    let pid = 0;
    while (pid === 0 && Date.now() < deadline) {
      pid = Number(await readFile(mark, 'utf8').catch(() => ''));
      await new Promise((resolve) => setImmediate(resolve));
    }
    abort.abort();
    await expect(finding).rejects.toThrow();
    const isThere = async () => {
      // A zombie that nobody has reaped yet has ended as well.
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return state !== '' && !/\) Z /.test(state);
    };
    while ((await isThere()) && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    expect(await isThere()).toBe(false);
  });
});

describe('a backup behind an address', () => {
  it('is fetched with its time; what is announced must come; another host is refused', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization ?? ''}`);
      if (request.url?.startsWith('/to')) response.writeHead(302, { location: '/x.sql' }).end();
      else if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.2:1/x.sql' }).end();
      else if (request.url?.startsWith('/x.sql'))
        response
          .writeHead(200, { 'last-modified': 'Sun, 01 Nov 2026 00:00:00 GMT', 'content-length': small.length })
          .end(small);
      else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': small.length });
        response.write(small.subarray(0, 100), () => response.destroy());
      } else if (request.url?.startsWith('/old')) response.writeHead(403).end();
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fetching = (path: string, allowHttp = true) => reading({ path, allowHttp }).find();
    try {
      const [backup] = await fetching(`http://user:pass%21@${at}/to?signature=secret`);
      expect(backup).toMatchObject({ name: `http://${at}/to`, modifiedAt: Date.UTC(2026, 10, 1), bytes: small.length });
      expect(seen.at(-1)).toBe(`/x.sql Basic ${Buffer.from('user:pass!').toString('base64')}`);
      expect(await codeOf(fetching(`http://${at}/x.sql`, false))).toBe('BACKUP_UNREADABLE');
      expect(await codeOf(fetching(`http://${at}/away`))).toBe('BACKUP_UNREADABLE');
      expect(await codeOf(fetching(`http://${at}/cut`))).toBe('BACKUP_UNREADABLE');
      expect(await codeOf(fetching(`http://${at}/old?signature=secret`))).toBe('BACKUP_UNREADABLE');
      expect(await codeOf(fetching(`http://${at}/none`))).toBe('BACKUP_NOT_FOUND');
      await expect(fetching(`http://${at}/old?signature=secret`)).rejects.toThrow(`http://${at}/old answers 403`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('a backup in a pod', () => {
  it('is read through the port, once', async () => {
    let reads = 0;
    const podFile = async function* (pod: string, path: string) {
      reads++;
      expect([pod, path]).toEqual(['postgres-0', '/backups/x.sql']);
      yield small;
    };
    const reader = reading({ path: 'pod:postgres-0:/backups/x.sql', podFile });
    const [backup] = await reader.find();
    if (!backup) throw new Error('nothing found');
    const manifest = await reader.prove(backup, { signal, allowUnsafe: false });
    expect(await codeOf(reader.items(backup, manifest, signal))).toBe('none');
    expect(reads).toBe(1);
  });
});
