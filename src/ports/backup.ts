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

export interface BackupReader {
  /** All backups that the configured place holds, newest first. @throws BACKUP_NOT_FOUND, BACKUP_UNSAFE (a link out of the folder). */
  find(): Promise<readonly Backup[]>;
  /**
   * The bytes as they lie there. Each call reads the same content: a file is held open by its descriptor, so that what was proven is what is
   * restored; a source that cannot be read twice is spooled to the runner's disk on the first pass.
   */
  open(backup: Backup, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Path for tools that need one (pg_restore); only for archives on the runner's disk. */
  path(backup: Backup): string | undefined;
  close(): Promise<void>;
}
