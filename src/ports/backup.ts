import type { DumpItem, DumpManifest } from '../core/database/dump.ts';

/** One backup that could be restored. */
export interface Backup {
  /** As a person names it: path, URL without credentials, `pod:NAME:/path`, or the command. */
  readonly name: string;
  /** ms since the epoch; undefined where the source does not tell. */
  readonly modifiedAt?: number;
  readonly bytes?: number;
  /** From a sidecar `NAME.sha256`. */
  readonly sha256?: string;
  readonly format: 'plain' | 'custom' | 'directory' | 'tar';
  readonly compression: 'none' | 'gzip' | 'zstd';
}

/** An archive as pg_restore may read it: the same file that was proven, whatever lies under its name by now. */
export interface ArchiveFile {
  readonly format: 'custom' | 'directory' | 'tar';
  /** A descriptor that is held until the reader is closed; a directory archive by its path. */
  readonly source: { readonly descriptor: number } | { readonly directory: string };
  /** The pg_restore that read it for the proof: without known vulnerabilities, unless allowed. */
  readonly program: string;
  readonly major: number;
  /** To be called when it was read: whoever wrote to it meanwhile is found out by its hash. @throws BACKUP_CHANGED */
  refuseChanged(signal: AbortSignal): Promise<void>;
}

export interface BackupReader {
  /** All backups that the configured place holds, newest first. @throws BACKUP_NOT_FOUND, BACKUP_UNSAFE (a link out of the folder). */
  find(): Promise<readonly Backup[]>;
  /**
   * The bytes as they lie there. Each call reads the same content: a file is held open by its descriptor, so that what was proven is what is
   * restored; a source that cannot be read twice is spooled to the runner's disk on the first pass.
   */
  open(backup: Backup, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Reads the whole backup once and proves it complete and readable, without a database. An expected hash (input, sidecar) is compared.
   * @throws DUMP_*, BACKUP_CHANGED (hash), BACKUP_UNREADABLE.
   */
  prove(
    backup: Backup,
    options: { readonly signal: AbortSignal; readonly allowUnsafe: boolean },
  ): Promise<DumpManifest>;
  /**
   * The statements and rows to load, of the same bytes that were proven: the hash is compared once more at the end, so only a
   * generator that has ended without an error was the proven content. A loader that swaps before that swaps something else in.
   * @throws BACKUP_CHANGED at the end, and what `prove` throws.
   */
  items(backup: Backup, manifest: DumpManifest, signal: AbortSignal): AsyncIterable<DumpItem>;
  /** For `DatabaseWriter.loadArchive`: an archive of the content that was proven. Not for plain dumps. @throws DUMP_TOOL, BACKUP_CHANGED */
  archive(backup: Backup, manifest: DumpManifest, signal: AbortSignal): Promise<ArchiveFile>;
  close(): Promise<void>;
}
