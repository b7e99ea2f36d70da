import type { DumpItem, DumpManifest } from '../../core/database/dump.ts';
import { proveDump, refuseUnsafe } from '../../core/database/dump-proof.ts';
import { readDump } from '../../core/database/dump-reader.ts';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import type { ArchiveFile, Backup, BackupReader } from '../../ports/backup.ts';
import { commandOutput } from './command.ts';
import { decompress } from './decompress.ts';
import { digestOfDirectory } from './directory-archive.ts';
import { download, shownUrl } from './download.ts';
import { type FileIdentity, HeldFile } from './held-file.ts';
import { compressionOf, foreignKind, formatOf, HEAD_BYTES } from './magic.ts';
import { archiveText, checkPgRestore, type PgRestore } from './pg-restore.ts';
import { findOnDisk, sidecarOf } from './place.ts';
import { Spool } from './spool.ts';
import { type StreamHash, sha256Stream } from './stream-hash.ts';
import { checkTar } from './tar-structure.ts';

export interface BackupReaderOptions {
  /** File, pattern, `https://` address or `pod:NAME:/path`. Either this or `command`. */
  readonly path?: string;
  /** Its output is the dump. */
  readonly command?: string;
  /** The whole environment of the command. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Relative paths begin here. */
  readonly workspace: string;
  /** RUNNER_TEMP. */
  readonly temp: string;
  /** Expected, in hex; wins over a sidecar. */
  readonly sha256?: string;
  /** Ends `find` for sources that are fetched there. */
  readonly signal: AbortSignal;
  readonly podFile?: (pod: string, path: string) => AsyncIterable<Uint8Array>;
  readonly allowHttp?: boolean;
  readonly pgRestore?: Partial<PgRestore>;
}

interface Known {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly identity?: FileIdentity;
  held?: Promise<HeldFile>;
}

/** Backups on the runner's disk, behind an address, in a pod, or from a command; what can be read only once is spooled to `temp` by `find`. */
export function createBackupReader(options: BackupReaderOptions): BackupReader {
  return new Backups(options);
}

class Backups implements BackupReader {
  readonly #options: BackupReaderOptions;
  readonly #spool: Spool;
  readonly #tool: PgRestore;
  readonly #known = new Map<Backup, Known>();
  #found: Promise<readonly Backup[]> | undefined;

  constructor(options: BackupReaderOptions) {
    this.#options = options;
    this.#spool = new Spool(options.temp);
    this.#tool = { program: 'pg_restore', allowVulnerable: false, ...options.pgRestore };
  }

  find(): Promise<readonly Backup[]> {
    this.#found ??= this.#find();
    return this.#found;
  }

