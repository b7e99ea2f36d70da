import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { HeldFile } from './held-file.ts';

/** The hash of a directory archive: of names, sizes and contents of its files, in the order of their names. Links and folders in it are refused. */
export async function digestOfDirectory(
  path: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (!entry.isFile())
      throw new RollbackError(
        'BACKUP_UNSAFE',
        tr`${name} has ${entry.name}, which is no ordinary file`,
        tr`Find out who put that there; pg_dump writes only ordinary files into the folder of an archive.`,
      );
    const file = await HeldFile.hold(join(path, entry.name), `${name}/${entry.name}`);
    try {
      hash.update(`${entry.name}\0${file.identity.size}\0`);
      for await (const chunk of file.read(signal)) hash.update(chunk);
      bytes += Number(file.identity.size);
    } finally {
      await file.close();
    }
  }
  return { sha256: hash.digest('hex'), bytes };
}
