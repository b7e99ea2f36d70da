import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderHtml } from '../../src/report/html.ts';
import { REPORTS } from './reports.ts';

/** One of each kind; what is common to all is held by the unit tests. `UPDATE_GOLDEN=1` writes the files anew. */
const NAMES = ['complete-succeeded', 'complete-succeeded-fr', 'failed', 'complete-planned'];

describe.each(NAMES)('golden page %s', (name) => {
  it('is written as reviewed', () => {
    const report = REPORTS[name];
    if (!report) throw new Error(`no sample report ${name}`);
    const path = join(import.meta.dirname, `${name}.html`);
    const page = renderHtml(report);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(path, page);
    expect(page).toBe(readFileSync(path, 'utf8'));
  });
});
