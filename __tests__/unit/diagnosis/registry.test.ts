import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CAUSE_VALUES, CAUSES } from '../../../src/core/finding.ts';
import { CAUSE_RULES } from '../../../src/diagnosis/index.ts';
import { ROUTE_RULES } from '../../../src/diagnosis/route/index.ts';

const FOLDER = new URL('../../../src/diagnosis/', import.meta.url);

describe('registry of causes', () => {
  it('has one rule for every cause', () => {
    const rules = [...CAUSE_RULES, ...ROUTE_RULES];
    expect(rules.map((rule) => rule.cause).toSorted()).toEqual([...CAUSES].toSorted());
  });

  it('has one file for every rule, named after its cause', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
    expect(files.toSorted()).toEqual(['index.ts', 'patient.ts', ...CAUSES.map((cause) => `${cause}.ts`)].toSorted());
  });

  it.each(CAUSES)('%s: the rule says which values it fills, and fills them', (cause) => {
    const text = readFileSync(new URL(`${cause}.ts`, FOLDER), 'utf8');
    expect(text).toContain(`cause: '${cause}'`);
    for (const value of CAUSE_VALUES[cause]) expect(text).toMatch(new RegExp(`Values: [^.]*\\b${value}\\b`));
  });
});
