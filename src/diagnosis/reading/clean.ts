import { evidenceLine } from './evidence.ts';

/** Text values fit into one sentence. */
const LONGEST_VALUE = 200;

/** Values of a finding, fit for a sentence: single lines without credentials. */
export function cleanValues(values: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cleanValue(value)]));
}

function cleanValue(value: string | number): string | number {
  if (typeof value === 'number') return value;
  const line = evidenceLine(value);
  return line.length <= LONGEST_VALUE ? line : `${[...line].slice(0, LONGEST_VALUE - 1).join('')}…`;
}
