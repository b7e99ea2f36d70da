import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { isAlias, parseAllDocuments, visit } from 'yaml';
import { RollbackError, RollbackErrors } from '../core/errors.ts';
import type { Json } from '../core/kubernetes.ts';
import { isObject, type JsonObject, type Manifest } from '../core/manifest.ts';
import { tr } from '../core/tr.ts';
import type { ManifestReader } from '../ports/manifests.ts';

export interface ManifestReaderOptions {
  readonly workspace: string;
  /** File or folder; relative ones begin in the workspace. */
  readonly path: string;
}

const ENDINGS = ['.yml', '.yaml', '.json'];
/** What etcd holds of one object is 1.5 MiB; a backup of a namespace is a few hundred of a few kilobytes. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_FILES = 500;
const MOST_OBJECTS = 1000;
/** Aliases are counted by what they expand to: a few nested ones can fill the memory ("billion laughs"). */
const MOST_ALIASES = 50;

/** The manifests of a file, or of all files of a folder (not of its folders), as `kubectl apply -f` takes them. */
export function createManifestReader(options: ManifestReaderOptions): ManifestReader {
  let all: Promise<readonly Manifest[]> | undefined;
  return {
    read: () => {
      all ??= readAll(options);
      return all;
    },
  };
}

async function readAll({ workspace, path }: ManifestReaderOptions): Promise<readonly Manifest[]> {
  const root = await realpath(workspace);
  const start = await inside(root, resolve(root, path), path);
  const files = (await stat(start)).isDirectory() ? await filesOf(root, start, path) : [start];
  if (files.length === 0) {
    throw invalid(
      tr`${path} has no file that ends with ${ENDINGS.join(', ')}`,
      tr`Name the folder that holds the manifests; folders in it are not looked into.`,
    );
  }
  let bytes = 0;
  const results: Manifest[] = [];
  const errors: RollbackError[] = [];
  for (const file of files) {
    const name = relative(root, file);
    bytes += (await stat(file)).size;
    if (bytes > MOST_BYTES)
      throw invalid(
        tr`${name} with it there are more than ${MOST_BYTES} bytes of manifests`,
        tr`Name only the files of this application.`,
      );
    try {
      results.push(...documentsOf(name, await readFile(file, 'utf8')));
    } catch (error) {
      if (!(error instanceof RollbackError)) throw error;
      errors.push(error);
    }
  }
  if (results.length > MOST_OBJECTS)
    throw invalid(
      tr`${path} has ${results.length} objects; allowed: at most ${MOST_OBJECTS}`,
      tr`Name only the files of this application.`,
    );
  const [first, ...rest] = errors;
  if (first) throw new RollbackErrors([first, ...rest]);
  return results;
}

async function filesOf(root: string, folder: string, shown: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => ENDINGS.includes(extname(name).toLowerCase())).sort();
  if (names.length > MOST_FILES)
    throw invalid(
      tr`${shown} has ${names.length} files; allowed: at most ${MOST_FILES}`,
      tr`Name only the files of this application.`,
    );
  const files: string[] = [];
  for (const name of names) {
    const file = await inside(root, join(folder, name), join(shown, name));
    if ((await stat(file)).isFile()) files.push(file);
  }
  return files;
}

/** A link may lead anywhere on the runner: what lies outside of the workspace is nobody's manifest. */
async function inside(root: string, path: string, shown: string): Promise<string> {
  const real = await realpath(path).catch(() => {
    throw invalid(
      tr`${shown} does not exist in the workspace`,
      tr`Check out the repository first (actions/checkout), then look: ls -l ${shown}`,
    );
  });
  if (real === root || real.startsWith(root + sep)) return real;
  throw invalid(tr`${shown} leads out of the workspace`, tr`Put the manifests themselves there, not a link to them.`);
}

/** YAML 1.2 core: no tags of its own, no merge keys, no key twice; JSON is part of it. */
function documentsOf(file: string, text: string): Manifest[] {
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
      version: '1.2',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      strict: true,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    throw unreadable(file, error);
  }
  if ('empty' in documents) return [];
  return documents.flatMap((document, index) => {
    const from = documents.length > 1 ? tr`${file}, document ${index + 1}` : file;
    const [fault] = [...document.errors, ...document.warnings];
    if (fault)
      throw invalid(
        tr`${from} is not readable as YAML: ${fault.message}`,
        tr`Correct it there. Merge keys, tags and doubled keys are not taken.`,
      );
    if (document.contents === null) return [];
    let aliases = 0;
    visit(document, (_key, node) => {
      if (isAlias(node)) aliases++;
    });
    if (aliases > MOST_ALIASES)
      throw invalid(tr`${from} has ${aliases} aliases; allowed: at most ${MOST_ALIASES}`, tr`Write the values out.`);
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      throw unreadable(from, error);
    }
    if (value === null || value === undefined) return [];
    return objectsOf(from, JSON.parse(JSON.stringify(value)) as Json);
  });
}

/** The object, or those of a `List` as `kubectl get -o yaml` writes it. */
function objectsOf(from: string, value: Json): Manifest[] {
  if (!isObject(value)) throw invalid(tr`${from} is no map`, tr`A manifest begins with apiVersion and kind.`);
  if (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    return value['items'].flatMap((item: Json, index: number) => objectsOf(tr`${from}, item ${index + 1}`, item));
  }
  const { apiVersion, kind, metadata } = value as JsonObject;
  const name = isObject(metadata) ? metadata['name'] : undefined;
  for (const [field, seen] of Object.entries({ apiVersion, kind, 'metadata.name': name })) {
    if (typeof seen === 'string' && seen !== '' && seen.length <= 253) continue;
    throw invalid(
      tr`${from} has no ${field}`,
      tr`A manifest names its object by apiVersion, kind and metadata.name (generateName makes a new one each time).`,
    );
  }
  return [{ from, object: value }];
}

function unreadable(from: string, error: unknown): RollbackError {
  const why =
    error instanceof RangeError ? tr`nested too deeply` : error instanceof Error ? error.message : String(error);
  return invalid(tr`${from} is not readable as YAML: ${why}`, tr`Correct it there.`);
}

function invalid(what: string, hint: string): RollbackError {
  return new RollbackError('MANIFEST_INVALID', `manifests: ${what}`, hint);
}
