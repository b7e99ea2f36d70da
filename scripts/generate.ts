import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configJsonSchema, type JsonSchema } from '../src/config/json-schema.ts';
import { DEFAULT_FILE, DEFAULTS } from '../src/config.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import { AVAILABLE_TIERS } from '../src/core/tier.ts';

/*
 * Writes what is said in two places from the one that is right: tables in README.md and docs/ between markers, and the schemas.
 * `--check` writes nothing and fails when something is stale.
 */

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionFile;

const DEFAULT = / ?Default: `([^`]*)`\.$/;
const descriptions = Object.fromEntries(
  Object.entries(action.inputs).map(([name, { description }]) => [name, description.trim()]),
);
const schema = configJsonSchema(descriptions);

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function defaultOf(name: string): string {
  const value = action.inputs[name]?.default ?? DEFAULT.exec(descriptions[name] ?? '')?.[1];
  return value === undefined || value === '' ? '' : `\`${value}\``;
}

function inputs(): string {
  const rows = Object.entries(descriptions).map(([name, text]) => [
    `\`${name}\``,
    text.replace(DEFAULT, ''),
    defaultOf(name),
  ]);
  return table(['Input', 'Meaning', 'Default'], rows);
}

function outputs(): string {
  return table(
    ['Output', 'Meaning'],
    Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description]),
  );
}

function errors(): string {
  return table(
    ['Code', 'Meaning'],
    Object.entries(ERROR_CODES).map(([code, text]) => [`\`${code}\``, text]),
  );
}

async function steps(): Promise<string> {
  const [{ STEPS }, { en }] = await Promise.all([import('../src/steps/index.ts'), import('../src/report/en.ts')]);
  const available: readonly string[] = AVAILABLE_TIERS;
  const texts: Readonly<Record<string, { title: string; promise: string }>> = en.steps;
  const rows = STEPS.map(({ meta }) => {
    const { title, promise } = texts[meta.id] ?? { title: '', promise: '' };
    return [
      `\`${meta.id}\``,
      meta.tiers.filter((tier) => available.includes(tier)).join(', '),
      `${title}. ${promise}`,
      meta.required ? 'yes' : 'no',
    ];
  });
  return table(['Step', 'Tiers', 'What it makes true', 'Red when it does not pass'], rows);
}

function configuration(): string {
  const rows = Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== '$schema')
    .map(([name, property]) => [`\`${name}\``, (property.description ?? '').replace(DEFAULT, ''), defaultOf(name)]);
  return table(['Key', 'Meaning', 'Default'], rows);
}

function example(): string {
  const text = readFileSync(join(root, 'examples/224solutions/rollback.yml'), 'utf8').replace(
    /^# yaml-language-server.*\n/,
    '',
  );
  return `\`\`\`yaml\n# ${DEFAULT_FILE}\n${text.trim()}\n\`\`\``;
}

const BLOCKS: Readonly<Record<string, () => string | Promise<string>>> = {
  inputs,
  outputs,
  steps,
  errors,
  configuration,
  example,
};

/** Fills `<!-- BEGIN name -->` to `<!-- END name -->`; what stands around them is written by hand. */
async function filled(file: string, text: string): Promise<string> {
  let result = text;
  for (const [marker, name = ''] of text.matchAll(/<!-- BEGIN ([\w-]+) -->/g)) {
    const make = BLOCKS[name];
    const end = `<!-- END ${name} -->`;
    const from = result.indexOf(marker) + marker.length;
    const to = result.indexOf(end, from);
    if (!make || to < 0)
      throw new Error(
        `${file}: ${marker} ${make ? `has no ${end}` : `is unknown; known: ${Object.keys(BLOCKS).join(', ')}`}`,
      );
    result = `${result.slice(0, from)}\n${await make()}\n${result.slice(to)}`;
  }
  return result;
}

async function reportSchema(): Promise<JsonSchema | undefined> {
  const module = join(root, 'src/report/schema.ts');
  if (!existsSync(module)) return undefined;
  return (await import(module)).reportJsonSchema();
}

async function wanted(): Promise<Map<string, string>> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files = new Map([['schemas/config.schema.json', json(schema)]]);
  const report = await reportSchema();
  if (report) files.set('schemas/report.schema.json', json(report));
  const pages = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  for (const page of ['README.md', ...pages].filter((name) => existsSync(join(root, name)))) {
    files.set(page, await filled(page, readFileSync(join(root, page), 'utf8')));
  }
  return files;
}

// The description says the default to people and DEFAULTS to the program; two different ones would be a lie to either.
for (const [name, value] of Object.entries(DEFAULTS)) {
  if (defaultOf(name) !== `\`${value}\``)
    throw new Error(`action.yml: ${name} says default ${defaultOf(name)}, the program uses ${value}`);
}

const files = await wanted();
const stale = [...files].filter(
  ([name, text]) => !existsSync(join(root, name)) || readFileSync(join(root, name), 'utf8') !== text,
);
if (isCheck && stale.length > 0) {
  console.error(`stale: ${stale.map(([name]) => name).join(', ')}. Run: npm run generate`);
  process.exitCode = 1;
} else if (!isCheck) {
  for (const [name, text] of stale) writeFileSync(join(root, name), text);
  console.log(stale.length > 0 ? `written: ${stale.map(([name]) => name).join(', ')}` : 'everything is up to date');
}
