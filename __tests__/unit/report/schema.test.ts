import { describe, expect, it } from '@jest/globals';
import { reportJsonSchema, reportSchema } from '../../../src/report/schema.ts';
import { report } from '../../golden/samples.ts';

describe('the schema of the report', () => {
  it('is JSON Schema of the draft that editors and validators know', () => {
    const schema = reportJsonSchema();
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema['additionalProperties']).toBe(false);
    expect(Object.keys(schema['$defs'] as object)).toEqual(expect.arrayContaining(['Outcome', 'Finding', 'Plan']));
  });

  it('refuses what nobody described, and an item that is passed without evidence', () => {
    expect(reportSchema.safeParse({ ...report(), surprise: 1 }).success).toBe(false);
    const [first] = report().validation;
    const bare = { ...report(), validation: [{ ...first, outcome: { status: 'passed', evidence: [] } }] };
    expect(reportSchema.safeParse(bare).success).toBe(false);
  });
});
