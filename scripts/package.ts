import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

/*
 * Builds what the runner executes: src/ -> tsc -> tree-shaken by rolldown -> packed by ncc -> dist/.
 * ncc alone would pack all models of the Kubernetes client: 20 MB and 0.4 s at every start, instead of 2 MB and 0.1 s.
 * The same sources and lockfile give the same bytes, in any folder. `--check` compares with dist/ and writes nothing.
 */

const ENTRIES = ['main', 'post'] as const;
/** Packages whose unused modules may be left out: importing one of their modules does nothing but define things. */
const SHAKEN = /[\\/]node_modules[\\/](@actions[\\/]|@kubernetes[\\/]client-node[\\/]|undici[\\/])/;

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Builds in a folder of its own, so that two builds do not meet; hands over the finished dist and removes the folder. */
async function withDist(use: (dist: string) => Promise<void>): Promise<void> {
  await mkdir(join(root, 'build'), { recursive: true });
  // Below the root, so that packages are found.
  const work = await mkdtemp(join(root, 'build', 'package-'));
  try {
    await run(bin('tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(work, 'js')]);
    await Promise.all(ENTRIES.map((entry) => packEntry(entry, work)));
    await use(join(work, 'dist'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packEntry(entry: (typeof ENTRIES)[number], work: string): Promise<void> {
  const shaken = join(work, 'shaken', entry);
  const target = join(work, 'dist', entry);
  const bundle = await rolldown({
    cwd: root,
    input: { index: join(work, 'js', `${entry}.js`) },
    platform: 'node',
    treeshake: { moduleSideEffects: (id) => !SHAKEN.test(id) },
  });
  const { output } = await bundle.write({
    dir: shaken,
    format: 'esm',
    minify: true,
    sourcemap: false,
    chunkFileNames: '[name].js',
  });
  await bundle.close();
  // ncc writes an ES module only where the nearest package.json says so.
  await writeFile(join(shaken, 'package.json'), '{"type":"module"}\n');
  // From the folder itself, because ncc numbers its modules by their path. Not minified again: ncc would only lengthen it.
  await run(bin('ncc'), ['build', 'index.js', '--out', target, '--no-cache', '--quiet'], shaken);

  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.entries(file.modules) : []));
  const bundled = modules.filter(([, module]) => module.renderedLength > 0).map(([id]) => id);
  await writeFile(join(target, 'licenses.txt'), await licensesOf(bundled));
}

/** Name, licence and its text, for every package of which a line is in the bundle. @throws when a package names no licence. */
async function licensesOf(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.filter((id) => id.includes('node_modules')).map(packageFolder));
  const packages = await Promise.all(
    [...folders].map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      if (typeof license !== 'string') throw new Error(`${name}@${version}: package.json names no license`);
      const file = (await readdir(folder)).sort().find((entry) => /^(licen[cs]e|copying)/i.test(entry));
      const text = file ? (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim() : '';
      return { name, version, text: `${name} ${version}\n${license}\n${text ? `\n${text}\n` : ''}` };
    }),
  );
  const key = ({ name, version }: { name: string; version: string }) => `${name} ${version}`;
  return packages
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map(({ text }) => text)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function packageFolder(id: string): string {
  const at = id.lastIndexOf('node_modules') + 'node_modules'.length + 1;
  const [scope = '', name = ''] = id.slice(at).split(/[\\/]/);
  const folder = join(id.slice(0, at), scope.startsWith('@') ? join(scope, name) : scope);
  if (!existsSync(join(folder, 'package.json'))) throw new Error(`no package.json in ${folder}`);
  return folder;
}

function run(command: string, args: readonly string[], cwd = root): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', failed);
    child.once('close', (code) => (code === 0 ? done() : failed(new Error(`${command} ended with ${code}`))));
  });
}

async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.sort().map(async (path) => [relative(folder, path), await readFile(path)] as const)),
  );
}

async function assertCurrent(committed: string, built: string): Promise<void> {
  const [old, fresh] = await Promise.all([filesOf(committed), filesOf(built)]);
  const names = new Set([...old.keys(), ...fresh.keys()]);
  const different = [...names].filter((name) => !fresh.get(name)?.equals(old.get(name) ?? Buffer.of()));
  if (different.length === 0) return console.log('dist is what the sources build');
  console.error(`dist is not what the sources build: ${different.join(', ')}. Run: npm run package`);
  process.exitCode = 1;
}

async function replace(target: string, built: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await cp(built, target, { recursive: true });
  for (const [name, content] of await filesOf(target))
    console.log(`${String(Math.ceil(content.length / 1000)).padStart(6)} kB  ${name}`);
}

const { values } = parseArgs({ options: { out: { type: 'string' }, check: { type: 'boolean', default: false } } });
const target = values.out === undefined ? join(root, 'dist') : resolve(values.out);
try {
  await withDist((built) => (values.check ? assertCurrent(target, built) : replace(target, built)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
