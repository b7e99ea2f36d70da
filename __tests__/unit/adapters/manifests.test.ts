import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManifestReader } from '../../../src/adapters/manifests.ts';
import { RollbackErrors } from '../../../src/core/errors.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'manifests-'));
  await mkdir(join(workspace, 'backup', 'deeper'), { recursive: true });
});
afterEach(() => rm(workspace, { recursive: true }));

const put = (name: string, text: string) => writeFile(join(workspace, 'backup', name), text);
const read = (path = 'backup') => createManifestReader({ workspace, path }).read();
const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
async function faults(path?: string): Promise<string> {
  const error = await read(path).catch((thrown) => thrown);
  return error instanceof RollbackErrors
    ? error.errors.map(({ message }) => message).join('\n')
    : String(error.message);
}

describe('manifest files', () => {
  it('reads several documents, JSON and lists, in the order of the names, and not what lies deeper', async () => {
    await put('b.yml', `# only a comment\n---\n${object('b1')}---\n---\n${object('b2')}`);
    await put(
      'a.json',
      JSON.stringify({ kind: 'List', items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }] }),
    );
    await put('notes.txt', 'no manifest');
    await put(join('deeper', 'c.yml'), object('c'));
    const all = await read();
    expect(all.map(({ from, object: { metadata } }) => `${from}: ${JSON.stringify(metadata)}`)).toEqual([
      'backup/a.json, item 1: {"name":"a"}',
      'backup/b.yml, document 1: {"name":"b1"}',
      'backup/b.yml, document 3: {"name":"b2"}',
    ]);
    expect(await read('backup/b.yml')).toHaveLength(2);
  });

  it('names every fault at once', async () => {
    await put('a.yml', 'kind: [');
    await put('b.yml', 'kind: ConfigMap\napiVersion: v1\nmetadata: { generateName: x- }\n');
    await put('c.yml', `${object('c')}data: !!js/function 'x'\n`);
    await put('d.yml', `${object('d')}data: { a: x, a: y }\n`);
    await put('e.yml', '- 1\n');
    const said = await faults();
    for (const place of [
      'a.yml is not readable',
      'b.yml has no metadata.name',
      'c.yml is not',
      'd.yml is not',
      'e.yml is no map',
    ]) {
      expect(said).toContain(place);
    }
  });

  it('bounds what aliases expand to', async () => {
    const lines = Array.from(
      { length: 9 },
      (_, i) => `  l${i + 1}: &l${i + 1} [*l${i}, *l${i}, *l${i}, *l${i}, *l${i}]`,
    );
    await put('a.yml', `${object('a')}data:\n  l0: &l0 [x, x, x]\n${lines.join('\n')}\n`);
    expect(await faults()).toMatch(/a\.yml is not readable.*alias|a\.yml.*alias/i);
  });

  it('refuses what leads out of the workspace, and what is not there', async () => {
    await symlink('/etc/hostname', join(workspace, 'backup', 'out.yml'));
    expect(await faults()).toContain('leads out of the workspace');
    expect(await faults('../..')).toContain('leads out of the workspace');
    expect(await faults('none')).toContain('does not exist');
    expect(await faults('backup/deeper')).toContain('has no file');
  });
});
