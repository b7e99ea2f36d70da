import type { RollbackError } from '../core/errors.ts';
import { tr } from '../core/tr.ts';
import { faultsOf, inputText, invalid, unknownKey } from './faults.ts';
import { parseFile } from './file.ts';
import { FILE_KEYS, type FileKey, OPTION_NAMES, OPTIONS, type OptionName, type Values } from './schema.ts';

/** Inputs as typed; an empty or absent one was not given. */
export type RawOptions = Readonly<Partial<Record<OptionName, string>>>;

/** One of the two places that values come from, read key by key so that one fault does not hide another. */
export interface Source {
  readonly values: Values;
  /** Names that were given and cannot be used: no rule across values speaks about them again. */
  readonly faulty: ReadonlySet<string>;
  readonly errors: readonly RollbackError[];
  /** False when more was written than could be read: then nothing counts as missing. */
  readonly isWhole: boolean;
  /** How messages name the value. */
  where(name: FileKey, ...inside: readonly string[]): string;
  /** Where to correct it. */
  hint(name: FileKey): string;
}

const inWith = () => tr`Correct it in the \`with:\` of the step.`;

/** The inputs of the step. */
export function readOptions(raw: RawOptions): Source {
  const given = OPTION_NAMES.flatMap((name) => {
    const typed = raw[name]?.trim() ?? '';
    return typed === '' ? [] : [[name, typedValue(name, typed)] as const];
  });
  return read(given, (_path, _on, shown) => ({ where: inputText(shown), hint: inWith() }));
}

/** Inputs are text only; numbers and truth values are read from it here, so that one schema serves inputs and file. */
export function typedValue(name: OptionName, typed: string): unknown {
  if (OPTIONS[name].type === 'boolean' && /^(true|false)$/i.test(typed)) return typed.toLowerCase() === 'true';
  if (OPTIONS[name].type === 'number' && /^\d{1,9}$/.test(typed)) return Number(typed);
  return typed;
}

/** Keys that must not stand in a file that everybody reads, or that the file would grant itself. */
const INPUTS_ONLY: Readonly<Record<string, () => string>> = {
  kubeconfig: () =>
    tr`stands in the input \`kubeconfig\` only, from a secret; if a real one stood here, replace it in the cluster too`,
  'github-token': () =>
    tr`stands in the input \`github-token\` only, from a secret; if a real one stood here, revoke it on GitHub too`,
  'database-url': () =>
    tr`stands in the input \`database-url\` only, from a secret; if a real one stood here, change the password in the database too`,
  'secret-values': () =>
    tr`stands in the input \`secret-values\` only, from a secret; if real values stood here, replace them where they serve too`,
  'slack-webhook-url': () =>
    tr`stands in the input \`slack-webhook-url\` only, from a secret; if a real one stood here, make a new webhook too`,
  'smtp-url': () =>
    tr`stands in the input \`smtp-url\` only, from a secret; if a real one stood here, change the password at the mail server too`,
  config: () => tr`stands in the input \`config\` only`,
  'allow-untrusted-events': () =>
    tr`stands in the input \`allow-untrusted-events\` only: this file may come from the event itself`,
};

/** The config file. `null`: it exists but could not be read, which is told elsewhere. */
export function readFile(text: string | null, name: string): Source {
  const parsed = parseFile(text ?? '');
  const place = (path: readonly PropertyKey[], on: 'key' | 'value') => `${name}:${parsed.position(path, on)}`;
  const hint = (where: string) => tr`Correct it in ${where}.`;
  const syntax = parsed.faults.map((fault) => {
    const where = `${name}:${parsed.positionOf(fault.at)}`;
    return invalid(where, fault.message, hint(where));
  });
  const known = Object.keys(FILE_KEYS);
  const entries = Object.entries(parsed.values).filter(([key]) => key !== '$schema');
  const unknown = entries
    .filter(([key]) => !known.includes(key))
    .map(([key]) => {
      const where = place([key], 'key');
      const only = Object.hasOwn(INPUTS_ONLY, key) ? INPUTS_ONLY[key] : undefined;
      return invalid(where, only ? `${key} ${only()}` : unknownKey(key, known), hint(where));
    });
  const source = read(
    // A key without a value is a line that somebody has prepared: as if it were not there.
    entries.filter(([key, value]) => known.includes(key) && value !== null),
    (path, on, shown) => ({ where: tr`${place(path, on)}: ${shown}`, hint: hint(place(path, on)) }),
  );
  return {
    ...source,
    errors: [...syntax, ...unknown, ...source.errors],
    isWhole: text !== null && syntax.length + unknown.length === 0,
  };
}

type Locate = (path: readonly PropertyKey[], on: 'key' | 'value', shown: string) => { where: string; hint: string };

function read(entries: readonly (readonly [string, unknown])[], locate: Locate): Source {
  const results = entries.map(([key, value]) => ({
    key,
    value,
    result: FILE_KEYS[key as FileKey].safeParse(value),
  }));
  return {
    values: Object.fromEntries(results.flatMap(({ key, result }) => (result.success ? [[key, result.data]] : []))),
    faulty: new Set(results.flatMap(({ key, result }) => (result.success ? [] : [key]))),
    errors: results.flatMap(({ key, value, result }) => {
      if (result.success) return [];
      return faultsOf(key, value, result.error.issues).map((fault) => {
        // A fault about a key names the key itself; the path shown is then the one of the map around it.
        const shown = fault.on === 'key' ? fault.path.slice(0, -1) : fault.path;
        const { where, hint } = locate(fault.path, fault.on, pathText(shown));
        return invalid(where, fault.text, hint);
      });
    }),
    isWhole: true,
    where: (...path) => locate(path, 'value', pathText(path)).where,
    hint: (name) => locate([name], 'value', name).hint,
  };
}

/** `secrets[0].keys`, as people write paths. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}
