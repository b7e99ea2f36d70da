import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Report } from '../../src/core/report.ts';
import { deliver } from '../../src/deliver.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { report } from '../golden/samples.ts';

let folder: string;
const before = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiered-rollback-deliver-'));
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY']) {
    process.env[name] = join(folder, name);
    await writeFile(join(folder, name), '');
  }
});
afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({ temp: folder, onGithub: true, summaryPath: join(folder, 'GITHUB_STEP_SUMMARY') });
const written = (name: string) => readFile(join(folder, name), 'utf8');

describe('deliver', () => {
  it('writes the report as JSON, as a page and as the summary, and says where they are', async () => {
    const one: Report = report();
    expect(await deliver(one, environment())).toBe(0);
    const name = `tiered-rollback-${one.run.id}`;
    expect(JSON.parse(await written(`${name}.json`))).toEqual(one);
    expect(await written(`${name}.html`)).toBe(renderHtml(one));
    expect(await written('GITHUB_STEP_SUMMARY')).toBe(renderSummary(one));
    const outputs = await written('GITHUB_OUTPUT');
    expect(outputs).toContain(`report<<`);
    expect(outputs).toMatch(new RegExp(`html-report<<(\\S+)\\n${join(folder, name)}\\.html\\n\\1`));
  });
});
