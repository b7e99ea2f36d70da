import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { annotationsOf } from '../../src/report/annotations.ts';
import { renderLog } from '../../src/report/log.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { REPORTS } from './reports.ts';

/** `UPDATE_GOLDEN=1 npm run jest -- __tests__/golden` writes the files anew; the difference is reviewed like code. */
function expectGolden(file: string, content: string): void {
  const path = join(import.meta.dirname, file);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, content);
  expect(content).toBe(readFileSync(path, 'utf8'));
}

describe.each(Object.entries(REPORTS))('golden report %s', (name, report) => {
  it('is what the schema describes', () => {
    expect(reportSchema.safeParse(report).error).toBeUndefined();
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('renders as reviewed: summary, log, annotations and outputs', () => {
    expectGolden(`${name}.md`, renderSummary(report));
    const views = { log: renderLog(report), annotations: annotationsOf(report), outputs: outputsOf(report) };
    expectGolden(`${name}.json`, `${JSON.stringify(views, null, 2)}\n`);
  });
});
