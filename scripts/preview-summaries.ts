/**
 * Writes every sample report as a job summary and as an HTML report, and one page that shows all summaries as a person would see them:
 * `node scripts/preview-summaries.ts [FOLDER]`, by default `build/summaries`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { REPORTS } from '../__tests__/golden/reports.ts';
import { renderHtml } from '../src/report/html.ts';
import { renderLog } from '../src/report/log.ts';
import { renderSummary } from '../src/report/summary.ts';
import { summaryPage, summarySection } from './summary-page.ts';

const folder = resolve(process.argv[2] ?? 'build/summaries');
mkdirSync(folder, { recursive: true });
const sections = Object.entries(REPORTS).map(([name, report]) => {
  const summary = renderSummary(report);
  writeFileSync(join(folder, `${name}.md`), summary);
  writeFileSync(join(folder, `${name}.html`), renderHtml(report));
  writeFileSync(join(folder, `${name}.log`), `${renderLog(report).join('\n')}\n`);
  return `<h1 id="${name}">${name} (<a href="${name}.html">HTML report</a>)</h1>${summarySection(summary)}`;
});
writeFileSync(join(folder, 'index.html'), summaryPage('Job summaries', sections));
console.log(`${sections.length} summaries: ${join(folder, 'index.html')}`);
