import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { DEFAULTS, OPTION_NAMES } from '../../src/config.ts';
import { INPUT_NAMES, INPUT_ONLY, readInputs } from '../../src/inputs.ts';

const action = parse(readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8')) as {
  inputs: Record<string, { description?: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description?: string }>;
  runs: Record<string, string>;
};
const DEFAULT = /Default: `([^`]*)`\.$/;

describe('action.yml', () => {
  it('has the inputs that the program reads, and no other', () => {
    expect(Object.keys(action.inputs).toSorted()).toEqual([...INPUT_NAMES].toSorted());
  });

  it('describes every input and output', () => {
    const all = Object.entries({ ...action.inputs, ...action.outputs });
    expect(all.filter(([, { description }]) => (description ?? '').trim().length < 20)).toEqual([]);
  });

  // The runner hands a default over as if it had been typed: the config file could never speak.
  it('gives no default to an input that may stand in the config file', () => {
    expect(OPTION_NAMES.filter((name) => action.inputs[name]?.default !== undefined)).toEqual([]);
  });

  it.each(OPTION_NAMES)('says the default of %s that the program uses', (name) => {
    const said = DEFAULT.exec(action.inputs[name]?.description?.trim() ?? '')?.[1];
    expect(said).toBe((DEFAULTS as Record<string, string>)[name]);
  });

  it('has defaults that parse', () => {
    const env = Object.fromEntries(
      INPUT_ONLY.map((name) => [`INPUT_${name.toUpperCase()}`, action.inputs[name]?.default ?? '']),
    );
    expect(readInputs({ ...env, GITHUB_WORKSPACE: import.meta.dirname }).errors).toEqual([]);
  });

  it('runs on Node 24 and always looks after itself', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
      'post-if': 'always()',
    });
  });
});
