import { glob, lstat, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { unreadable } from './held-file.ts';

export interface Found {
  /** As it was found, for a person. */
  readonly name: string;
  /** Without links. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly modifiedAt: number;
  readonly bytes: number;
}

/**
 * What a path or pattern names on the runner's disk.
 * @param pattern relative to the workspace, or absolute; one that exists literally is taken so.
 * @throws BACKUP_NOT_FOUND, BACKUP_UNSAFE: a link that leads out of the folder before the first `*`.
 */
export async function findOnDisk(pattern: string, workspace: string): Promise<Found[]> {
  const absolute = resolve(workspace, pattern);
  const literal = await lstat(absolute).catch(() => undefined);
  const base = literal ? dirname(absolute) : fixedPart(absolute);
  const names: string[] = literal ? [absolute] : [];
  if (!literal) for await (const name of glob(absolute)) if (!name.endsWith('.sha256')) names.push(name);
  const folder = await realpath(base).catch(() => undefined);
  if (folder === undefined || names.length === 0) throw notFound(pattern, workspace, base, folder !== undefined);
  const found: Found[] = [];
  for (const name of names.sort()) {
    const path = await realpath(name).catch((error) => {
      throw unreadable(name, error);
    });
    if (!isWithin(path, folder))
      throw new RollbackError(
        'BACKUP_UNSAFE',
        tr`${name} is a link to ${path}, out of ${folder}`,
        tr`Name that file itself, if it is meant: ${path}`,
      );
    const about = await stat(path);
    const isArchive = about.isDirectory() && (await lstat(join(path, 'toc.dat')).catch(() => undefined))?.isFile();
    if (about.isFile() || isArchive)
      found.push({
        name: pathName(name, workspace),
        path,
        kind: isArchive ? 'directory' : 'file',
        modifiedAt: about.mtimeMs,
        bytes: about.size,
      });
  }
  if (found.length === 0) throw notFound(pattern, workspace, base, true);
  return found;
}

/**
 * The hash in `NAME.sha256`, as sha256sum writes it: alone, or with names.
 * @throws BACKUP_UNREADABLE: it is there and no hash is in it.
 */
export async function sidecarOf(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(`${path}.sha256`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(`${path}.sha256`, error);
  }
  const lines = text.split('\n').flatMap((line) => {
    const [, hash, name] = /^\\?([0-9a-f]{64})(?:[ \t]+\*?(.*?))?\r?$/i.exec(line) ?? [];
    return hash === undefined ? [] : [{ hash: hash.toLowerCase(), name: name || undefined }];
  });
  const named = lines.filter(({ name }) => name !== undefined && basename(name) === basename(path));
  const [line] = named.length > 0 ? named : lines.length === 1 ? lines : [];
  if (line === undefined)
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      tr`${path}.sha256 has no SHA-256 of ${basename(path)}`,
      tr`Write it as sha256sum does: sha256sum ${basename(path)} > ${basename(path)}.sha256`,
    );
  return line.hash;
}

/** The folder before the first part that has a sign of a pattern. */
function fixedPart(pattern: string): string {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part));
  return first < 0 ? dirname(pattern) : parts.slice(0, first).join(sep) || sep;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

function pathName(path: string, workspace: string): string {
  const way = relative(workspace, path);
  return way.startsWith('..') ? path : way;
}

function notFound(pattern: string, workspace: string, base: string, folderExists: boolean): RollbackError {
  return new RollbackError(
    'BACKUP_NOT_FOUND',
    tr`nothing matches ${pattern} (${folderExists ? tr`in ${base}` : tr`there is no folder ${base}`})`,
    pattern.startsWith(sep)
      ? tr`Look there on the runner: ls -l ${base}. A hosted runner starts empty: fetch the backup first, or use backup-command.`
      : tr`It is taken relative to ${workspace}. Is the backup fetched before this step?`,
  );
}
