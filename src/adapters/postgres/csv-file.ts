import { access, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RollbackError } from '../../core/errors.ts';
import { tr } from '../../core/tr.ts';
import { fileName } from './names.ts';

const BUFFER_BYTES = 256 * 1024;

/** Rows of one table as CSV, readable by nobody else. It has its name only once it is whole. */
export class CsvFile {
  readonly path: string;
  readonly #partial: string;
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #bytes = 0;

  private constructor(path: string, partial: string, file: FileHandle) {
    this.path = path;
    this.#partial = partial;
    this.#file = file;
  }

  /** Under a name that is free: files that are there stay as they are. @throws BACKUP_UNREADABLE */
  static async create(
    folder: string,
    table: { readonly schema: string; readonly table: string },
    columns: readonly string[],
  ): Promise<CsvFile> {
    const base = fileName(`${table.schema}.${table.table}`);
    return writing(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (let count = 1; ; count++) {
        const path = join(folder, `${base}${count === 1 ? '' : `-${count}`}.csv`);
        if (await exists(path)) continue;
        const partial = `${path}.partial`;
        const file = await open(partial, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return undefined;
          throw error;
        });
        if (!file) continue;
        const csv = new CsvFile(path, partial, file);
        csv.#waiting.push(Buffer.from(`${columns.map(csvField).join(',')}\n`));
        return csv;
      }
    });
  }

  async write(rows: Buffer): Promise<void> {
    this.#waiting.push(rows);
    this.#bytes += rows.length;
    if (this.#bytes >= BUFFER_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await writing(this.path, async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#partial, this.path);
    });
  }

  /** Half of the rows would be taken for all of them. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#partial, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    await writing(this.path, () => this.#file.writeFile(bytes));
  }
}

/** As the server writes it: quoted where it must be. */
const csvField = (name: string) => (/[",\r\n]|^\\\.$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function writing<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new RollbackError(
      'BACKUP_UNREADABLE',
      tr`The rows that are given up cannot be written to ${path} (${(error as NodeJS.ErrnoException).code ?? tr`unknown error`}).`,
      tr`Name a folder that the user of the runner may write to and that has room.`,
      { cause: error },
    );
  }
}