  async #find(): Promise<readonly Backup[]> {
    const { path, command, signal } = this.#options;
    if (command !== undefined)
      return [
        await this.#spooled(tr`the output of backup-command`, (fetching) =>
          commandOutput(command, {
            environment: this.#options.environment ?? {},
            folder: this.#options.workspace,
            signal: fetching,
          }),
        ),
      ];
    if (path === undefined)
      throw new RollbackError('BACKUP_NOT_FOUND', tr`no backup is configured`, tr`Set backup-path or backup-command.`);
    if (/^https?:\/\//i.test(path)) {
      let modifiedAt: number | undefined;
      const backup = await this.#spooled(
        shownUrl(path),
        (fetching) =>
          download(path, {
            allowHttp: this.#options.allowHttp ?? false,
            signal: fetching,
            onModified: (at) => {
              modifiedAt = at;
            },
          }),
        () => modifiedAt,
      );
      return [backup];
    }
    const [, pod, file] = /^pod:([^:]+):(\/.+)$/.exec(path) ?? [];
    const podFile = this.#options.podFile;
    if (pod !== undefined && file !== undefined && podFile)
      return [await this.#spooled(path, () => podFile(pod, file))];
    if (path.startsWith('pod:'))
      throw new RollbackError(
        'BACKUP_NOT_FOUND',
        tr`${path} is no file of a pod`,
        tr`Write it as pod:NAME:/path/in/the/pod.`,
      );
    const found: Backup[] = [];
    for (const one of await findOnDisk(path, this.#options.workspace)) {
      signal.throwIfAborted();
      found.push(
        one.kind === 'directory'
          ? this.#know({ name: one.name, modifiedAt: one.modifiedAt, format: 'directory', compression: 'none' }, one)
          : await this.#look(one.name, one.path, one.modifiedAt),
      );
    }
    return found.sort(
      (one, other) => (other.modifiedAt ?? 0) - (one.modifiedAt ?? 0) || (one.name < other.name ? 1 : -1),
    );
  }

  async #spooled(
    name: string,
    fetch: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
    modifiedAt: () => number | undefined = () => undefined,
  ): Promise<Backup> {
    const { signal } = this.#options;
    const path = await this.#spool.write(fetch(signal), name, signal);
    return this.#look(name, path, modifiedAt(), true);
  }

  async #look(name: string, path: string, modifiedAt: number | undefined, spooled = false): Promise<Backup> {
    const file = await HeldFile.hold(path, name);
    try {
      const head = await file.block(0, HEAD_BYTES);
      const compression = compressionOf(head);
      const sha256 = this.#options.sha256?.toLowerCase() ?? (spooled ? undefined : await sidecarOf(path));
      return this.#know(
        {
          name,
          ...(modifiedAt === undefined ? {} : { modifiedAt }),
          bytes: Number(file.identity.size),
          ...(sha256 === undefined ? {} : { sha256 }),
          format: compression === 'none' ? formatOf(head) : 'plain',
          compression,
        },
        { path, kind: 'file', identity: file.identity },
      );
    } finally {
      await file.close();
    }
  }

  #know(backup: Backup, known: Known): Backup {
    this.#known.set(backup, known);
    return backup;
  }

  async archive(backup: Backup, manifest: DumpManifest, signal: AbortSignal): Promise<ArchiveFile> {
    const { name, format } = backup;
    if (format === 'plain') throw new Error(`${name} is no archive`);
    const version = await checkPgRestore(this.#tool, signal);
    const { path } = this.#knownOf(backup);
    const held = format === 'directory' ? undefined : await this.#held(backup);
    const refuseChanged = async (reading: AbortSignal): Promise<void> => {
      const sha256 = held ? await held.sha256(reading) : (await digestOfDirectory(path, name, reading)).sha256;
      if (sha256 !== manifest.sha256) throw changed(name);
    };
    // A directory is found by its path, so it may have become another since it was proven.
    if (!held) await refuseChanged(signal);
    return {
      format,
      source: held ? { descriptor: held.descriptor } : { directory: path },
      program: this.#tool.program,
      major: Number.parseInt(version, 10),
      refuseChanged,
    };
  }

  async open(backup: Backup, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#held(backup)).read(signal);
  }

  async prove(
    backup: Backup,
    { signal, allowUnsafe }: { readonly signal: AbortSignal; readonly allowUnsafe: boolean },
  ): Promise<DumpManifest> {
    const { name, format } = backup;
    if (format !== 'plain') await checkPgRestore(this.#tool, signal);
    const text = await this.#text(backup, signal);
    const manifest = await proveDump(text.chunks, { name, format, allowUnsafe: true, digest: text.digest });
    await text.checkAgain();
    if (backup.sha256 !== undefined && backup.sha256 !== manifest.sha256)
      throw new RollbackError(
        'BACKUP_CHANGED',
        tr`${name} has SHA-256 ${manifest.sha256}; expected ${backup.sha256} (${this.#options.sha256 ? 'backup-sha256' : tr`its .sha256 file`})`,
        tr`It is another file, or was damaged on its way: take another backup.`,
      );
    if (!allowUnsafe) refuseUnsafe(manifest, name);
    return manifest;
  }

  async *items(backup: Backup, manifest: DumpManifest, signal: AbortSignal): AsyncGenerator<DumpItem> {
    const text = await this.#text(backup, signal);
    yield* readDump(text.chunks, { name: backup.name });
    await text.checkAgain();
    const { sha256 } = text.digest();
    if (sha256 !== manifest.sha256)
      throw new RollbackError(
        'BACKUP_CHANGED',
        tr`${backup.name} has SHA-256 ${sha256} now, and had ${manifest.sha256} when it was proven`,
        tr`Wait until nothing writes to it any more, then run again.`,
      );
  }

  /** The text of a dump in any format, and the hash of the file once the text was read to its end. */
  async #text(backup: Backup, signal: AbortSignal) {
    const { name, format } = backup;
    if (format === 'directory') {
      const { path } = this.#knownOf(backup);
      const before = await digestOfDirectory(path, name, signal);
      return {
        chunks: archiveText(this.#tool, { directory: path }, format, name, signal),
        digest: () => before,
        checkAgain: async () => {
          const after = await digestOfDirectory(path, name, signal);
          if (after.sha256 !== before.sha256) throw changed(name);
        },
      };
    }
    const held = await this.#held(backup);
    const bytes = Number(held.identity.size);
    if (format !== 'plain') {
      const sha256 = await held.sha256(signal);
      if (format === 'tar') await checkTar(held, name, signal);
      return {
        chunks: archiveText(this.#tool, { descriptor: held.descriptor }, format, name, signal),
        digest: () => ({ sha256, bytes }),
        checkAgain: async () => {
          if ((await held.sha256(signal)) !== sha256) throw changed(name);
        },
      };
    }
    let sha256 = '';
    const raw = hashed(held.read(signal), sha256Stream(bytes), (digest) => {
      sha256 = digest;
    });
    return {
      chunks: refuseForeign(decompress(raw, backup.compression, name), name),
      digest: () => ({ sha256, bytes }),
      checkAgain: async () => {},
    };
  }

  #held(backup: Backup): Promise<HeldFile> {
    const known = this.#knownOf(backup);
    known.held ??= HeldFile.hold(known.path, backup.name, known.identity);
    return known.held;
  }

  #knownOf(backup: Backup): Known {
    const known = this.#known.get(backup);
    if (!known) throw new Error(`${backup.name} was not found by this reader`);
    return known;
  }

  async close(): Promise<void> {
    const held = [...this.#known.values()].flatMap((known) => known.held ?? []);
    this.#known.clear();
    await Promise.allSettled(held.map(async (file) => (await file).close()));
    await this.#spool.close();
  }
}

/** @param onEnd is told the hash before the last chunk's successor is asked for: whoever has read to the end knows it. */
async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: StreamHash,
  onEnd: (sha256: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of chunks) {
      await hash.update(chunk);
      yield chunk;
    }
    onEnd(await hash.end());
  } finally {
    hash.close();
  }
}

/** Names what the text is instead, where its first bytes tell. */
async function* refuseForeign(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) {
      const head = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, HEAD_BYTES));
      const other = formatOf(head) === 'plain' ? foreignKind(head) : compressedArchive();
      if (other) throw new RollbackError('DUMP_FOREIGN', tr`${name} is ${other.what}`, other.hint);
    }
    isFirst = false;
    yield chunk;
  }
}

/** An archive in a compressed file; archives are compressed within. */
const compressedArchive = () => ({
  what: tr`an archive of pg_dump, compressed once more`,
  hint: tr`Unpack it first (gunzip, unzstd).`,
});

function changed(name: string): RollbackError {
  return new RollbackError(
    'BACKUP_CHANGED',
    tr`${name} was written to while it was read`,
    tr`Wait until nothing writes to it any more, then run again.`,
  );
}
