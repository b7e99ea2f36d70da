import { tr } from '../core/tr.ts';
import { DEFAULTS, type FileKey, OPTIONS, type OptionName, type Values } from './schema.ts';
import { type Source, typedValue } from './sources.ts';

/** What holds in the end: an input, else the file, else the default. */
export interface Merged {
  value<K extends FileKey>(name: K): Values[K];
  /** True when somebody gave it and it cannot be used. */
  faulty(name: FileKey): boolean;
  /** How messages name the value that won. @param inside steps from a section to the value in it. */
  where(name: FileKey, ...inside: readonly string[]): string;
  /** Where to correct it. */
  hint(name: FileKey): string;
  /** True when an input gave it. */
  fromInput(name: FileKey): boolean;
  /** False when more was written than could be read: then nothing counts as missing. */
  readonly isWhole: boolean;
}

const DEFAULT_VALUES: Values = Object.fromEntries(
  Object.entries(DEFAULTS).map(([name, typed]) => [
    name,
    OPTIONS[name as OptionName].parse(typedValue(name as OptionName, typed)),
  ]),
);

/** Two names for one question: an input of the one replaces the file's answer by the other, too. */
const ALTERNATIVES: Readonly<Partial<Record<FileKey, readonly FileKey[]>>> = {
  workloads: ['selector'],
  selector: ['workloads'],
  health: ['health-urls'],
  'backup-path': ['backup-command'],
  'backup-command': ['backup-path'],
  // The hash of another backup could only refuse the one that was asked for.
  'backup-sha256': ['backup-path', 'backup-command'],
};

export function merge(inputs: Source, file: Source, fileName: string): Merged {
  const given = (source: Source, name: FileKey) => source.values[name] !== undefined || source.faulty.has(name);
  const isReplaced = (name: FileKey) => (ALTERNATIVES[name] ?? []).some((other) => given(inputs, other));
  return {
    value: (name) => {
      if (given(inputs, name)) return inputs.values[name];
      return (isReplaced(name) ? undefined : file.values[name]) ?? DEFAULT_VALUES[name];
    },
    faulty: (name) => inputs.faulty.has(name) || file.faulty.has(name),
    where: (name, ...inside) => {
      if (given(inputs, name)) return inputs.where(name);
      return given(file, name) ? file.where(name, ...inside) : tr`input ${name} (or ${fileName})`;
    },
    hint: (name) => (given(inputs, name) ? inputs.hint(name) : file.hint(name)),
    fromInput: (name) => given(inputs, name),
    isWhole: inputs.isWhole && file.isWhole,
  };
}
