import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderDeployment } from '../../src/report/records/deployment.ts';
import { renderPostMortem } from '../../src/report/records/post-mortem.ts';
import { renderRecord } from '../../src/report/records/record.ts';
import { REPORTS } from './reports.ts';

/** `UPDATE_GOLDEN=1 npm run jest -- __tests__/golden` writes the files anew; the difference is reviewed like code. */
function expectGolden(file: string, content: string): void {
  const path = join(import.meta.dirname, 'records', file);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, content);
  expect(content).toBe(readFileSync(path, 'utf8'));
}

const NAMES = ['complete-succeeded', 'complete-succeeded-fr', 'failed', 'partial-fr', 'hostile'];

describe.each(NAMES)('golden records of %s', (name) => {
  const report = REPORTS[name];
  if (!report) throw new Error(`no sample report ${name}`);

  it('are written as reviewed', () => {
    const { marker, title, body, due } = renderPostMortem(report, { incident: '4711-1', dueInDays: 7 });
    const { path, message, content } = renderRecord(report, { postMortemUrl: 'https://github.com/shop/app/issues/7' });
    expectGolden(`${name}.post-mortem.md`, body);
    expectGolden(`${name}.record.md`, content);
    const rest = {
      postMortem: { marker, title, due },
      record: { path, message },
      deployment: renderDeployment(report),
    };
    expectGolden(`${name}.json`, `${JSON.stringify(rest, null, 2)}\n`);
  });
});
