/**
 * Writes every sample report as a job summary and as an HTML report, and one page that shows all summaries as a person would see them:
 * `node scripts/preview-summaries.ts [FOLDER]`, by default `build/summaries`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { marked } from 'marked';
import { REPORTS } from '../__tests__/golden/reports.ts';
import { renderHtml } from '../src/report/html.ts';
import { renderLog } from '../src/report/log.ts';
import { renderSummary } from '../src/report/summary.ts';

const STYLE = `
  body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; margin: 24px auto; max-width: 1012px; }
  section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px 24px; margin: 8px 0 32px; }
  h1 { font-size: 16px; color: #59636e; } h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: 6px; } h3 { margin-top: 24px; }
  table { border-collapse: collapse; display: block; overflow: auto; } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; }
  tr:nth-child(2n) td { background: #f6f8fa; } code { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; background: #818b981f; border-radius: 6px; padding: .2em .4em; }
  pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: auto; } pre code { background: none; padding: 0; }
  summary { cursor: pointer; } blockquote { border-left: 4px solid #d1d9e0; margin-left: 0; padding-left: 16px; color: #59636e; }
`;

const folder = resolve(process.argv[2] ?? 'build/summaries');
mkdirSync(folder, { recursive: true });
const sections = Object.entries(REPORTS).map(([name, report]) => {
  const summary = renderSummary(report);
  writeFileSync(join(folder, `${name}.md`), summary);
  writeFileSync(join(folder, `${name}.html`), renderHtml(report));
  writeFileSync(join(folder, `${name}.log`), `${renderLog(report).join('\n')}\n`);
  return `<h1 id="${name}">${name} (<a href="${name}.html">HTML report</a>)</h1><section>${marked.parse(summary, { async: false })}</section>`;
});
writeFileSync(
  join(folder, 'index.html'),
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Job summaries</title><style>${STYLE}</style>${sections.join('\n')}</html>\n`,
);
console.log(`${sections.length} summaries: ${join(folder, 'index.html')}`);
