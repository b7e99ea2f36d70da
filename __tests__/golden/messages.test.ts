import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderTeamMessage } from '../../src/report/messages/team.ts';
import { renderUsersNotice } from '../../src/report/messages/users.ts';
import { REPORTS } from './reports.ts';

/** `UPDATE_GOLDEN=1 npm run jest -- __tests__/golden` writes the files anew; the difference is reviewed like code. */
function expectGolden(file: string, content: string): void {
  const path = join(import.meta.dirname, 'messages', file);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, content);
  expect(content).toBe(readFileSync(path, 'utf8'));
}

const NAMES = [
  'succeeded',
  'single-health-unproven',
  'no-op',
  'failed',
  'partial-fr',
  'refused',
  'many-workloads',
  'complete-succeeded-fr',
  'undo-succeeded',
  'hostile',
];
const RECORDS = { issueUrl: 'https://github.com/shop/app/issues/7', due: '2026-03-06' };

describe.each(NAMES)('golden messages of %s', (name) => {
  it.each(['en', 'fr'] as const)('are written as reviewed (%s)', (language) => {
    const sample = REPORTS[name];
    if (!sample) throw new Error(`no sample report ${name}`);
    const report = { ...sample, language, records: RECORDS };
    const application = name === 'hostile' ? '<b>Shop</b> & "friends" <!channel>\n' : '224Solutions';
    const { subject, text, html } = renderUsersNotice(report, { application });
    expectGolden(`${name}.team.${language}.txt`, `${renderTeamMessage(report, { application })}\n`);
    expectGolden(`${name}.users.${language}.txt`, `${subject}\n\n${text}`);
    if (name === 'complete-succeeded-fr' || name === 'hostile') expectGolden(`${name}.users.${language}.html`, html);
  });
});
